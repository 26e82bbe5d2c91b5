/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/fd.h"
#include <string.h>

#include "context/memory.h"
#include "resolve/device.h"
#include "resolve/iommufd.h"
#include "resolve/object.h"

int need_fd(const struct call *call, struct word word, int *ret)
{
	const struct device *device;
	const struct derived *queue;
	const struct memory *memory;
	int rc;

	if (strcmp(word.text, "iommufd") == 0) {
		rc = need_iommufd(call);
		*ret = call->ctx->iommufd;
		return rc;
	}
	if (strncmp(word.text, "mem:", 4) == 0) {
		memory = memory_by_name(call->ctx, word.text + 4);
		if (!memory)
			return msg_fail(call->output, word.text + 4, "no memory has this name here");
		*ret = memory->fd;
		return EXIT_DONE;
	}
	queue = queue_by_word(call->ctx, word.text);
	if (queue) {
		*ret = queue->fd;
		return EXIT_DONE;
	}
	device = device_by_word(call, word);
	if (!device)
		return msg_fail(call->output, word.text, "no device of this context");
	*ret = device->fd;
	return EXIT_DONE;
}
