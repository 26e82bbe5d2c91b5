/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to devices: of the context, or to be opened. Most functions return an exit code, with its message. */
#ifndef CLI_RESOLVE_DEVICE_H
#define CLI_RESOLVE_DEVICE_H

#include "context/device.h"
#include "engine/command.h"

/* The device that a word stands for, among those that this context has; NULL without a message. */
struct device *device_by_word(const struct call *call, struct word word);
/*
 * The same; fd:N is adopted, anything else that is not there is an error. hints: to bind it would help. *ret
 * is a struct device.
 */
int need_device(const struct call *call, struct word word, bool hints, struct object **ret);
/*
 * The id of a device as the iommufd has it: of a bound device by any of its words, or a number as it is, for
 * one that another process has bound: *ret_device is NULL then.
 */
int need_device_id(const struct call *call, struct word word, uint64_t *ret, struct object **ret_device);

/* Look a device up by any word that is not a name, and open it. */
int open_device(const struct call *call, const char *word, struct iommufd_device *ret, int *ret_fd);

/* Open a device that this context does not have yet, or adopt fd:N. name may be NULL. */
int add_device(const struct call *call, struct word word, const char *name, struct device **ret);

/* Of a device without an IOMMU, whenever it becomes able to do DMA: nothing else says what that means. */
void note_no_iommu(const struct call *call, const char *name, const struct iommufd_device *info);

/* Bind a device that is open. word: what the user calls it; token: 16 bytes, or NULL. */
int bind_device(const struct call *call, const char *word, struct device *device, const unsigned char *token);

#endif
