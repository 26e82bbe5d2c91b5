/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/part.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "machine/files.h"
#include "util/number.h"

/* A machine has fewer of them, a loop of mounts or a tree that somebody made up may have more. */
enum { DEPTH = 24, DIRECTORIES = 100000 };

struct walk {
	char path[PATH_MAX];
	int depth, directories;
	machine_part_fn *fn;
	void *arg;
	bool is_over; /* fn has said so */
	int error;
};

dev_t machine_parse_numbers(const char *text)
{
	unsigned int high, low;

	return sscanf(text, "%u:%u", &high, &low) == 2 ? makedev(high, low) : 0;
}

/* Many, and no device below any of them. */
static bool is_without_parts(const char *name)
{
	static const char names[][12] = { "power", "statistics", "queues", "msi_irqs", "mq", "holders", "slaves" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool is_other_device(const char *subsystem)
{
	return strcmp(subsystem, "pci") == 0 || strcmp(subsystem, "mdev") == 0;
}

static bool visit(void *arg, const char *name);

static void descend(struct walk *walk)
{
	int rc = machine_each_directory(IN_SYS, walk->path, visit, walk);

	/* It may go while it is read. */
	if (rc < 0 && rc != -ENOENT && rc != -ENODEV)
		walk->error = walk->error ?: rc;
}

/* What is in walk->path: is it a device, and is there more below? */
static void look_at_directory(struct walk *walk, const char *name)
{
	struct machine_part part = { .directory = walk->path, .name = name };
	char numbers[24];

	if (machine_link_name(IN_SYS, part.subsystem, sizeof(part.subsystem), "%s/subsystem", walk->path) == 0) {
		if (is_other_device(part.subsystem))
			return;
		machine_read(IN_SYS, numbers, sizeof(numbers), "%s/dev", walk->path);
		part.rdev = machine_parse_numbers(numbers);
		walk->is_over = !walk->fn(walk->arg, &part);
	}
	if (!walk->is_over)
		descend(walk);
}

static bool visit(void *arg, const char *name)
{
	struct walk *walk = arg;
	size_t len = strlen(walk->path);

	if (is_without_parts(name))
		return true;
	if (len + strlen(name) + 2 > sizeof(walk->path) || walk->depth == DEPTH ||
	    ++walk->directories > DIRECTORIES) {
		walk->error = -E2BIG;
		return walk->directories <= DIRECTORIES;
	}
	walk->depth++;
	sprintf(walk->path + len, "/%s", name);
	look_at_directory(walk, name);
	walk->path[len] = '\0';
	walk->depth--;
	return !walk->is_over && walk->directories <= DIRECTORIES;
}

int machine_each_part_below(const char *directory, machine_part_fn *fn, void *arg)
{
	struct walk walk = { .fn = fn, .arg = arg };
	int rc;

	if (strlen(directory) >= sizeof(walk.path))
		return -ENAMETOOLONG;
	strcpy(walk.path, directory);
	rc = machine_each_directory(IN_SYS, walk.path, visit, &walk);
	return rc == -ENOENT ? -ENODEV : rc ?: walk.error;
}

int machine_each_part(const struct machine_device *device, machine_part_fn *fn, void *arg)
{
	char directory[PATH_MAX];
	int rc = machine_directory(device, directory, sizeof(directory));

	return rc < 0 ? rc : machine_each_part_below(directory, fn, arg);
}
