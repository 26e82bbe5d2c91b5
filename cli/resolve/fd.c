/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/fd.h"
#include <string.h>

#include "context/fds.h"
#include "context/memory.h"
#include "resolve/device.h"
#include "resolve/iommufd.h"
#include "resolve/object.h"
#include "resolve/taker.h"

int need_fd(const struct call *call, struct word word, int *ret)
{
	const struct object *object;
	int rc;

	if (strcmp(word.text, IOMMUFD_WORD) == 0) {
		rc = need_iommufd(call);
		*ret = call->ctx->iommufd;
		call->ctx->is_shared = true; /* whoever asks for it gives it away */
		return rc;
	}
	if (strncmp(word.text, "mem:", 4) == 0) {
		object = (const struct object *)memory_by_name(call->ctx, word.text + 4);
		if (!object)
			return msg_fail(call->output, word.text + 4, "no memory has this name here");
	} else {
		object = (const struct object *)queue_by_word(call->ctx, word.text) ?:
			 (const struct object *)device_by_word(call, word);
		if (!object)
			return fail_handed(call, word.text) ?:
			       msg_fail(call->output, word.text, "no device of this context");
	}
	*ret = object_fd(object);
	return need_object_fd(call, word.text, object);
}
