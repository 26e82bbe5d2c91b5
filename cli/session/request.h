/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's request to let a device go: whoever unbinds its driver or removes it waits until its last cdev
 * is closed. A device of PCI has an interrupt for that.
 */
#ifndef CLI_SESSION_REQUEST_H
#define CLI_SESSION_REQUEST_H

#include "context/device.h"
#include "session/server.h"

/* Be told of new devices; but not of one that another program has, which has an eventfd of its own. */
void requests_watch(struct holder *holder);
/* The device is about to be another program's: it is to be told, and not this one. */
void request_leave(struct device *device);
/* A request may have come: note it, or release the device at once if the session was started so. */
void requests_take(struct holder *holder);

#endif
