/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/device.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "libiommufd.h"
#include "machine/claimant.h"
#include "machine/iommu.h"
#include "machine/node.h"
#include "machine/obstacle.h"
#include "machine/part.h"
#include "machine/use.h"

/* Where memory is short for a moment nothing is wrong with the device. */
static int look_up_again(const char *word, struct iommufd_device *ret)
{
	int rc = -ENOMEM;

	for (int i = 0; i < 10 && rc == -ENOMEM; i++)
		rc = iommufd_device_lookup(word, ret);
	return rc;
}

static bool is_noiommu(const struct machine_device *device, struct iommufd_device *info)
{
	return look_up_again(device->address, info) == 0 && info->kind == IOMMUFD_NOIOMMU;
}

void check_group(const struct doctor *doctor, const struct machine_device *device)
{
	struct iommufd_device info;
	enum answer_id id = IN_GROUP;
	char group[16];

	if (strcmp(device->bus, "mdev") == 0)
		return;
	if (is_noiommu(device, &info))
		id = *info.cdev ? NOIOMMU_CDEV : NOIOMMU_NO_CDEV;
	else if (device->group < 0)
		id = machine_iommu_is_on() ? BEHIND_NONE : IN_NO_GROUP;
	snprintf(group, sizeof(group), "%d", (int)device->group);
	doctor_tell(doctor, id, BLANKS({ "GROUP", group }, { "PATH", device->path }));
}

/* ---- what can never work ---- */

void check_obstacles(const struct doctor *doctor, const struct machine_device *device)
{
	static const uint8_t answers[] = {
		[OBSTACLE_BRIDGE] = IS_BRIDGE, [OBSTACLE_IOMMU] = IS_IOMMU, [OBSTACLE_DIRECT] = HAS_DIRECT,
		[OBSTACLE_DENYLISTED] = IS_DENYLISTED,
	};
	struct machine_obstacle obstacles[MACHINE_OBSTACLES];
	size_t n = machine_obstacles(device, obstacles), told = 0;

	for (size_t i = 0; i < n; i++) {
		if (obstacles[i].kind == OBSTACLE_OFF) /* check_group() says so */
			continue;
		doctor_tell(doctor, answers[obstacles[i].kind],
			    BLANKS({ "WHAT", obstacles[i].what }, { "FILE", obstacles[i].fact }));
		told++;
	}
	if (!told)
		doctor_tell(doctor, NOTHING_FORBIDS, NULL);
}

/* ---- its node ---- */

/* By its numbers, as sysfs has them. */
static bool is_node_of(const struct machine_node *node, const char *cdev)
{
	struct iommufd_device info;

	return look_up_again(node->path, &info) == 0 && strcmp(info.name, cdev) == 0;
}

static enum answer_id answer_of_node(const struct machine_node *node, const char *cdev, dev_t rdev)
{
	if (!rdev)
		return CDEV_NOT_MADE;
	if (!node->exists)
		return CDEV_MISSING;
	if (!is_node_of(node, cdev))
		return CDEV_OF_OTHERS;
	return node->opens ? NODE_OF_DEVICE : CDEV_DENIED;
}

void tell_node(const struct doctor *doctor, const char *cdev)
{
	char name[64], should[32] = "", is[32], numbers[2][16];
	struct machine_node node;
	rights_text rights;
	dev_t rdev;

	snprintf(name, sizeof(name), "vfio/devices/%s", cdev);
	machine_node(name, &node);
	machine_cdev_numbers(cdev, should, sizeof(should));
	rdev = machine_parse_numbers(should);
	snprintf(is, sizeof(is), "%u:%u", major(node.rdev), minor(node.rdev));
	snprintf(numbers[0], sizeof(numbers[0]), "%u", major(rdev));
	snprintf(numbers[1], sizeof(numbers[1]), "%u", minor(rdev));
	doctor_tell(doctor, answer_of_node(&node, cdev, rdev),
		    BLANKS({ "NAME", cdev }, { "NODE", node.path }, { "IS", is }, { "MAJOR", numbers[0] },
			   { "MINOR", numbers[1] }, { "RIGHTS", node_rights(rights, &node) }));
}

void check_node(const struct doctor *doctor, const struct machine_device *device)
{
	struct iommufd_device info;
	char cdev[64];

	if (machine_cdev(device, cdev, sizeof(cdev)) && !is_noiommu(device, &info))
		tell_node(doctor, cdev);
}

/* ---- others ---- */

static bool is_framebuffer(const char *what)
{
	return strncmp(what, "framebuffer", strlen("framebuffer")) == 0;
}

void check_use(const struct doctor *doctor, const struct machine_device *device)
{
	struct machine_uses uses;

	if (!doctor->host)
		return;
	machine_uses(doctor->host, device, &uses);
	for (size_t i = 0; i < uses.count; i++) {
		const struct machine_use *use = &uses.items[i];

		doctor_tell(doctor, is_framebuffer(use->what) ? HAS_FRAMEBUFFER :
				    use->unknown	      ? USED_PERHAPS :
								USED_BY_HOST,
			    BLANKS({ "WHAT", use->what }, { "FILE", use->fact }));
	}
	if (!uses.count)
		doctor_tell(doctor, USED_BY_NOBODY, NULL);
}

void check_claimants(const struct doctor *doctor, const struct machine_device *device)
{
	struct machine_claimant claimants[MACHINE_CLAIMANTS];
	size_t n = machine_claimants(device, claimants);

	for (size_t i = 0; i < n; i++)
		doctor_tell(doctor, CLAIMED_BY_OTHERS,
			    BLANKS({ "WHO", claimants[i].who }, { "WHAT", claimants[i].what },
				   { "FILE", claimants[i].fact }));
	if (!n)
		doctor_tell(doctor, CLAIMED_BY_NOBODY, NULL);
}
