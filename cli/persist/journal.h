/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a context holds, written down in a memfd, so that another process can go on with it: after a
 * restart, or after a crash, when the service manager kept the fds. One line a record:
 *
 *	D NAME-OF-CDEV ID ATTACHMENT ASKED PT [NAME]	device, again whenever it changes
 *	d NAME-OF-CDEV					it is gone
 *	I NAME-OF-CDEV PASID ASKED PT			attached for a PASID; ASKED 0: not any more
 *	A ID ADOPTED [NAME], a ID			IOAS
 *	O ID TYPE DEVICE PARENT QUEUE KIND FLAGS [NAME], o ID	any other object
 *	M SERIAL SIZE PAGE [NAME], m SERIAL		memory
 *	P IOAS IOVA LENGTH OFFSET FLAGS SERIAL		mapping
 *	p IOAS IOVA LENGTH				what lies there is unmapped
 *	F FDNAME FD					for a restart: the number of a stored fd
 *	X IOAS, x 0					a command begins that (un)maps there; 0: that
 *							allocates an IOAS; it has ended
 *	C FD						for a restart: a client's connection; the first asked
 *
 * The file begins with where the records start and end: they are written first, so that it is consistent
 * whenever its writer is killed.
 */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include "context.h"

struct journal {
	int fd;
	uint64_t start, end; /* of the records in the file */
	uint64_t compact_at; /* rewrite it when it gets so long */
	bool begun;	     /* a command began and has not ended */
	bool failed;	     /* a record could not be written: said with the answer */
	/* Give an fd to whoever keeps them, or take it back; NULL: nobody does. */
	void (*keep)(struct journal *journal, const char *name, int fd);
	void (*drop)(struct journal *journal, const char *name);
};

enum {
	FDNAME_LENGTH = 64,
	JOURNAL_BEGUN = 8, /* IOASes that one command may change */
	JOURNAL_LET_GO = 3, /* as ATTACHMENT: detached by request */
};

/* The fd of an object, -1: it has none; and the name under which it is kept. */
int object_fd(const struct object *object);
void object_fdname(const struct object *object, char *name);
typedef void each_fd_fn(void *arg, const char *name, int fd);
void journal_each_fd(const struct context *ctx, each_fd_fn *fn, void *arg);

/* A new journal in a memfd, with all that the context holds; 0 or -errno. */
int journal_open(struct journal *journal, struct context *ctx);
/* Go on with the file at fd; 0 or -errno (EBADMSG: it is no journal). */
int journal_resume(struct journal *journal, int fd);

/* The hooks; nothing happens in a context without a journal. A batch has none: it pays for no call. */
void journal_object(struct context *ctx, const struct object *object);
void journal_gone(struct context *ctx, const struct object *object);
/* Only its fd is about to be closed: whoever keeps a copy is to close that, too. */
void journal_fd_gone(struct context *ctx, const struct object *object);
/* What the device has attached for that PASID now. */
void journal_pasid(struct context *ctx, const struct device *device, uint32_t number);
void journal_add_map(struct context *ctx, const struct ioas *ioas, const struct mapping *mapping);
static inline void journal_map(struct context *ctx, const struct ioas *ioas, const struct mapping *mapping)
{
	if (ctx->journal)
		journal_add_map(ctx, ioas, mapping);
}
void journal_add_unmap(struct context *ctx, uint32_t ioas, uint64_t iova, uint64_t length);
static inline void journal_unmap(struct context *ctx, uint32_t ioas, uint64_t iova, uint64_t length)
{
	if (ctx->journal)
		journal_add_unmap(ctx, ioas, iova, length);
}
/* All records as one text, the caller's to free(), or NULL. */
char *journal_read(const struct journal *journal);

enum { RECORD_LENGTH = 512, RECORD_WORDS = 10 };

struct record {
	char *words[RECORD_WORDS + 1], store[RECORD_LENGTH];
	int count;
};
/* Split a line of it: 0, or -EBADMSG. */
int journal_split(const char *line, size_t len, struct record *ret);

/*
 * Before an ioctl that maps or unmaps in this IOAS, or, with 0, allocates one; and after its command. Where
 * nothing but the kernel could tell whether one that was killed in the middle has done its work, this is how
 * the next process knows that it has to ask.
 */
void journal_add_begin(struct context *ctx, uint32_t ioas);
static inline void journal_begin(struct context *ctx, uint32_t ioas)
{
	if (ctx->journal)
		journal_add_begin(ctx, ioas);
}
void journal_end(struct context *ctx);
/* Is every change written down? false: a crash would lose some of what the kernel has. */
bool journal_is_whole(struct context *ctx);
/* Write all anew: what the context holds after it was restored, and nothing else. 0 or -errno. */
int journal_settle(struct journal *journal, const struct context *ctx);
/* Another line, for a restart. */
void journal_line(struct journal *journal, const char *line);

/*
 * Make the context what the journal says. find_fd: the fd of a name, -1: it is not there. What is missing or
 * does not fit the kernel is left out with a message. Client connections go to clients (may be NULL).
 */
typedef int find_fd_fn(void *arg, const char *name);
int journal_restore(const struct call *call, struct journal *journal, find_fd_fn *find_fd, void *arg,
		    int *clients, size_t max_clients, size_t *ret_clients);

#endif
