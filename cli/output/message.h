/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words on stderr: what failed, why, and what to do next. One line each, written at once. */
#ifndef CLI_OUTPUT_MESSAGE_H
#define CLI_OUTPUT_MESSAGE_H

#include "libiommufd.h"
#include "util/buffer.h"
#include "util/number.h"

#define PROGRAM "iommufdctl"

/* Exit codes; 126 and 127 come from exec, as in a shell. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_UNSUPPORTED = 3, /* by this kernel or device */
	EXIT_PARTLY = 4,      /* some of several failed */
};

/*
 * What the blank of a hint, "DEV", is in this command, or its PROGRAM, which needs to be told of the context; NULL:
 * it stays. What comes behind it can be read. It may be a number, written to room.
 */
enum { BLANK_ROOM = 16 };
typedef const char *fill_blank_fn(const void *arg, const char *blank, size_t len, char room[BLANK_ROOM]);

/* Where this process knows more than the library: what remains of the library's hint, NULL: nothing does. */
typedef const char *own_hint_fn(const void *arg, int error, const char *hint);

/* Where the results and the messages of one command go, and in which form. */
struct output {
	struct buffer *out, *err;
	bool json, verbose;
	const char *verb; /* whose messages these are; NULL: the program's */
	const char *file; /* the batch file, NULL: a command line */
	size_t line;
	const char *program; /* with the options that say which context it is: "iommufdctl -s lab"; NULL: none */
	fill_blank_fn *fill; /* NULL: blanks stay */
	own_hint_fn *own_hint; /* NULL: the library's hints stand as they are */
	const void *hint_arg; /* of both */
};

/* Of the command about object, which may be NULL. Returns EXIT_FAILED. */
__attribute__((format(printf, 3, 4)))
int msg_fail(const struct output *output, const char *object, const char *format, ...);
/* Of the command line itself; a hint to the verb's help follows. Returns EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int msg_usage(const struct output *output, const char *format, ...);
__attribute__((format(printf, 2, 3))) void msg_hint(const struct output *output, const char *format, ...);
__attribute__((format(printf, 2, 3))) void msg_note(const struct output *output, const char *format, ...);
/* A note that only -v shows. */
__attribute__((format(printf, 2, 3))) void msg_verbose(const struct output *output, const char *format, ...);

/* How each message begins: "iommufdctl: ", or in a batch "FILE:LINE: ". */
void msg_place(const struct output *output);

/* The C library's sentence, never NULL. error: an errno of either sign, here and below. */
const char *msg_error_text(int error);
/* A system call that is not an iommufd matter. Returns EXIT_FAILED. */
int msg_fail_errno(const struct output *output, const char *object, int error);

/* What the library or the kernel refused, explained. Returns EXIT_FAILED or EXIT_UNSUPPORTED. */
int msg_fail_op(const struct output *output, const char *object, enum iommufd_op op, int error,
		enum iommufd_device_kind kind);
/* The same where op is not negative; else it is a matter of this process. */
int msg_refused(const struct output *output, const char *object, int op, int error,
		enum iommufd_device_kind kind);
/* The two halves of msg_fail_op(), for a caller that may know a better hint. */
int msg_fail_op_bare(const struct output *output, const char *object, enum iommufd_op op, int error,
		     enum iommufd_device_kind kind);
void msg_hint_op(const struct output *output, enum iommufd_op op, int error, enum iommufd_device_kind kind);

/* An iommufd_trace_fn; arg is the struct output. */
void msg_trace(void *arg, const struct iommufd_trace *trace);

#endif
