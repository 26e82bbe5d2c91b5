/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/inventory.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "machine/files.h"
#include "machine/obstacle.h"
#include "util/number.h"

#define CLASS "class/vfio-dev"

struct reading {
	struct machine_inventory *inventory;
	unsigned int flags;
	bool nodes; /* numa_node tells something */
	int error;
};

static bool add_entry(struct reading *reading, const struct machine_entry *entry)
{
	struct machine_inventory *inventory = reading->inventory;

	if (inventory->count == inventory->room) {
		size_t room = inventory->room ? 2 * inventory->room : 16;
		void *grown = reallocarray(inventory->entries, room, sizeof(*entry));

		if (!grown) {
			reading->error = -ENOMEM;
			return false;
		}
		inventory->entries = grown;
		inventory->room = room;
	}
	inventory->entries[inventory->count++] = *entry;
	return true;
}

/* "vfio0", "noiommu-vfio0": the number, or -1. */
static int64_t cdev_number(const char *name)
{
	static const char noiommu[] = "noiommu-";
	uint32_t number;

	if (strncmp(name, noiommu, strlen(noiommu)) == 0)
		name += strlen(noiommu);
	return strncmp(name, "vfio", 4) == 0 && parse_u32(name + 4, &number) ? (int64_t)number : -1;
}

/* The number that a link of sysfs ends with. */
static int32_t parse_group(const char *text)
{
	uint32_t number;

	return parse_u32(text, &number) && number <= INT32_MAX ? (int32_t)number : -1;
}

/* Of a link's text, "../../devices/pci0000:00/0000:00:04.0/vfio-dev/vfio0". */
static void take_root(const char *text, struct machine_entry *entry)
{
	const char *at = strstr(text, "devices/pci");
	size_t len;

	if (!at)
		return;
	at += strlen("devices/");
	len = strcspn(at, "/");
	if (len < sizeof(entry->root))
		memcpy(entry->root, at, len);
}

/* The same where the device of VFIO is none of PCI: its address, too. */
static int take_link(const char *name, bool with_address, struct machine_entry *entry)
{
	char text[PATH_MAX], *end;
	const char *address;
	int rc = machine_link(IN_SYS, text, sizeof(text), CLASS "/%s", name);

	if (rc < 0)
		return rc;
	take_root(text, entry);
	end = strstr(text, "/vfio-dev/");
	if (!end || !strstr(text, "devices/"))
		return -ENOENT;
	*end = '\0';
	address = strrchr(text, '/') + 1;
	if (with_address && strlen(address) < sizeof(entry->address))
		strcpy(entry->address, address);
	return 0;
}

/* It is not there, or something else is in its place. All else may be of the moment: no memory, no fds. */
static bool is_missing(int rc)
{
	return rc == -ENOENT || rc == -ENODEV || rc == -ENOTDIR || rc == -EINVAL || rc == -ELOOP;
}

/* The last part of a link, empty where there is none, or none that fits. */
static int link_or_none(char *buf, size_t len, const char *name, const char *attribute)
{
	int rc = machine_link_name(IN_SYS, buf, len, CLASS "/%s/device/%s", name, attribute);

	return is_missing(rc) || rc == -ENAMETOOLONG ? 0 : rc;
}

/* In one file a device says its driver, and one of PCI its address and ids. */
static int read_identity(const char *name, struct machine_entry *entry)
{
	char text[1024];
	int rc = machine_read(IN_SYS, text, sizeof(text), CLASS "/%s/device/uevent", name);

	if (rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM)
		return rc;
	if (machine_event_text(text, "PCI_SLOT_NAME=", entry->address, sizeof(entry->address)) &&
	    !strchr(entry->address, '/')) {
		strcpy(entry->bus, "pci");
		if (!machine_event_ids(text, &entry->ids))
			entry->ids = (struct machine_ids){ 0 };
		return machine_event_text(text, "DRIVER=", entry->driver, sizeof(entry->driver)) ? 0 :
			       link_or_none(entry->driver, sizeof(entry->driver), name, "driver");
	}
	rc = machine_link_name(IN_SYS, entry->bus, sizeof(entry->bus), CLASS "/%s/device/subsystem", name);
	if (rc < 0)
		return rc;
	return link_or_none(entry->driver, sizeof(entry->driver), name, "driver") ?: take_link(name, true, entry);
}

