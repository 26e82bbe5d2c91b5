/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/journal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <unistd.h>

#include "context/derived.h"
#include "context/fds.h"
#include "context/memory.h"
#include "util/buffer.h"
#include "util/io.h"

#define MAGIC 0x316c6e6a64666f69ull /* "iofdjnl1" */

struct head {
	uint64_t magic, start, end;
};

enum { COMPACT_MIN = 1 << 20, PATIENCE = 500 };

static void write_pasid(struct buffer *out, const struct device *device, uint32_t number)
{
	const struct pasid *pasid = device_pasid(device, number);

	buf_format(out, "I %s %u %u %u\n", device->info.name, number, pasid ? pasid->requested_pt : 0,
		   pasid ? pasid->pt : 0);
}

static void write_mapping(struct buffer *out, const struct ioas *ioas, const struct mapping *mapping)
{
	buf_format(out, "P %u %llu %llu %llu %u %u %u\n", ioas->object.id, (unsigned long long)mapping->iova,
		   (unsigned long long)mapping->length, (unsigned long long)mapping->offset, mapping->flags,
		   mapping->memory->serial, mapping->state);
}

static void write_taker(struct buffer *out, const struct taker *taker)
{
	if (!taker_is_alive(taker))
		return;
	buf_format(out, "H %s %d %llu", taker->what, taker->pid, (unsigned long long)taker->start);
	if (taker->moved)
		buf_format(out, " %d %u %u %s%s%s", taker->group, taker->requested_pt, taker->pt,
			   *taker->address ? taker->address : "-", *taker->name ? " " : "", taker->name);
	buf_char(out, '\n');
}

static void write_object(struct buffer *out, const struct object *object)
{
	const struct device *device = (const struct device *)object;
	const struct ioas *ioas = (const struct ioas *)object;
	const struct memory *memory = (const struct memory *)object;
	const struct derived *derived = (const struct derived *)object;

	switch (object->type) {
	case OBJECT_DEVICE:
		buf_format(out, "D %s %u %d %u %u", device->info.name, object->id,
			   device->detached_by_user ? JOURNAL_DETACHED_BY_USER : (int)device->attachment,
			   device->requested_pt, device->pt);
		break;
	case OBJECT_IOAS:
		buf_format(out, "A %u %d", object->id, ioas->adopted);
		break;
	case OBJECT_MEMORY:
		buf_format(out, "M %u %llu %llu", memory->serial, (unsigned long long)memory->size,
			   (unsigned long long)memory->page);
		break;
	default:
		buf_format(out, "O %u %d %u %u %u %u %u", object->id, (int)object->type, derived->device,
			   derived->parent, derived->queue, derived->kind, derived->flags);
	}
	buf_format(out, "%s%s\n", object->name ? " " : "", object->name ?: "");
	if (object->type == OBJECT_MEMORY && *memory->bar_of)
		buf_format(out, "S %u %s\n", memory->serial, memory->bar_of);
}

static void write_origin(struct buffer *out, const struct device *device)
{
	const struct iommufd_device *info = &device->info;

	buf_format(out, "V %s %d %d %d%s%s\n", info->name, (int)info->kind, info->group + 1, device->is_wanted,
		   *info->address ? " " : "", info->address);
}

/* All that refers to an object comes behind it. */
static void write_context(struct buffer *out, const struct context *ctx)
{
	size_t cursor = 0;

	if (ctx->is_shared)
		buf_str(out, "U 1\n");
	if (ctx->gives_back)
		buf_str(out, "W 1\n");
	for (size_t i = 0; i < ctx->n_takers; i++)
		write_taker(out, &ctx->takers[i]);
	for (const struct object *object; (object = object_next(ctx, &cursor));) {
		const struct device *device = (const struct device *)object;
		const struct ioas *ioas = (const struct ioas *)object;

		write_object(out, object);
		if (object->type == OBJECT_DEVICE)
			write_origin(out, device);
		for (size_t i = 0; object->type == OBJECT_DEVICE && i < device->n_pasids; i++)
			write_pasid(out, device, device->pasids[i].number);
		for (size_t i = 0; object->type == OBJECT_IOAS && i < ioas->mappings.count; i++)
			write_mapping(out, ioas, mapping_at(&ioas->mappings, i));
	}
}

/*
 * Write text at an offset, and then the head: the records lie in the file before it says so. From now on they
 * begin at start.
 */
