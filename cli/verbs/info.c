/* SPDX-License-Identifier: GPL-2.0-or-later */
/* info: what a device is, to the machine, and what VFIO shows of it where a context has it. */
#include "verbs/info.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolve/device.h"
#include "resolve/file.h"
#include "resolve/find.h"
#include "session/client.h"
#include "verbs/device-info.h"
#include "verbs/info-machine.h"

/* ---- what the context has ---- */

/* The device of this context that is meant, if it is one. */
static int find_own(const struct call *call, struct device **ret)
{
	struct word word = call_arg(call, 0);
	int fd;

	*ret = device_by_word(call, word);
	if (!*ret && !call->request->holder && word_fd(call, word, &fd))
		return add_device(call, word, NULL, ret);
	return EXIT_DONE;
}

/* Of an inherited cdev nobody knows until the kernel is asked. */
static bool is_bound(const struct device *device)
{
	struct iommufd_device_info info;

	return device->object.id || iommufd_device_info(device->fd, NULL, 0, &info) != -EINVAL;
}

static int read_own(const struct call *call, const struct device *device, struct device_info *info)
{
	if (!device)
		return EXIT_DONE;
	if (is_bound(device))
		return device_info_read(call, device->fd, info);
	msg_note(call->output, "%s is not bound: what VFIO shows of it is shown then", device_name(device));
	return EXIT_DONE;
}

/* ---- what the machine has ---- */

/* A context may have a device that the machine has lost. */
static int find_of_context(const char *name, const char *address, struct machine_device *ret)
{
	int rc = machine_find_device(name, ret);

	return rc == -ENODEV && *address ? machine_find_device(address, ret) : rc;
}

/*
 * The machine's tables first. found: NULL, the machine has lost it; own: what VFIO shows, or NULL; printed:
 * the same from a session, or NULL.
 */
static int print_info(const struct call *call, const struct machine_device *found,
		      const struct device_info *own, const char *printed)
{
	struct table tables[INFO_MACHINE_TABLES + DEVICE_INFO_TABLES];
	size_t n = INFO_MACHINE_TABLES;
	struct info_machine *machine;
	int rc = info_machine_read(found, opt_given(call, 'n'), &machine);

	if (rc < 0)
		return msg_fail_errno(call->output, call->args[0], rc);
	info_machine_tables(tables, machine);
	if (own) {
		device_info_tables(&tables[n], own);
		n += DEVICE_INFO_TABLES;
	}
	print_tables_before(call->output, tables, n, printed);
	info_machine_note(call->output, machine);
	info_machine_free(machine);
	return EXIT_DONE;
}

static int run_info(struct call *call)
{
	struct device_info *info = device_info_new();
	struct machine_device found;
	struct device *device;
	bool is_there = true;
	int rc;

	if (!info)
		return msg_fail_errno(call->output, call->args[0], ENOMEM);
	rc = find_own(call, &device);
	if (rc == EXIT_DONE && device)
		is_there = find_of_context(device->info.name, device->info.address, &found) == 0;
	else if (rc == EXIT_DONE)
		rc = find_device(call, call->args[0], &found);
	rc = rc ?: read_own(call, device, info) ?: print_info(call, is_there ? &found : NULL, info, NULL);
	free(info);
	return rc;
}

/* ---- a session ---- */

/* For the client's part, which looks at the machine: which device it is, in a line, and then its tables. */
static int holder_info(struct call *call)
{
	struct table tables[DEVICE_INFO_TABLES];
	struct device_info *info;
	struct device *device;
	int rc = find_own(call, &device);

	if (rc || !device)
		return rc;
	info = device_info_new();
	if (!info)
		return msg_fail_errno(call->output, call->args[0], ENOMEM);
	rc = read_own(call, device, info);
	if (rc == EXIT_DONE) {
		buf_format(call->output->out, "%s %s\n", device->info.name, device->info.address);
		device_info_tables(tables, info);
		print_tables(call->output, tables, DEVICE_INFO_TABLES);
	}
	free(info);
	return rc;
}

/* A path is one of the client's files: the session is asked for the cdev of it. false: it has none. */
static bool word_for_session(const char *word, char *cdev, size_t len)
{
	struct machine_device device;

	snprintf(cdev, len, "%s", word);
	return !strchr(word, '/') ||
	       (machine_find_device(word, &device) == 0 && machine_cdev(&device, cdev, len));
}

/* The device that an fd of the caller's is, in words. */
static int find_here(const struct call *call, struct machine_device *ret)
{
	struct iommufd_device info;
	int fd, rc;

	if (!parse_fd(call->args[0], &fd))
		return find_device(call, call->args[0], ret);
	rc = iommufd_device_lookup_fd(fd, &info);
	if (rc < 0)
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_LOOKUP, rc, IOMMUFD_KIND_UNKNOWN);
	return find_device(call, info.name, ret);
}

/* What the holder's part has printed: "vfio0 0000:00:04.0", and its tables. */
static int print_answer(const struct call *call, const char *answer)
{
	char name[64] = "", address[64] = "";
	struct machine_device found;
	bool is_there;

	sscanf(answer, "%63s%*1[ ]%63[^\n]", name, address);
	is_there = find_of_context(name, address, &found) == 0;
	return print_info(call, is_there ? &found : NULL, NULL, strchr(answer, '\n') + 1);
}

static int print_alone(const struct call *call)
{
	struct device_info *info = device_info_new();
	struct machine_device found;
	int rc = info ? find_here(call, &found) : msg_fail_errno(call->output, call->args[0], ENOMEM);

	rc = rc ?: print_info(call, &found, info, NULL);
	free(info);
	return rc;
}

/* The machine is looked at from here: a service sees little of it. */
static int client_info(struct call *call)
{
	char word[NAME_LENGTH + 1];
	const char *const words[] = { "info", word, "--json" };
	struct iommufd_session_reply reply = { 0 };
	char *answer;
	int rc;

	if (strlen(call->args[0]) >= sizeof(word) && !strchr(call->args[0], '/'))
		return find_device(call, call->args[0], &(struct machine_device){ .group = -1 });
	if (!word_for_session(call->args[0], word, sizeof(word)))
		return print_alone(call);
	rc = session_run_words(call, call->output->json ? 3 : 2, words, 1, &reply);
	answer = rc == EXIT_DONE && reply.out_len ? strndup(reply.out, reply.out_len) : NULL;
	if (rc == EXIT_DONE)
		rc = answer && strchr(answer, '\n') ? print_answer(call, answer) : print_alone(call);
	free(answer);
	iommufd_session_reply_free(&reply);
	return rc;
}

const struct verb verb_info = {
	.name = "info", .summary = "Show what a device is, bound or not",
	.example = PROGRAM " info 0000:00:04.0",
	.args = { { "DEV", ARG_ANY_DEVICE } },
	.options = OPTIONS({ "numeric", 'n', .help = "Ids in the place of names" }),
	.needs = USES_CONTEXT, .run = run_info, .client = client_info,
	.holder = holder_info,
};
