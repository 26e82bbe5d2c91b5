/* SPDX-License-Identifier: GPL-2.0-or-later */
/* features: what the running kernel's iommufd can, by questions that change nothing. */
#include "verbs/features.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "machine/iommu.h"
#include "output/table.h"
#include "resolve/iommufd.h"
#include "util/near.h"

/* Answers; ASK_DEVICE: it depends on the device. */
enum { NO, YES, ASK_DEVICE };

#define NO_PROBE (-1)
#define ASK_MACHINE (-2) /* whether it makes cdevs, which no iommufd can tell */

/* What is looked for: an op, a use of one, or what only a device can tell. */
struct feature {
	char name[24];
	char since[8];
	int8_t op, use;
};

#define OP(name, op) { name, "", IOMMUFD_OP_##op, NO_PROBE }
#define USE(name, since, use) { name, since, NO_PROBE, IOMMUFD_USE_##use }
#define DEVICE(name, since) { name, since, NO_PROBE, NO_PROBE }
#define CDEV(name, since) { name, since, NO_PROBE, ASK_MACHINE }

static const struct feature features[] = {
	OP("destroy", DESTROY), OP("ioas-alloc", IOAS_ALLOC), OP("ioas-allow", IOAS_ALLOW),
	OP("ioas-copy", IOAS_COPY), OP("ioas-ranges", IOAS_RANGES), OP("ioas-map", IOAS_MAP),
	OP("ioas-unmap", IOAS_UNMAP), OP("option", OPTION_GET), OP("vfio-ioas", VFIO_IOAS_GET),
	OP("hwpt-alloc", HWPT_ALLOC), DEVICE("hwpt-nest-parent", "6.7"), DEVICE("hwpt-dirty", "6.7"),
	USE("hwpt-fault", "6.11", HWPT_FAULTS), DEVICE("hwpt-pasid", "6.15"),
	DEVICE("hwpt-vtd-s1", "6.7"), DEVICE("hwpt-arm-smmuv3", "6.13"),
	DEVICE("hwpt-amd-guest", "7.0"), OP("hw-info", HW_INFO),
	USE("hw-info-type", "6.17", HW_INFO_TYPE), OP("hwpt-set-dirty", HWPT_SET_DIRTY),
	OP("hwpt-dirty-bitmap", HWPT_DIRTY_BITMAP), OP("hwpt-invalidate", HWPT_INVALIDATE),
	OP("fault-alloc", FAULT_ALLOC), OP("ioas-map-file", IOAS_MAP_FILE),
	OP("ioas-change-process", IOAS_CHANGE_PROCESS), OP("viommu-alloc", VIOMMU_ALLOC),
	USE("viommu-data", "6.17", VIOMMU_DATA), DEVICE("viommu-arm-smmuv3", "6.13"),
	DEVICE("viommu-tegra241", "6.17"), OP("vdevice-alloc", VDEVICE_ALLOC),
	OP("veventq-alloc", VEVENTQ_ALLOC), OP("hw-queue-alloc", HW_QUEUE_ALLOC),
	OP("ioas-noiommu-get-pa", IOAS_NOIOMMU_GET_PA),
	CDEV("vfio-device-cdev", "6.6"), DEVICE("bind-token", "6.17"), DEVICE("attach-pasid", "6.15"), DEVICE("dma-buf", "6.19"),
};

struct answers {
	uint8_t known[ARRAY_SIZE(features)];
};

static const char *first_linux(const struct feature *feature)
{
	return *feature->since ? feature->since : iommufd_op_since((enum iommufd_op)feature->op);
}

static bool next_probed(const void *arg, size_t *cursor, struct value *row)
{
	const struct answers *answers = arg;
	size_t i = (*cursor)++;

	if (i == ARRAY_SIZE(features))
		return false;
	row[0].text = features[i].name;
	row[1].text = answers->known[i] == ASK_DEVICE ? "device" : yes_no(answers->known[i]);
	row[2].text = first_linux(&features[i]);
	return true;
}

/* Before VFIO is loaded nobody knows. */
static int makes_cdevs(void)
{
	int rc = machine_makes_cdevs();

	return rc == -ENOENT ? ASK_DEVICE : rc < 0 ? rc : rc ? YES : NO;
}

/* An answer, or -errno. */
static int probe_feature(int fd, const struct feature *feature)
{
	if (feature->op != NO_PROBE)
		return iommufd_probe_op(fd, (enum iommufd_op)feature->op);
	if (feature->use == ASK_MACHINE)
		return makes_cdevs();
	if (feature->use != NO_PROBE)
		return iommufd_probe_use(fd, (enum iommufd_use)feature->use);
	return ASK_DEVICE;
}

static int probe_features(const struct call *call, struct answers *answers)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		int rc = probe_feature(call->ctx->iommufd, &features[i]);

		if (rc < 0)
			return msg_fail_op(call->output, NULL, IOMMUFD_OP_CHECK, rc, IOMMUFD_KIND_UNKNOWN);
		answers->known[i] = (uint8_t)rc;
	}
	return EXIT_DONE;
}

/* The index of a name of len bytes, or -1. */
static int find_feature(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (strncmp(features[i].name, name, len) == 0 && !features[i].name[len])
			return (int)i;
	return -1;
}

static int fail_unknown_feature(const struct call *call, const char *name, size_t len)
{
	char typed[NEAR_LENGTH + 1], meant[NEAR_ROOM];
	struct near near;

	near_start(&near);
	snprintf(typed, sizeof(typed), "%.*s", (int)len, name);
	for (size_t i = 0; i < ARRAY_SIZE(features) && len < sizeof(typed); i++)
		near_offer(&near, near_rank(typed, features[i].name), "", features[i].name);
	return msg_usage(call->output, "--require: '%.*s' is no feature%s", (int)len, name,
			 *near_text(&near, meant) ? meant : ": see " PROGRAM " features");
}

static int check_one(const struct call *call, const struct answers *answers, const char *name, size_t len)
{
	int i = find_feature(name, len);
	const char *since;

	if (i < 0)
		return fail_unknown_feature(call, name, len);
	since = first_linux(&features[i]);
	if (answers->known[i] == YES)
		return EXIT_DONE;
	if (answers->known[i] == ASK_DEVICE)
		msg_fail(call->output, features[i].name, "only a device can tell (Linux %s has it)", since);
	else
		msg_fail(call->output, features[i].name, "this kernel lacks it (needs Linux %s%s)", since,
			 features[i].use == ASK_MACHINE ? " with CONFIG_VFIO_DEVICE_CDEV" : "");
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
	return require_features(call, &answers, names) ?: print_nothing(call->output);
}

const struct verb verb_features = {
	.name = "features", .summary = "Show what the kernel's iommufd can",
	.example = PROGRAM " features --require ioas-map-file",
	.details = "SUPPORTED: yes, no, or device: only a device can tell.",
	.options = OPTIONS(
		{ "require", OPT_REQUIRE, { "NAME,..." }, "Print nothing; exit with 3 if one is missing" }),
	.opens = true, .run = run_features,
};
