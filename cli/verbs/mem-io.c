/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem write, read: bytes in and out of a context's memory. A session's client moves them itself. */
#include "verbs/mem-io.h"
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolve/file.h"
#include "resolve/object.h"
#include "session/client.h"
#include "session/handout.h"
#include "verbs/finish.h"
#include "verbs/memory-table.h"

/* Memory whose bytes can be had: not those of a dma-buf, which is better said before anything is printed. */
static int check_bytes(const struct call *call)
{
	int rc = need_object_fd(call, call->args[0], &arg_memory(call, 0)->object);

	if (rc || pread(arg_memory(call, 0)->fd, NULL, 0, 0) == 0)
		return rc;
	if (errno != ESPIPE)
		return msg_fail_errno(call->output, call->args[0], errno);
	return msg_fail(call->output, call->args[0], "a dma-buf: only devices reach what is in it (ESPIPE)");
}

static int check_range(const struct call *call, uint64_t length)
{
	const struct memory *memory = arg_memory(call, 0);
	uint64_t offset = arg_value(call, 1);

	return offset <= memory->size && length <= memory->size - offset ? EXIT_DONE
									 : fail_beyond(call, 0, memory);
}

/* ---- write ---- */

/* Where the length is known beforehand, too long a file changes nothing. */
static int check_fits(const struct call *call, int file, uint64_t room)
{
	struct stat st;

	if (fstat(file, &st) < 0)
		return msg_fail_errno(call->output, call->args[2], errno);
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > room)
		return msg_fail(call->output, call->args[2],
				"its %lld bytes are more than the %" PRIu64 " from that offset on (EFBIG)",
				(long long)st.st_size, room);
	return EXIT_DONE;
}

/* read() straight into the memory: the kernel copies, so a page that cannot be had is an error, no signal. */
static int copy_in(const struct call *call, int file, char *to, uint64_t room)
{
	uint64_t done = 0;
	char beyond;
	ssize_t n;
	int error;

	do {
		n = done < room ? read(file, to + done, room - done) : read(file, &beyond, 1);
		if (n > 0 && done == room)
			return msg_fail(call->output, call->args[2], "it is longer than the memory (EFBIG); "
					"the first %" PRIu64 " bytes are written", done);
		done += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n == 0)
		return EXIT_DONE;
	error = errno;
	if (!done)
		return msg_fail_errno(call->output, call->args[2], error);
	return msg_fail(call->output, call->args[2], "%s (%s); %" PRIu64 " bytes are written",
			msg_error_text(error), iommufd_error_name(error), done);
}

static int copy_file(const struct call *call, int file, int fd, uint64_t size, uint64_t offset)
{
	int rc = check_fits(call, file, size - offset);
	char *map;

	if (rc)
		return rc;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return msg_fail_errno(call->output, call->args[0], errno);
	rc = copy_in(call, file, map + offset, size - offset);
	munmap(map, size);
	return rc;
}

/* fd: of memory of that size, in which OFFSET lies. */
static int write_source(struct call *call, int file, bool ours, int fd, uint64_t size)
{
	int rc = copy_file(call, file, fd, size, arg_value(call, 1));

	if (ours)
		close(file);
	return rc ?: print_nothing(call->output);
}

static int write_bytes(struct call *call, int fd, uint64_t size)
{
	bool ours;
	int file;

	return open_source(call, call_arg(call, 2), &file, &ours) ?: write_source(call, file, ours, fd, size);
}

/* The memory is in use meanwhile: what comes from a pipe and is too long changes nothing. */
static int write_collected(struct call *call, int fd, uint64_t size)
{
	uint64_t room = size - arg_value(call, 1);
	bool ours;
	int file;

	return session_open_source(call, call_arg(call, 2), room, &file, &ours) ?:
	       write_source(call, file, ours, fd, size);
}

/* Have it done with memory that can be written. */
static int with_writable(struct call *call, fd_fn *done)
{
	const struct memory *memory = arg_memory(call, 0);
	int rc = check_bytes(call) ?: check_range(call, 0);

	if (rc)
		return rc;
	if (!memory_is_writable(memory))
		return msg_fail(call->output, call->args[0], "the memory is sealed against writing (EPERM)");
	return done(call, memory->fd, memory->size);
}

static int run_mem_write(struct call *call)
{
	return with_writable(call, write_bytes);
}

static int hand_out_writable(struct call *call)
{
	return with_writable(call, holder_hand_out_fd);
}

static int write_in_client(struct call *call)
{
	return session_with_fd(call, write_collected);
}

/* ---- read ---- */

enum { CHUNK = 16384 };

static void print_chunk(const struct call *call, const char *bytes, size_t n)
{
	char hex[2 * CHUNK + 1];

	if (call->output->json) {
		hex_from_bytes(bytes, n, hex);
		buf_str(call->output->out, hex);
	} else {
		buf_bytes(call->output->out, bytes, n);
	}
}

static int print_bytes(const struct call *call, int fd, uint64_t offset, uint64_t length)
{
	char chunk[CHUNK];

	while (length) {
		size_t want = length < sizeof(chunk) ? (size_t)length : sizeof(chunk);
		ssize_t n = pread(fd, chunk, want, (off_t)offset);

		if (n <= 0)
			return msg_fail_errno(call->output, call->args[0], n < 0 ? errno : EIO);
		print_chunk(call, chunk, (size_t)n);
		offset += (uint64_t)n;
		length -= (uint64_t)n;
	}
	return EXIT_DONE;
}

/* fd: of memory in which the range lies. */
static int read_bytes(struct call *call, int fd, uint64_t size)
{
	int rc;

	(void)size;
	buf_str(call->output->out, call->output->json ? "{\"version\":1,\"data\":\"" : "");
	rc = print_bytes(call, fd, arg_value(call, 1), arg_value(call, 2));
	buf_str(call->output->out, call->output->json ? "\"}\n" : "");
	return rc;
}

/* Have it done with memory in which the range lies. */
static int with_readable(struct call *call, fd_fn *done)
{
	const struct memory *memory = arg_memory(call, 0);

	return check_bytes(call) ?: check_range(call, arg_value(call, 2)) ?:
	       done(call, memory->fd, memory->size);
}

static int run_mem_read(struct call *call)
{
	return with_readable(call, read_bytes);
}

static int hand_out_readable(struct call *call)
{
	return with_readable(call, holder_hand_out_fd);
}

static int read_in_client(struct call *call)
{
	return session_with_fd(call, read_bytes);
}

const struct verb verb_mem_write = {
	.name = "mem write", .summary = "Copy a file into memory",
	.example = PROGRAM " mem write ram 0 file",
	.args = { { "NAME", ARG_MEMORY, ARG_BY_NAME }, { "OFFSET", ARG_SIZE }, { "FILE|-", ARG_FILE } },
	.needs = NEEDS_LASTING, .run = run_mem_write, .client = write_in_client, .holder = hand_out_writable,
};

const struct verb verb_mem_read = {
	.name = "mem read", .summary = "Print bytes as they are (JSON: hex)",
	.example = PROGRAM " mem read ram 0 4K >file",
	.args = { { "NAME", ARG_MEMORY, ARG_BY_NAME }, { "OFFSET", ARG_SIZE }, { "LENGTH", ARG_SIZE } },
	.needs = NEEDS_LASTING, .run = run_mem_read, .client = read_in_client, .holder = hand_out_readable,
};