/* A path below the bus is short, and does not lead through the class. */
static void device_of(const struct machine_entry *entry, struct machine_device *ret)
{
	*ret = (struct machine_device){ .group = entry->group };
	strcpy(ret->bus, entry->bus);
	strcpy(ret->address, entry->address);
	snprintf(ret->path, sizeof(ret->path), "bus/%s/devices/%s", entry->bus, entry->address);
}

/* Without numbers it has no node: no VFIO_DEVICE_CDEV, or no cdev for what is behind no IOMMU. */
static int read_node(const char *name, struct machine_entry *entry)
{
	int rc = machine_asks(IN_SYS, CLASS "/%s/dev", name);
	struct stat st;

	if (rc <= 0)
		return rc;
	entry->has_cdev = true;
	if (machine_stat(IN_DEV, &st, "vfio/devices/%s", name) < 0)
		return 0;
	entry->has_node = true;
	entry->owner = st.st_uid;
	entry->owner_group = st.st_gid;
	entry->mode = st.st_mode & 07777;
	return 0;
}

/* The kernel names such a group alike, and also that of an mdev. It is read only where it may be one. */
static enum machine_kind read_kind(const char *name, const struct machine_entry *entry)
{
	char text[32];

	if (strcmp(entry->bus, "mdev") == 0)
		return MACHINE_EMULATED;
	if (strncmp(name, "vfio", 4) != 0)
		return MACHINE_NOIOMMU;
	if (!entry->has_cdev &&
	    machine_read(IN_SYS, text, sizeof(text), CLASS "/%s/device/iommu_group/name", name) == 0 &&
	    strcmp(text, "vfio-noiommu") == 0)
		return MACHINE_NOIOMMU;
	return MACHINE_PHYSICAL;
}

static int read_vfio(const struct reading *reading, const char *name, struct machine_entry *entry)
{
	struct machine_device device;
	char group[16];
	int rc;

	*entry = (struct machine_entry){ 0 };
	strcpy(entry->name, name);
	rc = read_identity(name, entry) ?: link_or_none(group, sizeof(group), name, "iommu_group") ?:
	     read_node(name, entry);
	if (rc == 0 && reading->flags & INVENTORY_MORE && !*entry->root)
		rc = take_link(name, false, entry);
	if (rc < 0)
		return rc;
	entry->group = parse_group(group);
	entry->kind = read_kind(name, entry);
	entry->numa_node = -1;
	device_of(entry, &device);
	if (!entry->ids.vendor)
		machine_ids(&device, &entry->ids);
	if (reading->nodes)
		entry->numa_node = machine_numa_node(&device);
	return 0;
}

/* One that has gone meanwhile is no error, all else is: a list with a hole looks complete. */
static bool look_at_vfio(void *arg, const char *name)
{
	struct reading *reading = arg;
	struct machine_entry entry;
	int rc;

	if (cdev_number(name) < 0 || strlen(name) >= sizeof(entry.name))
		return true;
	rc = read_vfio(reading, name, &entry);
	if (is_missing(rc))
		return true;
	reading->error = rc;
	return rc == 0 && add_entry(reading, &entry);
}

/* --- what VFIO has not taken --- */

static void fill_other(const struct reading *reading, const struct machine_device *device,
		       struct machine_entry *entry)
{
	char text[PATH_MAX];

	*entry = (struct machine_entry){ .group = device->group, .numa_node = -1 };
	strcpy(entry->bus, device->bus);
	strcpy(entry->address, device->address);
	strcpy(entry->driver, device->driver);
	entry->kind = device->group < 0 ? MACHINE_UNKNOWN : MACHINE_PHYSICAL;
	machine_ids(device, &entry->ids);
	if (reading->nodes)
		entry->numa_node = machine_numa_node(device);
	if (reading->flags & INVENTORY_MORE && machine_directory(device, text, sizeof(text)) == 0)
		take_root(text, entry);
}

