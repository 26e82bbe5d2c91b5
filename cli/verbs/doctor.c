/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor: why it does not work, of the machine and of devices, and what mends it. */
#include "verbs/doctor.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/check.h"
#include "doctor/memlock.h"
#include "engine/value.h"
#include "machine/find.h"
#include "machine/host.h"
#include "machine/session-name.h"
#include "output/table.h"
#include "resolve/iommufd.h"
#include "util/process.h"

enum { OPT_MEMORY = OPT_OWN, OPT_SPACES, OPT_MODE, OPT_PID };

enum { PATIENCE = 5000 }; /* ms, for the processes of a machine */

struct noted {
	struct finding finding;
	char device[64]; /* empty: of the machine */
};

/* What was found so far. */
struct report {
	const struct call *call;
	struct noted *items;
	size_t count;
	const char *device; /* that is looked at, NULL: the machine */
	bool emulated_only; /* only mdevs are asked about: what they do without is no failure */
	bool lenient;	    /* the check is about such a thing */
	struct memlock memlock;
	bool has_memlock, no_memory;
};

/* ---- looking ---- */

static void note(void *arg, const struct finding *finding)
{
	struct report *report = arg;
	struct noted *grown = reallocarray(report->items, report->count + 1, sizeof(*grown)), *item;

	if (!grown) {
		report->no_memory = true;
		return;
	}
	report->items = grown;
	item = &grown[report->count++];
	*item = (struct noted){ .finding = *finding };
	strncpy(item->device, report->device ?: "", sizeof(item->device) - 1);
	if (report->lenient && finding->state == STATE_FAILED)
		item->finding.state = STATE_WARNING;
}

static void look_at_machine(struct report *report)
{
	const struct doctor doctor = { note, report };

	for (const struct check *check = doctor_checks; check->name; check++) {
		report->lenient = check->physical && report->emulated_only;
		if (check->machine)
			check->machine(&doctor);
	}
	report->lenient = false;
}

static void look_at_device(struct report *report, const struct machine_host *host,
			   const struct machine_held *held, const struct machine_device *device)
{
	const struct doctor doctor = { note, report, host, held };

	report->device = device->address;
	for (const struct check *check = doctor_checks; check->name; check++)
		if (check->device)
			check->device(&doctor, device);
	report->device = NULL;
}

static void look_at_devices(struct report *report, const struct machine_device *devices, size_t n)
{
	struct machine_host *host;
	struct machine_held held;

	if (!n)
		return;
	host = machine_host_new(false);
	report->no_memory |= !host;
	machine_held_read(&held, clock_ms() + PATIENCE);
	for (size_t i = 0; i < n; i++)
		look_at_device(report, host, &held, &devices[i]);
	machine_held_free(&held);
	machine_host_free(host);
}

static int fail_no_device(const struct call *call, const char *word, int error)
{
	switch (error) {
	case -ENXIO:
		return msg_fail(call->output, word, "it is no part of a device that VFIO has drivers for (ENXIO)");
	case -ENOTUNIQ:
		return msg_fail(call->output, word, "it is of several devices (ENOTUNIQ)");
	default:
		return msg_fail_op(call->output, word, IOMMUFD_OP_LOOKUP, error, IOMMUFD_KIND_UNKNOWN);
	}
}

/* Those of the devices that exist are looked at. Returns an exit code: of the others, with their messages. */
static int find_devices(const struct call *call, struct machine_device *devices, size_t *ret)
{
	int code = EXIT_DONE;

	*ret = 0;
	for (int i = 0; i < call->n_args; i++) {
		int rc = machine_find_device(call->args[i], &devices[*ret]);

		if (rc < 0)
			code = fail_no_device(call, call->args[i], rc);
		else
			(*ret)++;
	}
	return code;
}

static bool are_emulated(const struct machine_device *devices, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(devices[i].bus, "mdev") != 0)
			return false;
	return n > 0;
}

/* ---- memory ---- */

/* Whose limit it is tells how that is raised. */
static enum memlock_owner owner_of(pid_t pid)
{
	char session[64];

	if (pid == getpid())
		return MEMLOCK_OWN;
	machine_session_name(pid, PROGRAM, session, sizeof(session));
	return *session ? MEMLOCK_SESSION : MEMLOCK_OTHER;
}

static int look_at_memory(struct report *report)
{
	const struct call *call = report->call;
	uint64_t memory = opt_number(call, OPT_MEMORY, 0), spaces = opt_number(call, OPT_SPACES, 1);
	struct memlock *memlock = &report->memlock;
	int rc;

	if (!opt_given(call, OPT_MEMORY))
		return EXIT_DONE;
	*memlock = (struct memlock){ .pid = (pid_t)opt_number(call, OPT_PID, (uint64_t)getpid()),
				     .per_process = opt_number(call, OPT_MODE, 0) };
	if (__builtin_mul_overflow(memory, spaces, &memlock->bytes))
		return msg_usage(call->output, "--memory, --spaces: that is more than any machine has");
	memlock->owner = owner_of(memlock->pid);
	rc = memlock_look(memlock);
	if (rc < 0)
		return msg_fail_errno(call->output, opt_value(call, OPT_PID) ?: "/proc/self/limits", rc);
	report->has_memlock = true;
	tell_memlock(&(struct doctor){ note, report }, memlock);
	return EXIT_DONE;
}

