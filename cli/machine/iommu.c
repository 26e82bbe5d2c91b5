/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/iommu.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "machine/files.h"
#include "util/number.h"

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

struct iommu {
	char *name;
	size_t len;
};

/* The mock of the kernel's self-test is none. */
static bool look_at_iommu(void *arg, const char *name)
{
	const struct iommu *iommu = arg;

	if (strncmp(name, "iommufd_selftest", strlen("iommufd_selftest")) != 0)
		snprintf(iommu->name, iommu->len, "%s", name);
	return !*iommu->name;
}

bool machine_iommu(char *buf, size_t len)
{
	*buf = '\0';
	machine_each(IN_SYS, "class/iommu", look_at_iommu, &(struct iommu){ buf, len });
	return *buf;
}

bool machine_iommu_is_on(void)
{
	char name[64];

	return machine_iommu(name, sizeof(name));
}

static bool is_x86(void)
{
	struct utsname name;

	return uname(&name) == 0 && strcmp(name.machine, "x86_64") == 0;
}

/*
 * The names of interrupt controllers show it: "IR-PCI-MSI" on x86; of Arm's, an ITS tells devices apart, and GICv2m
 * does not.
 */
int machine_interrupt_remapping(void)
{
	static const struct {
		char name[12];
		int answer;
	} controllers[] = { { " IR-", 1 }, { " ITS-", 1 }, { " GICv2m", 0 } };
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++) {
		rc = machine_find(IN_PROC, controllers[i].name, "interrupts");
		if (rc)
			return rc < 0 ? rc : controllers[i].answer;
	}
	return is_x86() ? 0 : -EOPNOTSUPP;
}

bool machine_unsafe_interrupts_allowed(void)
{
	char text[8];

	machine_read(IN_SYS, text, sizeof(text), "module/iommufd/parameters/allow_unsafe_interrupts");
	return *text == 'Y';
}

int machine_noiommu_mode(void)
{
	char text[8];

	machine_read(IN_SYS, text, sizeof(text), "module/vfio/parameters/enable_unsafe_noiommu_mode");
	return *text ? *text == 'Y' : -ENOENT;
}

/* Is value one of a list with commas, which ends with a blank? */
static bool is_among(const char *list, const char *value, size_t len)
{
	for (;;) {
		size_t n = strcspn(list, ", ");

		if (n == len && strncmp(list, value, len) == 0)
			return true;
		if (list[n] != ',')
			return false;
		list += n + 1;
	}
}

bool machine_booted_with(const char *word)
{
	size_t name = strcspn(word, "="), rest = strlen(word + name);
	char line[4096];

	machine_read(IN_PROC, line, sizeof(line), "cmdline");
	for (const char *at = line + strspn(line, " "); *at; at += strspn(at, " ")) {
		const char *end = at + strcspn(at, " ");

		if (strncmp(at, word, name) == 0 &&
		    (rest ? at[name] == '=' && is_among(at + name + 1, word + name + 1, rest - 1)
			  : at + name == end))
			return true;
		at = end;
	}
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
