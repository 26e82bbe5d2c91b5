/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line of a value in JSON text, which the library does not tell. */
#ifndef SIM_TOPOLOGY_LOCATE_H
#define SIM_TOPOLOGY_LOCATE_H

#include <stddef.h>

/* A step down: the value of a key, or (key NULL) the element of a list. */
struct locate_step {
	const char *key;
	size_t index;
};

/*
 * The text is known to be JSON. The line where the value at the end of the path begins, from 1; of a key
 * its own.
 */
unsigned int locate_line(const char *text, const struct locate_step *path, size_t n);

#endif
