/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem write, read, list: bytes in and out of a context's memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context.h"
#include "table.h"
#include "verbs.h"

/* Memory whose bytes can be had: not those of a dma-buf, which is better said before anything is printed. */
static int need_named(const struct call *call, struct memory **ret)
{
	const char *name = call->args[0];
	int rc = is_name(name) ? need_memory(call, name, ret) : msg_usage(call->output,
									  "'%s' is no name of a memory", name);

	if (rc != EXIT_DONE || pread((*ret)->fd, NULL, 0, 0) == 0)
		return rc;
	return errno == ESPIPE ? msg_fail(call->output, name,
					  "a dma-buf: only devices reach what is in it (ESPIPE)")
			       : msg_fail_errno(call->output, name, errno);
}

static int check_range(const struct call *call, const struct memory *memory, uint64_t offset,
		      uint64_t length)
{
	if (offset <= memory->size && length <= memory->size - offset)
		return EXIT_DONE;
	return msg_fail(call->output, call->args[0], "the range ends beyond the memory's %llu bytes (EINVAL)",
		    (unsigned long long)memory->size);
}

/* A session opens no files, and reads none that could keep it waiting. */
static int need_passed(const struct call *call, const char *path, int *ret)
{
	struct stat st;

	if (!word_fd(call, path, ret))
		return msg_fail(call->output, path, "the file did not come with the command (EBADF)");
	if (fstat(*ret, &st) < 0 || !S_ISREG(st.st_mode))
		return msg_fail(call->output, path, "a session reads regular files only (EINVAL)");
	return EXIT_DONE;
}

int open_source(const struct call *call, const char *path, int *ret, bool *ours)
{
	*ours = false;
	if (call->from->holder)
		return need_passed(call, path, ret);
	if (word_fd(call, path, ret))
		return EXIT_DONE;
	if (strcmp(path, "-") != 0) {
		*ret = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
		*ours = *ret >= 0;
		return *ret < 0 ? msg_fail_errno(call->output, path, errno) : EXIT_DONE;
	}
	if (call->output->file && strcmp(call->output->file, STDIN_NAME) == 0)
		return msg_usage(call->output,
				 "'-' is the standard input, which holds the batch: name a file");
	*ret = STDIN_FILENO;
	return EXIT_DONE;
}

/* Where the length is known beforehand, too long a file changes nothing. */
static int check_fits(const struct call *call, const char *path, int fd, uint64_t room)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return msg_fail_errno(call->output, path, errno);
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > room)
		return msg_fail(call->output, path,
				"its %llu bytes are more than the %llu from that offset on (EFBIG)",
			    (unsigned long long)st.st_size, (unsigned long long)room);
	return EXIT_DONE;
}

/* read() straight into the memory: the kernel copies, so a page that cannot be had is an error, no signal. */
static int copy_in(const struct call *call, const char *path, int fd, char *to, uint64_t room)
{
	uint64_t done = 0;
	char beyond;
	ssize_t n;

	do {
		n = done < room ? read(fd, to + done, room - done) : read(fd, &beyond, 1);
		if (n > 0 && done == room) {
			msg_fail(call->output, path,
				 "it is longer than the memory (EFBIG); the first %llu bytes are written",
			     (unsigned long long)done);
			return EXIT_FAILED;
		}
		done += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n == 0)
		return EXIT_DONE;
	if (!done)
		return msg_fail_errno(call->output, path, errno);
	n = errno;
	return msg_fail(call->output, path, "%s (%s); %llu bytes are written", msg_error_text((int)n),
		    iommufd_error_name((int)n), (unsigned long long)done);
}

int verb_mem_write(struct call *call)
{
	const char *path = call->args[2];
	struct memory *memory;
	uint64_t offset;
	bool ours;
	char *map;
	int fd = -1, rc = need_named(call, &memory);

	if (rc != EXIT_DONE || (rc = need_size(call, "OFFSET", call->args[1], &offset)) != EXIT_DONE ||
	    (rc = check_range(call, memory, offset, 0)) != EXIT_DONE)
		return rc;
	if (!memory_is_writable(memory))
		return msg_fail(call->output, call->args[0], "the memory is sealed against writing (EPERM)");
	rc = open_source(call, path, &fd, &ours);
	if (rc != EXIT_DONE)
		return rc;
	rc = check_fits(call, path, fd, memory->size - offset);
	if (rc == EXIT_DONE) {
		map = memory_map(memory);
		rc = map ? copy_in(call, path, fd, map + offset, memory->size - offset)
			 : msg_fail_errno(call->output, call->args[0], errno);
	}
	if (ours)
		close(fd);
	return rc == EXIT_DONE ? print_nothing(call->output) : rc;
}

enum { PIECE = 16384 };

static void out_piece(const struct call *call, const char *bytes, size_t n)
{
	char hex[2 * PIECE + 1];

	if (!call->output->json) {
		buf_bytes(call->output->out, bytes, n);
		return;
	}
	hex_from_bytes(bytes, n, hex);
	buf_bytes(call->output->out, hex, 2 * n);
}

static int copy_out(const struct call *call, int fd, uint64_t offset, uint64_t length)
{
	char piece[PIECE];

	while (length) {
		size_t want = length < sizeof(piece) ? (size_t)length : sizeof(piece);
		ssize_t n = pread(fd, piece, want, offset);

		if (n <= 0)
			return msg_fail_errno(call->output, call->args[0], n < 0 ? errno : EIO);
		out_piece(call, piece, (size_t)n);
		offset += (uint64_t)n;
		length -= (uint64_t)n;
	}
	return EXIT_DONE;
}

int verb_mem_read(struct call *call)
{
	struct memory *memory;
	uint64_t offset, length;
	int rc = need_named(call, &memory);

	if (rc != EXIT_DONE || (rc = need_size(call, "OFFSET", call->args[1], &offset)) != EXIT_DONE ||
	    (rc = need_size(call, "LENGTH", call->args[2], &length)) != EXIT_DONE ||
	    (rc = check_range(call, memory, offset, length)) != EXIT_DONE)
		return rc;
	if (call->output->json)
		buf_str(call->output->out, "{\"version\":1,\"data\":\"");
	rc = copy_out(call, memory->fd, offset, length);
	if (call->output->json)
		buf_str(call->output->out, "\"}\n");
	return rc;
}

const struct column memory_columns[] = {
	{ "name", "MEMORY", COLUMN_TEXT },
	{ "size", "SIZE", COLUMN_NUMBER },
	{ "page_size", "PAGE-SIZE", COLUMN_NUMBER },
	{ "mappings", "MAPPINGS", COLUMN_NUMBER },
};
const size_t n_memory_columns = ARRAY_SIZE(memory_columns);

bool next_memory(const void *arg, size_t *cursor, struct value *row)
{
	const struct list *memories = &((const struct context *)arg)->memories;
	const struct memory *memory;

	if (*cursor == memories->count)
		return false;
	memory = (const struct memory *)memories->items[(*cursor)++];
	row[0].text = memory->object.name;
	row[1].number = memory->size;
	row[2].number = memory->page;
	row[3].number = memory->mappings;
	return true;
}

int verb_mem_list(struct call *call)
{
	struct table table = { "memories", memory_columns, n_memory_columns, next_memory, call->ctx, true,
			      0 };

	return print_tables(call->output, &table, 1);
}
