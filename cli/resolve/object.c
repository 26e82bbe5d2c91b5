/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/object.h"
#include <stdio.h>
#include <string.h>

#include "context/fds.h"
#include "resolve/device.h"

int need_id(const struct call *call, const char *word, unsigned int types, uint64_t *ret)
{
	const struct object *object;
	uint32_t id;

	if (is_digit(*word)) {
		if (!parse_u32(word, &id))
			return msg_usage(call->output, "'%s' is no id: expected a number up to 4294967295",
					 word);
		object = object_by_id(call->ctx, id);
		*ret = id;
	} else {
		if (!is_name(word))
			return msg_usage(call->output, "'%s' is neither an id nor a name", word);
		object = object_by_name(call->ctx, word);
		if (!object)
			return msg_fail(call->output, word, "nothing has this name here");
		*ret = object->id;
	}
	if (object && !(types & 1U << object->type))
		return msg_fail(call->output, word, "wrong type: it is %s", object_type_name(object->type));
	return EXIT_DONE;
}

const char *object_called(const struct object *object, char room[BLANK_ROOM])
{
	if (object->type == OBJECT_DEVICE)
		return device_name((const struct device *)object);
	snprintf(room, BLANK_ROOM, "%u", object->id);
	return object->name ?: room;
}

int check_new_name(const struct call *call, const char *name)
{
	if (call->ctx->kind == CONTEXT_INHERITED)
		return msg_usage(call->output,
				 "--name has no meaning here: the name would be forgotten at once");
	return check_name(call, name);
}

int check_name(const struct call *call, const char *name)
{
	const struct object *taken;

	if (!is_name(name))
		return msg_usage(call->output,
				 "'%s' is no name: a letter or _, then up to 62 of letters, digits, _ . -", name);
	if (strncmp(name, "vfio", 4) == 0 && is_digit(name[4]))
		return msg_usage(call->output, "'%s' is no name: vfioN stands for the device itself", name);
	if (strcmp(name, IOMMUFD_WORD) == 0)
		return msg_usage(call->output, "'iommufd' is no name: it stands for the iommufd itself");
	taken = object_by_name(call->ctx, name);
	if (taken)
		return msg_fail(call->output, name, "the name is taken by %s", object_type_name(taken->type));
	return EXIT_DONE;
}

static struct object *by_id_or_name(const struct context *ctx, const char *word)
{
	uint32_t id;

	return parse_u32(word, &id) ? object_by_id(ctx, id) : object_by_name(ctx, word);
}

int arg_object(const struct call *call, int i, const struct object **ret)
{
	*ret = by_id_or_name(call->ctx, call->args[i]) ?:
	       (struct object *)device_by_word(call, call_arg(call, i));
	return *ret ? EXIT_DONE : msg_fail(call->output, call->args[i],
					   "this context holds nothing of this id or name");
}

int need_object_fd(const struct call *call, const char *word, const struct object *object)
{
	return object_fd(object) >= 0
		       ? EXIT_DONE
		       : msg_fail(call->output, word, "its fd was lost when the session crashed (EBADF)");
}

struct derived *queue_by_word(const struct context *ctx, const char *word)
{
	struct object *object = by_id_or_name(ctx, word);

	return object && object_is_queue(object) ? (struct derived *)object : NULL;
}

int arg_queue(const struct call *call, int i, enum object_type type, const struct derived **ret)
{
	*ret = queue_by_word(call->ctx, call->args[i]);
	if (*ret && (*ret)->object.type == type)
		return need_object_fd(call, call->args[i], &(*ret)->object);
	return msg_fail(call->output, call->args[i], "it is not %s of this context", object_type_name(type));
}
