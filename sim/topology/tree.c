/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology/tree.h"
#include <stdio.h>
#include <string.h>

#include "devices/config.h"
#include "topology/tree-driver.h"
#include "topology/tree-file.h"

static const char *bus_of(const struct topology_device *device)
{
	return tree_is_pci(device) ? "pci" : "mdev";
}

static void add_group(struct tree *tree, const struct topology_device *device, const char *dir)
{
	tree_path group, path;
	char regions[512] = "";
	size_t used = 0;

	tree_print(group, "kernel/iommu_groups/%u", device->group);
	tree_link(tree, tree_print(path, "%.3000s/iommu_group", dir), group);
	tree_link(tree, tree_print(path, "%.3000s/devices/%s", group, device->address), dir);
	tree_text(tree, group, "type", "%s\n", tree_is_pci(device) ? "DMA" : "unknown");
	for (size_t i = 0; i < device->n_ranges; i++) {
		const struct topology_range *range = &device->ranges[i];

		used += (size_t)sprintf(regions + used, "0x%016llx 0x%016llx %s\n",
					(unsigned long long)range->range.start,
					(unsigned long long)range->range.last, range->type);
	}
	tree_text(tree, group, "reserved_regions", "%s", regions);
}

/* Lines of start, last and flags; regions lie one behind the other, each at a multiple of its size. */
static void add_resources(struct tree *tree, const struct topology_device *device, const char *dir)
{
	char text[13 * 64] = "";
	uint64_t at = 0xfe000000;
	size_t used = 0;

	for (uint32_t i = 0; i < 13; i++) {
		uint64_t size = i < 6 ? device->regions[i].size : 0;

		at = size ? (at + size - 1) & ~(size - 1) : at;
		used += (size_t)sprintf(text + used, "0x%016llx 0x%016llx 0x%016x\n",
					(unsigned long long)(size ? at : 0),
					(unsigned long long)(size ? at + size - 1 : 0), size ? 0x40200 : 0);
		at += size;
	}
	tree_text(tree, dir, "resource", "%s", text);
}

static void add_pci_files(struct tree *tree, const struct topology_device *device, const char *dir)
{
	const struct device *pci = &device->device;
	uint8_t config[DEVICE_CONFIG_SIZE];
	tree_path path;

	tree_text(tree, dir, "vendor", "0x%04x\n", pci->vendor);
	tree_text(tree, dir, "device", "0x%04x\n", pci->device);
	tree_text(tree, dir, "class", "0x%06x\n", pci->class);
	tree_text(tree, dir, "subsystem_vendor", "0x0000\n");
	tree_text(tree, dir, "subsystem_device", "0x0000\n");
	tree_text(tree, dir, "revision", "0x00\n");
	tree_set_override(tree, device);
	tree_text(tree, dir, "numa_node", "-1\n");
	tree_text(tree, dir, "uevent", "PCI_CLASS=%X\nPCI_ID=%04X:%04X\nPCI_SLOT_NAME=%s\n", pci->class, pci->vendor,
		  pci->device, device->address);
	config_fill(pci, config);
	tree_bytes(tree, tree_print(path, "%.3000s/config", dir), config, sizeof(config));
	add_resources(tree, device, dir);
}

static void add_iommu_link(struct tree *tree, const struct topology_device *device, const char *dir)
{
	const char *name = device->description.iommu->name;
	tree_path iommu, path;

	tree_print(iommu, "devices/virtual/iommu/%s", name);
	tree_link(tree, tree_print(path, "%.3000s/iommu", dir), iommu);
	tree_link(tree, tree_print(path, "%.3000s/devices/%s", iommu, device->address), dir);
}

static void add_device(struct tree *tree, const struct topology_device *device)
{
	tree_path dir, path, target;

	tree_device(device, dir);
	tree_link(tree, tree_print(path, "%.3000s/subsystem", dir), tree_print(target, "bus/%s", bus_of(device)));
	tree_link(tree, tree_print(path, "bus/%s/devices/%s", bus_of(device), device->address), dir);
	if (tree_is_pci(device))
		add_pci_files(tree, device, dir);
	else
		tree_dir(tree, tree_print(path, "class/mdev_bus/%s/mdev_supported_types/%s",
					  device->device.kind->name, device->mdev_type));
	if (*device->driver)
		tree_add_driver(tree, device);
	if (device->group != UINT32_MAX)
		add_group(tree, device, dir);
	if (device->description.iommu)
		add_iommu_link(tree, device, dir);
	if (*device->cdev)
		tree_add_cdev(tree, device);
}

