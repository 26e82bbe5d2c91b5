/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output: no byte lost in silence, none that steers a terminal or breaks a JSON reader. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/buffer.h"
#include "unit.h"

enum { BUF = 16 };

static bool out_of_memory;

/* In the place of the C library's, so that growing can fail. */
void *reallocarray(void *old, size_t n, size_t size)
{
	if (!out_of_memory)
		return realloc(old, n * size);
	errno = ENOMEM;
	return NULL;
}

static int pipe_out(struct buffer *out, char *buf, int flags)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | flags), 0);
	*out = (struct buffer){ .fd = ends[1], .buf = buf, .cap = BUF };
	return ends[0];
}

static void assert_arrived(int fd, const char *expected)
{
	char text[256];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static const char *text_of(struct buffer *out)
{
	buf_char(out, '\0');
	assert_int_equal(out->error, 0);
	return out->buf;
}

static void test_fd_is_buffered(void **state)
{
	char buf[BUF];
	struct buffer out;
	int fd = pipe_out(&out, buf, O_NONBLOCK);

	(void)state;
	buf_str(&out, "0123456789");
	buf_char(&out, 'a');
	assert_int_equal(read(fd, &(char){ 0 }, 1), -1); /* nothing is written before it has to be */
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(buf_flush(&out), 0);
	assert_arrived(fd, "0123456789a");
	assert_int_equal(out.len, 0);
	assert_int_equal(buf_flush(&out), 0);
	assert_int_equal(read(fd, &(char){ 0 }, 1), -1);
	close(fd);
	close(out.fd);
}

static void test_longer_than_the_buffer(void **state)
{
	static const char long_text[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	(void)state;
	for (size_t before = 0; before <= BUF; before++) {
		char buf[BUF], expected[128];
		struct buffer out;
		int fd = pipe_out(&out, buf, 0);

		memset(expected, '-', before);
		strcpy(expected + before, long_text);
		for (size_t i = 0; i < before; i++)
			buf_char(&out, '-');
		buf_str(&out, long_text);
		assert_int_equal(buf_flush(&out), 0);
		assert_arrived(fd, expected);
		close(fd);
		close(out.fd);
	}
}

static void test_char_by_char(void **state)
{
	char buf[BUF];
	struct buffer out;
	int fd = pipe_out(&out, buf, 0);

	(void)state;
	for (int i = 0; i < 40; i++)
		buf_char(&out, (char)('0' + i));
	buf_flush(&out);
	assert_arrived(fd, "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW");
	close(fd);
	close(out.fd);
}

static void test_full_disk(void **state)
{
	char buf[BUF];
	struct buffer out = { .fd = open("/dev/full", O_WRONLY | O_CLOEXEC), .buf = buf, .cap = BUF };

	(void)state;
	assert_true(out.fd >= 0);
	buf_str(&out, "short");
	assert_int_equal(out.error, 0);
	assert_int_equal(buf_flush(&out), ENOSPC);
	assert_int_equal(buf_flush(&out), ENOSPC);
	buf_str(&out, "what follows is dropped, however long it is");
	buf_char(&out, 'x');
	assert_int_equal(buf_flush(&out), ENOSPC);
	close(out.fd);
	/* The first error stays: a later one is a consequence. */
	buf_str(&out, "more");
	assert_int_equal(buf_flush(&out), ENOSPC);
}

static void test_full_disk_within_one_write(void **state)
{
	char buf[BUF];
	struct buffer out = { .fd = open("/dev/full", O_WRONLY | O_CLOEXEC), .buf = buf, .cap = BUF };

	(void)state;
	buf_str(&out, "longer than the buffer, so that it is written at once");
	assert_int_equal(out.error, ENOSPC);
	close(out.fd);
}

static void test_closed_pipe(void **state)
{
	char buf[BUF];
	struct buffer out;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	close(pipe_out(&out, buf, 0));
	buf_str(&out, "x");
	assert_int_equal(buf_flush(&out), EPIPE);
	close(out.fd);
	signal(SIGPIPE, SIG_DFL);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* In a child: one write of more than a pipe holds, interrupted every half millisecond. */
static void write_big(struct buffer *out, size_t total)
{
	const struct itimerval often = { { 0, 500 }, { 0, 500 } };
	const struct sigaction action = { .sa_handler = on_alarm };

	out->cap = total;
	out->buf = malloc(total);
	if (!out->buf || sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &often, NULL) < 0)
		_exit(1);
	while (out->len < total)
		buf_char(out, (char)('a' + out->len % 23));
	_exit(buf_flush(out) != 0);
}

static void test_interrupted_writes(void **state)
{
	enum { TOTAL = 300000 };
	char buf[BUF], text[4096];
	struct buffer out;
	int fd = pipe_out(&out, buf, 0), status;
	ssize_t n, sum = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		write_big(&out, TOTAL);
	close(out.fd);
	usleep(20000); /* the pipe is full: a write ends with nothing written, and EINTR */
	while ((n = read(fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(text[i], 'a' + (sum + i) % 23);
		sum += n;
		usleep(200);
	}
	assert_int_equal(sum, TOTAL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(fd);
}

static void test_memory_grows(void **state)
{
	struct buffer out = { .fd = -1 };

	(void)state;
	for (int i = 0; i < 20000; i++)
		buf_format(&out, "%05d ", i);
	assert_int_equal(out.len, 120000);
	assert_int_equal(buf_flush(&out), 0); /* into memory: there is nowhere to write to */
	assert_int_equal(out.len, 120000);
	assert_memory_equal(out.buf + 6 * 12345, "12345 12346", 11);
	free(out.buf);
}

static void test_memory_has_a_bound(void **state)
{
	struct buffer out = { .fd = -1, .most = 2000 };

	(void)state;
	for (int i = 0; i < 2048; i++) /* what it has room for when it may have 2000 */
		buf_char(&out, 'x');
	assert_int_equal(out.error, 0);
	assert_int_equal(out.len, 2048);
	buf_char(&out, 'x');
	assert_int_equal(out.error, EFBIG);
	assert_int_equal(out.len, 0);
	free(out.buf);
}

static void test_out_of_memory(void **state)
{
	struct buffer out = { .fd = -1 }, empty = { .fd = -1 };

	(void)state;
	buf_str(&out, "before");
	out_of_memory = true;
	while (out.len < out.cap)
		buf_char(&out, 'x');
	buf_str(&out, "one more");
	buf_str(&empty, "the first");
	out_of_memory = false;
	assert_int_equal(buf_flush(&out), ENOMEM);
	assert_int_equal(buf_flush(&empty), ENOMEM);
	buf_str(&out, "again"); /* a text with a hole in it is no text */
	assert_int_equal(buf_flush(&out), ENOMEM);
	assert_null(empty.buf);
	free(out.buf);
}

static void test_numbers(void **state)
{
	static const struct { uint64_t value; const char *text; } cases[] = {
		{ 0, "0 0x0" },
		{ 9, "9 0x9" },
		{ 10, "10 0xa" },
		{ 4096, "4096 0x1000" },
		{ UINT32_MAX, "4294967295 0xffffffff" },
		{ INT64_MAX, "9223372036854775807 0x7fffffffffffffff" },
		{ UINT64_MAX, "18446744073709551615 0xffffffffffffffff" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer out = { .fd = -1 };

		buf_u64(&out, cases[i].value);
		buf_char(&out, ' ');
		buf_hex(&out, cases[i].value);
		assert_string_equal(text_of(&out), cases[i].text);
		free(out.buf);
	}
}

static void test_format_is_bounded(void **state)
{
	struct buffer out = { .fd = -1 };

	(void)state;
	buf_format(&out, "%s", "");
	assert_int_equal(out.len, 0);
	buf_format(&out, "%*d|", 5000, 1);
	assert_in_range(out.len, 1000, 5000);
	free(out.buf);
}

struct escape_case {
	const char *raw, *text, *json;
};

/* Broken, for readers: lone bytes, cut off, overlong, surrogates, beyond Unicode. */
static const struct escape_case escapes[] = {
	{ "", "", "" },
	{ "plain ~!", "plain ~!", "plain ~!" },
	{ "a\"b\\c/", "a\"b\\c/", "a\\\"b\\\\c/" },
	{ "\n\t\r\b\f", "\\x0a\\x09\\x0d\\x08\\x0c", "\\u000a\\u0009\\u000d\\u0008\\u000c" },
	{ "\x01\x1f\x7f", "\\x01\\x1f\\x7f", "\\u0001\\u001f\\u007f" },
	{ "\x1b[31mred", "\\x1b[31mred", "\\u001b[31mred" },
	{ "\xc2\x9b" "31m", "\\xc2\\x9b31m", "\\u009b31m" }, /* CSI in one character */
	/* What turns the direction of writing: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. */
	{ "\xd8\x9c" "a", "\\xd8\\x9ca", "\\u061ca" },
	{ "\xe2\x80\x8e\xe2\x80\x8f", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f", "\\u200e\\u200f" },
	{ "\xe2\x80\xaa" "a\xe2\x80\xae", "\\xe2\\x80\\xaaa\\xe2\\x80\\xae", "\\u202aa\\u202e" },
	{ "\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9", "\\u2066\\u2069" },
	{ "\xd8\x9b\xe2\x80\x8d\xe2\x80\x90\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
	  "\xd8\x9b\xe2\x80\x8d\xe2\x80\x90\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
	  "\xd8\x9b\xe2\x80\x8d\xe2\x80\x90\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa" },
	{ "\xc2\x80\xc2\x9f", "\\xc2\\x80\\xc2\\x9f", "\\u0080\\u009f" },
	{ "\xc2\xa0", "\xc2\xa0", "\xc2\xa0" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82" },
	{ "\x80", "\\x80", "\\ufffd" },
	{ "\xff\xfe", "\\xff\\xfe", "\\ufffd\\ufffd" },
	{ "\xc3", "\\xc3", "\\ufffd" },
	{ "\xc3x", "\\xc3x", "\\ufffdx" },
	{ "\xe2\x82", "\\xe2\\x82", "\\ufffd\\ufffd" },
	{ "\xe2\x82x", "\\xe2\\x82x", "\\ufffd\\ufffdx" },
	{ "\xf0\x9f\x99", "\\xf0\\x9f\\x99", "\\ufffd\\ufffd\\ufffd" },
	{ "\xc0\x80", "\\xc0\\x80", "\\ufffd\\ufffd" },
	{ "\xc1\xbf", "\\xc1\\xbf", "\\ufffd\\ufffd" },
	{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\ufffd\\ufffd\\ufffd" },
	{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf", "\\ufffd\\ufffd\\ufffd" },
	{ "\xe0\xa0\x80", "\xe0\xa0\x80", "\xe0\xa0\x80" },
	{ "\xed\x9f\xbf", "\xed\x9f\xbf", "\xed\x9f\xbf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\ufffd\\ufffd\\ufffd" },
	{ "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd" },
	{ "\xf0\x90\x80\x80", "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
	{ "\xf5\x80", "\\xf5\\x80", "\\ufffd\\ufffd" },
};

static void test_escapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(escapes); i++) {
		struct buffer text = { .fd = -1 }, json = { .fd = -1 };
		char quoted[128];

		buf_text(&text, escapes[i].raw);
		assert_string_equal(text_of(&text), escapes[i].text);
		buf_json_string(&json, escapes[i].raw);
		snprintf(quoted, sizeof(quoted), "\"%s\"", escapes[i].json);
		assert_string_equal(text_of(&json), quoted);
		json.len--;
		buf_str(&json, "\n");
		assert_true(is_json_line(text_of(&json)));
		free(text.buf);
		free(json.buf);
	}
}

/* The width is that of what buf_text() prints: columns stay aligned whatever a name holds. */
static void test_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(escapes); i++) {
		size_t columns = 0;

		for (const char *at = escapes[i].text; *at; at++)
			columns += ((unsigned char)*at & 0xc0) != 0x80;
		assert_int_equal(buf_width(escapes[i].raw), columns);
	}
}

static void test_every_byte_is_safe(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		const char raw[] = { 'a', (char)c, 'b', '\0' };
		struct buffer text = { .fd = -1 };

		buf_text(&text, raw);
		for (const char *at = text_of(&text); *at; at++)
			assert_in_range(*at, 0x20, 0x7e);
		free(text.buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fd_is_buffered),
		cmocka_unit_test(test_longer_than_the_buffer),
		cmocka_unit_test(test_char_by_char),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_full_disk_within_one_write),
		cmocka_unit_test(test_closed_pipe),
		cmocka_unit_test(test_interrupted_writes),
		cmocka_unit_test(test_memory_grows),
		cmocka_unit_test(test_memory_has_a_bound),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_format_is_bounded),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_every_byte_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
