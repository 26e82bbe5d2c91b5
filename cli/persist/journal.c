/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"
#include "pasid.h"

#define MAGIC 0x316c6e6a64666f69ull /* "iofdjnl1" */

struct head {
	uint64_t magic, start, end;
};

enum { COMPACT_MIN = 1 << 20 };

int object_fd(const struct object *object)
{
	switch (object->type) {
	case OBJECT_DEVICE:
		return ((const struct device *)object)->fd;
	case OBJECT_MEMORY:
		return ((const struct memory *)object)->fd;
	case OBJECT_IOAS:
		return -1;
	default:
		return ((const struct made *)object)->fd;
	}
}

void object_fdname(const struct object *object, char *name)
{
	struct buffer out = { .fd = -1, .buf = name, .cap = FDNAME_LENGTH };

	if (object->type == OBJECT_DEVICE)
		buf_format(&out, "dev-%s", ((const struct device *)object)->info.name);
	else if (object->type == OBJECT_MEMORY)
		buf_format(&out, "mem-%u", ((const struct memory *)object)->serial);
	else
		buf_format(&out, "obj-%u", object->id);
	buf_char(&out, '\0');
}

static void tell_fd(const struct object *object, each_fd_fn *fn, void *arg)
{
	char name[FDNAME_LENGTH];

	if (object_fd(object) < 0)
		return;
	object_fdname(object, name);
	fn(arg, name, object_fd(object));
}

void journal_each_fd(const struct context *ctx, each_fd_fn *fn, void *arg)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		tell_fd(ctx->devices.items[i], fn, arg);
	for (size_t i = 0; i < ctx->memories.count; i++)
		tell_fd(ctx->memories.items[i], fn, arg);
	for (size_t id = 0; id < ctx->ids.count; id++)
		if (find_made(ctx, (uint32_t)id))
			tell_fd(ctx->ids.items[id], fn, arg);
}

static void write_name(struct buffer *out, const struct object *object)
{
	if (object->name)
		buf_format(out, " %s", object->name);
	buf_char(out, '\n');
}

static void write_device(struct buffer *out, const struct device *device)
{
	buf_format(out, "D %s %u %d %u %u", device->info.name, device->object.id,
		   device->let_go ? JOURNAL_LET_GO : (int)device->attachment, device->asked, device->pt);
	write_name(out, &device->object);
}

static void write_pasid(struct buffer *out, const struct device *device, uint32_t number)
{
	const struct pasid *pasid = pasid_find(device, number);

	buf_format(out, "I %s %u %u %u\n", device->info.name, number, pasid ? pasid->asked : 0,
		   pasid ? pasid->pt : 0);
}

static void write_ioas(struct buffer *out, const struct ioas *ioas)
{
	buf_format(out, "A %u %d", ioas->object.id, (int)ioas->adopted);
	write_name(out, &ioas->object);
}

static void write_memory(struct buffer *out, const struct memory *memory)
{
	buf_format(out, "M %u %llu %llu", memory->serial, (unsigned long long)memory->size,
		   (unsigned long long)memory->page);
	write_name(out, &memory->object);
}

static void write_mapping(struct buffer *out, const struct ioas *ioas, const struct mapping *mapping)
{
	buf_format(out, "P %u %llu %llu %llu %u %u\n", ioas->object.id, (unsigned long long)mapping->iova,
		   (unsigned long long)mapping->length, (unsigned long long)mapping->offset, mapping->flags,
		   mapping->memory->serial);
}

static void write_made(struct buffer *out, const struct made *made)
{
	buf_format(out, "O %u %d %u %u %u %u %u", made->object.id, (int)made->object.type, made->device,
		   made->parent, made->queue, made->kind, made->flags);
	write_name(out, &made->object);
}

static void write_object(struct buffer *out, const struct object *object)
{
	switch (object->type) {
	case OBJECT_DEVICE:
		write_device(out, (const struct device *)object);
		break;
	case OBJECT_IOAS:
		write_ioas(out, (const struct ioas *)object);
		break;
	case OBJECT_MEMORY:
		write_memory(out, (const struct memory *)object);
		break;
	default:
		write_made(out, (const struct made *)object);
	}
}

static void write_context(struct buffer *out, const struct context *ctx)
{
	for (size_t i = 0; i < ctx->memories.count; i++)
		write_object(out, ctx->memories.items[i]);
	for (size_t i = 0; i < ctx->devices.count; i++) {
		const struct device *device = device_at(ctx, i);

		write_device(out, device);
		for (size_t p = 0; p < device->n_pasids; p++)
			write_pasid(out, device, device->pasids[p].number);
	}
	for (size_t id = 0; id < ctx->ids.count; id++) {
		const struct ioas *ioas = find_ioas(ctx, (uint32_t)id);

		if (find_made(ctx, (uint32_t)id))
			write_object(out, ctx->ids.items[id]);
		if (!ioas)
			continue;
		write_ioas(out, ioas);
		for (size_t i = 0; i < ioas->mappings.count; i++)
			write_mapping(out, ioas, mapping_at(&ioas->mappings, i));
	}
}

/* The records lie in the file before the head says so. */
static int commit(struct journal *journal, uint64_t start, uint64_t end)
{
	struct head head = { MAGIC, start, end };
	int rc = pwrite_all(journal->fd, &head, sizeof(head), 0);

	if (rc == 0) {
		journal->start = start;
		journal->end = end;
	}
	return rc;
}

