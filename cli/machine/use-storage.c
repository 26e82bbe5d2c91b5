/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/use-storage.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "machine/files.h"

/* ---- which disks there are ---- */

static void add_disk(struct use_disks *disks, const char *name, dev_t rdev, bool made)
{
	struct use_disk *disk = &disks->items[disks->count];

	for (size_t i = 0; i < disks->count; i++)
		if (strcmp(disks->items[i].name, name) == 0)
			return;
	if (disks->count == USE_DISKS || strlen(name) >= sizeof(disk->name)) {
		disks->more = true;
		return;
	}
	*disk = (struct use_disk){ .rdev = rdev, .made = made };
	strcpy(disk->name, name);
	disks->count++;
}

static bool add_part(void *arg, const struct machine_part *part)
{
	if (strcmp(part->subsystem, "block") == 0)
		add_disk(arg, part->name, part->rdev, false);
	return true;
}

/* What could not be looked through may have more. */
static void note_unread(struct use_disks *disks, int rc)
{
	disks->more = disks->more || (rc < 0 && rc != -ENOENT && rc != -ENODEV);
}

struct controller {
	struct use_disks *disks;
	const char *name;
};

static bool look_at_subsystem(void *arg, const char *name)
{
	const struct controller *controller = arg;
	char directory[PATH_MAX];

	if (machine_has(IN_SYS, "class/nvme-subsystem/%s/%s", name, controller->name) &&
	    machine_link_directory(directory, sizeof(directory), "class/nvme-subsystem/%s", name) == 0)
		note_unread(controller->disks,
			    machine_each_part_below(directory, add_part, controller->disks));
	return true;
}

/* With multipath the disks of an NVMe controller hang on what it may share with others. */
void use_collect_disks(struct use_disks *disks, const struct machine_part *part)
{
	add_part(disks, part);
	if (strcmp(part->subsystem, "nvme") == 0)
		note_unread(disks, machine_each(IN_SYS, "class/nvme-subsystem", look_at_subsystem,
						&(struct controller){ disks, part->name }));
}

/* ---- what is made of them ---- */

static bool add_holder(void *arg, const char *name)
{
	char numbers[24];

	machine_read(IN_SYS, numbers, sizeof(numbers), "class/block/%s/dev", name);
	add_disk(arg, name, machine_parse_numbers(numbers), true);
	return true;
}

/* The list grows while it is walked through: a volume may be part of another. */
static void find_holders(struct use_disks *disks)
{
	char path[64];

	for (size_t i = 0; i < disks->count; i++) {
		snprintf(path, sizeof(path), "class/block/%s/holders", disks->items[i].name);
		note_unread(disks, machine_each(IN_SYS, path, add_holder, disks));
	}
}

static void add_holders(struct machine_uses *uses, const struct use_disks *disks)
{
	char fact[sizeof(uses->items->fact)];

	for (size_t i = 0; i < disks->count; i++) {
		if (!disks->items[i].made)
			continue;
		snprintf(fact, sizeof(fact), "/sys/class/block/%s/slaves", disks->items[i].name);
		use_add(uses, fact, "held by %s", disks->items[i].name);
	}
}

/* ---- what is on them ---- */

/* Is it "/dev/NAME"? A slash in a name is another character in sysfs. */
static bool is_node_of(const char *text, size_t len, const struct use_disk *disk)
{
	size_t prefix = strlen("/dev/");

	if (len != prefix + strlen(disk->name) || strncmp(text, "/dev/", prefix) != 0)
		return false;
	for (size_t i = prefix; i < len; i++)
		if (text[i] != (disk->name[i - prefix] == '!' ? '/' : disk->name[i - prefix]))
			return false;
	return true;
}

/* A field of a line: where it begins, and its length. */
static size_t next_field(const char **at)
{
	*at += strspn(*at, " \t");
	return strcspn(*at, " \t\n");
}

/* "\040" is a blank. */
static void unescape(char *to, size_t room, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < room; i++) {
		unsigned int c;

		if (text[i] == '\\' && len - i > 3 && sscanf(text + i + 1, "%3o", &c) == 1) {
			to[n++] = (char)c;
			i += 3;
		} else {
			to[n++] = text[i];
		}
	}
	to[n] = '\0';
}

