/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * write() of a few bytes: to a file of sysfs by which a device gets another driver. What it does is done
 * when it returns.
 */
#include <errno.h>
#include <string.h>

#include "supervisor/attribute.h"
#include "supervisor/drivers.h"
#include "supervisor/memory.h"
#include "supervisor/supervisor.h"
#include "supervisor/trace.h"
#include "topology/tree-driver.h"

enum { RELEASE_REQUEST = 4 }; /* VFIO_PCI_REQ_IRQ_INDEX */

static struct node *find_device(const struct nodes *nodes, const char *address)
{
	for (size_t i = 0; i < nodes->n; i++) {
		const struct topology_device *device = nodes->list[i].device;

		if (device && tree_is_pci(device) && strcmp(device->address, address) == 0)
			return &nodes->list[i];
	}
	return NULL;
}

static int change(struct supervisor *s, const struct attribute *attribute, struct node *node,
		  const char *text)
{
	const struct drivers drivers = { &s->nodes, s->sysfs.root };

	switch (attribute->kind) {
	case ATTRIBUTE_OVERRIDE:
		return drivers_override(&drivers, node, text);
	case ATTRIBUTE_PROBE:
		return drivers_probe(&drivers, node);
	case ATTRIBUTE_BIND:
		return drivers_bind(&drivers, node, attribute->name);
	default:
		return drivers_unbind(&drivers, node, attribute->name);
	}
}

/*
 * Who has it open is told, if he has asked for it. It is answered when the last open file of the device is
 * closed. False: there are too many of them.
 */
static bool may_wait(struct supervisor *s, struct node *node, const struct call *call)
{
	if (!guard_wait(&s->guard, call->id))
		return false;
	sim_irq_fire(node->device->device.sim, RELEASE_REQUEST, 0);
	node->is_leaving = true;
	node->unbinding = *call;
	s->nodes.leaving++;
	return true;
}

void answer_write(struct supervisor *s, const struct call *call)
{
	char text[ATTRIBUTE_MOST + 1] = "";
	struct attribute attribute;
	struct node *node;
	bool is_override;
	int rc;

	if (!attribute_of_fd(&s->sysfs, &s->files.dirs, call->tid, (int)call->args[0], &attribute))
		return call_run(call);
	rc = memory_read(call->tid, call->args[1], text, call->args[2]);
	text[strcspn(text, "\n")] = '\0';
	is_override = attribute.kind == ATTRIBUTE_OVERRIDE;
	node = find_device(&s->nodes, is_override ? attribute.name : text);
	rc = rc ?: node ? change(s, &attribute, node, text) : -ENODEV;
	if (rc == -EBUSY && attribute.kind == ATTRIBUTE_UNBIND && may_wait(s, node, call))
		return;
	trace_write(s->trace, call->tid, (int)call->args[0], text, rc ?: (long)call->args[2]);
	call_answer(call, rc ?: (long)call->args[2]);
}

void answer_waiting(struct supervisor *s)
{
	for (size_t i = 0; i < s->nodes.n && s->nodes.leaving; i++) {
		struct node *node = &s->nodes.list[i];
		const struct call *call = &node->unbinding;

		if (!node->is_leaving || !drivers_leave(node))
			continue;
		node->is_leaving = false;
		s->nodes.leaving--;
		guard_waited(&s->guard, call->id);
		trace_write(s->trace, call->tid, (int)call->args[0], node->device->address,
			    (long)call->args[2]);
		call_answer(call, (long)call->args[2]);
	}
}
