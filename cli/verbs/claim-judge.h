/* SPDX-License-Identifier: GPL-2.0-or-later */
/* May a device be given away? */
#ifndef CLI_VERBS_CLAIM_JUDGE_H
#define CLI_VERBS_CLAIM_JUDGE_H

#include "verbs/claim-target.h"

/*
 * Of each: what can never work, what is in use but with force, and which others keep its IOMMU group, unless
 * they are among the targets. All reasons of a device are in one message. An exit code.
 */
int targets_judge(const struct call *call, const struct targets *targets, bool force);

#endif
