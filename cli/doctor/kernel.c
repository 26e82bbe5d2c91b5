/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/kernel.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "libiommufd.h"
#include "machine/files.h"
#include "machine/iommu.h"
#include "machine/node.h"

/* Where the kernel has no iommufd: could it? */
static void tell_no_driver(const struct doctor *doctor)
{
	struct utsname name;

	uname(&name);
	if (machine_find(IN_ROOT, "/iommufd.ko", "lib/modules/%s/modules.dep", name.release) == 1)
		doctor_tell(doctor, IOMMUFD_NOT_LOADED, BLANKS({ "RELEASE", name.release }));
	else if (machine_find(IN_ROOT, "# CONFIG_IOMMUFD is not set", "boot/config-%s", name.release) == 1)
		doctor_tell(doctor, IOMMUFD_NOT_BUILT, BLANKS({ "RELEASE", name.release }));
	else
		doctor_tell(doctor, IOMMUFD_MISSING, NULL);
}

static void tell_denied(const struct doctor *doctor, const struct machine_node *node)
{
	rights_text rights;

	doctor_tell(doctor, NODE_DENIED, BLANKS({ "NODE", node->path }, { "RIGHTS", node_rights(rights, node) }));
}

/* There is a driver: loading it leads nowhere. */
static void tell_node(const struct doctor *doctor, enum answer_id id, const struct machine_node *node,
		      const unsigned int numbers[2])
{
	char major[16], minor[16];

	snprintf(major, sizeof(major), "%u", numbers[0]);
	snprintf(minor, sizeof(minor), "%u", numbers[1]);
	doctor_tell(doctor, id, BLANKS({ "NODE", node->path }, { "MAJOR", major }, { "MINOR", minor }));
}

void tell_iommufd(const struct doctor *doctor, const char *path, int error)
{
	struct machine_node node;
	unsigned int numbers[2];
	bool has_driver = machine_iommufd_numbers(&numbers[0], &numbers[1]);

	machine_node(path ?: "iommu", &node);
	if (error == -EACCES || error == -EPERM)
		return tell_denied(doctor, &node);
	if (node.is_file && node.is_mounted)
		return doctor_tell(doctor, NODE_IS_MOUNT, BLANKS({ "NODE", node.path }));
	if (node.is_file && has_driver)
		return tell_node(doctor, NODE_IS_FILE, &node, numbers);
	if (node.is_file)
		return doctor_tell(doctor, NODE_IS_FILE_ALONE, BLANKS({ "NODE", node.path }));
	if (error && error != -ENOENT && error != -ENODEV && error != -ENXIO)
		return doctor_tell(doctor, NODE_FAILS, BLANKS({ "NODE", node.path }, { "WHY", strerror(-error) }));
	if (has_driver)
		tell_node(doctor, node.exists ? NODE_WRONG : NODE_MISSING, &node, numbers);
	else
		tell_no_driver(doctor);
}

/* Where memory is short for a moment nothing is wrong with the node. */
static int open_again(int *ret)
{
	int rc = -ENOMEM;

	for (int i = 0; i < 10 && rc == -ENOMEM; i++)
		rc = iommufd_open(NULL, ret);
	return rc;
}

void check_iommufd(const struct doctor *doctor)
{
	struct machine_node node;
	int fd, rc = open_again(&fd);

	if (rc == 0) {
		rc = iommufd_check(fd);
		close(fd);
		if (rc < 0)
			return tell_iommufd(doctor, NULL, 0);
		machine_node("iommu", &node);
		return doctor_tell(doctor, NODE_OPENS, BLANKS({ "NODE", node.path }));
	}
	tell_iommufd(doctor, NULL, rc);
}

void check_cdevs(const struct doctor *doctor)
{
	int rc = machine_makes_cdevs();

	if (rc == -ENOENT)
		doctor_tell(doctor, CDEVS_NOT_LOADED, NULL);
	else if (rc >= 0)
		doctor_tell(doctor, rc ? CDEVS_MADE : CDEVS_NOT_BUILT, NULL);
}
