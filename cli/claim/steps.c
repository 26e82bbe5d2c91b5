/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "claim/identity.h"
#include "claim/write.h"
#include "machine/files.h"
#include "util/process.h"

enum { WRITE_LIMIT_MS = 30000, CDEV_LIMIT_MS = 5000, UDEV_LIMIT_MS = 5000 };
enum { FIRST_PAUSE_MS = 1, LONGEST_PAUSE_MS = 50 };

/* ---- which they are ---- */

__attribute__((format(printf, 4, 5)))
static void add(struct steps *steps, enum step_kind kind, const char *text, const char *path, ...)
{
	struct step *step = &steps->items[steps->count++];
	va_list ap;

	step->kind = kind;
	snprintf(step->text, sizeof(step->text), "%s", text);
	va_start(ap, path);
	vsnprintf(step->path, sizeof(step->path), path, ap);
	va_end(ap);
}

static void add_override(struct steps *steps, const struct machine_device *now, const char *driver)
{
	add(steps, STEP_WRITE, driver, "%s/driver_override", now->path);
}

/* By the driver's name: should another one have it by then, the kernel refuses. */
static void add_unbind(struct steps *steps, const struct machine_device *now)
{
	if (*now->driver)
		add(steps, STEP_WRITE, now->address, "bus/%s/drivers/%s/unbind", now->bus, now->driver);
}

static void add_probe(struct steps *steps, const struct machine_device *now)
{
	add(steps, STEP_WRITE, now->address, "bus/%s/drivers_probe", now->bus);
}

static void add_record(struct steps *steps, enum step_kind kind, const struct claim *claim)
{
	char name[CLAIM_NAME];

	claim_name(name, claim->bus, claim->address);
	add(steps, kind, "", "%s", name);
}

void steps_to_claim(const struct claim *claim, const char *module, const struct machine_device *now,
		    const struct node_rights *rights, struct steps *ret)
{
	ret->count = 0;
	if (*module)
		add(ret, STEP_LOAD, module, "%s", "");
	add_record(ret, STEP_RECORD, claim);
	if (strcmp(now->driver, claim->claimed) != 0) {
		if (strcmp(now->override, claim->claimed) != 0)
			add_override(ret, now, claim->claimed);
		add_unbind(ret, now);
		add_probe(ret, now);
	}
	add(ret, STEP_TAKEN, "", "%s", now->path);
	if (node_rights_given(rights))
		add(ret, STEP_NODE, "", "%s", now->path);
}

/* Other drivers may match it as well: an override leads to the one of before, and then goes itself. */
static void add_driver_back(struct steps *steps, const struct claim *claim, const struct machine_device *now)
{
	const char *first = *claim->driver ? claim->driver : claim->override;

	if (strcmp(now->override, first) != 0)
		add_override(steps, now, first);
	add_unbind(steps, now);
	if (*claim->driver)
		add_probe(steps, now);
	if (strcmp(first, claim->override) != 0)
		add_override(steps, now, claim->override);
}

void steps_back(const struct claim *claim, const struct machine_device *now, struct steps *ret)
{
	ret->count = 0;
	if (now && strcmp(now->driver, claim->driver) != 0)
		add_driver_back(ret, claim, now);
	else if (now && strcmp(now->override, claim->override) != 0)
		add_override(ret, now, claim->override);
	if (now && claim->has_node)
		add(ret, STEP_NODE, "", "%s", now->path);
	if (now)
		add(ret, STEP_BACK, "", "%s", now->path);
	add_record(ret, STEP_FORGET, claim);
}

void steps_leave_out(struct steps *steps, enum step_kind kind)
{
	size_t kept = 0;

	for (size_t i = 0; i < steps->count; i++)
		if (steps->items[i].kind != kind)
			steps->items[kept++] = steps->items[i];
	steps->count = kept;
}

int steps_check(const struct steps *steps, size_t *at)
{
	char path[PATH_MAX];

	for (*at = 0; *at < steps->count; ++*at) {
		if (steps->items[*at].kind != STEP_WRITE)
			continue;
		if (machine_path(IN_SYS, path, sizeof(path), "%s", steps->items[*at].path) < 0)
			return -ENAMETOOLONG;
		if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
			return -errno;
	}
	return 0;
}

