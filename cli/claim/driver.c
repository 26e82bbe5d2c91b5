/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/driver.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "claim/kmod.h"
#include "machine/files.h"

/* ---- modules and drivers: neither has to be called as the other ---- */

struct driver_search {
	const char *bus;
	char *buf;
	size_t len;
};

/* An entry of /sys/module/MODULE/drivers: "pci:nvgrace-gpu-vfio-pci". */
static bool look_at_driver(void *arg, const char *name)
{
	struct driver_search *search = arg;
	size_t len = strlen(search->bus);

	if (strncmp(name, search->bus, len) != 0 || name[len] != ':' || strlen(name + len + 1) >= search->len)
		return true;
	strcpy(search->buf, name + len + 1);
	return false;
}

/* The driver of a module that is loaded; else its own name. */
static void driver_of_module(const char *bus, const char *module, char *buf, size_t len)
{
	struct driver_search search = { bus, buf, len };
	char path[128];

	*buf = '\0';
	snprintf(path, sizeof(path), "module/%s/drivers", module);
	machine_each(IN_SYS, path, look_at_driver, &search);
	if (!*buf)
		snprintf(buf, len, "%s", module);
}

/* ---- choosing ---- */

/* Modules that know better than vfio-pci what a device has: "vfio_pci:v000010DEd00002342sv...". */
static int find_variant(const struct kmod_library *kmod, const struct machine_device *device, char *buf,
			size_t len)
{
	char modalias[256], alias[300];

	if (strcmp(device->bus, "pci") != 0 ||
	    machine_read(IN_SYS, modalias, sizeof(modalias), "%s/modalias", device->path) < 0 ||
	    strncmp(modalias, "pci:", 4) != 0)
		return -ENOENT;
	snprintf(alias, sizeof(alias), "vfio_pci:%s", modalias + 4);
	return kmod_find(kmod, alias, "vfio_pci", buf, len);
}

/* *ret names the driver; where the kernel lacks it, find its module. kmod: NULL, there is none to ask. */
static int find_module(const struct kmod_library *kmod, const struct machine_device *device,
		       struct claim_driver *ret)
{
	if (machine_has_driver(device->bus, ret->name))
		return 0;
	if (!kmod)
		return -ELIBACC;
	return kmod_find(kmod, ret->name, NULL, ret->module, sizeof(ret->module));
}

static int choose_best(const struct kmod_library *kmod, const struct machine_device *device,
		       const char *plain, struct claim_driver *ret)
{
	char module[sizeof(ret->module)];
	int rc = kmod ? find_variant(kmod, device, module, sizeof(module)) : -ENOENT;

	ret->is_plain = !kmod;
	strcpy(ret->name, plain);
	if (rc == -ENOENT)
		return find_module(kmod, device, ret);
	if (rc < 0)
		return rc;
	driver_of_module(device->bus, module, ret->name, sizeof(ret->name));
	if (!machine_has_driver(device->bus, ret->name))
		strcpy(ret->module, module);
	return 0;
}

int driver_choose(const struct machine_device *device, const char *wanted, struct claim_driver *ret)
{
	const char *plain = machine_vfio_driver(device->bus);
	struct kmod_library *kmod;
	int rc;

	*ret = (struct claim_driver){ 0 };
	if (!plain)
		return -EOPNOTSUPP;
	if (wanted && strlen(wanted) >= sizeof(ret->name))
		return -ENOENT;
	if (wanted)
		strcpy(ret->name, wanted);
	if (wanted && machine_has_driver(device->bus, wanted))
		return 0;
	rc = kmod_library_open(&kmod);
	if (rc < 0 && rc != -ELIBACC)
		return rc;
	rc = wanted ? find_module(kmod, device, ret) : choose_best(kmod, device, plain, ret);
	kmod_library_close(kmod);
	return rc;
}

int driver_load(const struct machine_device *device, struct claim_driver *driver)
{
	struct kmod_library *kmod;
	int rc;

	if (!*driver->module)
		return machine_has_driver(device->bus, driver->name) ? 0 : -ENOENT;
	rc = kmod_library_open(&kmod);
	if (rc == 0)
		rc = kmod_load(kmod, driver->module);
	kmod_library_close(kmod);
	if (rc < 0)
		return rc;
	if (!machine_has_driver(device->bus, driver->name))
		driver_of_module(device->bus, driver->module, driver->name, sizeof(driver->name));
	return machine_has_driver(device->bus, driver->name) ? 0 : -ENOENT;
}
