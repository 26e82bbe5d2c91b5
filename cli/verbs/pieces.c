/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/pieces.h"
#include <errno.h>
#include <sys/param.h>

#include "context/observer.h"
#include "output/message.h"

enum { PIECES = 16 }; /* between two looks at the clock */

/* The IOAS that a paused command is about, if it is still that one. An exit code, with its message. */
static int need_same_ioas(const struct call *call, const struct progress *at, struct ioas **ret)
{
	*ret = ioas_by_id(call->ctx, at->id);
	if (*ret && (*ret)->serial == at->serial)
		return EXIT_DONE;
	return msg_fail(call->output, call->args[0], "it was destroyed meanwhile (ENOENT)");
}

/* ---- map ---- */

/* Is what is mapped there a piece of this? Others may have unmapped it, and mapped something else. */
static bool is_piece(const struct mapping *known, const struct mapping *map, uint64_t at, uint64_t length)
{
	return known && known->iova == map->iova + at && known->length == length &&
	       known->memory == map->memory && known->offset == map->offset + at;
}

/* The pieces that were mapped go again, the last one first. */
static int take_back(struct call *call, struct ioas *ioas, const struct mapping *map, uint64_t chunk,
		     struct progress *at)
{
	while (at->done) {
		uint64_t from = (at->done - 1) / chunk * chunk, length = at->done - from;

		if (is_piece(ioas_mapping(ioas, map->iova + from), map, from, length) &&
		    ioas_unmap(call->ctx, ioas->object.id, map->iova + from, length, NULL) < 0)
			at->failed++;
		at->done = from;
		if (at->done && call_is_over_time(call))
			return EXIT_PAUSED;
	}
	if (at->failed)
		msg_note(call->output, "%d pieces are left mapped", at->failed);
	return at->code;
}

/* Nobody else was served meanwhile: what is there is what was mapped. */
static void take_back_at_once(struct call *call, const struct ioas *ioas, const struct mapping *map,
			      uint64_t done, struct map_result *result)
{
	if (result->left || (done && ioas_unmap(call->ctx, ioas->object.id, map->iova, done, NULL) < 0))
		result->left += done;
}

static int fail_piece(struct call *call, struct ioas *ioas, const struct mapping *map, uint64_t chunk,
		      fail_map_fn *fail, struct progress *at, struct map_result *result, int error)
{
	if (at->paused) {
		at->code = fail(call, map, result, error);
		return take_back(call, ioas, map, chunk, at);
	}
	take_back_at_once(call, ioas, map, at->done, result);
	return fail(call, map, result, error);
}

static int map_rest(struct call *call, struct ioas *ioas, const struct mapping *map, uint64_t chunk,
		    fail_map_fn *fail, struct progress *at, uint64_t *ret_iova)
{
	const uint64_t most = chunk > map->length / PIECES ? map->length : chunk * PIECES;
	struct map_result result = { .iova = map->iova };

	while (at->done < map->length) {
		struct mapping part = *map;
		int rc;

		part.iova += at->done;
		part.offset += at->done;
		part.length = MIN(map->length - at->done, most);
		rc = ioas_map(call->ctx, ioas, &part, chunk, &result);
		if (rc < 0)
			return fail_piece(call, ioas, map, chunk, fail, at, &result, rc);
		at->done += part.length;
		if (at->done < map->length && call_is_over_time(call) &&
		    (at->paused || observe_unfinished(call->ctx, at->id, map, true)))
			return EXIT_PAUSED;
	}
	*ret_iova = chunk < map->length ? map->iova : result.iova;
	return EXIT_DONE;
}

int map_pieces(struct call *call, uint32_t id, const struct mapping *map, uint64_t chunk, fail_map_fn *fail,
	       uint64_t *ret_iova)
{
	struct progress here = { .done = 0 }, *at = call->request->progress ?: &here;
	struct ioas *ioas;
	int rc;

	if (!at->paused) {
		at->id = id;
		at->serial = ioas_by_id(call->ctx, id)->serial;
	}
	rc = need_same_ioas(call, at, &ioas);
	if (at->given_up && !at->code)
		at->code = EXIT_FAILED;
	if (rc == EXIT_DONE)
		rc = at->code ? take_back(call, ioas, map, chunk, at)
			      : map_rest(call, ioas, map, chunk, fail, at, ret_iova);
	if (at->paused && rc != EXIT_PAUSED)
		observe_unfinished(call->ctx, at->id, map, false);
	return rc;
}

/* ---- unmap ---- */

static uint64_t last_address(uint64_t iova, uint64_t length)
{
	return !iova && length == UINT64_MAX ? UINT64_MAX : iova + (length - 1);
}

/* Of what lies from one address to another: how much holds no more than some mappings; *ret_more: not all. */
static uint64_t next_part(const struct ioas *ioas, uint64_t from, uint64_t last, bool *ret_more)
{
	size_t beyond = mappings_index(&ioas->mappings, from) + PIECES;
	const struct mapping *next = beyond < ioas->mappings.count ? mapping_at(&ioas->mappings, beyond)
								   : NULL;

	*ret_more = next && next->iova <= last;
	return *ret_more ? next->iova - from : from || last < UINT64_MAX ? last - from + 1 : UINT64_MAX;
}

/* From at->next on. 0, or -errno; *ret_more: it is others' turn. */
static int unmap_rest(const struct call *call, const struct ioas *ioas, uint64_t last, struct progress *at,
		      bool *ret_more)
{
	uint64_t length, done;
	int rc;

	do {
		length = next_part(ioas, at->next, last, ret_more);
		rc = ioas_unmap(call->ctx, ioas->object.id, at->next, length, &done);
		/* Others may have unmapped the rest. */
		if (rc < 0 && !(rc == -ENOENT && at->done && !*ret_more))
			return rc;
		at->done += rc == 0 ? done : 0;
		at->next += length;
	} while (*ret_more && !call_is_over_time(call));
	return 0;
}

/* Can it be done in parts, so that what is refused as a whole changes nothing? */
static bool has_parts(const struct ioas *ioas, uint64_t iova, uint64_t length)
{
	return ioas && length && last_address(iova, length) >= iova && !ioas_is_cut(ioas, iova, length);
}

int unmap_pieces(struct call *call, uint32_t id, uint64_t iova, uint64_t length, uint64_t *ret_done,
		 int *ret_error)
{
	struct progress here = { .done = 0 }, *at = call->request->progress ?: &here;
	struct ioas *ioas = ioas_by_id(call->ctx, id);
	bool more = false;
	int rc;

	*ret_error = 0;
	if (!at->paused && !has_parts(ioas, iova, length)) {
		*ret_error = ioas_unmap(call->ctx, id, iova, length, ret_done);
		return EXIT_DONE;
	}
	if (!at->paused) {
		at->id = id;
		at->serial = ioas->serial;
		at->next = iova;
	}
	rc = need_same_ioas(call, at, &ioas);
	if (rc == EXIT_DONE && at->given_up)
		rc = EXIT_FAILED;
	if (rc)
		return rc;
	*ret_error = unmap_rest(call, ioas, last_address(iova, length), at, &more);
	*ret_done = at->done;
	return more && !*ret_error ? EXIT_PAUSED : EXIT_DONE;
}
