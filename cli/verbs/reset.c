/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reset, hot-reset: of a device alone, and of all that share its slot or bus. */
#include "verbs/reset.h"
#include <errno.h>
#include <string.h>

#include "machine/device.h"
#include "resolve/taker.h"
#include "session/client.h"
#include "verbs/confirm.h"
#include "verbs/finish.h"

enum { MAX_RESET_SET = 256, ADDRESS_ROOM = 24, OPT_INFO = OPT_OWN };

static bool is_pci(const struct device *device)
{
	struct iommufd_device_caps caps;

	return device->info.kind != IOMMUFD_EMULATED && iommufd_device_caps(device->fd, &caps) == 0 &&
	       caps.flags & IOMMUFD_DEVICE_PCI;
}

/* A PCI device that cannot be reset is told by another error: with ENOTTY the reset has been done. */
static int finish_reset(const struct call *call, enum iommufd_op op, int rc)
{
	if (rc != -ENOTTY || !is_pci(arg_device(call, 0)))
		return finish(call, 0, op, rc);
	msg_fail(call->output, call->args[0], "it was reset, but did not come back in time (ENOTTY)");
	msg_hint(call->output, "the kernel's log tells what became of it: dmesg");
	return EXIT_FAILED;
}

static int ask_about_one(const struct call *call)
{
	return is_asked(call) ? ask(call, "Reset %s? All that it does ends, and its state is lost.", call->args[0])
			      : EXIT_DONE;
}

/* Whatever came of it, the kernel took the BARs back before it tried; but for what it refused at once. */
static int run_reset(struct call *call)
{
	const struct device *device = arg_device(call, 0);
	int rc = ask_about_one(call);

	if (rc)
		return rc;
	rc = iommufd_device_reset(device->fd);
	if (rc != -EINVAL)
		note_revoked(call, device);
	return finish_reset(call, IOMMUFD_OP_RESET, rc);
}

/* The holder has nobody to ask. */
static int reset_in_session(struct call *call)
{
	return ask_about_one(call) ?: session_forward(call, session_of(call));
}

/* The devices that are reset together. */
struct reset_set {
	struct iommufd_reset_device devices[MAX_RESET_SET];
	size_t count;
	const struct device *of;
	char address[ADDRESS_ROOM]; /* of the row that is being printed */
};

/*
 * The kernel tells a domain in 16 bits; behind some bridges it has more. What is reset together with a device
 * is in its domain.
 */
static const char *address_of(const struct device *of, const struct iommufd_reset_device *device,
			      char text[ADDRESS_ROOM])
{
	struct buffer out = { .fd = -1, .buf = text, .cap = ADDRESS_ROOM };
	const char *address = of->info.address;
	size_t domain = strcspn(address, ":");

	if (address[domain] && domain < ADDRESS_ROOM / 2)
		buf_bytes(&out, address, domain);
	else
		buf_format(&out, "%04x", device->segment);
	buf_format(&out, ":%02x:%02x.%x", device->bus, device->devfn >> 3, device->devfn & 7);
	buf_char(&out, '\0');
	return text;
}

static bool next_in_set(const void *arg, size_t *cursor, struct value *row)
{
	struct reset_set *set = (struct reset_set *)arg;
	const struct iommufd_reset_device *device;
	bool is_id;

	if (*cursor == set->count)
		return false;
	device = &set->devices[(*cursor)++];
	is_id = device->id != IOMMUFD_RESET_OWNED && device->id != IOMMUFD_RESET_NOT_OWNED;
	row[0].text = address_of(set->of, device, set->address);
	row[1] = number_if(is_id, device->id);
	row[2].text = yes_no(device->id != IOMMUFD_RESET_NOT_OWNED);
	return true;
}

static int show_set(const struct call *call, const struct output *output)
{
	static const struct column columns[] = {
		{ "address", "ADDRESS", COLUMN_TEXT }, { "id", "ID", COLUMN_NUMBER },
		{ "owned", "OWNED", COLUMN_TEXT },
	};
	struct reset_set set = { .of = arg_device(call, 0) };
	int n = iommufd_device_hot_reset_info(arg_device(call, 0)->fd, set.devices, MAX_RESET_SET, NULL);

	if (n < 0)
		return refused(call, 0, IOMMUFD_OP_HOT_RESET_INFO, n);
	if (n > MAX_RESET_SET)
		return msg_fail(call->output, call->args[0],
				"it shares its bus with %d devices, more than this tool takes", n);
	set.count = (size_t)n;
	return print_table(output, "devices", ROWS(columns, next_in_set, &set));
}

static int ask_about_all(const struct call *call)
{
	return ask(call, "Reset all of these? All that they do ends, and their state is lost.");
}

/* What is shown before the question is part of it. */
static int confirm_set(const struct call *call)
{
	struct output question = *call->output;

	question.out = question.err;
	question.json = false;
	return is_asked(call) ? show_set(call, &question) ?: ask_about_all(call) : EXIT_DONE;
}

