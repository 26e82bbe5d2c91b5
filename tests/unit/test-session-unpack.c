/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request as the holder of a session unpacks it, and what it makes of garbage. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libiommufd.h"
#include "unit.h"

enum { MARK = 0x5a };

#define REQUEST(argc, fds) \
	{ IOMMUFD_SESSION_MAGIC, IOMMUFD_SESSION_PROTOCOL, IOMMUFD_SESSION_JSON, argc, fds }
#define TEXT(words) words, sizeof(words) - 1

static struct iommufd_session_request request;

/* In memory of just that length, where a sanitizer sees what is read behind it. */
static int unpack(const char *bytes, size_t len, size_t n_fds)
{
	char *packet = malloc(len ? len : 1);
	int rc;

	memcpy(packet, bytes, len);
	memset(&request, MARK, sizeof(request));
	errno = 0;
	rc = iommufd_session_unpack_request(packet, len, n_fds, &request);
	assert_int_equal(errno, -rc);
	if (rc < 0)
		assert_true(is_filled_with(&request, sizeof(request), MARK));
	free(packet);
	return rc;
}

static const struct packet {
	const char *name;
	struct iommufd_session_request_header header;
	const char *text;
	size_t len;
	uint32_t indexes[2];
	size_t n_indexes, n_fds; /* in the packet; that came with it */
	int rc;
} packets[] = {
	{ "two words", REQUEST(2, 0), TEXT("ioas\0alloc\0"), .rc = 0 },
	{ "no word", REQUEST(0, 0), TEXT(""), .rc = 0 },
	{ "empty words", REQUEST(3, 0), TEXT("\0\0\0"), .rc = 0 },
	{ "fds", REQUEST(2, 2), TEXT("a\0b\0"), { 1, 0 }, 2, 2, 0 },
	{ "two fds of a word", REQUEST(2, 2), TEXT("a\0b\0"), { 1, 1 }, 2, 2, 0 },
	{ "fewer words", REQUEST(3, 0), TEXT("a\0b\0"), .rc = -EBADMSG },
	{ "more words", REQUEST(1, 0), TEXT("a\0b\0"), .rc = -EBADMSG },
	{ "words, and none said", REQUEST(0, 0), TEXT("a\0"), .rc = -EBADMSG },
	{ "a word that is not ended", REQUEST(2, 0), TEXT("a\0b"), .rc = -EBADMSG },
	{ "text behind the words", REQUEST(1, 0), TEXT("a\0b"), .rc = -EBADMSG },
	{ "words beyond measure", REQUEST(UINT32_MAX, 0), TEXT("a\0b\0"), .rc = -EBADMSG },
	{ "fds that did not come", REQUEST(2, 1), TEXT("a\0b\0"), { 0 }, 1, 0, -EBADMSG },
	{ "fds without an index", REQUEST(1, 2), TEXT("a\0"), { 0 }, 0, 2, -EBADMSG },
	{ "fds that are only said", REQUEST(2, 1), TEXT("a\0b\0"), .rc = -EBADMSG },
	{ "fds that were not said", REQUEST(2, 0), TEXT("a\0b\0"), { 0 }, 1, 1, -EBADMSG },
	{ "fds beyond measure", REQUEST(1, UINT32_MAX), TEXT("a\0"), { 0 }, 0, UINT32_MAX, -EBADMSG },
	{ "no such word", REQUEST(2, 1), TEXT("a\0b\0"), { 2 }, 1, 1, -EBADMSG },
	{ "an fd and no word", REQUEST(0, 1), TEXT(""), { 0 }, 1, 1, -EBADMSG },
	{ "another magic", { 1, 1, 0, 1, 0 }, TEXT("a\0"), .rc = -EBADMSG },
	{ "another magic and protocol", { 1, 2, 0, 1, 0 }, TEXT("a\0"), .rc = -EBADMSG },
	{ "another protocol", { IOMMUFD_SESSION_MAGIC, 2, 0, 1, 0 }, TEXT("a\0"), .rc = -EPROTONOSUPPORT },
	{ "all else wrong with it", { IOMMUFD_SESSION_MAGIC, 0, 9, 9, 9 }, TEXT("a"), .rc = -EPROTONOSUPPORT },
};

