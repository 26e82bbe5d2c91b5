/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a command is used, its options in columns: as argp(3) lays it out, but without memory of its own. */
#ifndef CLI_ENGINE_USAGE_H
#define CLI_ENGINE_USAGE_H

#include "engine/option.h"
#include "util/buffer.h"

struct usage {
	const char *name, *args;	   /* "iommufdctl ioas map", "IOAS MEM" */
	const char *summary, *details;	   /* before and behind the options; details may be NULL */
	const char *lines;		   /* between the summary and the options, as they are, or NULL */
	const char *example;		   /* a line, at the end, or NULL */
	const struct argument *arguments;  /* whose words are explained, and the options'; or NULL */
	const struct verb_option *options; /* each list ends with one without a name, and may be NULL */
	const struct verb_option *common;  /* those below a heading of their own */
	bool no_json;			   /* without the option of that name */
};

void print_usage(struct buffer *out, const struct usage *usage);

#endif