/* "36 35 8:1 / /mnt rw,noatime master:1 - ext4 /dev/sda1 rw": numbers, place, and where it comes from. */
static bool is_mount_of(const char *line, const struct use_disk *disk, char *place, size_t room)
{
	const char *at = line, *end = strchrnul(line, '\n'), *source;
	unsigned int high, low;
	size_t len;

	if (sscanf(line, "%*d %*d %u:%u", &high, &low) != 2)
		return false;
	for (int i = 0; i < 4; i++)
		at += next_field(&at);
	len = next_field(&at);
	unescape(place, room, at, len);
	if (disk->rdev && disk->rdev == makedev(high, low))
		return true;
	/* btrfs has numbers of its own. */
	source = strstr(at, " - ");
	if (!source || source > end)
		return false;
	source += strlen(" - ");
	source += next_field(&source);
	len = next_field(&source);
	return is_node_of(source, len, disk);
}

static void add_mounts(struct machine_uses *uses, const char *fact, const char *mounts,
		       const struct use_disk *disk)
{
	char first[64] = "", place[64];
	size_t n = 0;

	for (const char *line = mounts; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (is_mount_of(line, disk, place, sizeof(place)) && !n++)
			strcpy(first, place);
	if (n == 1)
		use_add(uses, fact, "mounted %s", first);
	else if (n)
		use_add(uses, fact, "mounted %s and %zu more", first, n - 1);
}

static void add_swap(struct machine_uses *uses, const struct machine_host *host, const struct use_disk *disk)
{
	for (const char *line = host->swaps; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (is_node_of(line, strcspn(line, " \t\n"), disk))
			use_add(uses, "/proc/swaps", "swap on %s", disk->name);
}

struct volume {
	struct machine_uses *uses;
	const struct use_disk *disk;
};

/* A file system of several disks is mounted by the name of one of them. */
static bool add_btrfs(void *arg, const char *name)
{
	const struct volume *volume = arg;
	char fact[sizeof(volume->uses->items->fact)];

	if (machine_has(IN_SYS, "fs/btrfs/%s/devices/%s", name, volume->disk->name)) {
		snprintf(fact, sizeof(fact), "/sys/fs/btrfs/%s/devices", name);
		use_add(volume->uses, fact, "btrfs on %s", volume->disk->name);
	}
	return true;
}

static void add_contents(struct machine_uses *uses, const struct machine_host *host,
			 const struct use_disks *disks)
{
	for (size_t i = 0; i < disks->count && host->mounts; i++)
		add_mounts(uses, "/proc/self/mountinfo", host->mounts, &disks->items[i]);
	for (size_t i = 0; i < disks->count && host->other_mounts; i++)
		add_mounts(uses, "/proc/1/mountinfo", host->other_mounts, &disks->items[i]);
	for (size_t i = 0; i < disks->count && host->swaps; i++)
		add_swap(uses, host, &disks->items[i]);
	for (size_t i = 0; i < disks->count; i++)
		machine_each(IN_SYS, "fs/btrfs", add_btrfs, &(struct volume){ uses, &disks->items[i] });
}

/* The kernel gives a disk that anything is on to nobody for himself alone. */
static void try_disks(struct machine_uses *uses, const struct use_disks *disks)
{
	char fact[sizeof(uses->items->fact)];

	for (size_t i = 0; i < disks->count; i++) {
		const struct use_disk *disk = &disks->items[i];

		if (disk->made || machine_has(IN_SYS, "class/block/%s/partition", disk->name) ||
		    machine_try_disk(disk->name, disk->rdev) != -EBUSY)
			continue;
		snprintf(fact, sizeof(fact), "/dev/%s", disk->name);
		use_add(uses, fact, "disk %s claimed by the kernel", disk->name);
	}
}

void use_add_disks(struct machine_uses *uses, const struct machine_host *host, struct use_disks *disks)
{
	size_t before = uses->count;

	if (!disks->count)
		return;
	find_holders(disks);
	add_contents(uses, host, disks);
	add_holders(uses, disks);
	if (host->open_disks && uses->count == before)
		try_disks(uses, disks);
	if (!host->mounts || !host->swaps)
		use_add_unknown(uses, host->mounts ? "/proc/swaps" : "/proc/self/mountinfo",
				"what is mounted cannot be read");
	if (disks->more)
		use_add_unknown(uses, "/sys/class/block", "some of its disks cannot be looked at");
}
