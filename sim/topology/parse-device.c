/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "devices/kinds.h"
#include "topology/driver.h"
#include "topology/parse.h"

/* x stands for a digit of a hexadecimal number, in lower case as sysfs has it. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++) {
		bool is_digit = isdigit((unsigned char)*text) || (*text >= 'a' && *text <= 'f');

		if (*form == 'x' ? !is_digit : *text != *form)
			return false;
	}
	return !*text;
}

/* A domain has four digits, and more behind some bridges; then it does not begin with 0. */
static bool is_pci_address(const char *text)
{
	static const char form[] = "xxxxxxxx:xx:xx.x";
	size_t len = strlen(text), most = strlen(form);

	return len + 4 >= most && len <= most && has_form(text, form + (most - len)) &&
	       (len + 4 == most || *text != '0') && text[len - 4] < '2' && text[len - 1] < '8';
}

static bool is_uuid(const char *text)
{
	return has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

static int parse_address(struct reader *reader, const json_t *value, const struct topology *before,
			 struct topology_device *ret)
{
	if (reader_text(reader, value, "address", ret->address, sizeof(ret->address)) < 0)
		return -1;
	if (!*ret->address)
		return reader_fail(reader, "a device without an address");
	if (!is_pci_address(ret->address) && !is_uuid(ret->address))
		return reader_fail_key(reader, "address",
				       "'%s' is neither a PCI address (0000:01:00.0) nor a UUID, in lower case", ret->address);
	for (size_t i = 0; i < before->n_devices; i++)
		if (strcmp(before->devices[i].address, ret->address) == 0)
			return reader_fail_key(reader, "address", "there are two devices '%s'", ret->address);
	ret->description.kind = is_pci_address(ret->address) ? SIM_PHYSICAL : SIM_EMULATED;
	return 0;
}

static int parse_model(struct reader *reader, const json_t *value, struct device *ret)
{
	const struct device_kind *kind;
	char name[32] = "plain", names[100] = "";
	size_t used = 0;

	if (reader_text(reader, value, "model", name, sizeof(name)) < 0)
		return -1;
	ret->kind = device_kind_find(name);
	for (size_t i = 0; (kind = device_kind_at(i)) && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", kind->name);
	return ret->kind ? 0 : reader_fail_key(reader, "model", "'%s' is no model: %s", name, names);
}

/* "1234:11e8", and the class of three bytes. */
static int parse_id(struct reader *reader, const json_t *value, struct device *ret)
{
	char text[16] = "";

	ret->vendor = ret->kind->vendor;
	ret->device = ret->kind->device;
	ret->class = ret->kind->class;
	if (reader_text(reader, value, "id", text, sizeof(text)) < 0 ||
	    reader_u32(reader, value, "class", &ret->class) < 0)
		return -1;
	if (ret->class > 0xffffff)
		return reader_fail_key(reader, "class", "'class' has three bytes");
	if (*text && (!has_form(text, "xxxx:xxxx") || sscanf(text, "%x:%x", &ret->vendor, &ret->device) != 2))
		return reader_fail_key(reader, "id", "'%s' is no id of a vendor and a device, such as 1234:11e8", text);
	return 0;
}

static int parse_bar(struct reader *reader, const json_t *value, struct sim_region_description *ret)
{
	static const char *const keys[] = { "size", "mmap", NULL };
	bool mmap = true;

	ret->flags = SIM_REGION_READ | SIM_REGION_WRITE;
	if (reader_object(reader, value, keys) < 0 ||
	    reader_u64(reader, value, "size", 1ULL << 39, &ret->size) < 0 ||
	    reader_bool(reader, value, "mmap", &mmap) < 0)
		return -1;
	if (ret->size & (ret->size - 1))
		return reader_fail_key(reader, "size", "the size of a BAR is a power of two");
	ret->flags |= mmap && ret->size >= 4096 ? SIM_REGION_MMAP : 0;
	ret->flags = ret->size ? ret->flags : 0;
	return 0;
}

static int parse_bars(struct reader *reader, const json_t *value, struct topology_device *ret)
{
	const struct device_kind *kind = ret->device.kind;
	json_t *list;
	int rc = 0;

	memcpy(ret->regions, kind->regions, kind->n_regions * sizeof(*ret->regions));
	if (reader_list(reader, value, "bars", 6, &list) < 0)
		return -1;
	reader_enter(reader, "bars", 0);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		reader_enter(reader, NULL, i);
		rc = parse_bar(reader, json_array_get(list, i), &ret->regions[i]);
		reader_leave(reader);
	}
	reader_leave(reader);
	return rc;
}

static int parse_range(struct reader *reader, const json_t *value, struct topology_range *ret)
{
	static const char *const keys[] = { "start", "last", "type", NULL };

	strcpy(ret->type, "reserved");
	if (reader_object(reader, value, keys) < 0 ||
	    reader_u64(reader, value, "start", UINT64_MAX, &ret->range.start) < 0 ||
	    reader_u64(reader, value, "last", UINT64_MAX, &ret->range.last) < 0 ||
	    reader_text(reader, value, "type", ret->type, sizeof(ret->type)) < 0)
		return -1;
	if (ret->range.last <= ret->range.start)
		return reader_fail(reader, "a range whose last address is not above its start");
	return 0;
}

static bool is_msi(const struct topology_range *range)
{
	return strcmp(range->type, "msi") == 0 || strcmp(range->type, "sw_msi") == 0;
}

static int parse_reserved(struct reader *reader, const json_t *value, struct topology_device *ret)
{
	json_t *list;
	int rc = 0;

	if (reader_list(reader, value, "reserved", TOPOLOGY_MOST_RANGES, &list) < 0)
		return -1;
	reader_enter(reader, "reserved", 0);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		struct topology_range *range = &ret->ranges[ret->n_ranges++];

		reader_enter(reader, NULL, i);
		rc = parse_range(reader, json_array_get(list, i), range);
		reader_leave(reader);
		if (is_msi(range))
			ret->description.msi = range->range;
		else if (strcmp(range->type, "direct-relaxable") != 0)
			ret->reserved[ret->description.n_reserved++] = range->range;
	}
	reader_leave(reader);
	return rc;
}

