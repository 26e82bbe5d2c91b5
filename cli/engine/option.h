/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments and options: their rows, and the parser that sorts words into them. */
#ifndef CLI_ENGINE_OPTION_H
#define CLI_ENGINE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;

/* What a word stands for. It decides what completes it, and whether a file travels for it to a session. */
enum arg_type {
	ARG_TEXT,
	ARG_NAME,	  /* a new one */
	ARG_DEVICE,	  /* one of the context */
	ARG_NEW_DEVICE,	  /* to be opened */
	ARG_DEVICE_ID,	  /* one that is bound in the iommufd: its id, or any of its words */
	ARG_ID,		  /* an object of some types, by id or name */
	ARG_MEMORY,	  /* a name, or fd:N */
	ARG_FILE,	  /* to be read; "-" is stdin */
	ARG_FILE_OR_HEX,  /* or "hex:BYTES" itself */
	ARG_PATH,	  /* a file that no session is to see */
	ARG_SIZE,	  /* bytes, or an address */
	ARG_NUMBER,
	ARG_RANGE,	  /* START-LAST */
	ARG_CHOICE,
	ARG_EITHER,	  /* a choice of two words, and no number */
	ARG_SESSION,
	ARG_ANY_DEVICE,	  /* of the machine, or of the context */
	ARG_CLAIMABLE,	  /* a device of the machine that VFIO does not have, and could have */
	ARG_CLAIMED,	  /* one that was claimed */
	ARG_VERB,
	ARG_COMMAND,	  /* a program and its words */
};

enum argument_flags {
	ARG_OPTIONAL = 1,
	ARG_TOGETHER = 2, /* optional, but given with the one before it */
	ARG_REPEATS = 4,
	ARG_NO_HINT = 8,  /* of a device: it is no good advice to bind it first */
	ARG_BY_NAME = 16, /* of memory: not as fd:N */
};

/* A word that stands for a number of the kernel's; the number itself will do as well. */
struct choice {
	const char *word; /* NULL ends them */
	uint32_t value;
};
#define CHOICES(...) ((const struct choice[]){ __VA_ARGS__, { NULL } })

struct argument {
	const char *name; /* for people: "DEV", "FILE|-" */
	enum arg_type type;
	unsigned int flags;
	const struct choice *choices; /* of ARG_CHOICE and ARG_EITHER */
	const char *label;	      /* what messages call it; NULL: its name */
	unsigned int types;	      /* of ARG_ID: TYPE() of objects, 0: the verb looks at the word itself */
};

struct verb_option {
	const char *name;
	int key;
	struct argument value; /* without a name: it takes none */
	const char *help;
	unsigned int flags;
};

/* The options of a verb, as its row has them. */
#define OPTIONS(...) ((const struct verb_option[]){ __VA_ARGS__, { NULL } })

enum option_flags {
	OPTION_REPEATS = 1,
	OPTION_NO_CONTEXT = 2, /* a verb that is given it needs no context */
};

/* Letters are options of one letter as well. Keys of one verb alone begin at OPT_OWN, in its file. */
enum option_key {
	OPT_JSON = 'j',
	OPT_VERBOSE = 'v',
	OPT_HELP = 'h',
	OPT_VERSION = 'V',
	OPT_SESSION = 's',
	OPT_IOMMUFD = 256,
	OPT_ONCE,
	OPT_NAME,
	OPT_IOVA,
	OPT_OFFSET,
	OPT_LENGTH,
	OPT_READ,
	OPT_WRITE,
	OPT_RLIMIT_MODE,
	OPT_SHARE,
	OPT_ALL,
	OPT_PASID,
	OPT_TYPE,
	OPT_DATA,
	OPT_PAGE,
	OPT_RAW,
	OPT_FOLLOW,
	OPT_FORCE,
	OPT_FD_BASE,
	OPT_YES,
	OPT_OWN,
};

/* The row of --name, which many verbs have. */
#define NAME_OPTION { "name", OPT_NAME, { "NAME", ARG_NAME }, "Call it by this name from now on" }

/* Those before the verb, and those that every verb has. */
extern const struct verb_option global_options[];
extern const struct verb_option common_options[];

/* An option as it was given. */
struct given {
	const struct verb_option *option;
	const char *value; /* NULL: it takes none */
	int index;	   /* of the word that has the value */
	uint64_t number;   /* that the value is */
};

enum { MAX_GIVEN = 256 };

/*
 * Sort argv, up to its NULL, into call's options and arguments by its verb's row. argv is rearranged in
 * place; given and indexes become call's: room for MAX_GIVEN and IOMMUFD_SESSION_WORDS. first: the index of
 * argv[0] among all words. Returns an exit code, with its message.
 */
int option_parse(struct call *call, char **argv, int first, struct given *given, uint16_t *indexes);

/* The first option of that key which was given, or NULL. */
const struct given *opt_given(const struct call *call, int key);
/* Its value ("" of one that takes none), or NULL. */
const char *opt_value(const struct call *call, int key);

#endif
