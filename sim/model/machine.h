/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine: its kernel, its devices and their groups, and what its users are charged. */
#ifndef IOMMUFD_SIM_MACHINE_H
#define IOMMUFD_SIM_MACHINE_H

#include <pthread.h>
#include <sys/queue.h>

#include "model.h"
#include "versions.h"

struct group;
struct user;

enum { PAGE = 4096 };
#define HUGE_PAGE (2ul << 20)

/*
 * Locks, the outer one first: ioctls has those who change objects wait for one another, as more than one lock
 * of the kernel does; an access has its own (access.h); iova protects what devices go through on their own:
 * mappings, what is pinned of them, what is attached to what, the event fds.
 */
struct sim {
	const struct version *version;
	bool allow_unsafe_interrupts;
	bool huge_pages;
	pthread_mutex_t ioctls;
	pthread_mutex_t iova;
	TAILQ_HEAD(, sim_device) devices;
	SLIST_HEAD(, group) groups;
	SLIST_HEAD(, user) users;
};

static inline void lock(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
}

static inline void unlock(pthread_mutex_t *mutex)
{
	pthread_mutex_unlock(mutex);
}

#endif
