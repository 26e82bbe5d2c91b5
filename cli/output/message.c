/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words on stderr: what failed, why, and what to do next. One line each, written at once. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* "iommufdctl: VERB: ", or "FILE:LINE: VERB: " in a batch, so that editors find the line. */
static void begin(const struct call *call)
{
	buf_flush(call->out); /* on a terminal what came before stands before */
	if (call->from->file) {
		buf_text(call->err, call->from->file);
		buf_format(call->err, ":%zu: ", call->from->line);
	} else {
		buf_str(call->err, PROGRAM ": ");
	}
	if (call->verb && *call->verb->name)
		buf_format(call->err, "%s: ", call->verb->name);
}

static void end(const struct call *call)
{
	buf_char(call->err, '\n');
	buf_flush(call->err);
}

static void add(const struct call *call, const char *format, va_list ap)
{
	char text[2048];

	vsnprintf(text, sizeof(text), format, ap);
	buf_text(call->err, text);
}

static void line(const struct call *call, const char *object, const char *format, va_list ap)
{
	begin(call);
	if (object) {
		buf_char(call->err, '\'');
		buf_text(call->err, object);
		buf_str(call->err, "': ");
	}
	add(call, format, ap);
	end(call);
}

int fail(const struct call *call, const char *object, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line(call, object, format, ap);
	va_end(ap);
	return EXIT_FAILED;
}

void note(const struct call *call, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line(call, NULL, format, ap);
	va_end(ap);
}

void verbose(const struct call *call, const char *format, ...)
{
	va_list ap;

	if (!call->verbose)
		return;
	va_start(ap, format);
	line(call, NULL, format, ap);
	va_end(ap);
}

int usage(const struct call *call, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line(call, NULL, format, ap);
	va_end(ap);
	if (call->verb && *call->verb->name)
		hint(call, PROGRAM " help %s", call->verb->name);
	else
		hint(call, PROGRAM " help");
	return EXIT_USAGE;
}

void hint(const struct call *call, const char *format, ...)
{
	va_list ap;

	buf_str(call->err, "hint: ");
	va_start(ap, format);
	add(call, format, ap);
	va_end(ap);
	end(call);
}

const char *error_text(int error)
{
	const char *text = strerrordesc_np(error < 0 ? -error : error);

	return text ? text : "unknown error";
}

int fail_errno(const struct call *call, const char *object, int error)
{
	const char *name = iommufd_error_name(error);

	return fail(call, object, "%s (%s)", error_text(error), name ? name : "?");
}

/* Not there at all, as against there and unwilling. */
static bool is_unsupported(enum iommufd_op op, int error)
{
	if (error == EOPNOTSUPP)
		return true;
	if (op == IOMMUFD_OP_OPEN)
		return error == ENOENT || error == ENODEV;
	/* Of the ioctls that the first kernels had, ENOTTY says that the file is something else. */
	return error == ENOTTY && (op == IOMMUFD_OP_IOAS_MAP_FILE || op >= IOMMUFD_OP_IOAS_COPY);
}

/* With --verbose: how much there is to an explanation. */
static void tell_evidence(const struct call *call, const char *error, const struct iommufd_explanation *why)
{
	if (why->evidence == IOMMUFD_SEEN)
		verbose(call, "so explained because %s was seen on Linux %s", error, why->seen_on);
	else if (why->evidence == IOMMUFD_FILTERED)
		verbose(call, "so explained because a kernel without the ioctl answers with %s", error);
	else
		verbose(call, "so explained because of the kernel's source: no test has produced %s", error);
}

int fail_op_bare(const struct call *call, const char *object, enum iommufd_op op, int error,
		 enum iommufd_device_kind kind)
{
	struct iommufd_explanation why;
	const char *name = iommufd_error_name(error);
	bool known;

	error = error < 0 ? -error : error;
	known = iommufd_explain(op, error, kind, &why) == 0;
	fail(call, object, "%s (%s)", why.sentence, name ? name : "?");
	if (known)
		tell_evidence(call, name, &why);
	return is_unsupported(op, error) ? EXIT_UNSUPPORTED : EXIT_FAILED;
}

void hint_op(const struct call *call, enum iommufd_op op, int error, enum iommufd_device_kind kind)
{
	struct iommufd_explanation why;

	iommufd_explain(op, error, kind, &why);
	if (why.hint)
		hint(call, "%s", why.hint);
}

int fail_op(const struct call *call, const char *object, enum iommufd_op op, int error,
	    enum iommufd_device_kind kind)
{
	int rc = fail_op_bare(call, object, op, error, kind);

	hint_op(call, op, error, kind);
	return rc;
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

void report_trace(void *arg, const struct iommufd_trace *trace)
{
	const struct call *call = arg;
	const char *error = iommufd_error_name(trace->result);

	begin(call);
	buf_format(call->err, "%s fd=%d", iommufd_op_name(trace->op), trace->fd);
	trace_fields(call->err, trace->in, trace->n_in);
	buf_format(call->err, " -> %s", trace->result == 0 ? "0" : error ? error : "?");
	trace_fields(call->err, trace->out, trace->n_out);
	buf_format(call->err, " [%.1f us]", (double)trace->nanoseconds / 1000);
	end(call);
}
