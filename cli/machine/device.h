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

/* By its name on a bus, a PCI address with or without its domain. false: there is none. */
bool machine_device(const char *name, struct machine_device *ret);

/* The VFIO driver that its bus has for any device, "vfio-pci"; NULL: none. */
const char *machine_vfio_driver(const char *bus);
/* "511:1", of the cdev of that name. 0, or -errno. */
int machine_cdev_numbers(const char *name, char *buf, size_t len);
bool machine_has_driver(const char *bus, const char *driver);

/* The PCI function that a virtual one is of. false: it is none of that kind. */
bool machine_physical_function(const char *address, char *buf, size_t len);

#endif