static int parse_iommu_name(struct reader *reader, const json_t *value, const struct topology *topology,
			    struct topology_device *ret)
{
	char name[32] = "";

	if (reader_text(reader, value, "iommu", name, sizeof(name)) < 0)
		return -1;
	for (size_t i = 0; i < topology->n_iommus; i++)
		if (strcmp(topology->iommus[i].name, name) == 0)
			ret->description.iommu = &topology->iommus[i].description;
	if (*name && !ret->description.iommu)
		return reader_fail_key(reader, "iommu", "there is no IOMMU '%s'", name);
	if (*name && ret->description.kind == SIM_EMULATED)
		return reader_fail_key(reader, "iommu", "an emulated device is behind no IOMMU");
	return 0;
}

/* What is behind an IOMMU is in a group, and its group behind the same one. */
static int parse_group(struct reader *reader, const json_t *value, const struct topology *topology,
		       struct topology_device *ret)
{
	bool given = json_object_get(value, "group");

	ret->group = UINT32_MAX;
	if (reader_u32(reader, value, "group", &ret->group) < 0)
		return -1;
	ret->description.group = ret->group;
	if (ret->description.kind == SIM_PHYSICAL && given && !ret->description.iommu)
		return reader_fail_key(reader, "group", "a group of a device behind no IOMMU: it needs 'iommu', too");
	if (ret->description.iommu && !given)
		return reader_fail(reader, "'%s' is behind an IOMMU and in no group", ret->address);
	for (size_t i = 0; given && i < topology->n_devices; i++)
		if (topology->devices[i].group == ret->group &&
		    topology->devices[i].description.iommu != ret->description.iommu)
			return reader_fail_key(reader, "group", "group %u has a device, '%s', behind another IOMMU",
					       ret->group, topology->devices[i].address);
	return 0;
}

static int parse_driver(struct reader *reader, const json_t *value, struct topology_device *ret)
{
	if (ret->description.kind == SIM_EMULATED)
		snprintf(ret->driver, sizeof(ret->driver), "%s", ret->device.kind->name);
	snprintf(ret->mdev_type, sizeof(ret->mdev_type), "%s-1", ret->device.kind->name);
	if (reader_text(reader, value, "driver", ret->driver, sizeof(ret->driver)) < 0 ||
	    reader_text(reader, value, "mdev-type", ret->mdev_type, sizeof(ret->mdev_type)) < 0 ||
	    reader_text(reader, value, "parent", ret->parent, sizeof(ret->parent)) < 0)
		return -1;
	if (*ret->parent && !is_pci_address(ret->parent))
		return reader_fail_key(reader, "parent", "'%s' is no PCI address of a bridge", ret->parent);
	ret->description.driver = driver_kind(ret);
	/* What has a driver of VFIO was given to it. */
	if (ret->description.kind == SIM_PHYSICAL)
		strcpy(strstr(ret->driver, "vfio") ? ret->override : ret->native, ret->driver);
	return 0;
}

static void describe(struct topology_device *ret)
{
	const struct device_kind *kind = ret->device.kind;
	struct sim_device_description *to = &ret->description;

	to->flags = kind->flags;
	to->n_regions = kind->n_regions;
	to->irqs = kind->irqs;
	to->n_irqs = kind->n_irqs;
	to->migration = kind->migration;
	to->info_first = kind->info_first;
	to->state_header = kind->state_header;
	to->state_header_size = kind->state_header_size;
	to->state_size = kind->state_size;
	to->dma_logging = kind->dma_logging;
	to->dma_buf = kind->dma_buf;
	to->low_power = kind->low_power;
	to->ops = &device_ops;
	ret->device.n_regions = kind->n_regions;
	ret->device.memory = -1;
}

int parse_device(struct reader *reader, const json_t *value, const struct topology *topology,
		 struct topology_device *ret)
{
	static const char *const keys[] = { "address", "model", "id", "class", "bars", "driver", "mdev-type", "parent",
					    "iommu", "group", "reserved", "reset-set", "pasid-bits", NULL };
	uint64_t pasid_bits = 0;

	*ret = (struct topology_device){ 0 };
	if (reader_object(reader, value, keys) < 0 || parse_address(reader, value, topology, ret) < 0 ||
	    parse_model(reader, value, &ret->device) < 0 || parse_id(reader, value, &ret->device) < 0 ||
	    parse_bars(reader, value, ret) < 0 || parse_reserved(reader, value, ret) < 0 ||
	    parse_driver(reader, value, ret) < 0 || parse_iommu_name(reader, value, topology, ret) < 0 ||
	    parse_group(reader, value, topology, ret) < 0 ||
	    reader_u32(reader, value, "reset-set", &ret->description.reset_set) < 0 ||
	    reader_u64(reader, value, "pasid-bits", 20, &pasid_bits) < 0)
		return -1;
	ret->description.pasid_bits = (uint8_t)pasid_bits;
	describe(ret);
	return 0;
}
