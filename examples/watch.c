/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VFIO devices of this machine, and those that come later, each with its cdev. Nothing is missed: it
 * listens first, and looks then.
 *
 *   cc watch.c $(pkg-config --cflags --libs libiommufd) -o watch && ./watch
 */
#include <errno.h>
#include <libiommufd.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static int list(void)
{
	struct iommufd_device_list *devices;
	int rc = iommufd_device_list_new(&devices);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < iommufd_device_list_count(devices); i++)
		puts(iommufd_device_list_at(devices, i)->cdev);
	iommufd_device_list_free(devices);
	return 0;
}

/* What is lost is found by looking again. */
static int read_all(struct iommufd_uevents *uevents)
{
	struct iommufd_uevent event;
	int rc;

	while ((rc = iommufd_uevents_read(uevents, &event)) > 0)
		if (event.action == IOMMUFD_UEVENT_ADD && strcmp(event.subsystem, "vfio-dev") == 0)
			printf("/dev/vfio/devices/%s\n", event.name);
	return rc == -ENOBUFS ? list() : rc;
}

int main(void)
{
	struct iommufd_uevents *uevents;
	struct pollfd wait = { .events = POLLIN };
	int rc = iommufd_uevents_open(&uevents);

	if (rc < 0) {
		fprintf(stderr, "listening failed: %s\n", strerror(-rc));
		return 1;
	}
	wait.fd = iommufd_uevents_fd(uevents);
	for (rc = list(); rc == 0; rc = read_all(uevents)) {
		fflush(stdout);
		poll(&wait, 1, -1);
	}
	fprintf(stderr, "%s\n", strerror(-rc));
	iommufd_uevents_close(uevents);
	return 1;
}