/*
 * A bridge that devices name as their parent, and that is no device itself: what it takes to be seen as
 * one.
 */
static void add_bridge(struct tree *tree, const char *address)
{
	tree_path dir, path;

	tree_print(dir, "devices/pci%.*s/%s", tree_bus_length(address), address, address);
	tree_text(tree, dir, "class", "0x060400\n");
	tree_link(tree, tree_print(path, "%.3000s/subsystem", dir), "bus/pci");
	tree_link(tree, tree_print(path, "bus/pci/devices/%s", address), dir);
}

static bool is_device(const struct topology *topology, const char *address)
{
	size_t i = 0;

	while (i < topology->n_devices && strcmp(topology->devices[i].address, address) != 0)
		i++;
	return i < topology->n_devices;
}

static void add_iommu(struct tree *tree, const struct topology_iommu *iommu)
{
	tree_path dir, path;

	tree_print(dir, "devices/virtual/iommu/%s", iommu->name);
	tree_dir(tree, tree_print(path, "%.3000s/devices", dir));
	tree_link(tree, tree_print(path, "class/iommu/%s", iommu->name), dir);
}

/* By which programs tell what kind of IOMMU the machine has. */
static void add_firmware(struct tree *tree, const struct topology *topology)
{
	static const char tables[][2][12] = { { "intel-vtd", "DMAR" }, { "amd", "IVRS" }, { "arm-smmuv3", "IORT" } };

	tree_dir(tree, "firmware/acpi/tables");
	for (size_t i = 0; i < topology->n_iommus; i++)
		for (size_t k = 0; k < sizeof(tables) / sizeof(*tables); k++)
			if (strcmp(topology->iommus[i].type, tables[k][0]) == 0)
				tree_text(tree, "firmware/acpi/tables", tables[k][1], "%s", tables[k][1]);
}

/* What is there though nothing is in it. */
static void add_directories(struct tree *tree)
{
	static const char *const dirs[] = { "bus/pci/devices", "bus/mdev/devices",
					    "bus/mdev/drivers", "class/vfio-dev", "class/iommu", "class/mdev_bus",
					    "dev/char", "kernel/iommu_groups" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		tree_dir(tree, dirs[i]);
	tree_attribute(tree, "bus/pci", "drivers_probe", 0200);
}

/* Whether or not a device has them. */
static void add_drivers(struct tree *tree, const struct topology *topology)
{
	tree_make_driver(tree, "pci", "vfio-pci");
	for (size_t i = 0; i < topology->n_drivers; i++)
		tree_make_driver(tree, "pci", topology->drivers[i]);
}

/* What says that the kernel has iommufd, whether or not there is a node. */
static void add_iommufd(struct tree *tree, const struct topology *topology)
{
	static const char dir[] = "devices/virtual/misc/iommu";

	tree_text(tree, dir, "dev", "%d:%d\n", TREE_MISC_MAJOR, TREE_IOMMU_MINOR);
	tree_text(tree, dir, "uevent", "MAJOR=%d\nMINOR=%d\nDEVNAME=iommu\n", TREE_MISC_MAJOR, TREE_IOMMU_MINOR);
	tree_link(tree, "class/misc/iommu", dir);
	tree_text(tree, "module/iommufd/parameters", "allow_unsafe_interrupts", "%s\n",
		  topology->unsafe_interrupts ? "Y" : "N");
}

int tree_make_sysfs(const struct topology *topology, const char *root)
{
	struct tree tree = { .root = root };

	add_directories(&tree);
	add_drivers(&tree, topology);
	add_firmware(&tree, topology);
	add_iommufd(&tree, topology);
	for (size_t i = 0; i < topology->n_iommus; i++)
		add_iommu(&tree, &topology->iommus[i]);
	for (size_t i = 0; i < topology->n_devices; i++) {
		if (*topology->devices[i].parent && !is_device(topology, topology->devices[i].parent))
			add_bridge(&tree, topology->devices[i].parent);
		add_device(&tree, &topology->devices[i]);
	}
	return tree.rc;
}
