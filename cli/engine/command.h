/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a verb is, and one command: its words sorted by its verb's row, checked, and executed. */
#ifndef CLI_ENGINE_COMMAND_H
#define CLI_ENGINE_COMMAND_H

#include <signal.h>

#include "engine/option.h"
#include "output/message.h"

#define STDIN_NAME "<stdin>" /* of a batch that comes from there */

struct call;
struct client;
struct context;
struct holder;
struct object;

/* Flags. */
enum verb_needs {
	NEEDS_CONTEXT = 1,
	NEEDS_IOMMUFD = 3, /* a context with its iommufd, which is opened first */
	NEEDS_LASTING = 5, /* a context that outlives the verb: what the verb makes is the context's own */
	NEEDS_SESSION = 8, /* it is about a session, or about what one has */
	USES_CONTEXT = 16, /* it says more in a context, and does without */
};

enum { MAX_ARGUMENTS = 5 };

/* A row: all that is known of a verb. Help, completions, and which words travel as fds follow from it. */
struct verb {
	const char *name; /* "list", or two words: "ioas alloc" */
	const char *summary, *details; /* details: further lines of the help, or NULL */
	const char *example; /* of the help: what is typed, lines of a shell */
	struct argument args[MAX_ARGUMENTS + 1]; /* ended by one without a name */
	const struct verb_option *options; /* ended by one without a name; NULL: the common ones alone */
	unsigned int needs; /* enum verb_needs */
	bool makes;	/* makes something that dies with the context */
	bool in_order;	/* options end at the first other word: the rest is another command's */
	bool alone;	/* feeds or becomes a context: not allowed inside one */
	bool has_lines; /* which the session executes that -s names */
	bool opens;	/* opens an iommufd of its own, unless it is given one */
	bool no_json;
	int (*run)(struct call *call);	  /* where the context is; NULL: it is in sessions alone */
	int (*client)(struct call *call); /* in the client of a session; NULL: it is sent as it is */
	int (*holder)(struct call *call); /* in the holder, in the place of run */
	int (*go_on)(struct call *call);  /* the same behind a pause; NULL: it makes none */
};

/* Verbs below a heading. */
struct verb_group {
	const char *heading; /* NULL ends the groups */
	const struct verb *const *verbs; /* NULL ends them */
};

#define for_each_verb(verb, groups) \
	for (const struct verb_group *group_ = (groups); group_->heading; group_++) \
		for (const struct verb *const *verb = group_->verbs; *verb; verb++)

/* Of run or holder in a session, in the place of an exit code: others are to be served before it goes on. */
enum { EXIT_PAUSED = -1 };

/*
 * How far a command of a session has come that takes long. It goes on with the same words, which are parsed
 * anew; but the objects that they named may be others by then.
 */
struct progress {
	uint64_t until; /* ms of CLOCK_MONOTONIC: then it is others' turn */
	bool paused;	/* it is not the first time */
	bool given_up;	/* the client has gone: take back what cannot stay half done, and end */
	bool waits;	/* it only waits for others that pause */
	/* The verb's own, all 0 at first. */
	uint64_t done, next;
	uint32_t id; /* of the object that it is about */
	uint64_t serial;
	int code;
	int failed;
	void *held;
};

/* An fd that came for a word. */
struct passed {
	uint32_t index; /* of the word */
	int fd;		/* -1: taken */
};

/* Where words come from and where answers go: one for a command line, one for all lines of a batch. */
struct request {
	const struct verb_group *verbs;
	/* Who executes a command that is sorted: this process, or a session. Returns the exit code. */
	int (*execute)(struct call *call);
	struct context *ctx;
	struct output output; /* without the name of a verb */
	fill_blank_fn *fill;  /* of hints: hint_arg is the command's call */
	own_hint_fn *own_hint; /* the same */
	bool once;
	const char *session;   /* -s, or NULL */
	const char *lines_in;  /* the session that executes these lines of a batch, or NULL */
	struct holder *holder; /* executed by a session's holder for a client: these are set */
	struct client *client;
	struct passed *passed;
	size_t n_passed;
	struct progress *progress; /* NULL: this process has nobody else to serve */
	const sigset_t *signals;   /* that a program which is executed has blocked, NULL: as they are */
};

struct call {
	const struct request *request;
	struct context *ctx;
	const struct output *output;
	const struct verb *verb;
	char **args; /* NULL-terminated */
	int n_args;
	const uint16_t *arg_indexes; /* where the first of them stood among the words */
	uint64_t *values;	     /* of the first MAX_ARGUMENTS: their numbers and ids ... */
	struct object **objects;     /* ... or devices and memory */
	struct given *given;
	int n_given;
	unsigned int option_flags; /* of all that are given */
	const char *const *words;  /* all of them as they came, for a session */
	int n_words;
};

struct command {
	struct call call;
	struct output output;
	struct given given[MAX_GIVEN];
	uint16_t arg_indexes[IOMMUFD_SESSION_WORDS];
	uint64_t values[MAX_ARGUMENTS];
	struct object *objects[MAX_ARGUMENTS];
	const char *words[IOMMUFD_SESSION_WORDS];
};

/* A word of a command: its text, and where it stood, by which an fd may have come for it. */
struct word {
	const char *text;
	int index; /* -1: it is no word of its own */
};

/* Argument i, which must be there. */
static inline struct word call_arg(const struct call *call, int i)
{
	return (struct word){ call->args[i], i < IOMMUFD_SESSION_WORDS ? call->arg_indexes[i] : -1 };
}

/* The argument of a verb that its word i is, the last one again and again where that repeats. */
const struct argument *verb_argument(const struct verb *verb, int i);
/* How many arguments it needs, and how many it takes; ANY_NUMBER: no limit. */
enum { ANY_NUMBER = -1 };
int verb_min_args(const struct verb *verb);
int verb_max_args(const struct verb *verb);

/* The verb that argv begins with, or NULL. *ret_words: how many words its name has. */
const struct verb *verb_find(const struct verb_group *groups, int argc, char **argv, int *ret_words);

/* Does the command need a context, by its verb and its options? */
static inline bool call_needs_context(const struct call *call)
{
	return call->verb->needs & NEEDS_CONTEXT && !(call->option_flags & OPTION_NO_CONTEXT);
}

/* Does it go to a context, where there is one? */
static inline bool call_uses_context(const struct call *call)
{
	return call_needs_context(call) || call->verb->needs & USES_CONTEXT;
}

/* Was an iommufd given on the command line? The lines of a batch are not asked. */
bool call_has_iommufd(const struct call *call);

/* May it run in the context of this process? An exit code, with its message. */
int command_check_place(const struct call *call);
/* Run it in the context of this process. */
int command_execute(struct call *call);

/* Is it time to return EXIT_PAUSED? */
bool call_is_over_time(const struct call *call);

/*
 * Find the verb of these words, sort them, and have it executed. Returns the exit code; errors are printed.
 */
int command_run(const struct request *request, int argc, char **argv);

#endif
