/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command on its way to a session, and what comes back: an answer, or garbage. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libiommufd.h"
#include "unit.h"

enum { MARK = 0x5a };

#define TEXT(words) words, sizeof(words) - 1

static int ends[2];  /* the client's, and the session's */
static int files[2]; /* what is passed */
static struct iommufd_session_request request;
static struct iommufd_session_reply reply;

static int setup(void **state)
{
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	files[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	files[1] = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		close(ends[i]);
		close(files[i]);
	}
	return 0;
}

#define ANSWER(flags, code, out, err, fds) \
	{ IOMMUFD_SESSION_MAGIC, IOMMUFD_SESSION_PROTOCOL, flags, code, out, err, fds }

#define HEADER(...) (struct iommufd_session_reply_header)ANSWER(__VA_ARGS__)

/* Before it is asked: so the client, which waits for it, finds it. */
static void answer(struct iommufd_session_reply_header header, const char *text, size_t len, size_t n_fds)
{
	const struct iommufd_session_part parts[] = { { &header, sizeof(header) }, { (void *)text, len } };

	assert_int_equal(iommufd_session_send_packet(ends[1], parts, COUNT(parts), files, n_fds, 0), 0);
}

static int run(void)
{
	static const char *const argv[] = { "mem", "write", "m", "0", "file" };
	const struct iommufd_session_word words[] = { { 4, files[0] }, { 2, files[1] } };

	memset(&reply, MARK, sizeof(reply));
	errno = 0;
	return iommufd_session_run(ends[0], IOMMUFD_SESSION_VERBOSE, COUNT(argv), argv, words, COUNT(words),
				   &reply);
}

/* What one end packs the other one unpacks. */
static void test_request(void **state)
{
	char bytes[256];
	const struct iommufd_session_part part = { bytes, sizeof(bytes) };
	int fds[4], len;
	size_t n_fds = COUNT(fds);

	(void)state;
	answer(HEADER(0, 0, 0, 0, 0), TEXT(""), 0);
	assert_int_equal(run(), 0);
	iommufd_session_reply_free(&reply);
	len = iommufd_session_receive_packet(ends[1], &part, 1, fds, &n_fds, 0);
	assert_true(len > 0);
	assert_int_equal(n_fds, 2);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(iommufd_session_unpack_request(bytes, (size_t)len, n_fds, &request), 0);
	assert_int_equal(request.flags, IOMMUFD_SESSION_VERBOSE);
	assert_int_equal(request.argc, 5);
	assert_string_equal(request.argv[0], "mem");
	assert_string_equal(request.argv[4], "file");
	assert_int_equal(request.words[0], 4);
	assert_int_equal(request.words[1], 2);
}

static void test_answer_in_pieces(void **state)
{
	(void)state;
	answer(HEADER(IOMMUFD_SESSION_MORE, 9, 3, 1, 0), TEXT("oute"), 0);
	answer(HEADER(0, 4, 3, 2, 2), TEXT("putrr"), 2);
	assert_int_equal(run(), 0);
	assert_int_equal(reply.code, 4);
	assert_int_equal(reply.out_len, 6);
	assert_memory_equal(reply.out, "output", 6);
	assert_int_equal(reply.err_len, 3);
	assert_memory_equal(reply.err, "err", 3);
	assert_int_equal(reply.n_fds, 2);
	close(reply.fds[0]);
	close(reply.fds[1]);
	iommufd_session_reply_free(&reply);
	assert_null(reply.out);
}

