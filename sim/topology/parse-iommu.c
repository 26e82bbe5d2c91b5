/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "topology/parse.h"

static const struct {
	char name[16];
	uint32_t hw_info, viommu;
} types[] = { { "none", 0, 0 }, { "intel-vtd", 1, 0 }, { "arm-smmuv3", 2, 1 }, { "amd", 4, 0 } };

enum { CAPABILITY_DIRTY = 1 << 0, CAPABILITY_NO_ATS = 1 << 3, PAGE_SIZES = 0x40201000 };

static int parse_type(struct reader *reader, struct topology_iommu *ret)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(types[i].name, ret->type) == 0) {
			ret->description.hw_info_type = types[i].hw_info;
			ret->description.viommu_type = types[i].viommu;
			return 0;
		}
	return reader_fail_key(reader, "type", "'%s' is no type: none, intel-vtd, arm-smmuv3, amd", ret->type);
}

static int parse_abilities(struct reader *reader, const json_t *value, struct sim_iommu_description *ret)
{
	bool dirty = false, ats = false;

	if (reader_bool(reader, value, "coherent", &ret->coherent) < 0 ||
	    reader_bool(reader, value, "isolated-interrupts", &ret->interrupts_isolated) < 0 ||
	    reader_bool(reader, value, "nesting", &ret->nests) < 0 ||
	    reader_bool(reader, value, "pasids", &ret->pasids) < 0 ||
	    reader_bool(reader, value, "page-requests", &ret->page_requests) < 0 ||
	    reader_bool(reader, value, "dirty-tracking", &dirty) < 0 ||
	    reader_bool(reader, value, "ats", &ats) < 0)
		return -1;
	ret->capabilities = (dirty ? CAPABILITY_DIRTY : 0) | (ats ? 0 : CAPABILITY_NO_ATS);
	ret->viommu_type = ret->nests ? ret->viommu_type : 0;
	return 0;
}

static int parse_sizes(struct reader *reader, const json_t *value, struct sim_iommu_description *ret)
{
	if (reader_u64(reader, value, "page-sizes", UINT64_MAX, &ret->page_sizes) < 0 ||
	    reader_pair(reader, value, "aperture", &ret->aperture) < 0 ||
	    reader_pair(reader, value, "parent-aperture", &ret->parent_aperture) < 0)
		return -1;
	if (!ret->page_sizes || ret->page_sizes & 0xff)
		return reader_fail_key(reader, "page-sizes", "'page-sizes' are bits from 0x100 up, one for each size");
	return 0;
}

int parse_iommu(struct reader *reader, const json_t *value, struct topology_iommu *ret)
{
	static const char *const keys[] = { "name", "type", "hw-info", "page-sizes", "aperture", "parent-aperture",
					    "coherent", "isolated-interrupts", "nesting", "pasids", "page-requests",
					    "dirty-tracking", "ats", NULL };
	struct sim_iommu_description *to = &ret->description;

	*ret = (struct topology_iommu){ .type = "none" };
	*to = (struct sim_iommu_description){
		.page_sizes = PAGE_SIZES, .aperture.last = (1ULL << 48) - 1, .coherent = true,
		.interrupts_isolated = true,
	};
	if (reader_object(reader, value, keys) < 0 ||
	    reader_text(reader, value, "name", ret->name, sizeof(ret->name)) < 0 ||
	    reader_text(reader, value, "type", ret->type, sizeof(ret->type)) < 0 ||
	    reader_bytes(reader, value, "hw-info", ret->hw_info, sizeof(ret->hw_info), &to->hw_info_len) < 0 ||
	    parse_type(reader, ret) < 0 || parse_sizes(reader, value, to) < 0)
		return -1;
	if (!*ret->name)
		return reader_fail(reader, "an IOMMU without a name");
	return parse_abilities(reader, value, to);
}
