/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/session-give.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/table.h"
#include "resolve/device.h"
#include "resolve/taker.h"
#include "session/handout.h"

bool is_named_by(const char *option, const char *ref)
{
	const char *equals = strrchr(option, '=');
	size_t len = equals ? (size_t)(equals - option) : strlen(option);

	return (equals && strcmp(equals + 1, ref) == 0) ||
	       (strlen(ref) == len && strncmp(option, ref, len) == 0);
}

static const char *option_about(const struct call *call, const char *ref)
{
	for (int i = 0; i < call->n_given; i++)
		if (call->given[i].option->key == OPT_DEVICE && is_named_by(call->given[i].value, ref))
			return call->given[i].value;
	return NULL;
}

/* What stands inside a word may have been written by somebody else than the user. */
static int refuse_part(const struct call *call, const char *ref)
{
	msg_fail(call->output, ref, "a device that only a part of a word names stays where it is");
	msg_hint(call->output, "it goes where an option of session exec names it: --device %s", ref);
	return EXIT_USAGE;
}

static bool is_vmm(const char *command)
{
	static const char *const vmms[] = { "qemu-system-*", "qemu-kvm", "kvm", "cloud-hypervisor", "crosvm" };
	const char *slash = strrchr(command, '/');

	for (size_t i = 0; i < ARRAY_SIZE(vmms); i++)
		if (fnmatch(vmms[i], slash ? slash + 1 : command, 0) == 0)
			return true;
	return false;
}

/* A device that is bound: is it of any use to the program? */
static int check_bound(const struct call *call, const char *ref)
{
	const char *command = opt_value(call, OPT_FOR) ?: "";

	if (!opt_given(call, OPT_SHARE_IOMMUFD)) {
		msg_fail(call->output, ref,
			 "it is bound to the session's iommufd, and the program gets one of its own (EINVAL)");
		msg_hint(call->output, "a VMM binds it itself: --unbind; the session's iommufd goes with "
			 "--share-iommufd");
		return EXIT_USAGE;
	}
	if (is_vmm(command))
		msg_note(call->output, "'%s' binds devices itself, and refuses '%s', which is bound: --unbind",
			 command, ref);
	return EXIT_DONE;
}

/* Of the session, or opened for the program. ref: what its words call it. */
static int find_device(const struct call *call, const char *ref, const char *word, struct outgoing *ret)
{
	struct device *device = device_by_word(call, (struct word){ word, -1 });
	struct iommufd_device info;

	if (device && opt_given(call, OPT_UNBIND))
		return handout_open(call, word, device, ret);
	if (device && device->object.id && check_bound(call, ref) != EXIT_DONE)
		return EXIT_USAGE;
	if (device || object_by_name(call->ctx, word) || iommufd_device_lookup(word, &info) == -EINVAL)
		return handout_find(call, (struct word){ word, -1 }, ret);
	return fail_handed(call, word) ?: handout_open(call, word, NULL, ret);
}

/* What a word of the program's stands for. */
static int find_outgoing(const struct call *call, const char *ref, struct outgoing *ret)
{
	const char *option = option_about(call, ref), *equals;
	char *word;
	int rc;

	if (!option && device_by_word(call, (struct word){ ref, -1 }))
		return refuse_part(call, ref);
	if (!option)
		return handout_find(call, (struct word){ ref, -1 }, ret);
	equals = strrchr(option, '=');
	word = strndup(option, equals ? (size_t)(equals - option) : strlen(option));
	if (!word)
		return msg_fail_errno(call->output, ref, ENOMEM);
	rc = find_device(call, ref, word, ret);
	free(word);
	return rc;
}

int session_give(struct call *call)
{
	enum handout how = opt_given(call, OPT_SHARE) ? HANDOUT_SHARE : HANDOUT_MOVE;
	struct outgoing out[IOMMUFD_SESSION_FDS];
	int rc = EXIT_DONE, n = 0;

	if (opt_given(call, OPT_UNBIND))
		how = HANDOUT_UNBIND;
	if ((size_t)call->n_args > ARRAY_SIZE(out))
		return msg_usage(call->output, "more than %zu fds", ARRAY_SIZE(out));
	while (n < call->n_args && !rc)
		rc = find_outgoing(call, call->args[n], &out[n]) ?: (n++, EXIT_DONE);
	if (rc == EXIT_DONE)
		return handout_send(call, out, (size_t)n, how) ?: print_nothing(call->output);
	while (n-- > 0)
		if (out[n].is_opened)
			close(out[n].fd);
	return rc;
}