/* What is no answer fails the command, and leaves neither a part of the result nor an fd. */
static void test_no_answer(void **state)
{
	static const struct {
		const char *name;
		struct iommufd_session_reply_header header;
		const char *text;
		size_t len, n_fds;
	} cases[] = {
		{ "another magic", { 1, 1, 0, 0, 0, 0, 0 }, TEXT(""), 0 },
		{ "another protocol", { IOMMUFD_SESSION_MAGIC, 2, 0, 0, 0, 0, 0 }, TEXT(""), 0 },
		{ "less output", ANSWER(0, 0, 2, 2, 0), TEXT("abc"), 0 },
		{ "more output", ANSWER(0, 0, 1, 1, 0), TEXT("abc"), 0 },
		{ "output beyond measure", ANSWER(0, 0, UINT32_MAX, 4, 0), TEXT("abc"), 0 },
		{ "fds that did not come", ANSWER(0, 0, 0, 0, 1), TEXT(""), 0 },
		{ "fds that were not said", ANSWER(0, 0, 0, 0, 0), TEXT(""), 2 },
		{ "fewer fds than said", ANSWER(0, 0, 1, 0, 2), TEXT("a"), 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const int lowest = dup(files[0]);
		int next;

		close(lowest);
		answer(cases[i].header, cases[i].text, cases[i].len, cases[i].n_fds);
		assert_case(run() == -EPROTO, cases[i].name);
		assert_int_equal(errno, EPROTO);
		assert_case(is_filled_with(&reply, sizeof(reply), MARK), cases[i].name);
		next = dup(files[0]);
		assert_case(next == lowest, cases[i].name); /* nothing was left open */
		close(next);
	}
}

static void test_answers_of_a_strange_length(void **state)
{
	static char long_text[IOMMUFD_SESSION_PACKET + 1];
	const struct iommufd_session_part cut = { (void *)"iom", 3 };

	(void)state;
	assert_int_equal(iommufd_session_send_packet(ends[1], &cut, 1, NULL, 0, 0), 0);
	assert_int_equal(run(), -EPROTO);
	answer(HEADER(0, 0, sizeof(long_text), 0, 0), long_text,
	       sizeof(long_text), 2);
	assert_int_equal(run(), -EPROTO);
	answer(HEADER(0, 7, sizeof(long_text) - 1, 0, 0), long_text,
	       sizeof(long_text) - 1, 0);
	assert_int_equal(run(), 0);
	assert_int_equal(reply.code, 7);
	assert_int_equal(reply.out_len, IOMMUFD_SESSION_PACKET);
	iommufd_session_reply_free(&reply);
}

/* A session that ends when it has a request and has not read it. */
static void end_unread(void)
{
	struct pollfd request_there = { .fd = ends[1], .events = POLLIN };
	pid_t session;

	session = fork();
	assert_true(session >= 0);
	if (session == 0) {
		poll(&request_there, 1, -1);
		answer(HEADER(0, 3, 2, 0, 0), TEXT("no"), 0);
		_exit(0);
	}
	close(ends[1]);
}

/* What a session says before it ends is the answer, be it that it refuses to listen; else there is none. */
static void test_session_ends(void **state)
{
	(void)state;
	end_unread();
	assert_int_equal(run(), 0);
	assert_int_equal(reply.code, 3);
	assert_int_equal(reply.out_len, 2);
	iommufd_session_reply_free(&reply);
	assert_int_equal(run(), -ECONNRESET);
	assert_int_equal(errno, ECONNRESET);
	assert_true(is_filled_with(&reply, sizeof(reply), MARK));
	assert_true(wait(NULL) > 0);
}

static void test_session_ended(void **state)
{
	(void)state;
	answer(HEADER(0, 3, 2, 0, 0), TEXT("no"), 0);
	close(ends[1]);
	assert_int_equal(run(), 0);
	assert_int_equal(reply.code, 3);
	iommufd_session_reply_free(&reply);
	assert_int_equal(run(), -ECONNRESET);
}

static int give_up(void *arg, int stream, const char *bytes, size_t len)
{
	(void)stream, (void)bytes, (void)len;
	++*(int *)arg;
	return -ECANCELED;
}

static void test_output_that_nobody_wants(void **state)
{
	static const char *const argv[] = { "list" };
	int calls = 0;

	(void)state;
	answer(HEADER(0, 0, 1, 1, 2), TEXT("oe"), 2);
	memset(&reply, MARK, sizeof(reply));
	assert_int_equal(iommufd_session_stream(ends[0], 0, 1, argv, NULL, 0, give_up, &calls, &reply),
			 -ECANCELED);
	assert_int_equal(errno, ECANCELED);
	assert_int_equal(calls, 1);
	assert_true(is_filled_with(&reply, sizeof(reply), MARK));
}

static void test_too_much_to_send(void **state)
{
	static const char *argv[IOMMUFD_SESSION_WORDS + 1];
	static struct iommufd_session_word words[IOMMUFD_SESSION_FDS + 1];
	static char text[IOMMUFD_SESSION_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(argv); i++)
		argv[i] = "";
	assert_int_equal(iommufd_session_run(ends[0], 0, COUNT(argv), argv, NULL, 0, &reply), -E2BIG);
	assert_int_equal(iommufd_session_run(ends[0], 0, 1, argv, words, COUNT(words), &reply), -E2BIG);
	memset(text, 'a', sizeof(text) - 1);
	argv[0] = text; /* as long as there is room for, and a word more */
	assert_int_equal(iommufd_session_run(ends[0], 0, 2, argv, NULL, 0, &reply), -E2BIG);
	assert_int_equal(errno, E2BIG);
	answer(HEADER(0, 0, 0, 0, 0), TEXT(""), 0);
	assert_int_equal(iommufd_session_run(ends[0], 0, 1, argv, NULL, 0, &reply), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_request),
		TEST(test_answer_in_pieces),
		TEST(test_no_answer),
		TEST(test_answers_of_a_strange_length),
		TEST(test_session_ends),
		TEST(test_session_ended),
		TEST(test_output_that_nobody_wants),
		TEST(test_too_much_to_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
