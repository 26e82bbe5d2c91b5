/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wait: until the cdev of a device can be opened, or until it is gone. */
#include "verbs/wait.h"
#include <errno.h>
#include <unistd.h>

#include "engine/value.h"
#include "output/table.h"
#include "resolve/file.h"
#include "resolve/why-cdev.h"
#include "util/process.h"
#include "verbs/watch.h"

enum {
	OPT_TIMEOUT = OPT_OWN,
	OPT_GONE,
	FIRST_PAUSE_MS = 1,
	LONGEST_PAUSE_MS = 250, /* between two tries of what no event tells of: a mode, a link of udev's */
	SETTLE_MS = 1000,
};

enum stage {
	ABSENT,	  /* no such device, or no VFIO driver has it */
	NOT_YET,  /* it is there, and cannot be opened */
	READY,
	HOPELESS, /* to wait is of no use */
};

/* The last look. */
struct waiting {
	struct iommufd_device info;
	bool found;	/* info is filled */
	bool was_known; /* the word has stood for something, once */
	int error;
	uint64_t unlikely_since; /* ms; 0: no such error */
};

static bool opens(struct waiting *w)
{
	int fd;

	w->error = iommufd_device_open(&w->info, &fd);
	if (w->error < 0)
		return false;
	close(fd);
	return true;
}

/* While a device is made or taken away it may seem to have no cdev: that counts only if it stays so. */
static enum stage not_made(struct waiting *w)
{
	uint64_t now = clock_ms();

	if (!w->unlikely_since)
		w->unlikely_since = now;
	return now - w->unlikely_since < SETTLE_MS ? NOT_YET : HOPELESS;
}

/* Just after it is made the node is there, and opening it is ENODEV. Who is not root waits for udev. */
static enum stage try_open(struct waiting *w)
{
	if (opens(w))
		return READY;
	switch (w->error) {
	case -EOPNOTSUPP:
		return not_made(w);
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
		return HOPELESS;
	default:
		w->unlikely_since = 0;
		return NOT_YET;
	}
}

/* Of a name without a form, or a path: it stood for a device, and does no longer. */
static bool is_absent(const struct waiting *w, int error)
{
	if (error == -EINVAL || error == -ENOTTY)
		return w->was_known;
	return error == -ENODEV || error == -ENXIO;
}

static enum stage find_stage(struct waiting *w, const char *word, bool for_its_end)
{
	w->error = iommufd_device_lookup(word, &w->info);
	w->found = w->error == 0;
	if (!w->found && !is_absent(w, w->error))
		return HOPELESS;
	w->was_known = true;
	if (!w->found)
		return ABSENT;
	return for_its_end ? NOT_YET : try_open(w);
}

/* --- how it ends --- */

static int fail(const struct call *call, const struct waiting *w)
{
	const char *word = call->args[0];

	if (w->found)
		return fail_open_cdev(call, word, &w->info, w->error);
	if (w->error == -ENXIO)
		return fail_no_cdev(call, word);
	msg_fail_op(call->output, word, IOMMUFD_OP_LOOKUP, w->error, IOMMUFD_KIND_UNKNOWN);
	return w->error == -EINVAL && !is_name(word) ? EXIT_USAGE : EXIT_FAILED;
}

static int time_out(const struct call *call, const struct waiting *w)
{
	uint64_t seconds = opt_number(call, OPT_TIMEOUT, 0);

	if (opt_given(call, OPT_GONE))
		return msg_fail(call->output, call->args[0], "it is still there after %" PRIu64 " s, as %s", seconds,
				w->info.name);
	if (seconds)
		msg_note(call->output, "waited %" PRIu64 " s for %s", seconds, call->args[0]);
	return fail(call, w) == EXIT_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static int done(const struct call *call, const struct waiting *w)
{
	return opt_given(call, OPT_GONE) ? print_nothing(call->output)
					 : print_text(call->output, "cdev", w->info.cdev);
}

/* --- the way there --- */

/* All that has come: one look is the answer to it. 0, or -errno. */
static int drop_events(const struct watch *watch)
{
	struct iommufd_uevent event;
	int rc;

	while ((rc = watch_read(watch, &event)) > 0)
		;
	return rc == -ENOBUFS ? 0 : rc;
}

/* Does something become of it that no event tells of? */
static bool is_silent(const struct call *call, enum stage stage)
{
	return (stage == NOT_YET && !opt_given(call, OPT_GONE)) || strchr(call->args[0], '/');
}

/* Until something may have changed. 0, or -errno. */
static int wait_for_change(const struct watch *watch, bool is_silent, uint64_t deadline, uint64_t *pause)
{
	uint64_t until = deadline, next = clock_ms() + *pause;

	if (is_silent) {
		until = next < deadline ? next : deadline;
		*pause = *pause * 2 < LONGEST_PAUSE_MS ? *pause * 2 : LONGEST_PAUSE_MS;
	} else {
		*pause = FIRST_PAUSE_MS;
	}
	watch_wait(watch, until, -1);
	return drop_events(watch);
}

static int wait_until(const struct call *call, const struct watch *watch, uint64_t deadline)
{
	bool for_its_end = opt_given(call, OPT_GONE);
	uint64_t pause = FIRST_PAUSE_MS;
	struct waiting w = { 0 };

	for (bool first = true;; first = false) {
		enum stage stage = find_stage(&w, call->args[0], for_its_end);
		int rc;

		if (stage == (for_its_end ? ABSENT : READY))
			return done(call, &w);
		if (stage == HOPELESS)
			return fail(call, &w);
		if (clock_ms() >= deadline)
			return time_out(call, &w);
		if (first)
			watch_note(call, watch);
		rc = wait_for_change(watch, is_silent(call, stage), deadline, &pause);
		if (rc < 0)
			return watch_fail(call, rc);
	}
}

static int run_wait(struct call *call)
{
	const struct given *timeout = opt_given(call, OPT_TIMEOUT);
	uint64_t deadline = timeout ? clock_ms() + timeout->number * 1000 : UINT64_MAX;
	struct watch watch;
	int rc;

	/* What a batch has printed so far is not to wait with it. */
	buf_flush(call->output->out);
	rc = watch_open(call, &watch);
	if (rc)
		return rc;
	rc = wait_until(call, &watch, deadline);
	watch_close(&watch);
	return rc;
}

const struct verb verb_wait = {
	.name = "wait", .summary = "Wait until a device can be opened, or is gone",
	.details = "Prints the path of its cdev. The device need not be there yet.",
	.example = PROGRAM " wait 0000:00:04.0 --timeout 10",
	.args = { { "DEV", ARG_NEW_DEVICE } },
	.options = OPTIONS(
		{ "timeout", OPT_TIMEOUT, { "S", ARG_NUMBER }, "Give up after so many seconds, and exit with 1" },
		{ "gone", OPT_GONE, .help = "Wait until no VFIO driver has it any more" }),
	.run = run_wait,
};
