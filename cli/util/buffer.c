/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/buffer.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/io.h"

int buf_flush(struct buffer *out)
{
	if (out->fd < 0)
		return out->error;
	if (!out->error)
		out->error = -write_all(out->fd, out->buf, out->len);
	out->len = 0;
	return out->error;
}

static void grow(struct buffer *out, size_t need)
{
	size_t cap = out->cap ? out->cap : 1024;
	char *buf = NULL;

	while (cap < need)
		cap *= 2;
	if (!out->most || need <= out->most)
		buf = reallocarray(out->buf, cap, 1);
	if (buf) {
		out->buf = buf;
		out->cap = cap;
	} else {
		out->error = out->most && need > out->most ? EFBIG : ENOMEM;
		out->len = 0;
	}
}

/* Room for len more bytes, or as much as there can be in a buffer that is not ours to grow. */
static size_t room(struct buffer *out, size_t len)
{
	if (len <= out->cap - out->len)
		return len;
	if (out->fd < 0)
		grow(out, out->len + len);
	else
		buf_flush(out);
	return len < out->cap - out->len ? len : out->cap - out->len;
}

void buf_bytes(struct buffer *out, const void *bytes, size_t len)
{
	const char *from = bytes;

	while (len && !out->error) {
		size_t n = room(out, len);

		if (out->error)
			return;
		memcpy(out->buf + out->len, from, n);
		out->len += n;
		from += n;
		len -= n;
	}
}

void hex_from_bytes(const void *bytes, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;

	for (size_t i = 0; i < n; i++) {
		*text++ = digits[from[i] >> 4];
		*text++ = digits[from[i] & 15];
	}
	*text = '\0';
}

void buf_format(struct buffer *out, const char *format, ...)
{
	char text[2048];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (n > 0)
		buf_bytes(out, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* Length of the UTF-8 character at text: 0 where there is none (broken, overlong, a surrogate). */
static size_t utf8_len(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* Of up to three bytes; beyond these nothing is asked for. */
static unsigned int code_point(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	return n == 1 ? *s : n == 2 ? (*s & 0x1fU) << 6 | (s[1] & 0x3f)
				    : (*s & 0xfU) << 12 | (s[1] & 0x3fU) << 6 | (s[2] & 0x3f);
}

/* What would have a terminal show characters in another order than the one they stand in. */
static bool turns_direction(unsigned int c)
{
	return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* U+0080..U+009F steer terminals as well as ESC does. */
static bool is_plain(const char *text, size_t n)
{
	unsigned int c;

	if (n == 0 || n == 4)
		return n;
	c = code_point(text, n);
	return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !turns_direction(c);
}

/* How many bytes at text can stand as they are; stop: a character that cannot, besides the usual. */
static size_t plain_run(const char *text, const char *stop)
{
	size_t run = 0, n;

	while (text[run] && !strchr(stop, text[run]) && is_plain(text + run, n = utf8_len(text + run)))
		run += n;
	return run;
}

void buf_text(struct buffer *out, const char *text)
{
	while (*text) {
		size_t run = plain_run(text, "");

		buf_bytes(out, text, run);
		text += run;
		if (*text)
			buf_format(out, "\\x%02x", (unsigned char)*text++);
	}
}

size_t buf_width(const char *text)
{
	size_t width = 0;

	while (*text) {
		size_t n = utf8_len(text);
		bool plain = is_plain(text, n);

		width += plain ? 1 : 4;
		text += plain ? n : 1;
	}
	return width;
}

/* One character that cannot stand in a JSON string as it is. Returns its length. */
static size_t json_escape(struct buffer *out, const char *text)
{
	size_t n = utf8_len(text);

	if (n == 0)
		buf_str(out, "\\ufffd");
	else if (*text == '"' || *text == '\\')
		buf_format(out, "\\%c", *text);
	else
		buf_format(out, "\\u%04x", code_point(text, n));
	return n ? n : 1;
}

void buf_json_string(struct buffer *out, const char *text)
{
	buf_char(out, '"');
	while (*text) {
		size_t run = plain_run(text, "\"\\");

		buf_bytes(out, text, run);
		text += run;
		if (*text)
			text += json_escape(out, text);
	}
	buf_char(out, '"');
}