/* ---- doing them ---- */

static int run_write(struct work *work, const struct step *step)
{
	char text[sizeof(step->text) + 1];
	struct sysfs_write write = { .path = step->path, .text = text, .lock = work->lock,
				     .limit_ms = WRITE_LIMIT_MS };
	int rc;

	snprintf(text, sizeof(text), "%s\n", step->text);
	rc = sysfs_write(&write, work->signals);
	work->waiting = rc == -ETIMEDOUT ? write.pid : 0;
	work->changed = work->changed || rc == 0 || rc == -ETIMEDOUT;
	return rc;
}

/* -EINTR: a signal came. */
static int pause_ms(const struct work *work, int *ms)
{
	const struct timespec pause = { .tv_nsec = *ms * 1000000L };

	nanosleep(&pause, NULL);
	*ms = *ms * 2 < LONGEST_PAUSE_MS ? *ms * 2 : LONGEST_PAUSE_MS;
	return !work->deaf && signals_came(work->signals) ? -EINTR : 0;
}

/* drivers_probe says nothing of whether a driver took it. */
static int check_driver(const struct work *work, struct machine_device *ret)
{
	if (!claim_look(work->claim->bus, work->claim->address, ret))
		return -ENODEV;
	return strcmp(ret->driver, work->claim->claimed) == 0 ? 0 : -ENXIO;
}

static int wait_for_node(struct work *work, const struct machine_device *device)
{
	uint64_t end = clock_ms() + CDEV_LIMIT_MS;
	int rc = 0, ms = FIRST_PAUSE_MS;

	while (rc == 0 && (rc = node_is_ready(device, work->cdev, sizeof(work->cdev))) == -ENOENT)
		rc = clock_ms() < end ? pause_ms(work, &ms) : -ETIMEDOUT;
	return rc;
}

static int wait_for_cdev(struct work *work)
{
	struct machine_device now;
	int rc = check_driver(work, &now);

	return rc ?: wait_for_node(work, &now);
}

/* It would take away again what the node is given before. */
static int wait_for_udev(struct work *work)
{
	uint64_t end = clock_ms() + UDEV_LIMIT_MS;
	int ms = FIRST_PAUSE_MS, rc = 0;

	while (rc == 0 && work->began && !node_is_settled(work->cdev, work->began) && clock_ms() < end)
		rc = pause_ms(work, &ms);
	return rc;
}

static int check_is_back(const struct claim *claim)
{
	struct machine_device now;

	if (!claim_look(claim->bus, claim->address, &now))
		return -ENODEV;
	if (strcmp(now.driver, claim->driver) != 0 || strcmp(now.override, claim->override) != 0)
		return -ENXIO;
	return 0;
}

static int run_node(struct work *work)
{
	const struct claim *claim = work->claim;
	const struct node_rights before = { claim->owner, claim->group, claim->mode };
	struct machine_device now;
	int rc = 0;

	if (work->back) {
		if (!machine_device_on(claim->bus, claim->address, &now))
			return -ENODEV;
		rc = wait_for_node(work, &now);
	}
	if (rc == 0)
		rc = wait_for_udev(work);
	return rc ?: node_give(work->cdev, work->back ? &before : &work->rights, &work->changed);
}

static int run_step(struct work *work, const struct step *step)
{
	switch (step->kind) {
	case STEP_RECORD:
		return claim_write_in(work->dir, work->name, work->claim);
	case STEP_FORGET:
		work->changed = true;
		return claim_forget_in(work->dir, work->name);
	case STEP_WRITE:
		return run_write(work, step);
	case STEP_TAKEN:
		return wait_for_cdev(work);
	case STEP_NODE:
		return run_node(work);
	case STEP_BACK:
		return check_is_back(work->claim);
	default:
		return 0;
	}
}

static uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int steps_run(struct work *work, const struct steps *steps, size_t *at)
{
	int rc = 0;

	for (*at = 0; rc == 0 && *at < steps->count; ++*at) {
		if (steps->items[*at].kind == STEP_WRITE && !work->began)
			work->began = clock_us();
		if (!work->deaf && signals_came(work->signals))
			rc = -EINTR;
		rc = rc ?: run_step(work, &steps->items[*at]);
		if (rc < 0)
			break;
	}
	return rc;
}