/* ---- printing ---- */

static bool next_noted(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const states[] = { "ok", "warning", "failed" };
	const struct report *report = arg;
	const struct noted *item = &report->items[*cursor];

	if ((*cursor)++ >= report->count)
		return false;
	row[0].text = states[item->finding.state];
	row[1].text = item->finding.check;
	row[2].text = text_if(item->device);
	row[3].text = item->finding.fact;
	row[4].text = text_if(item->finding.file);
	row[5].text = text_if(item->finding.mend);
	return true;
}

static bool next_memlock(const void *arg, size_t *cursor, struct value *row)
{
	static const char *const verdicts[] = { "enough", "no limit", "too small" };
	const struct report *report = arg;
	const struct memlock *memlock = &report->memlock;

	if ((*cursor)++ || !report->has_memlock)
		return false;
	row[0].number = memlock->bytes;
	row[1] = number_if(memlock_verdict(memlock) != MEMLOCK_FREE, memlock->limits.memlock);
	row[2] = number_if(memlock->per_process, memlock->limits.pinned);
	row[3].text = verdicts[memlock_verdict(memlock)];
	return true;
}

static void print_report(const struct report *report)
{
	static const struct column checks[] = {
		{ "state", "STATE", COLUMN_TEXT }, { "check", "CHECK", COLUMN_TEXT },
		{ "device", "DEVICE", COLUMN_TEXT }, { "fact", "FACT", COLUMN_TEXT },
		{ "file", "FILE", COLUMN_TEXT }, { "mend", "MEND", COLUMN_TEXT },
	};
	static const struct column memlock[] = {
		{ "need", "NEED", COLUMN_NUMBER }, { "limit", "LIMIT", COLUMN_NUMBER },
		{ "used", "USED", COLUMN_NUMBER }, { "verdict", "VERDICT", COLUMN_TEXT },
	};
	const struct table tables[] = {
		{ "checks", ROWS(checks, next_noted, report), .always = true },
		{ "memlock", ROWS(memlock, next_memlock, report) },
	};

	print_tables(report->call->output, tables, ARRAY_SIZE(tables));
}

static bool has_failed(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->items[i].finding.state == STATE_FAILED)
			return true;
	return false;
}

static int look_at_all(struct report *report, struct machine_device *devices)
{
	size_t n;
	int code = find_devices(report->call, devices, &n), rc;

	report->emulated_only = are_emulated(devices, n);
	look_at_machine(report);
	look_at_devices(report, devices, n);
	rc = look_at_memory(report);
	if (report->no_memory)
		return msg_fail_errno(report->call->output, NULL, ENOMEM);
	if (rc == EXIT_USAGE)
		return rc;
	print_report(report);
	return code ?: rc ?: has_failed(report) ? EXIT_PARTLY : EXIT_DONE;
}

static int run_doctor(struct call *call)
{
	struct machine_device *devices = calloc((size_t)call->n_args + 1, sizeof(*devices));
	struct report report = { .call = call };
	int rc;

	if (!opt_given(call, OPT_MEMORY) &&
	    (opt_given(call, OPT_SPACES) || opt_given(call, OPT_MODE) || opt_given(call, OPT_PID)))
		rc = msg_usage(call->output, "--spaces, --mode and --pid are of --memory");
	else
		rc = devices ? look_at_all(&report, devices) : msg_fail_errno(call->output, NULL, ENOMEM);
	free(report.items);
	free(devices);
	return rc;
}

const struct verb verb_doctor = {
	.name = "doctor", .summary = "Tell why it does not work, and what mends it",
	.details = "DEV: an address, a cdev, an interface (eth0) or a disk (nvme0n1), whatever drives it.\n"
		   "Exit status: 0, 4 if a check failed, 1 if something could not be looked at.",
	.example = PROGRAM " doctor 0000:00:04.0",
	.args = { { "DEV", ARG_NEW_DEVICE, ARG_OPTIONAL | ARG_REPEATS } },
	.options = OPTIONS(
		{ "memory", OPT_MEMORY, { "SIZE", ARG_SIZE }, "May so much memory be pinned?" },
		{ "spaces", OPT_SPACES, { "N", ARG_NUMBER },
		 "In so many address spaces that map it each for itself (default: 1)" },
		{ "mode", OPT_MODE, { "user|process", ARG_EITHER, .choices = rlimit_modes },
		 "Whose pinned memory counts, as rlimit-mode has it (default: user)" },
		{ "pid", OPT_PID, { "PID", ARG_NUMBER }, "By this process, of a session or a VMM (default: as who calls)" }),
	.run = run_doctor,
};