static size_t lay_out(const struct packet *packet, char *to)
{
	size_t len = sizeof(packet->header);

	memcpy(to, &packet->header, len);
	memcpy(to + len, packet->indexes, packet->n_indexes * sizeof(uint32_t));
	len += packet->n_indexes * sizeof(uint32_t);
	memcpy(to + len, packet->text, packet->len);
	return len + packet->len;
}

static void test_unpack(void **state)
{
	char bytes[128];

	(void)state;
	for (const struct packet *p = packets; p < packets + COUNT(packets); p++)
		assert_case(unpack(bytes, lay_out(p, bytes), p->n_fds) == p->rc, p->name);
}

/* No part of a request is one; of another protocol's the version is enough. */
static void test_cut_short(void **state)
{
	const struct packet *whole = &packets[3], *other = &packets[COUNT(packets) - 2];
	const size_t version = offsetof(struct iommufd_session_request_header, flags);
	char bytes[128];
	size_t len = lay_out(whole, bytes);

	(void)state;
	for (size_t i = 0; i < len; i++)
		assert_int_equal(unpack(bytes, i, whole->n_fds), -EBADMSG);
	assert_int_equal(unpack(bytes, len, whole->n_fds), 0);
	len = lay_out(other, bytes);
	for (size_t i = 0; i <= len; i++)
		assert_int_equal(unpack(bytes, i, 0), i < version ? -EBADMSG : -EPROTONOSUPPORT);
}

static void test_what_is_unpacked(void **state)
{
	char bytes[128];
	const size_t len = lay_out(&packets[3], bytes);

	(void)state;
	assert_int_equal(iommufd_session_unpack_request(bytes, len, 2, &request), 0);
	assert_int_equal(request.flags, IOMMUFD_SESSION_JSON);
	assert_int_equal(request.argc, 2);
	assert_string_equal(request.argv[0], "a");
	assert_string_equal(request.argv[1], "b");
	assert_null(request.argv[2]);
	assert_int_equal(request.words[0], 1);
	assert_int_equal(request.words[1], 0);
}

static void test_more_fds_than_there_can_be(void **state)
{
	const struct iommufd_session_request_header header = REQUEST(1, IOMMUFD_SESSION_FDS + 1);
	const size_t len = sizeof(header) + (IOMMUFD_SESSION_FDS + 1) * sizeof(uint32_t) + 2;
	char bytes[2048] = { 0 };

	(void)state;
	memcpy(bytes, &header, sizeof(header));
	bytes[len - 2] = 'a';
	assert_int_equal(unpack(bytes, len, IOMMUFD_SESSION_FDS + 1), -EBADMSG);
}

static void test_as_many_words_as_there_can_be(void **state)
{
	static char bytes[sizeof(struct iommufd_session_request_header) + IOMMUFD_SESSION_WORDS + 1];
	struct iommufd_session_request_header header = REQUEST(IOMMUFD_SESSION_WORDS, 0);

	(void)state;
	memcpy(bytes, &header, sizeof(header));
	assert_int_equal(iommufd_session_unpack_request(bytes, sizeof(bytes) - 1, 0, &request), 0);
	assert_ptr_equal(request.argv[IOMMUFD_SESSION_WORDS - 1], &bytes[sizeof(bytes) - 2]);
	assert_null(request.argv[IOMMUFD_SESSION_WORDS]);
	header.argc++;
	memcpy(bytes, &header, sizeof(header));
	assert_int_equal(unpack(bytes, sizeof(bytes), 0), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unpack),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_what_is_unpacked),
		cmocka_unit_test(test_more_fds_than_there_can_be),
		cmocka_unit_test(test_as_many_words_as_there_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
