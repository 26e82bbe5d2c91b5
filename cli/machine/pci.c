/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/pci.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"

/* ---- capabilities of PCI Express, behind the first 256 bytes of the configuration space ---- */

enum {
	CONFIG_SIZE = 4096, FIRST = 0x100,
	CAP_ATS = 0x0f, CAP_PRI = 0x13, CAP_PASID = 0x1b,
};

struct config {
	uint8_t bytes[CONFIG_SIZE];
	ssize_t len;
};

static unsigned int word_at(const struct config *config, size_t at)
{
	if (at + 2 > (size_t)config->len)
		return 0;
	return config->bytes[at] | (unsigned int)config->bytes[at + 1] << 8;
}

/* A list that was made up may lead in a circle: there is room for so many. */
static size_t find_capability(const struct config *config, unsigned int id)
{
	size_t at = FIRST;

	for (int left = (CONFIG_SIZE - FIRST) / 8; left > 0 && at >= FIRST; left--) {
		if (word_at(config, at) == id)
			return at;
		at = word_at(config, at + 2) >> 4 & ~3u;
	}
	return 0;
}

/* Where the word is whose bit says that it is on. */
static enum machine_capability state_of(const struct config *config, unsigned int id, size_t control,
					unsigned int bit)
{
	size_t at = find_capability(config, id);

	if (!at)
		return CAPABILITY_NONE;
	return word_at(config, at + control) & bit ? CAPABILITY_ON : CAPABILITY_OFF;
}

/* Reading it would wake a device that sleeps. */
static void read_capabilities(const struct machine_device *device, struct machine_pci *ret)
{
	struct config config;
	size_t pasid;

	if (strcmp(ret->power, "D3cold") == 0 || (!*ret->power && strcmp(ret->runtime, "suspended") == 0))
		return;
	config.len = machine_read_bytes(IN_SYS, config.bytes, sizeof(config.bytes), "%s/config", device->path);
	/* 64 bytes: not root; 256: it is not of PCI Express. */
	if (config.len < FIRST)
		return;
	ret->ats = state_of(&config, CAP_ATS, 6, 0x8000);
	ret->pri = state_of(&config, CAP_PRI, 4, 1);
	ret->pasid = state_of(&config, CAP_PASID, 6, 1);
	pasid = find_capability(&config, CAP_PASID);
	ret->pasid_bits = pasid ? word_at(&config, pasid + 4) >> 8 & 0x1f : 0;
}

static int32_t read_count(const struct machine_device *device, const char *attribute)
{
	char text[16], *end;
	long n;

	machine_read(IN_SYS, text, sizeof(text), "%s/%s", device->path, attribute);
	n = strtol(text, &end, 10);
	return *text && !*end && n >= 0 && n <= UINT16_MAX ? (int32_t)n : -1;
}

/* What has no room is not known: half a text is another one. */
static void read_text(const struct machine_device *device, const char *attribute, char *buf, size_t len)
{
	char text[128];

	machine_read(IN_SYS, text, sizeof(text), "%s/%s", device->path, attribute);
	if (strlen(text) < len)
		strcpy(buf, text);
}

void machine_pci(const struct machine_device *device, struct machine_pci *ret)
{
	*ret = (struct machine_pci){ .vfs = -1, .total_vfs = -1 };
	read_text(device, "reset_method", ret->resets, sizeof(ret->resets));
	read_text(device, "power_state", ret->power, sizeof(ret->power));
	read_text(device, "power/runtime_status", ret->runtime, sizeof(ret->runtime));
	ret->vfs = read_count(device, "sriov_numvfs");
	ret->total_vfs = read_count(device, "sriov_totalvfs");
	if (strcmp(device->bus, "pci") == 0)
		read_capabilities(device, ret);
}

/* ---- other functions ---- */

struct relations {
	const struct machine_device *device;
	machine_relation_fn *fn;
	void *arg;
};

/* "pci:0000:01:00.1": a bus, and a name on it. */
static bool tell_link(const struct relations *relations, const char *relation, const char *name)
{
	size_t len = strcspn(name, ":");
	char bus[16];

	if (!name[len] || len >= sizeof(bus))
		return true;
	memcpy(bus, name, len);
	bus[len] = '\0';
	return relations->fn(relations->arg, relation, bus, name + len + 1);
}

static bool tell_function(const struct relations *relations, const char *relation, const char *entry)
{
	char address[64];

	if (machine_link_name(IN_SYS, address, sizeof(address), "%s/%s", relations->device->path, entry) < 0)
		return true;
	return relations->fn(relations->arg, relation, "pci", address);
}

static bool look_at_entry(void *arg, const char *name)
{
	const struct relations *relations = arg;

	if (strcmp(name, "physfn") == 0)
		return tell_function(relations, "pf", name);
	if (strncmp(name, "virtfn", strlen("virtfn")) == 0)
		return tell_function(relations, "vf", name);
	if (strncmp(name, "consumer:", strlen("consumer:")) == 0)
		return tell_link(relations, "consumer", name + strlen("consumer:"));
	if (strncmp(name, "supplier:", strlen("supplier:")) == 0)
		return tell_link(relations, "supplier", name + strlen("supplier:"));
	return true;
}

void machine_each_relation(const struct machine_device *device, machine_relation_fn *fn, void *arg)
{
	machine_each(IN_SYS, device->path, look_at_entry, &(struct relations){ device, fn, arg });
}
