/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A caller of the simulator's model that is this process itself: what it asks for lies at hand. For those who
 * put the model behind ioctl() where no other process calls it; no device does DMA there.
 */
#ifndef TESTS_SELF_H
#define TESTS_SELF_H

#include "../../sim/model/model.h"

/* As struct sim_caller_ops has them. */
int self_read(struct sim_caller *caller, uint64_t address, void *to, size_t len);
int self_write(struct sim_caller *caller, uint64_t address, const void *from, size_t len);
void self_limits(struct sim_caller *caller, struct sim_limits *limits);
struct sim_backing *self_memory(struct sim_caller *caller);
/* -EBADF; memory where it is a file. */
int self_fd(struct sim_caller *caller, int fd, enum sim_fd_kind wish, struct sim_fd *what);

#endif
