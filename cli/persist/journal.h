/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a context holds, written down in a memfd, so that another process can go on with it: after a
 * restart, or after a crash, when the service manager kept the fds. One line a record:
 *
 *	D NAME-OF-CDEV ID ATTACHMENT REQUESTED-PT PT [NAME]	device, again whenever it changes
 *	V NAME-OF-CDEV KIND GROUP WANTED [ADDRESS]	what sysfs said of it, which it may not say again;
 *							GROUP from 1 on; WANTED: the kernel waits for it
 *	d NAME-OF-CDEV					it is gone
 *	U 1						others have been given the iommufd
 *	W 1						devices that the kernel waits for are released
 *	I NAME-OF-CDEV PASID REQUESTED-PT PT		attached for a PASID; REQUESTED-PT 0: not any more
 *	A ID ADOPTED [NAME], a ID			IOAS
 *	O ID TYPE DEVICE PARENT QUEUE KIND FLAGS [NAME], o ID	any other object
 *	M SERIAL SIZE PAGE [NAME], m SERIAL		memory
 *	S SERIAL NAME-OF-CDEV				memory is a BAR of that device
 *	P IOAS IOVA LENGTH OFFSET FLAGS SERIAL STATE	mapping
 *	r NAME-OF-CDEV					what is mapped of its BARs is revoked
 *	p IOAS IOVA LENGTH				what lies there is unmapped
 *	F FDNAME FD					for a restart: the number of a stored fd
 *	X IOAS, x 0					a command begins that (un)maps there; 0: that
 *							allocates an IOAS; it has ended
 *	J IOAS IOVA LENGTH SERIAL, j IOAS IOVA		memory is mapped there in pieces, between which others
 *							are served: none counts before j
 *	B NAME-OF-CDEV					a command begins that attaches or detaches it;
 *							x ends that, too
 *	H NAME-OF-CDEV PID START			that process was given its fd; iommufd: that one's
 *	K PID						for a restart: who keeps alive what was charged
 *							for pinned memory, until the fd "charge" ends
 *	C FD						for a restart: a client's connection; the first asked
 *
 * The file begins with where the records start and end: they are written first, so that it is consistent
 * whenever its writer is killed.
 */
#ifndef CLI_PERSIST_JOURNAL_H
#define CLI_PERSIST_JOURNAL_H

#include "context/observer.h"

struct unfinished {
	uint32_t ioas;
	uint64_t iova, length;
	unsigned int memory; /* its serial */
};

enum {
	JOURNAL_PENDING = 8, /* IOASes that one command may change */
	JOURNAL_UNFINISHED = 8, /* mappings in pieces at a time */
	JOURNAL_DETACHED_BY_USER = 3, /* as ATTACHMENT */
};

struct journal {
	struct context_observer observer; /* first: the observer's functions cast back */
	int fd;
	uint64_t start, end; /* of the records in the file */
	uint64_t compact_at; /* rewrite it when it gets so long */
	bool pending;	     /* a command began and has not ended */
	struct unfinished unfinished[JOURNAL_UNFINISHED];
	size_t n_unfinished;
	bool failed;	     /* a record could not be written: said with the answer */
	/*
	 * Give an object's fd to whoever keeps them, or have it given back, true: soon. NULL: nobody keeps
	 * them.
	 */
	void (*keep)(struct journal *journal, struct object *object);
	bool (*drop)(struct journal *journal, const struct object *object);
	int patience; /* how many milliseconds to wait for a copy of an fd to be closed */
};

/* A new journal in a memfd, with all that the context holds; 0 or -errno. */
int journal_open(struct journal *journal, const struct context *ctx);
/* Go on with the file at fd; 0 or -errno (EBADMSG: it is no journal). */
int journal_resume(struct journal *journal, int fd);
/* Become the context's observer: from now on each change is written down. */
void journal_observe(struct journal *journal, struct context *ctx);
/* The journal that observes the context, or NULL. */
static inline struct journal *journal_of(const struct context *ctx)
{
	return (struct journal *)ctx->observer;
}

/* All records as one text, the caller's to free(), or NULL. */
char *journal_read(const struct journal *journal);

/* A command has ended. */
void journal_end(struct context *ctx);
/* Is every change written down? false: a crash would lose some of what the kernel has. */
bool journal_is_whole(struct context *ctx);
/* Write all anew: what the context holds, and nothing else. 0 or -errno. */
int journal_rewrite(struct journal *journal, const struct context *ctx);
/* The records from there on are forgotten; end: where they ended then. */
void journal_cut(struct journal *journal, uint64_t end);
/* One record, up to its newline. */
__attribute__((format(printf, 2, 3)))
void journal_line(struct journal *journal, const char *format, ...);

#endif
