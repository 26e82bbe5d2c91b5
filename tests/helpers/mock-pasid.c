/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a mock device of a kernel with CONFIG_IOMMUFD_TEST does for one process: page tables of PASIDs.
 * Only the test interface attaches them: a mock device has no cdev. iommu-test makes its faults.
 */
#include "common.h"
#include "iommu-test.h"

static const char usage_text[] =
	"usage: mock-pasid IOMMUFD_FD COMMAND\n"
	"device PT                        one that has PASIDs; prints STDEV HWPT IDEV\n"
	"attach STDEV PASID HWPT          prints the HWPT\n"
	"replace STDEV PASID HWPT         prints the HWPT\n"
	"detach STDEV PASID\n"
	"check STDEV PASID HWPT           is it attached to this one? 0: to none\n";

static int device(int iommufd, char **word)
{
	struct test_cmd cmd = {
		.id = need_id("PT", word[0]),
		.mock_domain.flags = MOCK_HAS_PASIDS,
	};
	int rc = test_ioctl(iommufd, OP_MOCK_DOMAIN_FLAGS, &cmd);

	if (rc == 0)
		printf("%u %u %u\n", cmd.mock_domain.out_stdev, cmd.mock_domain.out_hwpt,
		       cmd.mock_domain.out_idev);
	return rc;
}

static struct test_cmd about(char **word)
{
	return (struct test_cmd){
		.id = need_id("STDEV", word[0]),
		.pasid.number = need_id("PASID", word[1]),
	};
}

static int set(int iommufd, enum test_op op, char **word)
{
	struct test_cmd cmd = about(word);
	int rc;

	cmd.pasid.pt = need_id("HWPT", word[2]);
	rc = test_ioctl(iommufd, op, &cmd);
	if (rc == 0)
		printf("%u\n", cmd.pasid.pt);
	return rc;
}

static int attach(int iommufd, char **word)
{
	return set(iommufd, OP_PASID_ATTACH, word);
}

static int replace(int iommufd, char **word)
{
	return set(iommufd, OP_PASID_REPLACE, word);
}

static int check(int iommufd, char **word)
{
	struct test_cmd cmd = about(word);

	cmd.pasid.pt = need_id("HWPT", word[2]);
	return test_ioctl(iommufd, OP_PASID_CHECK_HWPT, &cmd);
}

static int detach(int iommufd, char **word)
{
	struct test_cmd cmd = about(word);

	return test_ioctl(iommufd, OP_PASID_DETACH, &cmd);
}

static const struct command {
	const char *name;
	int (*run)(int iommufd, char **word);
	int n;
} commands[] = {
	{ "device", device, 1 }, { "attach", attach, 3 }, { "replace", replace, 3 },
	{ "detach", detach, 2 }, { "check", check, 3 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < sizeof(commands) / sizeof(*commands); i++) {
		int rc;

		if (strcmp(argv[2], commands[i].name) != 0 || argc - 3 != commands[i].n)
			continue;
		rc = commands[i].run(need_iommufd(argv[1]), argv + 3);
		if (rc < 0)
			die(FAILED, "%s: %s", argv[2], error_name(rc));
		return finish();
	}
	fputs(usage_text, stderr);
	return USAGE;
}
