/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/message.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_ROOM = 2048 }; /* of one message */

/* Editors find a line of a batch by this. */
void msg_place(const struct output *output)
{
	if (output->file) {
		buf_text(output->err, output->file);
		buf_format(output->err, ":%zu: ", output->line);
	} else {
		buf_str(output->err, PROGRAM ": ");
	}
}

static void begin_line(const struct output *output)
{
	buf_flush(output->out); /* on a terminal what came before stands before */
	msg_place(output);
	if (output->verb && *output->verb)
		buf_format(output->err, "%s: ", output->verb);
}

static void end_line(const struct output *output)
{
	buf_char(output->err, '\n');
	buf_flush(output->err);
}

static void add_text(const struct output *output, const char *format, va_list ap)
{
	char text[TEXT_ROOM];

	vsnprintf(text, sizeof(text), format, ap);
	buf_text(output->err, text);
}

static void put_line(const struct output *output, const char *object, const char *format, va_list ap)
{
	begin_line(output);
	if (object) {
		buf_char(output->err, '\'');
		buf_text(output->err, object);
		buf_str(output->err, "': ");
	}
	add_text(output, format, ap);
	end_line(output);
}

int msg_fail(const struct output *output, const char *object, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	put_line(output, object, format, ap);
	va_end(ap);
	return EXIT_FAILED;
}

void msg_note(const struct output *output, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	put_line(output, NULL, format, ap);
	va_end(ap);
}

void msg_verbose(const struct output *output, const char *format, ...)
{
	va_list ap;

	if (!output->verbose)
		return;
	va_start(ap, format);
	put_line(output, NULL, format, ap);
	va_end(ap);
}

int msg_usage(const struct output *output, const char *format, ...)
{
	const char *verb = output->verb ?: "";
	va_list ap;

	va_start(ap, format);
	put_line(output, NULL, format, ap);
	va_end(ap);
	msg_hint(output, PROGRAM " help%s%s", *verb ? " " : "", verb);
	return EXIT_USAGE;
}

/* How much of text is one word, of letters as they stand in names of arguments and of constants. */
static size_t word_length(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
}

static bool is_program(const char *word, size_t len)
{
	return len == strlen(PROGRAM) && memcmp(word, PROGRAM, len) == 0;
}

/* As much of part as there is room for. */
static size_t append(char text[TEXT_ROOM], size_t used, const char *part, size_t len)
{
	size_t n = len < TEXT_ROOM - 1 - used ? len : TEXT_ROOM - 1 - used;

	memcpy(text + used, part, n);
	return used + n;
}

/* The program's name stands with what chooses the context; in the library's hints blanks are filled, too. */
static void put_hint(const struct output *output, const char *hint, bool has_blanks)
{
	char text[TEXT_ROOM], room[BLANK_ROOM];
	size_t used = 0;

	while (*hint) {
		size_t len = word_length(hint), n = len ?: 1;
		const char *known = NULL;

		if (output->fill && (is_program(hint, len) || (has_blanks && len)))
			known = output->fill(output->hint_arg, hint, len, room);
		used = append(text, used, known ?: hint, known ? strlen(known) : n);
		hint += n;
	}
	text[used] = '\0';
	buf_str(output->err, "hint: ");
	buf_text(output->err, text);
	end_line(output);
}

void msg_hint(const struct output *output, const char *format, ...)
{
	char text[TEXT_ROOM];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put_hint(output, text, false);
}

const char *msg_error_text(int error)
{
	return strerrordesc_np(error < 0 ? -error : error) ?: "unknown error";
}

int msg_fail_errno(const struct output *output, const char *object, int error)
{
	return msg_fail(output, object, "%s (%s)", msg_error_text(error), iommufd_error_name(error) ?: "?");
}

/* With --verbose: how much there is to an explanation. */
static void tell_evidence(const struct output *output, const char *error,
			  const struct iommufd_explanation *why)
{
	if (why->evidence == IOMMUFD_SEEN)
		msg_verbose(output, "so explained because %s was seen on Linux %s", error, why->seen_on);
	else if (why->evidence == IOMMUFD_FILTERED)
		msg_verbose(output, "so explained because a kernel without the ioctl answers with %s", error);
	else
		msg_verbose(output, "so explained because of the kernel's source: no test has produced %s",
			    error);
}

int msg_fail_op_bare(const struct output *output, const char *object, enum iommufd_op op, int error,
		     enum iommufd_device_kind kind)
{
	struct iommufd_explanation why;
	const char *name = iommufd_error_name(error);
	bool known;

	error = error < 0 ? -error : error;
	known = iommufd_explain(op, error, kind, &why) == 0;
	msg_fail(output, object, "%s (%s)", why.sentence, name ?: "?");
	if (known)
		tell_evidence(output, name, &why);
	return iommufd_is_unsupported(op, error) ? EXIT_UNSUPPORTED : EXIT_FAILED;
}

void msg_hint_op(const struct output *output, enum iommufd_op op, int error, enum iommufd_device_kind kind)
{
	struct iommufd_explanation why;

	iommufd_explain(op, error, kind, &why);
	if (output->own_hint && why.hint)
		why.hint = output->own_hint(output->hint_arg, error < 0 ? -error : error, why.hint);
	if (why.hint)
		put_hint(output, why.hint, true);
}

int msg_fail_op(const struct output *output, const char *object, enum iommufd_op op, int error,
		enum iommufd_device_kind kind)
{
	int rc = msg_fail_op_bare(output, object, op, error, kind);

	msg_hint_op(output, op, error, kind);
	return rc;
}

int msg_refused(const struct output *output, const char *object, int op, int error,
		enum iommufd_device_kind kind)
{
	return op < 0 ? msg_fail_errno(output, object, error)
		      : msg_fail_op(output, object, (enum iommufd_op)op, error, kind);
}

static void trace_fields(struct buffer *err, const struct iommufd_trace_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_format(err, " %s=", fields[i].name);
		if (fields[i].value > UINT16_MAX)
			buf_hex(err, fields[i].value);
		else
			buf_u64(err, fields[i].value);
	}
}

void msg_trace(void *arg, const struct iommufd_trace *trace)
{
	const struct output *output = arg;

	begin_line(output);
	buf_format(output->err, "%s fd=%d", iommufd_op_name(trace->op), trace->fd);
	trace_fields(output->err, trace->in, trace->n_in);
	buf_format(output->err, " -> %s", trace->result == 0 ? "0" : iommufd_error_name(trace->result) ?: "?");
	trace_fields(output->err, trace->out, trace->n_out);
	buf_format(output->err, " [%.1f us]", (double)trace->nanoseconds / 1000);
	end_line(output);
}
