/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffered output to an fd or to memory: one write at the end, and no byte lost in silence. */
#ifndef CLI_UTIL_BUFFER_H
#define CLI_UTIL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buffer {
	int fd;	   /* -1: into memory only, the buffer grows */
	int error; /* the first errno of a write or an allocation; what follows is dropped */
	size_t len, cap;
	size_t most; /* in memory: it grows no further (EFBIG); 0: no limit */
	char *buf; /* for an fd: the caller's; in memory: malloc'ed */
};

void buf_bytes(struct buffer *out, const void *bytes, size_t len);
static inline void buf_str(struct buffer *out, const char *text)
{
	buf_bytes(out, text, strlen(text));
}

static inline void buf_char(struct buffer *out, char c)
{
	if (out->len < out->cap && !out->error)
		out->buf[out->len++] = c;
	else
		buf_bytes(out, &c, 1);
}

__attribute__((format(printf, 2, 3))) void buf_format(struct buffer *out, const char *format, ...);
static inline void buf_u64(struct buffer *out, uint64_t value)
{
	buf_format(out, "%llu", (unsigned long long)value);
}

static inline void buf_hex(struct buffer *out, uint64_t value)
{
	buf_format(out, "0x%llx", (unsigned long long)value);
}

/* Bytes as pairs of hex digits: room for 2 * n + 1. */
void hex_from_bytes(const void *bytes, size_t n, char *text);

/*
 * Text from outside: control characters, those of direction too, and broken UTF-8 as \xNN. buf_width: the
 * columns it takes.
 */
void buf_text(struct buffer *out, const char *text);
size_t buf_width(const char *text);
/* The same as a quoted JSON string; what is not UTF-8 becomes U+FFFD. */
void buf_json_string(struct buffer *out, const char *text);

/* Write out what is there. Returns 0 or the first errno of this stream. */
int buf_flush(struct buffer *out);

#endif
