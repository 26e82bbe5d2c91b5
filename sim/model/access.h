/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an emulated device has of a context: made at bind, before there is any IOAS. Attach, replace and
 * detach change its IOAS under its lock, and those who pin, unpin, read and write hold the same lock.
 */
#ifndef IOMMUFD_SIM_ACCESS_H
#define IOMMUFD_SIM_ACCESS_H

#include "ioas.h"

/* Of the device: all that it has pinned of these IOVAs it unpins before this returns. */
typedef void access_unmap_fn(void *data, uint64_t iova, uint64_t length);

struct access {
	struct object object;
	pthread_mutex_t ioas_lock;
	struct ioas *ioas;	 /* what is pinned, read and written: NULL without one */
	struct ioas *ioas_unpin; /* what is unpinned: still the old one while it is replaced or detached */
	uint64_t alignment;
	access_unmap_fn *unmap; /* may be NULL */
	void *data;
	struct access_link *link; /* in the list of its IOAS */
};

/* While an access moves it is in the lists of two IOASes. */
struct access_link {
	struct access *access;
	TAILQ_ENTRY(access_link) next;
};

/* NULL: out of memory. */
struct access *access_create(struct sim_context *context, access_unmap_fn *unmap, void *data);
void access_destroy(struct access *access);

/* -ENOENT where there is no such IOAS; -EINVAL where it has one. */
int access_attach(struct access *access, uint32_t ioas_id);
/* -ENOENT also where it has none. */
int access_replace(struct access *access, uint32_t ioas_id);
void access_detach(struct access *access);

/* -ENOENT without an IOAS or where something is not mapped, -EPERM, -EINVAL where it is not aligned. */
int access_pin_pages(struct access *access, uint64_t iova, uint64_t length, bool write);
/* Exactly what was pinned at once. */
void access_unpin_pages(struct access *access, uint64_t iova, uint64_t length);
int access_rw(struct access *access, uint64_t iova, void *bytes, size_t length, bool write);

/* Something of an IOAS is to be unmapped: all of its accesses are told. */
void access_notify_unmap(struct ioas *ioas, uint64_t iova, uint64_t length);

#endif
