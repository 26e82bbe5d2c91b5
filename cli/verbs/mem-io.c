/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem write, read: bytes in and out of a context's memory. A session's client moves them itself. */
#include "verbs/mem-io.h"
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolve/file.h"
#include "session/client.h"
#include "session/server.h"
#include "verbs/finish.h"

/* Memory whose bytes can be had: not those of a dma-buf, which is better said before anything is printed. */
static int check_bytes(const struct call *call)
{
	if (pread(arg_memory(call, 0)->fd, NULL, 0, 0) == 0)
		return EXIT_DONE;
	return errno == ESPIPE
		       ? msg_fail(call->output, call->args[0],
				  "a dma-buf: only devices reach what is in it (ESPIPE)")
		       : msg_fail_errno(call->output, call->args[0], errno);
}

static int check_range(const struct call *call, uint64_t length)
{
	uint64_t size = arg_memory(call, 0)->size, offset = arg_value(call, 1);

	if (offset <= size && length <= size - offset)
		return EXIT_DONE;
	return msg_fail(call->output, call->args[0], "the range ends beyond the memory's %llu bytes (EINVAL)",
			(unsigned long long)size);
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
				"its %llu bytes are more than the %llu from that offset on (EFBIG)",
				(unsigned long long)st.st_size, (unsigned long long)room);
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
			return msg_fail(call->output, call->args[2],
					"it is longer than the memory (EFBIG); the first %llu bytes are written",
					(unsigned long long)done);
		done += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n == 0)
		return EXIT_DONE;
	error = errno;
	if (!done)
		return msg_fail_errno(call->output, call->args[2], error);
	return msg_fail(call->output, call->args[2], "%s (%s); %llu bytes are written", msg_error_text(error),
			iommufd_error_name(error), (unsigned long long)done);
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
static int write_bytes(const struct call *call, int fd, uint64_t size)
{
	bool ours;
	int file, rc = open_source(call, call_arg(call, 2), &file, &ours);

	if (rc)
		return rc;
	rc = copy_file(call, file, fd, size, arg_value(call, 1));
	if (ours)
		close(file);
	return rc ?: print_nothing(call->output);
}

static int check_writable(const struct call *call)
{
	int rc = check_bytes(call) ?: check_range(call, 0);

	if (rc || memory_is_writable(arg_memory(call, 0)))
		return rc;
	return msg_fail(call->output, call->args[0], "the memory is sealed against writing (EPERM)");
}

static int run_mem_write(struct call *call)
{
	const struct memory *memory = arg_memory(call, 0);

	return check_writable(call) ?: write_bytes(call, memory->fd, memory->size);
}

static int hand_out_writable(struct call *call)
{
	const struct memory *memory = arg_memory(call, 0);

	return check_writable(call) ?: holder_hand_out_fd(call, memory->fd, memory->size);
}

static int write_in_client(struct call *call)
{
	uint64_t size;
	int fd, rc = session_fetch_fd(call, &fd, &size);

	if (rc)
		return rc;
	rc = write_bytes(call, fd, size);
	close(fd);
	return rc;
}

/* ---- read ---- */

enum { CHUNK = 16384 };

static void print_chunk(const struct call *call, const char *bytes, size_t n)
{
	char hex[2 * CHUNK + 1];

	if (!call->output->json) {
		buf_bytes(call->output->out, bytes, n);
		return;
	}
	hex_from_bytes(bytes, n, hex);
	buf_bytes(call->output->out, hex, 2 * n);
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
static int read_bytes(const struct call *call, int fd)
{
	int rc;

	if (call->output->json)
		buf_str(call->output->out, "{\"version\":1,\"data\":\"");
	rc = print_bytes(call, fd, arg_value(call, 1), arg_value(call, 2));
	if (call->output->json)
		buf_str(call->output->out, "\"}\n");
	return rc;
}

static int check_readable(const struct call *call)
{
	return check_bytes(call) ?: check_range(call, arg_value(call, 2));
}

static int run_mem_read(struct call *call)
{
	return check_readable(call) ?: read_bytes(call, arg_memory(call, 0)->fd);
}

static int hand_out_readable(struct call *call)
{
	const struct memory *memory = arg_memory(call, 0);

	return check_readable(call) ?: holder_hand_out_fd(call, memory->fd, memory->size);
}

static int read_in_client(struct call *call)
{
	uint64_t size;
	int fd, rc = session_fetch_fd(call, &fd, &size);

	if (rc)
		return rc;
	rc = read_bytes(call, fd);
	close(fd);
	return rc;
}

const struct verb verb_mem_write = {
	.name = "mem write", .summary = "Copy a file into memory",
	.args = { { "NAME", ARG_MEMORY, ARG_BY_NAME }, { "OFFSET", ARG_SIZE }, { "FILE|-", ARG_FILE } },
	.needs = NEEDS_LASTING, .run = run_mem_write, .client = write_in_client, .holder = hand_out_writable,
};

const struct verb verb_mem_read = {
	.name = "mem read", .summary = "Print bytes as they are (JSON: hex)",
	.args = { { "NAME", ARG_MEMORY, ARG_BY_NAME }, { "OFFSET", ARG_SIZE }, { "LENGTH", ARG_SIZE } },
	.needs = NEEDS_LASTING, .run = run_mem_read, .client = read_in_client, .holder = hand_out_readable,
};
