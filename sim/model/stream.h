/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of a migration: the state of a device as bytes, that are read or written one after the other. */
#ifndef IOMMUFD_SIM_STREAM_H
#define IOMMUFD_SIM_STREAM_H

#include "device.h"

struct stream;

/* NULL: out of memory. The device has a reference, and the file that is to be installed another one. */
struct stream *stream_new(struct sim_device *device, bool saving);
struct sim_file *stream_file(struct stream *stream);
/* The file could not be installed. */
void stream_give_up(struct stream *stream);
/* What the device's state is now comes at its end: 0 or -errno. */
int stream_save(struct stream *stream);
/* The device's state becomes what was written: 0, -EINVAL where that is not all. stream may be NULL. */
int stream_load(struct stream *stream);
/* The device has no more to do with it: reading and writing are -ENODEV. */
void stream_disable(struct stream *stream);

#endif
