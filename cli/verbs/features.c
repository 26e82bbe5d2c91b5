/* SPDX-License-Identifier: GPL-2.0-or-later */
/* features: what the running kernel's iommufd can, by questions that change nothing. */
#include "verbs/features.h"
#include <string.h>

#include "output/table.h"
#include "resolve/iommufd.h"

/* A device's answer is needed, and it depends on the device. */
#define ASK_DEVICE (-1)

/* What is looked for: an op, a use of one, or what only a device can tell. */
struct feature {
	char name[24];
	char since[8];
	int8_t op, use;
};

#define OP(name, op) { name, "", op, ASK_DEVICE }
#define USE(name, since, use) { name, since, ASK_DEVICE, use }
#define DEVICE(name, since) { name, since, ASK_DEVICE, ASK_DEVICE }

static const struct feature features[] = {
	OP("destroy", IOMMUFD_OP_DESTROY),
	OP("ioas-alloc", IOMMUFD_OP_IOAS_ALLOC),
	OP("ioas-allow", IOMMUFD_OP_IOAS_ALLOW),
	OP("ioas-copy", IOMMUFD_OP_IOAS_COPY),
	OP("ioas-ranges", IOMMUFD_OP_IOAS_RANGES),
	OP("ioas-map", IOMMUFD_OP_IOAS_MAP),
	OP("ioas-unmap", IOMMUFD_OP_IOAS_UNMAP),
	OP("option", IOMMUFD_OP_OPTION_GET),
	OP("vfio-ioas", IOMMUFD_OP_VFIO_IOAS_GET),
	OP("hwpt-alloc", IOMMUFD_OP_HWPT_ALLOC),
	DEVICE("hwpt-nest-parent", "6.7"),
	DEVICE("hwpt-dirty", "6.7"),
	USE("hwpt-fault", "6.11", IOMMUFD_USE_HWPT_FAULTS),
	DEVICE("hwpt-pasid", "6.15"),
	DEVICE("hwpt-vtd-s1", "6.7"),
	DEVICE("hwpt-arm-smmuv3", "6.13"),
	DEVICE("hwpt-amd-guest", "7.0"),
	OP("hw-info", IOMMUFD_OP_HW_INFO),
	USE("hw-info-type", "6.17", IOMMUFD_USE_HW_INFO_TYPE),
	OP("hwpt-set-dirty", IOMMUFD_OP_HWPT_SET_DIRTY),
	OP("hwpt-dirty-bitmap", IOMMUFD_OP_HWPT_DIRTY_BITMAP),
	OP("hwpt-invalidate", IOMMUFD_OP_HWPT_INVALIDATE),
	OP("fault-alloc", IOMMUFD_OP_FAULT_ALLOC),
	OP("ioas-map-file", IOMMUFD_OP_IOAS_MAP_FILE),
	OP("ioas-change-process", IOMMUFD_OP_IOAS_CHANGE_PROCESS),
	OP("viommu-alloc", IOMMUFD_OP_VIOMMU_ALLOC),
	USE("viommu-data", "6.17", IOMMUFD_USE_VIOMMU_DATA),
	DEVICE("viommu-arm-smmuv3", "6.13"),
	DEVICE("viommu-tegra241", "6.17"),
	OP("vdevice-alloc", IOMMUFD_OP_VDEVICE_ALLOC),
	OP("veventq-alloc", IOMMUFD_OP_VEVENTQ_ALLOC),
	OP("hw-queue-alloc", IOMMUFD_OP_HW_QUEUE_ALLOC),
	DEVICE("bind-token", "6.17"),
	DEVICE("attach-pasid", "6.15"),
	DEVICE("dma-buf", "6.19"),
};

struct answers {
	int8_t known[ARRAY_SIZE(features)]; /* 1, 0, or ASK_DEVICE */
};

static const char *answer_word(int answer)
{
	if (answer == ASK_DEVICE)
		return "device";
	return answer ? "yes" : "no";
}

