/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers that words stand for by the types of their rows: parsed before a verb runs, or is sent to a
 * session.
 */
#ifndef CLI_ENGINE_VALUE_H
#define CLI_ENGINE_VALUE_H

#include "engine/command.h"

/*
 * Parse the sizes, numbers and choices of all arguments, those that repeat aside, and options. Returns an
 * exit code, with its message.
 */
int values_parse(struct call *call);

/* Of argument i: a size, a number, or the value of a choice. */
static inline uint64_t arg_value(const struct call *call, int i)
{
	return call->values[i];
}

static inline uint32_t arg_u32(const struct call *call, int i)
{
	return (uint32_t)call->values[i];
}

/* Of an option; otherwise: where it is not given. */
static inline uint64_t opt_number(const struct call *call, int key, uint64_t otherwise)
{
	const struct given *given = opt_given(call, key);

	return given ? given->number : otherwise;
}

static inline uint32_t opt_u32(const struct call *call, int key, uint32_t otherwise)
{
	return (uint32_t)opt_number(call, key, otherwise);
}

/* Argument i, which is START-LAST. Returns an exit code, with its message. */
int arg_range(const struct call *call, int i, struct iommufd_range *ret);

/* The word for a number, or NULL. */
const char *choice_word(const struct choice *choices, uint32_t value);

#endif
