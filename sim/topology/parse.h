/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From JSON to what it describes. Functions return 0, or -1 and the reader's error. */
#ifndef SIM_TOPOLOGY_PARSE_H
#define SIM_TOPOLOGY_PARSE_H

#include "topology/reader.h"

int parse_topology(struct reader *reader, const json_t *root, struct topology *ret);

/* Where the reader is. The other IOMMUs and devices are those before it. */
int parse_iommu(struct reader *reader, const json_t *value, struct topology_iommu *ret);
int parse_device(struct reader *reader, const json_t *value, const struct topology *topology,
		 struct topology_device *ret);

#endif
