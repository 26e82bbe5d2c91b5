/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/iommu.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "machine/files.h"

static bool look_at_table(void *arg, const char *name)
{
	enum machine_firmware *found = arg;

	if (strncmp(name, "DMAR", 4) == 0)
		*found = FIRMWARE_INTEL;
	else if (strncmp(name, "IVRS", 4) == 0)
		*found = FIRMWARE_AMD;
	else if (strncmp(name, "IORT", 4) == 0)
		*found = FIRMWARE_ARM;
	return *found == FIRMWARE_NONE;
}

enum machine_firmware machine_firmware(void)
{
	enum machine_firmware found = FIRMWARE_NONE;

	return machine_each(IN_SYS, "firmware/acpi/tables", look_at_table, &found) < 0 ? FIRMWARE_UNKNOWN : found;
}

/* The mock of the kernel's self-test is none. */
static bool look_at_iommu(void *arg, const char *name)
{
	bool *on = arg;

	*on = strncmp(name, "iommufd_selftest", strlen("iommufd_selftest")) != 0;
	return !*on;
}

bool machine_iommu_is_on(void)
{
	bool on = false;

	machine_each(IN_SYS, "class/iommu", look_at_iommu, &on);
	return on;
}

/* The controllers' names show it on x86: "IR-PCI-MSI". */
int machine_interrupt_remapping(void)
{
	struct utsname name;

	if (uname(&name) < 0 || strcmp(name.machine, "x86_64") != 0)
		return -EOPNOTSUPP;
	return machine_find(IN_PROC, " IR-", "interrupts");
}

bool machine_unsafe_interrupts_allowed(void)
{
	char text[8];

	machine_read(IN_SYS, text, sizeof(text), "module/iommufd/parameters/allow_unsafe_interrupts");
	return *text == 'Y';
}

bool machine_booted_with(const char *word)
{
	char line[4096];
	size_t len = strlen(word);

	machine_read(IN_PROC, line, sizeof(line), "cmdline");
	for (const char *at = line; (at = strstr(at, word)); at += len)
		if ((at == line || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

int machine_makes_cdevs(void)
{
	int rc = machine_find(IN_PROC, " vfio-dev\n", "devices"), loaded;

	if (rc != 0)
		return rc;
	loaded = machine_asks(IN_SYS, "class/vfio-dev");
	return loaded > 0 ? 0 : loaded ?: -ENOENT;
}

bool machine_iommufd_numbers(unsigned int *ret_major, unsigned int *ret_minor)
{
	char text[32];

	machine_read(IN_SYS, text, sizeof(text), "class/misc/iommu/dev");
	return sscanf(text, "%u:%u", ret_major, ret_minor) == 2;
}
