/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between kernels: all of it stands in the table of versions.c. */
#ifndef IOMMUFD_SIM_VERSIONS_H
#define IOMMUFD_SIM_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct version {
	const char *name;
	uint8_t last_ioctl;	/* iommufd's ioctls are numbered from 0x80 to this one */
	uint8_t hwpt_alloc_len; /* bytes of the structs that grew */
	uint8_t hw_info_len;
	uint32_t hwpt_flags;	      /* of HWPT_ALLOC */
	bool paging_faults;	      /* a page table that is not nested may have a fault queue */
	bool hw_info_type;	      /* GET_HW_INFO is told which type it is to give */
	uint32_t hw_info_capabilities; /* that it knows: of out_capabilities */
	bool invalidate_any;	      /* HWPT_INVALIDATE looks for objects of every type */
	bool overflow_first;	      /* memory that wraps around is EOVERFLOW, however long it is */
	bool dirty_errors;	      /* GET_DIRTY_BITMAP says what went wrong while it walked */
	bool vtd_reads_all;	      /* what may be written, devices behind VT-d can read, too */
	bool bind_token;	      /* BIND_IOMMUFD knows a token, and refuses what it does not know */
	bool pasid;		      /* ATTACH and DETACH know PASIDs */
	bool keeps_dead_vdevices;     /* a vdevice's id stays taken when its device went first */
	bool dma_buf;		      /* regions can be exported */
	bool precopy_info_v2;	      /* the feature of this name */
};

/* NULL where there is no such kernel here. */
const struct version *version_find(const char *name);

#endif
