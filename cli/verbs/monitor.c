/* SPDX-License-Identifier: GPL-2.0-or-later */
/* monitor: devices that come and go, and their drivers, as the kernel tells of them. */
#include "verbs/monitor.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "machine/present.h"
#include "output/table.h"
#include "util/process.h"
#include "verbs/watch.h"

/* What is known to be there; whoever adds up the lines that were printed knows the same. */
struct monitor {
	const struct call *call;
	struct watch watch;
	struct machine_present present;
	uint64_t look_at; /* ms: then the next look is due */
};

static void print_change(const struct monitor *m, const char *event, const struct machine_presence *entry)
{
	static const struct column columns[] = {
		{ "event", "EVENT", COLUMN_TEXT }, { "subsystem", "SUBSYSTEM", COLUMN_TEXT },
		{ "device", "DEVICE", COLUMN_TEXT }, { "address", "ADDRESS", COLUMN_TEXT },
		{ "driver", "DRIVER", COLUMN_TEXT },
	};
	bool is_cdev = strcmp(entry->subsystem, MACHINE_CDEVS) == 0;
	const struct value row[] = {
		{ .text = event },
		{ .text = text_if(entry->subsystem) },
		{ .text = is_cdev ? entry->name : NULL },
		{ .text = text_if(entry->address) },
		{ .text = text_if(entry->driver) },
	};

	print_record(m->call->output, columns, ARRAY_SIZE(columns), row);
}

/* --- what the kernel said --- */

static struct machine_presence *find(const struct monitor *m, const struct machine_presence *entry)
{
	return machine_present_find(&m->present, entry->subsystem, entry->name);
}

/* A line only for what was not known: a look may have seen it before. */
static int add(struct monitor *m, const struct machine_presence *entry)
{
	if (find(m, entry))
		return 0;
	print_change(m, "added", entry);
	return machine_present_add(&m->present, entry);
}

static void print_removed(const struct monitor *m, const struct machine_presence *known)
{
	struct machine_presence gone = *known;

	if (*gone.driver)
		print_change(m, "unbound", &gone);
	*gone.driver = '\0';
	print_change(m, "removed", &gone);
}

static void take_away(struct monitor *m, const struct machine_presence *entry)
{
	struct machine_presence *known = find(m, entry);

	if (!known)
		return;
	print_removed(m, known);
	machine_present_remove(&m->present, known);
}

/* entry has the driver; empty: it has none any more. */
static void change_driver(struct monitor *m, struct machine_presence *known,
			  const struct machine_presence *entry)
{
	if (strcmp(known->driver, entry->driver) == 0)
		return;
	if (*known->driver)
		print_change(m, "unbound", known);
	strcpy(known->driver, entry->driver);
	if (*known->driver)
		print_change(m, "bound", known);
}

static int take_event(struct monitor *m, const struct iommufd_uevent *event)
{
	struct machine_presence entry = { 0 }, *known;
	int rc = 0;

	if (event->action == IOMMUFD_UEVENT_OTHER || !machine_lists(event->subsystem) || !*event->name)
		return 0;
	/* The look has it already, and maybe what came behind it. */
	if (event->sequence && event->sequence <= m->present.sequence)
		return 0;
	strcpy(entry.subsystem, event->subsystem);
	strcpy(entry.name, event->name);
	strcpy(entry.address, event->address);
	if (event->action == IOMMUFD_UEVENT_REMOVE)
		return take_away(m, &entry), 0;
	if (event->action != IOMMUFD_UEVENT_UNBIND)
		rc = add(m, &entry);
	if (event->action == IOMMUFD_UEVENT_BIND)
		strcpy(entry.driver, event->driver);
	known = find(m, &entry);
	if (known && event->action != IOMMUFD_UEVENT_ADD)
		change_driver(m, known, &entry);
	return rc;
}

/* --- what a look tells --- */

