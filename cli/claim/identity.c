/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/identity.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "claim/node.h"
#include "machine/files.h"

bool claim_look(const char *bus, const char *address, struct machine_device *ret)
{
	struct machine_device looks[2] = { 0 };
	bool is_there[2] = { false, true };

	for (int i = 0; i < 10; i++) {
		is_there[i % 2] = machine_device_on(bus, address, &looks[i % 2]);
		if (is_there[0] == is_there[1] && strcmp(looks[0].driver, looks[1].driver) == 0 &&
		    strcmp(looks[0].override, looks[1].override) == 0)
			break;
	}
	*ret = looks[0];
	return is_there[0];
}

/* A record has lines, whatever a device says of itself. */
static void make_plain(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void read_ids(const struct machine_device *device, char *buf, size_t len)
{
	machine_read(IN_SYS, buf, len, "%s/modalias", device->path);
	make_plain(buf);
}

static uint32_t read_u32(const unsigned char *at)
{
	return (uint32_t)(at[0] | at[1] << 8 | at[2] << 16) | (uint32_t)at[3] << 24;
}

enum { CONFIG_SIZE = 4096, FIRST_EXTENDED = 256, SERIAL_CAPABILITY = 3, SERIAL_SIZE = 12 };

/* The extended capability "Device Serial Number" of PCIe. Only root can read as far. */
static void find_serial(const unsigned char *config, char *buf, size_t len)
{
	unsigned int at = FIRST_EXTENDED;

	/* Each has room for a head at least: a chain that is longer goes round. */
	for (int i = 0; i < CONFIG_SIZE / 4; i++) {
		uint32_t head = read_u32(config + at);

		if ((head & 0xffff) == SERIAL_CAPABILITY && at <= CONFIG_SIZE - SERIAL_SIZE) {
			snprintf(buf, len, "%08x%08x", read_u32(config + at + 8), read_u32(config + at + 4));
			return;
		}
		at = head >> 20 & 0xffc;
		if (at < FIRST_EXTENDED)
			return;
	}
}

static void read_serial(const struct machine_device *device, char *buf, size_t len)
{
	unsigned char config[CONFIG_SIZE + 1] = { 0 };

	*buf = '\0';
	if (strcmp(device->bus, "pci") == 0 &&
	    machine_read(IN_SYS, (char *)config, sizeof(config), "%s/config", device->path) == 0)
		find_serial(config, buf, len);
	/* A device that does not answer reads as ones. */
	if (strcmp(buf, "ffffffffffffffff") == 0)
		*buf = '\0';
}

static void read_boot(char *buf, size_t len)
{
	machine_read(IN_PROC, buf, len, "sys/kernel/random/boot_id");
}

void claim_describe(const struct machine_device *device, struct claim *ret)
{
	char cdev[32];

	*ret = (struct claim){ 0 };
	strcpy(ret->bus, device->bus);
	strcpy(ret->address, device->address);
	strcpy(ret->driver, device->driver);
	strcpy(ret->override, device->override);
	read_ids(device, ret->ids, sizeof(ret->ids));
	read_serial(device, ret->serial, sizeof(ret->serial));
	read_boot(ret->boot, sizeof(ret->boot));
	ret->has_node = machine_cdev(device, cdev, sizeof(cdev)) &&
			node_owner(cdev, &ret->owner, &ret->group, &ret->mode);
}

static bool agree(const char *a, const char *b)
{
	return !*a || !*b || strcmp(a, b) == 0;
}

bool claim_is_of(const struct claim *claim, const struct machine_device *device)
{
	struct claim now;

	read_ids(device, now.ids, sizeof(now.ids));
	read_serial(device, now.serial, sizeof(now.serial));
	return agree(claim->ids, now.ids) && agree(claim->serial, now.serial);
}

bool claim_is_current(const struct claim *claim)
{
	char boot[sizeof(claim->boot)];

	read_boot(boot, sizeof(boot));
	return agree(claim->boot, boot);
}
