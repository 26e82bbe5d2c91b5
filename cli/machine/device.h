/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device as its bus has it, whether VFIO drives it or not. */
#ifndef CLI_MACHINE_DEVICE_H
#define CLI_MACHINE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine_device {
	char bus[16], address[64];
	char path[96];	      /* below /sys */
	char driver[64];      /* empty: none */
	char override[64];    /* the one driver that it is to have; empty: none is set */
	bool override_exists; /* the kernel has that driver */
	bool is_vfio;	      /* its driver is one of VFIO */
	bool is_bridge;	      /* a PCI bridge, which no VFIO driver takes */
	int32_t group;	      /* -1: none */
};

/* What a PCI device is. What cannot be read is 0. */
struct machine_ids {
	uint16_t vendor, device, subsystem_vendor, subsystem_device;
	uint32_t class; /* 0x020000: an Ethernet controller */
};

/* By its name on a bus, a PCI address with or without its domain. false: there is none. */
bool machine_device(const char *name, struct machine_device *ret);
/* The same on this bus alone, by its full name there. */
bool machine_device_on(const char *bus, const char *address, struct machine_device *ret);

/* false: it is not known what it is. */
bool machine_ids(const struct machine_device *device, struct machine_ids *ret);
/* The same in the text of a device's file uevent, and what else stands there behind a key, "DRIVER=". */
bool machine_event_ids(const char *text, struct machine_ids *ret);
bool machine_event_text(const char *text, const char *key, char *buf, size_t len);
/* The node of memory that it is next to; -1: none, or not known. */
int machine_numa_node(const struct machine_device *device);
/* Its directory below /sys, "devices/pci0000:00/0000:00:04.0". 0, or -errno. */
int machine_directory(const struct machine_device *device, char *buf, size_t len);
/* "vfio0", the name of its cdev, or of what stands for one. false: VFIO has not taken it. */
bool machine_cdev(const struct machine_device *device, char *buf, size_t len);

/* The buses whose devices VFIO has drivers for, from 0 on; NULL: there are no more. */
const char *machine_vfio_bus(size_t i);
bool machine_bus_has_vfio(const char *bus);
/* The VFIO driver that its bus has for any device, "vfio-pci"; NULL: none. */
const char *machine_vfio_driver(const char *bus);
/* "511:1", of the cdev of that name. 0, or -errno. */
int machine_cdev_numbers(const char *name, char *buf, size_t len);
bool machine_has_driver(const char *bus, const char *driver);

/* The PCI function that a virtual one is of. false: it is none of that kind. */
bool machine_physical_function(const char *address, char *buf, size_t len);

#endif
