/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/mman.h>
#include <unistd.h>

#include "../helpers/held.h"
#include "walk.h"

const struct machine_device machine[DEVICES] = {
	{ "vfio0", "0000:00:04.0", 7 }, { "vfio1", "0000:00:05.0", 7 },
	{ "vfio2", "0000:00:06.0", 8 }, { "vfio3", "0000:00:07.0", 9 },
	{ "vfio4", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", -1 },
	{ "vfio5", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002", -1 },
};

int device_index(const char *cdev)
{
	for (int i = 0; i < DEVICES; i++)
		if (strcmp(machine[i].cdev, cdev) == 0)
			return i;
	return -1;
}

static void create_steps(struct walk *w)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/steps", w->dir);
	setenv("FAKE_STEPS", path, 1);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*w->steps)) < 0)
		die(FAILED, "%s: %s", path, error_name(errno));
	w->steps = mmap(NULL, sizeof(*w->steps), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (w->steps == MAP_FAILED)
		die(FAILED, "%s: %s", path, error_name(errno));
	close(fd);
}

void machine_create(struct walk *w)
{
	snprintf(w->dir, sizeof(w->dir), "/dev/shm/iommufdctl-walk.XXXXXX");
	if (!mkdtemp(w->dir))
		die(FAILED, "%s: %s", w->dir, error_name(errno));
	create_steps(w);
	w->iommufd = held_open();
}

/* A holder that is killed at the end leaves its socket. */
void machine_remove(const struct walk *w)
{
	char path[256];

	if (iommufd_session_dir(path, sizeof(path)) == 0) {
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", w->session);
		unlink(path);
	}
	snprintf(path, sizeof(path), "rm -rf '%s'", w->dir);
	if (system(path) != 0)
		die(FAILED, "%s is left", w->dir);
}