static int commit(struct journal *journal, const struct buffer *text, uint64_t at, uint64_t start)
{
	struct head head = { MAGIC, start, at + text->len };
	int rc = text->error ? -text->error : pwrite_all(journal->fd, text->buf, text->len, at);

	rc = rc ?: pwrite_all(journal->fd, &head, sizeof(head), 0);
	if (rc == 0) {
		journal->start = head.start;
		journal->end = head.end;
	}
	return rc;
}

static void write_unfinished(struct buffer *out, const struct unfinished *u)
{
	buf_format(out, "J %u %llu %llu %u\n", u->ioas, (unsigned long long)u->iova,
		   (unsigned long long)u->length, u->memory);
}

/* All of the context behind what is there; then what was there is given back. */
int journal_rewrite(struct journal *journal, const struct context *ctx)
{
	uint64_t old = journal->start, at = journal->end;
	struct buffer text = { .fd = -1 };
	int rc;

	write_context(&text, ctx);
	for (size_t i = 0; i < journal->n_unfinished; i++)
		write_unfinished(&text, &journal->unfinished[i]);
	rc = commit(journal, &text, at, at);
	if (rc == 0)
		fallocate(journal->fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, (off_t)old,
			  (off_t)(at - old));
	journal->compact_at = at + text.len + (text.len > COMPACT_MIN ? text.len : COMPACT_MIN);
	free(text.buf);
	return rc;
}

