/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to ids and objects of the context. Each function returns an exit code, with its message. */
#ifndef CLI_RESOLVE_OBJECT_H
#define CLI_RESOLVE_OBJECT_H

#include "context/derived.h"
#include "engine/command.h"

/* The id that a word stands for: a number as it is, a name of an object of one of the types (a mask). */
int need_id(const struct call *call, const char *word, unsigned int types, uint64_t *ret);

/* What people call it by: its name, that of a device's cdev, or its id, which is written to room. */
const char *object_called(const struct object *object, char room[BLANK_ROOM]);

/* Is the word fit to be a new object's name? The first: and is there a later command that could use it? */
int check_new_name(const struct call *call, const char *name);
int check_name(const struct call *call, const char *name);

/* What the context holds under that id, name, or word of a device. */
int arg_object(const struct call *call, int i, const struct object **ret);

/* Its fd may have been lost in a crash: what memory is mapped, or a queue, lives on without. */
int need_object_fd(const struct call *call, const char *word, const struct object *object);
/* A queue of this context by name or id; NULL without a message. */
struct derived *queue_by_word(const struct context *ctx, const char *word);
/* One of this type, with its fd. */
int arg_queue(const struct call *call, int i, enum object_type type, const struct derived **ret);

#endif
