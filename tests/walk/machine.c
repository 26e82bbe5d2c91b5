/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine with devices: a /sys and a /dev below a directory, terminals for cdevs, the fake iommufd. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "../unit/tree.h"
#include "walk.h"

const struct machine_device machine[DEVICES] = {
	{ "vfio0", "0000:00:04.0", 7 }, { "vfio1", "0000:00:05.0", 7 },
	{ "vfio2", "0000:00:06.0", 8 }, { "vfio3", "0000:00:07.0", 9 },
	{ "vfio10", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", -1 },
	{ "vfio11", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002", -1 },
};

int device_index(const char *cdev)
{
	for (int i = 0; i < DEVICES; i++)
		if (strcmp(machine[i].cdev, cdev) == 0)
			return i;
	return -1;
}

/* The other end stays open for as long as this process runs, so that the terminal is there. */
static void add_device(struct fake_device *to, const struct machine_device *from)
{
	char group[8];
	struct tree_device device = {
		from->cdev, "pci0000:00", from->address, "pci", "vfio-pci", group, to->node,
	};
	int end = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (end < 0 || grantpt(end) < 0 || unlockpt(end) < 0 || ptsname_r(end, to->node, sizeof(to->node)) ||
	    stat(to->node, &st) < 0)
		die(FAILED, "a terminal: %s", error_name(errno));
	to->rdev = st.st_rdev;
	to->group = from->group;
	snprintf(group, sizeof(group), "%d", from->group);
	if (from->group < 0) {
		device.parent = "virtual/mtty/mtty";
		device.bus = "mdev";
		device.driver = "vfio_mtty";
		device.group = NULL;
	}
	tree_add(&device);
}

static void create_state(struct walk *w)
{
	const char *path = tree_path("dev/iommu");

	setenv("FAKE_IOMMUFD", path, 1);
	w->state_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (w->state_fd < 0 || ftruncate(w->state_fd, sizeof(*w->state)) < 0)
		die(FAILED, "%s: %s", path, error_name(errno));
	w->state = mmap(NULL, sizeof(*w->state), PROT_READ | PROT_WRITE, MAP_SHARED, w->state_fd, 0);
	if (w->state == MAP_FAILED)
		die(FAILED, "%s: %s", path, error_name(errno));
	w->state->magic = FAKE_MAGIC;
}

void machine_create(struct walk *w)
{
	tree_create();
	snprintf(w->dir, sizeof(w->dir), "%s", tree_path("work"));
	tree_mkdir("work");
	create_state(w);
	for (int i = 0; i < DEVICES; i++)
		add_device(&w->state->devices[i], &machine[i]);
	w->state->n_devices = DEVICES;
}

/* A holder that is killed at the end leaves its socket. */
void machine_remove(const struct walk *w)
{
	char path[256];

	if (iommufd_session_dir(path, sizeof(path)) == 0) {
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", w->session);
		unlink(path);
	}
	tree_remove();
}