int journal_open(struct journal *journal, const struct context *ctx)
{
	int rc;

	journal->fd = memfd_create("session", MFD_CLOEXEC);
	if (journal->fd < 0)
		return -errno;
	journal->start = journal->end = sizeof(struct head);
	rc = journal_rewrite(journal, ctx);
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

static void append(struct journal *journal, const struct buffer *text)
{
	if (commit(journal, text, journal->end, journal->start) < 0)
		journal->failed = true;
}

void journal_cut(struct journal *journal, uint64_t end)
{
	const struct buffer nothing = { .fd = -1, .buf = (char[1]){ 0 } };

	if (commit(journal, &nothing, end, journal->start) < 0)
		journal->failed = true;
}

/* A record on the stack: none is longer than a name and a few numbers. */
enum { RECORD_ROOM = 512 };

#define RECORD(text) struct buffer text = { .fd = -1, .buf = (char[RECORD_ROOM]){ 0 }, .cap = RECORD_ROOM }

void journal_line(struct journal *journal, const char *format, ...)
{
	char line[RECORD_ROOM];
	struct buffer text = { .fd = -1, .buf = line };
	va_list ap;

	va_start(ap, format);
	text.len = (size_t)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	append(journal, &text);
}

static struct journal *observed_by(struct context_observer *observer)
{
	return (struct journal *)observer;
}

/* Not in the middle of a command: that it has begun would be lost. */
static void compact_when_long(struct journal *journal, const struct context *ctx)
{
	if (journal->end > journal->compact_at && !journal->pending)
		journal_rewrite(journal, ctx);
}

static void keep_fd(struct journal *journal, struct object *object)
{
	if (!object->to_store && journal->keep && object_fd(object) >= 0)
		journal->keep(journal, object);
}

static void note_changed(struct context_observer *observer, struct context *ctx, struct object *object)
{
	const struct device *device = object->type == OBJECT_DEVICE ? (const struct device *)object : NULL;
	struct journal *journal = observed_by(observer);
	bool is_new = !object->to_store;
	RECORD(text);

	keep_fd(journal, object);
	write_object(&text, object);
	if (device && (is_new || device->is_wanted))
		write_origin(&text, device);
	append(journal, &text);
	compact_when_long(journal, ctx);
}

static void note_fd_gone(struct context_observer *observer, const struct object *object)
{
	struct journal *journal = observed_by(observer);
	journal->patience = 0;
	if (journal->drop && object_fd(object) >= 0 && journal->drop(journal, object))
		journal->patience = PATIENCE;
}

static void note_gone(struct context_observer *observer, const struct object *object)
{
	struct journal *journal = observed_by(observer);

	if (object->type == OBJECT_DEVICE)
		journal_line(journal, "d %s\n", ((const struct device *)object)->info.name);
	else if (object->type == OBJECT_MEMORY)
		journal_line(journal, "m %u\n", ((const struct memory *)object)->serial);
	else
		journal_line(journal, "%c %u\n", object->type == OBJECT_IOAS ? 'a' : 'o', object->id);
	note_fd_gone(observer, object);
}

static void note_pasid(struct context_observer *observer, const struct device *device, uint32_t number)
{
	RECORD(text);

	write_pasid(&text, device, number);
	append(observed_by(observer), &text);
}

static void note_mapped(struct context_observer *observer, struct context *ctx, const struct ioas *ioas,
			const struct mapping *mapping)
{
	RECORD(text);

	write_mapping(&text, ioas, mapping);
	append(observed_by(observer), &text);
	compact_when_long(observed_by(observer), ctx);
}

static void note_unmapped(struct context_observer *observer, uint32_t ioas, uint64_t iova, uint64_t length)
{
	journal_line(observed_by(observer), "p %u %llu %llu\n", ioas, (unsigned long long)iova,
		      (unsigned long long)length);
}

/*
 * Where nothing but the kernel could tell whether a command that was killed in the middle has done its work,
 * this is how the next process knows that it has to ask.
 */
static void note_begin(struct context_observer *observer, uint32_t ioas)
{
	journal_line(observed_by(observer), "X %u\n", ioas);
	observed_by(observer)->pending = true;
}

static bool note_unfinished(struct context_observer *observer, uint32_t ioas, const struct mapping *whole,
			    bool on)
{
	struct journal *journal = observed_by(observer);
	struct unfinished *all = journal->unfinished;
	size_t i = 0;
	RECORD(text);

	while (i < journal->n_unfinished && (all[i].ioas != ioas || all[i].iova != whole->iova))
		i++;
	if (on && i == ARRAY_SIZE(journal->unfinished))
		return false;
	if (on) {
		all[i] = (struct unfinished){ ioas, whole->iova, whole->length, whole->memory->serial };
		journal->n_unfinished = MAX(journal->n_unfinished, i + 1);
		write_unfinished(&text, &all[i]);
		append(journal, &text);
	} else if (i < journal->n_unfinished) {
		all[i] = all[--journal->n_unfinished];
		journal_line(journal, "j %u %llu\n", ioas, (unsigned long long)whole->iova);
	}
	return true;
}

static void note_begin_device(struct context_observer *observer, const struct device *device)
{
	journal_line(observed_by(observer), "B %s\n", device->info.name);
	observed_by(observer)->pending = true;
}

static void note_bars(struct context_observer *observer, const char *cdev)
{
	journal_line(observed_by(observer), "r %s\n", cdev);
}

static void note_taken(struct context_observer *observer, const struct taker *taker)
{
	RECORD(text);

	write_taker(&text, taker);
	append(observed_by(observer), &text);
}

/* A service manager closes its copy of an fd when it comes to it. */
static bool wait_for_fd(struct context_observer *observer)
{
	struct journal *journal = observed_by(observer);

	return journal->patience-- > 0 && poll(NULL, 0, 1) == 0;
}

void journal_observe(struct journal *journal, struct context *ctx)
{
	journal->observer = (struct context_observer){
		.changed = note_changed,
		.gone = note_gone,
		.fd_gone = note_fd_gone,
		.pasid = note_pasid,
		.mapped = note_mapped,
		.unmapped = note_unmapped,
		.revoked = note_bars,
		.begin = note_begin,
		.begin_device = note_begin_device,
		.unfinished = note_unfinished,
		.taken = note_taken,
		.wait_for_fd = wait_for_fd,
	};
	ctx->observer = &journal->observer;
}

void journal_end(struct context *ctx)
{
	struct journal *journal = journal_of(ctx);

	if (!journal || !journal->pending)
		return;
	journal->pending = false;
	journal_line(journal, "x 0\n");
	compact_when_long(journal, ctx);
}

bool journal_is_whole(struct context *ctx)
{
	struct journal *journal = journal_of(ctx);

	/* A record that found no room may find it when all is written anew, which takes less. */
	if (journal && journal->failed)
		journal->failed = journal_rewrite(journal, ctx) < 0;
	return !journal || !journal->failed;
}

char *journal_read(const struct journal *journal)
{
	size_t len = journal->end - journal->start;
	char *text = calloc(1, len + 1);

	if (text && pread_all(journal->fd, text, len, journal->start) == 0)
		return text;
	free(text);
	return NULL;
}
