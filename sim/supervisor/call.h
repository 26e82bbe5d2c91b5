/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A system call of somebody in the simulator, who waits for its answer. */
#ifndef SIM_SUPERVISOR_CALL_H
#define SIM_SUPERVISOR_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct call {
	int listener;
	uint64_t id;
	pid_t tid;
	int number; /* SYS_... */
	uint64_t args[6];
};

/* 0 where this kernel's answers are known here, or -errno. */
int call_prepare(int listener);
/* The next one: 0, or -errno; -ENOENT, -EINTR: it is gone, try again. */
int call_receive(int listener, struct call *call);
/* The caller still waits: what was found out about its process was about it. */
bool call_is_alive(const struct call *call);

/* Each call gets one answer. A value, or -errno. */
void call_answer(const struct call *call, long value);
/* The kernel does it. What its pointers point to may change until then. */
void call_run(const struct call *call);
/* A copy of fd becomes the caller's, and its number there is the answer. */
void call_answer_fd(const struct call *call, int fd, bool close_on_exec);
/* The same without an answer: the number, or -errno. */
int call_add_fd(const struct call *call, int fd, bool close_on_exec);

#endif
