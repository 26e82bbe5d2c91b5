/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command engine: what a verb is, and what one execution of a verb is given. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libiommufd.h"
#include "message.h"

#define STDIN_NAME "<stdin>" /* of a batch that comes from there */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct context;
struct call;

enum verb_flags {
	VERB_CONTEXT = 1,  /* needs a context */
	VERB_MAKES = 2,	   /* makes something that dies with the context */
	VERB_MEMORY = 4,   /* needs a context that outlives the verb: its memory is the context's */
	VERB_IN_ORDER = 8, /* options end at the first other word: the rest is another command's */
	VERB_ALONE = 16,   /* feeds or becomes a context: not allowed inside one */
	VERB_NO_JSON = 32,
	VERB_OPENS = 64, /* opens an iommufd of its own, unless it is given one */
	VERB_SESSION = 128, /* about a session, by name: executed here or by its holder */
};

struct verb {
	const char *name; /* "list", or two words: "ioas alloc"; never NULL */
	const char *args; /* "IOAS MEM": for people, and for the completions */
	const char *summary;
	const char *details; /* further lines of the help, or NULL */
	int (*run)(struct call *call);
	const struct argp_option *options; /* NULL: only the common ones */
	uint8_t min, max;		   /* number of arguments; max ANY_NUMBER: no limit */
	uint8_t flags;
	uint16_t repeats;/* the key of the option that may be given several times, or 0 */
};

enum { ANY_NUMBER = UINT8_MAX };

/* An option as it was given. */
struct given {
	const struct argp_option *row;
	const char *value; /* NULL: it takes none */
};

enum { MAX_GIVEN = 256 };

/* An fd that came for a word. */
struct passed {
	const char *word;
	int fd; /* -1: taken */
};

/* Where words come from and where answers go: one for a command line, one for all lines of a batch. */
struct request {
	struct context *ctx;
	struct output output; /* without the name of a verb */
	bool once;
	const char *session;	/* -s, or NULL */
	struct holder *holder;	/* executed by a session's holder for a client: these are set */
	struct client *client;
	struct passed *passed;
	size_t n_passed;
};

struct call {
	const struct request *from;
	struct context *ctx;
	const struct output *output;
	const struct verb *verb;
	char **args; /* NULL-terminated */
	int n_args;
	const struct given *given;
	int n_given;
	int given_flags;     /* all of their rows' */
	const char *const *words; /* all of them as they came, for a session */
	int n_words;
};

/* engine.c: execute one command. Returns the exit code; errors have been printed. */
int run_words(struct request *from, int argc, char **argv);

/* The same in two steps: a batch runs again what it has sorted, with other values. */
struct command {
	struct call call;
	struct output output;
	struct given given[MAX_GIVEN];
	const char *words[IOMMUFD_SESSION_WORDS]; /* as they came */
};
/* Find the verb, sort the words, check that it may run. false: nothing is to run, *ret is the exit code. */
bool command_sort(struct command *command, struct request *from, int argc, char **argv, int *ret);
int command_run(const struct command *command);

/* verbs.c: the table, ended by an empty row. A row with a summary only is a heading. */
extern const struct verb verbs[];
extern const struct argp_option common_options[];
/* The verb that argv begins with, or NULL. *ret_words: how many words its name has. */
const struct verb *verb_find(int argc, char **argv, int *ret_words);

/* options.c */
/* The value of an option by its key ("" for one without), NULL when it was not given. */
const char *option(const struct call *call, int key);

/* Is the value that word, or the end of it, as in "--data=FILE"? By where they stand, not by their text. */
bool is_of_word(const char *value, const char *word);
/* The fd that a word, or a value in it, stands for: one that came from a session's client, else fd:N. */
bool word_fd(const struct call *call, const char *word, int *ret);
/* Make it the context's: it is not closed when the command ends. false: it is the caller's own fd. */
bool take_fd(const struct call *call, const char *word);

/* parse.c: whole words only; the return value is false for anything else. */
bool parse_u32(const char *text, uint32_t *ret);  /* an id */
bool parse_size(const char *text, uint64_t *ret); /* decimal or 0x, with K, M, G or T */
bool parse_fd(const char *text, int *ret);	  /* "fd:N", N of 3 or more */
enum { NAME_LENGTH = 63 };
bool is_name(const char *text);
static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}
/* -1: it is none */
int hex_digit(char c);
/* The same with a message. */
int need_size(const struct call *call, const char *what, const char *text, uint64_t *ret);
int need_u32(const struct call *call, const char *what, const char *text, uint32_t *ret);

/* "START-LAST", both addresses */
int need_range(const struct call *call, const char *word, struct iommufd_range *ret);

/* A word that stands for a number of the kernel's; the number itself will do as well. */
struct choice {
	char word[16];
	uint32_t value;
};
int need_choice(const struct call *call, const char *what, const char *text, const struct choice *choices,
		size_t n, uint32_t *ret);
/* The word for a number, or NULL. */
const char *choice_word(const struct choice *choices, size_t n, uint32_t value);

#endif