static bool is_same(const struct machine_presence *a, const struct machine_presence *b)
{
	return a && b && strcmp(a->address, b->address) == 0;
}

/* From the last one on: a cdev is gone before its device is, and comes behind it. */
static void print_gone(const struct monitor *m, const struct machine_present *now)
{
	for (size_t i = m->present.count; i-- > 0;) {
		const struct machine_presence *known = &m->present.entries[i];

		if (!is_same(machine_present_find(now, known->subsystem, known->name), known))
			print_removed(m, known);
	}
}

static void print_come(const struct monitor *m, const struct machine_present *now)
{
	for (size_t i = 0; i < now->count; i++) {
		struct machine_presence entry = now->entries[i], *known = find(m, &entry);

		if (is_same(known, &entry)) {
			if (strcmp(known->driver, entry.driver) == 0)
				continue;
			if (*known->driver)
				print_change(m, "unbound", known);
		} else {
			*entry.driver = '\0';
			print_change(m, "added", &entry);
		}
		if (*now->entries[i].driver)
			print_change(m, "bound", &now->entries[i]);
	}
}

/* An exit code, as all below. */
static int look_again(struct monitor *m)
{
	struct machine_present now;
	int rc = machine_present_read(&now);

	if (rc < 0)
		return msg_fail_errno(m->call->output, "/sys", rc);
	print_gone(m, &now);
	print_come(m, &now);
	machine_present_free(&m->present);
	m->present = now;
	m->look_at = m->watch.looks ? clock_ms() + LOOK_MS : UINT64_MAX;
	return EXIT_DONE;
}

/*
 * While a driver tries a device its link is there: if it then refuses, no event says so. One more look, a
 * second later, corrects what was seen half-way.
 */
static int look_twice(struct monitor *m)
{
	int rc = look_again(m);

	m->look_at = clock_ms() + LOOK_MS;
	return rc;
}

/* --- for ever --- */

static int take_overrun(struct monitor *m)
{
	print_change(m, "overrun", &(struct machine_presence){ 0 });
	buf_flush(m->call->output->out);
	return look_twice(m);
}

/* All that has come. */
static int take_events(struct monitor *m)
{
	struct iommufd_uevent event;
	int n, rc = EXIT_DONE;

	while (rc == EXIT_DONE && (n = watch_read(&m->watch, &event)) != 0) {
		if (n == -ENOBUFS)
			rc = take_overrun(m);
		else if (n < 0)
			rc = watch_fail(m->call, n);
		else if (take_event(m, &event) < 0)
			rc = msg_fail_errno(m->call->output, NULL, ENOMEM);
	}
	return rc;
}

static int follow(struct monitor *m)
{
	int rc = EXIT_DONE;

	while (rc == EXIT_DONE) {
		if (buf_flush(m->call->output->out) || !watch_wait(&m->watch, m->look_at, STDOUT_FILENO))
			return EXIT_FAILED;
		rc = take_events(m);
		if (rc == EXIT_DONE && clock_ms() >= m->look_at)
			rc = look_again(m);
	}
	return rc;
}

/* What is there at the start is known, and not told: 'list' does. */
static int run_monitor(struct call *call)
{
	struct monitor m = { .call = call };
	int rc = watch_open(call, &m.watch);

	if (rc)
		return rc;
	watch_note(call, &m.watch);
	rc = machine_present_read(&m.present);
	m.look_at = clock_ms() + LOOK_MS;
	rc = rc < 0 ? msg_fail_errno(call->output, "/sys", rc) : follow(&m);
	machine_present_free(&m.present);
	watch_close(&m.watch);
	return rc;
}

const struct verb verb_monitor = {
	.name = "monitor", .summary = "Tell of devices and drivers that come and go",
	.details = "A line for each, until a signal ends it. 'overrun': events were lost; the lines behind it say "
		   "what they changed.",
	.example = PROGRAM " monitor --json",
	.alone = true, .run = run_monitor,
};
