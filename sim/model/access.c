/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "access.h"

#include <errno.h>
#include <stdlib.h>

#include "areas.h"
#include "iova.h"

/* --- the IOAS of an access --------------------------------------------------------------------------- */

/* From now on the IOAS has to suit it: -EADDRINUSE where what is mapped does not. */
static int add_access(struct ioas *ioas, struct access *access)
{
	struct access_link *link = malloc(sizeof(*link));
	int rc;

	if (!link)
		return -ENOMEM;
	link->access = access;
	lock(iova_lock(&access->object));
	TAILQ_INSERT_TAIL(&ioas->accesses, link, next);
	rc = iova_update_alignment(ioas);
	if (rc)
		TAILQ_REMOVE(&ioas->accesses, link, next);
	unlock(iova_lock(&access->object));
	if (rc)
		free(link);
	else
		access->link = link;
	return rc;
}

static void remove_access(struct ioas *ioas, struct access *access, struct access_link *link)
{
	lock(iova_lock(&access->object));
	TAILQ_REMOVE(&ioas->accesses, link, next);
	iova_update_alignment(ioas);
	unlock(iova_lock(&access->object));
	free(link);
}

/*
 * Called with the lock, which is let go of while the device unpins: it needs it for that. As access->ioas is
 * NULL by then nothing more is pinned, and as access->ioas_unpin is still the old one all that was can be
 * unpinned.
 */
static int change_ioas(struct access *access, struct ioas *new)
{
	struct access_link *old_link = access->link;
	struct ioas *old = access->ioas;
	int rc;

	/* Another thread is detaching it. */
	if (old != access->ioas_unpin)
		return -EBUSY;
	if (old == new)
		return 0;
	access->ioas = NULL;
	if (new) {
		rc = add_access(new, access);
		if (rc) {
			access->ioas = old;
			return rc;
		}
		new->object.users++;
	}
	if (old) {
		if (access->unmap) {
			unlock(&access->ioas_lock);
			access->unmap(access->data, 0, UINT64_MAX);
			lock(&access->ioas_lock);
		}
		remove_access(old, access, old_link);
		old->object.users--;
	}
	access->ioas = new;
	access->ioas_unpin = new;
	return 0;
}

static int change_ioas_id(struct access *access, uint32_t ioas_id)
{
	struct ioas *ioas = object_find(access->object.context, ioas_id, OBJECT_IOAS);

	return ioas ? change_ioas(access, ioas) : -ENOENT;
}

int access_attach(struct access *access, uint32_t ioas_id)
{
	int rc;

	lock(&access->ioas_lock);
	rc = access->ioas ? -EINVAL : change_ioas_id(access, ioas_id);
	unlock(&access->ioas_lock);
	return rc;
}

int access_replace(struct access *access, uint32_t ioas_id)
{
	int rc;

	lock(&access->ioas_lock);
	rc = access->ioas ? change_ioas_id(access, ioas_id) : -ENOENT;
	unlock(&access->ioas_lock);
	return rc;
}

void access_detach(struct access *access)
{
	lock(&access->ioas_lock);
	if (access->ioas)
		change_ioas(access, NULL);
	unlock(&access->ioas_lock);
}

/* --- the object -------------------------------------------------------------------------------------- */

static void end_access(struct object *object)
{
	struct access *access = (struct access *)object;

	access_detach(access);
	pthread_mutex_destroy(&access->ioas_lock);
	context_put(object->context);
}

struct access *access_create(struct sim_context *context, access_unmap_fn *unmap, void *data)
{
	struct access *access = object_new(context, OBJECT_ACCESS, sizeof(*access), end_access);

	if (!access)
		return NULL;
	access->alignment = PAGE;
	access->unmap = unmap;
	access->data = data;
	access->object.users++; /* the device, until access_destroy() */
	pthread_mutex_init(&access->ioas_lock, NULL);
	context_get(context);
	return access;
}

