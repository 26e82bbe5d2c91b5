/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffered output to an fd or to memory: one write at the end, and no byte lost in silence. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out {
	int fd;	   /* -1: into memory only, the buffer grows */
	int error; /* the first errno of a write or an allocation; what follows is dropped */
	size_t len, cap;
	char *buf; /* for an fd: the caller's; in memory: malloc'ed */
};

void out_bytes(struct out *out, const void *bytes, size_t len);
void out_str(struct out *out, const char *text);
static inline void out_char(struct out *out, char c)
{
	if (out->len < out->cap && !out->error)
		out->buf[out->len++] = c;
	else
		out_bytes(out, &c, 1);
}
void out_u64(struct out *out, uint64_t value);
void out_hex(struct out *out, uint64_t value); /* 0x... */
__attribute__((format(printf, 2, 3))) void out_format(struct out *out, const char *format, ...);

/* Bytes as pairs of hex digits: room for 2 * n + 1. */
void hex_of(const void *bytes, size_t n, char *text);

/* Text from outside: control characters and broken UTF-8 as \xNN. out_width: the columns it takes. */
void out_text(struct out *out, const char *text);
size_t out_width(const char *text);
/* The same as a quoted JSON string; what is not UTF-8 becomes U+FFFD. */
void out_json_string(struct out *out, const char *text);

/* Write out what is there. Returns 0 or the first errno of this stream. */
int out_flush(struct out *out);

/* All of them, to any fd. 0, or -errno. */
int write_bytes(int fd, const char *bytes, size_t len);
/* All that can be read, at most so much, else -EFBIG. */
int copy_bytes(int from, int to, uint64_t most);

#endif
