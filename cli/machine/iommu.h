/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is there an IOMMU, is it on, and does it remap interrupts? */
#ifndef CLI_MACHINE_IOMMU_H
#define CLI_MACHINE_IOMMU_H

#include <stdbool.h>
#include <stddef.h>

/* Which one the firmware tells of, in the tables of ACPI. */
enum machine_firmware {
	FIRMWARE_UNKNOWN, /* no such tables can be seen: a device tree, a container */
	FIRMWARE_NONE,
	FIRMWARE_INTEL, /* DMAR */
	FIRMWARE_AMD,	/* IVRS */
	FIRMWARE_ARM,	/* IORT */
};

enum machine_firmware machine_firmware(void);

/*
 * The first that a driver has at work, "dmar0". false: there is none. Groups alone are no sign: mdevs have
 * them on any machine.
 */
bool machine_iommu(char *buf, size_t len);
bool machine_iommu_is_on(void);

/*
 * 1: interrupts are remapped, or isolated by their controller; 0: they are not, where this shows;
 * -errno: nobody knows.
 * Without it a physical device is bound only if the kernel was told that this is no harm
 * (allow_unsafe_interrupts).
 */
int machine_interrupt_remapping(void);
bool machine_unsafe_interrupts_allowed(void);

/* Does VFIO take devices without an IOMMU? 1, 0, or -ENOENT: the kernel cannot, or VFIO is not loaded. */
int machine_noiommu_mode(void);

/* Is it a word of the kernel's command line? "intel_iommu=off" is also one of "intel_iommu=sm_on,off". */
bool machine_booted_with(const char *word);

/* Does this kernel make cdevs (VFIO_DEVICE_CDEV)? 1, 0, or -errno. -ENOENT: VFIO is not loaded yet. */
int machine_makes_cdevs(void);

/* The numbers that the node of iommufd has to have, as its driver says. false: there is no driver. */
bool machine_iommufd_numbers(unsigned int *ret_major, unsigned int *ret_minor);

#endif
