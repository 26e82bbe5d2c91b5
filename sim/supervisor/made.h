/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that ioctls make. Callers read and write their placeholders, and nobody is told: what the model has
 * for them is put there, and what they wrote is taken from there, before and after each ioctl of a device.
 */
#ifndef SIM_SUPERVISOR_MADE_H
#define SIM_SUPERVISOR_MADE_H

#include "supervisor/files.h"

/* As file_open(), with a placeholder as the file wants it. */
int made_open(struct files *files, const struct sim_file *made, struct file **file, int *placeholder);
/* It was given away: from now on it stands for the model's file, which cannot be asked for anything yet. */
void made_begin(struct files *files, struct file *file, struct sim_file *made);
/* Bytes of streams, in both directions, and what queues have. Not from within an ioctl. */
void made_move(struct files *files);
/* Something was written to a queue. */
void made_take_responses(struct file *file);

#endif