void access_destroy(struct access *access)
{
	object_end(&access->object, false);
}

/* --- what its device does ---------------------------------------------------------------------------- */

/* The end of what an access is to reach: -EINVAL, -EOVERFLOW. */
static int check_length(uint64_t iova, uint64_t length)
{
	if (!length)
		return -EINVAL;
	return iova + (length - 1) < iova ? -EOVERFLOW : 0;
}

/* Only whole pages can be pinned: those at the edges of areas have to begin and end there. */
static int check_pin(const struct area *area, uint64_t iova, uint64_t last, bool write)
{
	uint64_t first_byte = area->offset + (iova - area->node.start);
	uint64_t last_byte = area->offset + (area->node.last - area->node.start);

	if (area->no_access || first_byte % PAGE || (area->node.last < last && last_byte % PAGE != PAGE - 1))
		return -EINVAL;
	return area->prot & (write ? UAPI_IOAS_MAP_WRITEABLE : UAPI_IOAS_MAP_READABLE) ? 0 : -EPERM;
}

static uint64_t end_in(const struct area *area, uint64_t last)
{
	return area->node.last < last ? area->node.last : last;
}

static void unpin_areas(struct ioas *ioas, uint64_t iova, uint64_t last)
{
	struct area *area;

	for (; (area = area_find(ioas, iova, iova)); iova = area->node.last + 1) {
		pages_unpin(area->pages, area_page(area, iova), area_page(area, end_in(area, last)));
		area->pins--;
		if (area->node.last >= last)
			break;
	}
}

static int pin_areas(struct ioas *ioas, uint64_t iova, uint64_t last, bool write)
{
	uint64_t start = iova;
	struct area *area;
	int rc = -ENOENT;

	for (; (area = area_find(ioas, iova, iova)); iova = area->node.last + 1) {
		rc = check_pin(area, iova, last, write);
		if (!rc)
			rc = pages_pin(area->pages, area_page(area, iova),
				       area_page(area, end_in(area, last)));
		if (rc)
			break;
		area->pins++;
		if (area->node.last >= last)
			return 0;
		rc = -ENOENT;
	}
	if (iova > start)
		unpin_areas(ioas, start, iova - 1);
	return rc;
}

int access_pin_pages(struct access *access, uint64_t iova, uint64_t length, bool write)
{
	int rc = check_length(iova, length);

	if (rc)
		return rc;
	lock(&access->ioas_lock);
	lock(iova_lock(&access->object));
	rc = access->ioas ? pin_areas(access->ioas, iova, iova + (length - 1), write) : -ENOENT;
	unlock(iova_lock(&access->object));
	unlock(&access->ioas_lock);
	return rc;
}

void access_unpin_pages(struct access *access, uint64_t iova, uint64_t length)
{
	if (check_length(iova, length))
		return;
	lock(&access->ioas_lock);
	lock(iova_lock(&access->object));
	if (access->ioas_unpin)
		unpin_areas(access->ioas_unpin, iova, iova + (length - 1));
	unlock(iova_lock(&access->object));
	unlock(&access->ioas_lock);
}

int access_rw(struct access *access, uint64_t iova, void *bytes, size_t length, bool write)
{
	uint8_t flag = write ? UAPI_IOAS_MAP_WRITEABLE : UAPI_IOAS_MAP_READABLE;
	int rc = check_length(iova, length);

	if (rc)
		return rc;
	lock(&access->ioas_lock);
	lock(iova_lock(&access->object));
	rc = access->ioas ? areas_copy(access->ioas, iova, bytes, length, write, flag) : -ENOENT;
	unlock(iova_lock(&access->object));
	unlock(&access->ioas_lock);
	return rc;
}

void access_notify_unmap(struct ioas *ioas, uint64_t iova, uint64_t length)
{
	const struct access_link *link;

	TAILQ_FOREACH(link, &ioas->accesses, next)
		if (link->access->unmap)
			link->access->unmap(link->access->data, iova, length);
}