static bool look_at_function(void *arg, const char *name)
{
	struct reading *reading = arg;
	struct machine_device device;
	struct machine_entry entry;

	if (!machine_device_on("pci", name, &device) || device.is_vfio)
		return true;
	fill_other(reading, &device, &entry);
	return machine_is_infrastructure(&entry.ids) || add_entry(reading, &entry);
}

/* The entry of a device that VFIO has not taken, or NULL. */
static struct machine_entry *find_other(const struct machine_inventory *inventory, const char *address)
{
	for (size_t i = 0; i < inventory->count; i++)
		if (!*inventory->entries[i].name && strcmp(inventory->entries[i].address, address) == 0)
			return &inventory->entries[i];
	return NULL;
}

/* It may be a function of PCI, or be on no bus at all. */
static bool look_at_mdev_parent(void *arg, const char *name)
{
	struct reading *reading = arg;
	struct machine_entry *known = find_other(reading->inventory, name);
	struct machine_entry entry = { .group = -1, .numa_node = -1, .kind = MACHINE_PARENT };

	if (known) {
		known->kind = MACHINE_PARENT;
		return true;
	}
	if (strlen(name) >= sizeof(entry.address))
		return true;
	strcpy(entry.address, name);
	machine_link_name(IN_SYS, entry.bus, sizeof(entry.bus), "class/mdev_bus/%s/subsystem", name);
	machine_link_name(IN_SYS, entry.driver, sizeof(entry.driver), "class/mdev_bus/%s/driver", name);
	return add_entry(reading, &entry);
}

/* --- the list --- */

static int by_place(const void *a, const void *b)
{
	const struct machine_entry *x = a, *y = b;
	int64_t m = cdev_number(x->name), n = cdev_number(y->name);

	if (m != n)
		return m < 0 || (n >= 0 && m > n) ? 1 : -1;
	return strcmp(x->bus, y->bus) ?: strcmp(x->address, y->address);
}

static int look_at_all(struct reading *reading, const char *path, machine_entry_fn *fn)
{
	int rc = machine_each(IN_SYS, path, fn, reading);

	if (rc == -ENOENT)
		return 0;
	return reading->error ?: rc;
}

int machine_inventory_read(struct machine_inventory *ret, unsigned int flags)
{
	struct reading reading = { .inventory = ret, .flags = flags };
	char text[16];
	int rc;

	*ret = (struct machine_inventory){ 0 };
	machine_read(IN_SYS, text, sizeof(text), "devices/system/node/possible");
	reading.nodes = flags & INVENTORY_MORE || strcmp(text, "0") != 0;
	/* Without the class of VFIO there are no devices; without sysfs nobody knows. */
	rc = machine_asks(IN_SYS, "class");
	if (rc <= 0)
		return rc ?: -ENODEV;
	rc = look_at_all(&reading, CLASS, look_at_vfio);
	if (rc == 0 && flags & INVENTORY_ALL)
		rc = look_at_all(&reading, "bus/pci/devices", look_at_function) ?:
		     look_at_all(&reading, "class/mdev_bus", look_at_mdev_parent);
	if (rc < 0)
		machine_inventory_free(ret);
	else if (ret->count)
		qsort(ret->entries, ret->count, sizeof(*ret->entries), by_place);
	return rc;
}

int machine_inventory_of(const struct machine_device *device, struct machine_entry *ret)
{
	const struct reading reading = { .flags = INVENTORY_ALL | INVENTORY_MORE, .nodes = true };
	char name[sizeof(ret->name)];
	int rc;

	if (machine_cdev(device, name, sizeof(name))) {
		rc = read_vfio(&reading, name, ret);
		if (rc != -ENOENT && rc != -ENODEV)
			return rc;
	}
	fill_other(&reading, device, ret);
	if (machine_has(IN_SYS, "%s/mdev_supported_types", device->path))
		ret->kind = MACHINE_PARENT;
	return 0;
}

void machine_inventory_free(struct machine_inventory *inventory)
{
	free(inventory->entries);
	*inventory = (struct machine_inventory){ 0 };
}
