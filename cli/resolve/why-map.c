/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/why-map.h"
#include <errno.h>

#include "context/ioas.h"

enum { MOST_RANGES = 256 };

/* The first addresses from start to last that lie in none of the ranges, which are in order. */
static bool find_hole(const struct iommufd_range *ranges, size_t n, uint64_t start, uint64_t last,
		      struct iommufd_range *ret)
{
	*ret = (struct iommufd_range){ 0, UINT64_MAX };
	for (size_t i = 0; i < n; i++) {
		if (ranges[i].start > start) {
			ret->last = ranges[i].start - 1;
			break;
		}
		if (ranges[i].last >= last)
			return false;
		if (ranges[i].last >= start)
			start = ranges[i].last + 1;
		ret->start = ranges[i].last + 1;
	}
	return true;
}

static void hint_ranges(const struct call *call, const char *ioas)
{
	msg_hint(call->output, "'" PROGRAM " ioas ranges %s' shows what is usable; without --iova the kernel "
			       "chooses", ioas);
}

/* Which of the numbers is no multiple of what the IOAS wants, or NULL. */
static const char *unaligned(const struct placement *place, uint64_t alignment)
{
	return place->iova % alignment	 ? "the IOVA" :
	       place->length % alignment ? "the length" :
	       place->offset % alignment ? "the offset" :
					   NULL;
}

static int fail_invalid(const struct call *call, const char *object, const struct placement *place,
			enum iommufd_op op)
{
	struct iommufd_range ranges[MOST_RANGES], hole;
	uint64_t alignment, last = place->iova + (place->length - 1);
	int n = iommufd_ioas_ranges(call->ctx->iommufd, place->ioas, ranges, MOST_RANGES, &alignment);
	const char *what;

	if (n < 0 || n > MOST_RANGES || !alignment || !place->length)
		return msg_fail_op(call->output, object, op, EINVAL, IOMMUFD_KIND_UNKNOWN);
	what = unaligned(place, alignment);
	if (what)
		return msg_fail(call->output, object, "%s is no multiple of %" PRIu64 ", the alignment here (EINVAL)",
				what, alignment);
	if (!find_hole(ranges, (size_t)n, place->iova, last, &hole))
		return msg_fail_op(call->output, object, op, EINVAL, IOMMUFD_KIND_UNKNOWN);
	msg_fail(call->output, object,
		 "0x%" PRIx64 "-0x%" PRIx64 " reaches into 0x%" PRIx64 "-0x%" PRIx64 ", which is not usable (EINVAL)",
		 place->iova, last, hole.start, hole.last);
	hint_ranges(call, object);
	return EXIT_FAILED;
}

/* The mapping that a range overlaps, where it is known. */
static const struct mapping *taken_by(const struct call *call, const struct placement *place)
{
	const struct ioas *ioas = ioas_by_id(call->ctx, place->ioas);
	const struct mapping *mapping;
	size_t at;

	if (!ioas)
		return NULL;
	mapping = ioas_mapping(ioas, place->iova);
	if (mapping)
		return mapping;
	at = mappings_index(&ioas->mappings, place->iova);
	if (at == ioas->mappings.count)
		return NULL;
	mapping = mapping_at(&ioas->mappings, at);
	return mapping->iova - place->iova < place->length ? mapping : NULL;
}

static int fail_taken(const struct call *call, const char *object, const struct placement *place,
		      enum iommufd_op op)
{
	const struct mapping *mapping = taken_by(call, place);

	msg_fail_op_bare(call->output, object, op, EEXIST, IOMMUFD_KIND_UNKNOWN);
	if (mapping)
		msg_hint(call->output, "0x%" PRIx64 "-0x%" PRIx64 " is mapped, and ends with: " PROGRAM
			       " ioas unmap %s 0x%" PRIx64 "; without --iova the kernel picks a free range",
			 mapping->iova, mapping_last(mapping), object, mapping->iova);
	else
		msg_hint(call->output, "what is mapped there is not known here; without --iova the kernel picks a free "
				       "range");
	return EXIT_FAILED;
}

int fail_placement(const struct call *call, const char *object, const struct placement *place,
		   enum iommufd_op op, int error)
{
	if (error == -EINVAL)
		return fail_invalid(call, object, place, op);
	if (error == -EEXIST)
		return fail_taken(call, object, place, op);
	return msg_fail_op(call->output, object, op, error, IOMMUFD_KIND_UNKNOWN);
}