static bool next_probed(const void *arg, size_t *cursor, struct value *row)
{
	const struct answers *answers = arg;
	const struct feature *feature;

	if (*cursor == ARRAY_SIZE(features))
		return false;
	feature = &features[*cursor];
	row[0].text = feature->name;
	row[1].text = answer_word(answers->known[(*cursor)++]);
	row[2].text = *feature->since ? feature->since : iommufd_op_since((enum iommufd_op)feature->op);
	return true;
}

static int probe_features(const struct call *call, struct answers *answers)
{
	int fd = call->ctx->iommufd, rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(features) && rc >= 0; i++) {
		if (features[i].op != ASK_DEVICE)
			rc = iommufd_probe_op(fd, (enum iommufd_op)features[i].op);
		else if (features[i].use != ASK_DEVICE)
			rc = iommufd_probe_use(fd, (enum iommufd_use)features[i].use);
		else
			rc = 0;
		answers->known[i] = features[i].op == ASK_DEVICE && features[i].use == ASK_DEVICE
					    ? ASK_DEVICE
					    : (int8_t)rc;
	}
	return rc < 0 ? msg_fail_op(call->output, NULL, IOMMUFD_OP_CHECK, rc, IOMMUFD_KIND_UNKNOWN)
		: EXIT_DONE;
}

/* The index of a name of len bytes, or -1. */
static int find_feature(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (strncmp(features[i].name, name, len) == 0 && !features[i].name[len])
			return (int)i;
	return -1;
}

static int check_one(const struct call *call, const struct answers *answers, const char *name, size_t len)
{
	int i = find_feature(name, len);
	const char *since;

	if (i < 0)
		return msg_usage(call->output, "--require: '%.*s' is no feature: see " PROGRAM " features",
				 (int)len, name);
	since = *features[i].since ? features[i].since : iommufd_op_since((enum iommufd_op)features[i].op);
	if (answers->known[i] == 1)
		return EXIT_DONE;
	if (answers->known[i] == ASK_DEVICE)
		msg_fail(call->output, features[i].name, "only a device can tell (Linux %s has it)", since);
	else
		msg_fail(call->output, features[i].name, "this kernel lacks it (needs Linux %s)", since);
	return EXIT_UNSUPPORTED;
}

/* "NAME,NAME": all that is missing is said. */
static int require_features(const struct call *call, const struct answers *answers, const char *names)
{
	int rc = EXIT_DONE;

	while (*names) {
		const char *comma = strchr(names, ',');
		size_t len = comma ? (size_t)(comma - names) : strlen(names);
		int one = check_one(call, answers, names, len);

		if (one == EXIT_USAGE)
			return EXIT_USAGE;
		rc = one != EXIT_DONE ? one : rc;
		names += len + (comma != NULL);
	}
	return rc;
}

enum { OPT_REQUIRE = OPT_OWN };

static int run_features(struct call *call)
{
	static const struct column columns[] = {
		{ "feature", "FEATURE", COLUMN_TEXT }, { "supported", "SUPPORTED", COLUMN_TEXT },
		{ "since", "SINCE", COLUMN_TEXT },
	};
	struct answers answers;
	const char *names = opt_value(call, OPT_REQUIRE);
	int rc = need_iommufd(call) ?: probe_features(call, &answers);

	if (rc)
		return rc;
	if (!names)
		return print_table(call->output, "features", ROWS(columns, next_probed, &answers));
	rc = require_features(call, &answers, names);
	return rc ?: print_nothing(call->output);
}

const struct verb verb_features = {
	.name = "features", .summary = "Show what the kernel's iommufd can",
	.details = "SUPPORTED: yes, no, or device: only a device can tell.",
	.options = OPTIONS(
		{ "require", OPT_REQUIRE, { "NAME,..." }, "Print nothing; exit with 3 if one is missing" }),
	.opens = true, .run = run_features,
};
