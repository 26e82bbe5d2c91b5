/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine.h"

#include <errno.h>
#include <stdlib.h>

#include "account.h"
#include "device.h"

struct sim *sim_new(const char *kernel)
{
	const struct version *version = version_find(kernel);
	struct sim *sim;

	if (!version) {
		errno = EINVAL;
		return NULL;
	}
	sim = calloc(1, sizeof(*sim));
	if (!sim)
		return NULL;
	sim->version = version;
	sim->huge_pages = true;
	pthread_mutex_init(&sim->ioctls, NULL);
	pthread_mutex_init(&sim->iova, NULL);
	TAILQ_INIT(&sim->devices);
	return sim;
}

static void free_devices(struct sim *sim)
{
	struct sim_device *device;

	while ((device = TAILQ_FIRST(&sim->devices))) {
		TAILQ_REMOVE(&sim->devices, device, next);
		free(device->pasids);
		free(device);
	}
}

void sim_free(struct sim *sim)
{
	struct group *group;
	struct user *user;

	if (!sim)
		return;
	free_devices(sim);
	while ((group = SLIST_FIRST(&sim->groups))) {
		SLIST_REMOVE_HEAD(&sim->groups, next);
		free(group);
	}
	while ((user = SLIST_FIRST(&sim->users))) {
		SLIST_REMOVE_HEAD(&sim->users, next);
		free(user);
	}
	pthread_mutex_destroy(&sim->ioctls);
	pthread_mutex_destroy(&sim->iova);
	free(sim);
}

void sim_allow_unsafe_interrupts(struct sim *sim, bool allow)
{
	sim->allow_unsafe_interrupts = allow;
}

void sim_use_huge_pages(struct sim *sim, bool use)
{
	sim->huge_pages = use;
}
