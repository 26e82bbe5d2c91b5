/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/claimant.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"
#include "util/number.h"

struct search {
	const struct machine_device *device;
	struct machine_ids ids;
	const char *folder; /* that is looked through */
	struct machine_claimant *found;
	size_t count;
};

__attribute__((format(printf, 4, 5)))
static void add_claimant(struct search *search, const char *who, const char *what, const char *format, ...)
{
	struct machine_claimant *claimant = &search->found[search->count];
	va_list ap;

	if (search->count == MACHINE_CLAIMANTS)
		return;
	*claimant = (struct machine_claimant){ 0 };
	snprintf(claimant->who, sizeof(claimant->who), "%s", who);
	snprintf(claimant->what, sizeof(claimant->what), "%s", what);
	va_start(ap, format);
	vsnprintf(claimant->fact, sizeof(claimant->fact), format, ap);
	va_end(ap);
	search->count++;
}

/* ---- ids of vfio-pci: 8086:10d3,1af4:1041:1af4:1100:020000:ffffff ---- */

static bool is_any_or(unsigned int number, unsigned int id)
{
	return number == UINT32_MAX || number == id;
}

static bool is_id_of(const char *text, const struct machine_ids *ids)
{
	unsigned int vendor, device, sub_vendor = UINT32_MAX, sub_device = UINT32_MAX, class = 0, mask = 0;

	return sscanf(text, "%x:%x:%x:%x:%x:%x", &vendor, &device, &sub_vendor, &sub_device, &class, &mask) >= 2 &&
	       is_any_or(vendor, ids->vendor) && is_any_or(device, ids->device) &&
	       is_any_or(sub_vendor, ids->subsystem_vendor) && is_any_or(sub_device, ids->subsystem_device) &&
	       ((class ^ ids->class) & mask) == 0;
}

static bool is_in_list(char *list, const struct machine_ids *ids)
{
	for (char *one; (one = strsep(&list, ","));)
		if (is_id_of(one, ids))
			return true;
	return false;
}

/* Behind "PREFIXids=", where the prefix has the module's name with either of its dashes; NULL: another word. */
static char *behind_ids(char *word, const char *prefix)
{
	size_t len = strlen(prefix);

	for (size_t i = 0; i < len; i++)
		if ((word[i] == '-' ? '_' : word[i]) != prefix[i])
			return NULL;
	return strncmp(word + len, "ids=", 4) == 0 ? word + len + 4 : NULL;
}

static void look_at_word(struct search *search, char *word, const char *prefix, const char *who,
			 const char *fact)
{
	char *list = behind_ids(word, prefix);

	if (list && is_in_list(list, &search->ids))
		add_claimant(search, who, "vfio-pci (its ids)", "%s", fact);
}

static void look_at_command_line(struct search *search)
{
	char *text, *rest;

	machine_read_all(IN_PROC, &text, "cmdline");
	rest = text;
	for (char *word; (word = strsep(&rest, " \n"));)
		look_at_word(search, word, "vfio_pci.", "kernel", "/proc/cmdline");
	free(text);
}

/* "options vfio-pci ids=..." */
static void look_at_line(struct search *search, char *line, const char *fact)
{
	char *word = strsep(&line, " \t");

	if (!word || strcmp(word, "options") != 0)
		return;
	do {
		word = strsep(&line, " \t");
	} while (word && !*word);
	if (!word || (strcmp(word, "vfio-pci") != 0 && strcmp(word, "vfio_pci") != 0))
		return;
	while ((word = strsep(&line, " \t")))
		look_at_word(search, word, "", "modprobe", fact);
}

static bool look_at_options(void *arg, const char *name)
{
	struct search *search = arg;
	size_t len = strlen(name);
	char fact[sizeof(search->found->fact)];
	char *text, *rest;

	if (len < 5 || strcmp(name + len - 5, ".conf") != 0)
		return true;
	if (snprintf(fact, sizeof(fact), "/%s/%s", search->folder, name) >= (int)sizeof(fact))
		return true;
	machine_read_all(IN_ROOT, &text, "%s/%s", search->folder, name);
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		look_at_line(search, line, fact);
	free(text);
	return search->count < MACHINE_CLAIMANTS;
}

static void look_at_folders(struct search *search)
{
	static const char folders[][20] = { "etc/modprobe.d", "run/modprobe.d", "usr/lib/modprobe.d" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		search->folder = folders[i];
		machine_each(IN_ROOT, folders[i], look_at_options, search);
	}
}

/* ---- files for one device ---- */

static void look_at_driverctl(struct search *search)
{
	const struct machine_device *device = search->device;
	char driver[64];

	if (machine_read(IN_ROOT, driver, sizeof(driver), "etc/driverctl.d/%s-%s", device->bus, device->address) == 0)
		add_claimant(search, "driverctl", driver, "/etc/driverctl.d/%s-%s", device->bus, device->address);
}

/* etc/mdevctl.d/PARENT/UUID, for what is started on a parent, or is that. */
static bool look_at_parent(void *arg, const char *name)
{
	struct search *search = arg;
	const char *address = search->device->address;

	if (strcmp(name, address) == 0)
		add_claimant(search, "mdevctl", "mdevs on it", "/etc/mdevctl.d/%s", name);
	else if (strcmp(search->device->bus, "mdev") == 0 &&
		 machine_has(IN_ROOT, "etc/mdevctl.d/%s/%s", name, address))
		add_claimant(search, "mdevctl", "this mdev", "/etc/mdevctl.d/%s/%s", name, address);
	return true;
}

size_t machine_claimants(const struct machine_device *device, struct machine_claimant ret[MACHINE_CLAIMANTS])
{
	struct search search = { .device = device, .found = ret };

	look_at_driverctl(&search);
	machine_each(IN_ROOT, "etc/mdevctl.d", look_at_parent, &search);
	if (machine_ids(device, &search.ids)) {
		look_at_command_line(&search);
		look_at_folders(&search);
	}
	return search.count;
}
