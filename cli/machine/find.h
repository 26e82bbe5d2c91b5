/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what people call a device to the device: its address, or what the host has of it. */
#ifndef CLI_MACHINE_FIND_H
#define CLI_MACHINE_FIND_H

#include "machine/device.h"

/*
 * The device that a word stands for: an address (0000:00:04.0, 00:04.0, the UUID of an mdev, a name on
 * another bus, BUS/NAME), a cdev (vfio0, or the path of its node), an interface (eth0), a disk or a part of
 * one
 * (nvme0n1, sda1, /dev/sda1). 0; -ENODEV: there is none; -ENXIO: it is no part of a device that VFIO has
 * drivers for; -ENOTUNIQ: of several; or why nobody knows.
 */
int machine_find_device(const char *word, struct machine_device *ret);

/* The nearest device at or above a directory below /sys, "devices/.../0000:00:04.0/net/eth0"; or -ENXIO. */
int machine_device_above(const char *directory, struct machine_device *ret);

#endif