static int confirm_set_of_session(const struct call *call)
{
	const char *words[] = { call->verb->name, call->args[0], "--info" };
	struct iommufd_session_reply reply;
	int rc = session_run_words(call, ARRAY_SIZE(words), words, 1, &reply);

	if (rc == EXIT_DONE)
		buf_bytes(call->output->err, reply.out, reply.out_len);
	iommufd_session_reply_free(&reply);
	return rc ?: ask_about_all(call);
}

static int hot_reset_in_session(struct call *call)
{
	int rc = is_asked(call) && !opt_given(call, OPT_INFO) ? confirm_set_of_session(call) : EXIT_DONE;

	return rc ?: session_forward(call, session_of(call));
}

/* Each device that the kernel would reset with it, and whether it may. */
static void note_owners(const struct call *call, const struct iommufd_reset_device *devices, int n)
{
	for (int i = 0; i < n && i < MAX_RESET_SET; i++) {
		struct machine_device device;
		char address[ADDRESS_ROOM];
		const char *driver = NULL;

		address_of(arg_device(call, 0), &devices[i], address);
		if (devices[i].id == IOMMUFD_RESET_OWNED)
			msg_note(call->output, "%s: owned through its IOMMU group", address);
		else if (devices[i].id != IOMMUFD_RESET_NOT_OWNED)
			msg_note(call->output, "%s: owned, as %u", address, devices[i].id);
		else
			driver = machine_device(address, &device) && *device.driver ? device.driver : "no driver";
		if (driver)
			msg_note(call->output, "%s: not owned (%s)", address, driver);
	}
}

static int refuse_handed(const struct call *call, const struct taker *taker)
{
	msg_fail(call->output, call->args[0], "%s, which shares its slot or bus, was %s (EBUSY)",
		 taker_device(taker), taker_text(taker).text);
	hint_force(call);
	return EXIT_FAILED;
}

/* What is bound to this iommufd the kernel would reset, also where a program has it that it was handed to. */
static int check_reset_set(const struct call *call)
{
	struct iommufd_reset_device devices[MAX_RESET_SET];
	int n = 0;
	char address[ADDRESS_ROOM];

	if (call->ctx->n_takers && !opt_given(call, OPT_FORCE))
		n = iommufd_device_hot_reset_info(arg_device(call, 0)->fd, devices, MAX_RESET_SET, NULL);
	for (int i = 0; i < n && n <= MAX_RESET_SET; i++) {
		const char *word = address_of(arg_device(call, 0), &devices[i], address);
		const struct taker *taker = taker_by_word(call->ctx, word);

		if (taker)
			return refuse_handed(call, taker);
	}
	return EXIT_DONE;
}

/* Those of this context that are reset with it. */
static void note_set(const struct call *call, const struct iommufd_reset_device *devices, int n)
{
	for (size_t i = 0; i < call->ctx->devices.count; i++) {
		const struct device *device = device_at(call->ctx, i);
		bool is_in_set = device == arg_device(call, 0);

		for (int at = 0; at < n && at < MAX_RESET_SET; at++)
			is_in_set = is_in_set || (device->object.id && devices[at].id == device->object.id);
		if (is_in_set)
			note_revoked(call, device);
	}
}

static int run_hot_reset(struct call *call)
{
	struct iommufd_reset_device devices[MAX_RESET_SET];
	int fd = arg_device(call, 0)->fd, n, rc, code;

	if (opt_given(call, OPT_INFO))
		return show_set(call, call->output);
	rc = check_reset_set(call) ?: confirm_set(call);
	if (rc)
		return rc;
	n = iommufd_device_hot_reset_info(fd, devices, MAX_RESET_SET, NULL);
	rc = iommufd_device_hot_reset(fd);
	if (rc == 0 || rc == -ENOTTY)
		note_set(call, devices, n);
	code = finish_reset(call, IOMMUFD_OP_HOT_RESET, rc);
	if (rc == -EINVAL)
		note_owners(call, devices, n);
	return code;
}

const struct verb verb_reset = {
	.name = "reset", .summary = "Reset a device alone",
	.example = PROGRAM " reset nic",
	.args = { DEVICE_ARGUMENT }, .options = OPTIONS(YES_OPTION),
	.needs = NEEDS_CONTEXT, .run = run_reset, .client = reset_in_session,
};

const struct verb verb_hot_reset = {
	.name = "hot-reset", .summary = "Reset all that share its slot or bus",
	.example = PROGRAM " hot-reset nic",
	.args = { DEVICE_ARGUMENT },
	.options = OPTIONS({ "info", OPT_INFO, .help = "Only show which devices these are" },
		{ "force", OPT_FORCE, .help = "Also with the device of a program" }, YES_OPTION),
	.needs = NEEDS_CONTEXT, .run = run_hot_reset, .client = hot_reset_in_session,
};