/* All of the context behind what is there; then what was there is given back. */
static int rewrite(struct journal *journal, const struct context *ctx)
{
	uint64_t old = journal->start, at = journal->end;
	struct buffer text = { .fd = -1 };
	int rc;

	write_context(&text, ctx);
	rc = text.error ? -text.error : pwrite_all(journal->fd, text.buf, text.len, at);
	if (rc == 0)
		rc = commit(journal, at, at + text.len);
	if (rc == 0)
		fallocate(journal->fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, (off_t)old,
			  (off_t)(at - old));
	journal->compact_at = at + text.len + (text.len > COMPACT_MIN ? text.len : COMPACT_MIN);
	free(text.buf);
	return rc;
}

int journal_settle(struct journal *journal, const struct context *ctx)
{
	return rewrite(journal, ctx);
}

int journal_open(struct journal *journal, struct context *ctx)
{
	int rc;

	journal->fd = memfd_create("session", MFD_CLOEXEC);
	if (journal->fd < 0)
		return -errno;
	journal->start = journal->end = sizeof(struct head);
	rc = rewrite(journal, ctx);
	if (rc < 0)
		close(journal->fd);
	return rc;
}

int journal_resume(struct journal *journal, int fd)
{
	struct head head;
	ssize_t n = pread(fd, &head, sizeof(head), 0);

	if (n != sizeof(head) || head.magic != MAGIC || head.start < sizeof(head) || head.end < head.start)
		return -EBADMSG;
	journal->fd = fd;
	journal->start = head.start;
	journal->end = head.end;
	journal->compact_at = head.end + COMPACT_MIN;
	return 0;
}

static void append(struct journal *journal, struct buffer *text)
{
	int rc = text->error ? -text->error : pwrite_all(journal->fd, text->buf, text->len, journal->end);

	if (rc == 0)
		rc = commit(journal, journal->start, journal->end + text->len);
	journal->failed = journal->failed || rc < 0;
}

/* A record on the stack: none is longer than a name and a few numbers. */
#define RECORD(text)            \
	char text##_room[512];  \
	struct buffer text = { .fd = -1, .buf = text##_room, .cap = sizeof(text##_room) }

static void keep_fd(struct journal *journal, const struct object *object)
{
	char name[FDNAME_LENGTH];
	int fd = object_fd(object);

	if (!journal->keep || fd < 0)
		return;
	object_fdname(object, name);
	journal->keep(journal, name, fd);
}

void journal_object(struct context *ctx, const struct object *object)
{
	RECORD(text);

	if (!ctx->journal)
		return;
	if (!object->kept) {
		keep_fd(ctx->journal, object);
		((struct object *)object)->kept = true;
	}
	write_object(&text, object);
	append(ctx->journal, &text);
	if (ctx->journal->end > ctx->journal->compact_at)
		rewrite(ctx->journal, ctx);
}

void journal_fd_gone(struct context *ctx, const struct object *object)
{
	char name[FDNAME_LENGTH];

	if (!ctx->journal || !ctx->journal->drop || object_fd(object) < 0)
		return;
	object_fdname(object, name);
	ctx->journal->drop(ctx->journal, name);
}

void journal_gone(struct context *ctx, const struct object *object)
{
	RECORD(text);

	if (!ctx->journal)
		return;
	if (object->type == OBJECT_DEVICE)
		buf_format(&text, "d %s\n", ((const struct device *)object)->info.name);
	else if (object->type == OBJECT_MEMORY)
		buf_format(&text, "m %u\n", ((const struct memory *)object)->serial);
	else
		buf_format(&text, "%c %u\n", object->type == OBJECT_IOAS ? 'a' : 'o', object->id);
	append(ctx->journal, &text);
	journal_fd_gone(ctx, object);
}

void journal_pasid(struct context *ctx, const struct device *device, uint32_t number)
{
	RECORD(text);

	if (!ctx->journal)
		return;
	write_pasid(&text, device, number);
	append(ctx->journal, &text);
}

void journal_add_map(struct context *ctx, const struct ioas *ioas, const struct mapping *mapping)
{
	RECORD(text);

	write_mapping(&text, ioas, mapping);
	append(ctx->journal, &text);
	if (ctx->journal->end > ctx->journal->compact_at)
		rewrite(ctx->journal, ctx);
}

void journal_add_unmap(struct context *ctx, uint32_t ioas, uint64_t iova, uint64_t length)
{
	RECORD(text);

	buf_format(&text, "p %u %llu %llu\n", ioas, (unsigned long long)iova, (unsigned long long)length);
	append(ctx->journal, &text);
}

void journal_add_begin(struct context *ctx, uint32_t ioas)
{
	RECORD(text);

	buf_format(&text, "X %u\n", ioas);
	append(ctx->journal, &text);
	ctx->journal->begun = true;
}

void journal_end(struct context *ctx)
{
	RECORD(text);

	if (!ctx->journal || !ctx->journal->begun)
		return;
	ctx->journal->begun = false;
	buf_str(&text, "x 0\n");
	append(ctx->journal, &text);
}

bool journal_is_whole(struct context *ctx)
{
	struct journal *journal = ctx->journal;

	/* A record that found no room may find it when all is written anew, which takes less. */
	if (journal && journal->failed)
		journal->failed = rewrite(journal, ctx) < 0;
	return !journal || !journal->failed;
}

void journal_line(struct journal *journal, const char *line)
{
	RECORD(text);

	buf_format(&text, "%s\n", line);
	append(journal, &text);
}
