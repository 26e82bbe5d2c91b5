/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is charged for pinned pages: nobody (CAP_IPC_LOCK), a user, or a process. */
#ifndef IOMMUFD_SIM_ACCOUNT_H
#define IOMMUFD_SIM_ACCOUNT_H

#include <sys/queue.h>

#include "machine.h"

enum account_mode { ACCOUNT_NONE, ACCOUNT_USER, ACCOUNT_PROCESS };

struct user {
	uint32_t uid;
	uint64_t pages;
	SLIST_ENTRY(user) next;
};

struct payer {
	struct sim_backing *process; /* its address space; a reference */
	struct user *user;
	enum account_mode mode;
};

/* The caller, which is charged per user or process as by_process says: 0 or -ENOMEM. */
int payer_of_caller(struct sim *sim, struct sim_caller *caller, bool by_process, struct payer *payer);
void payer_put(struct payer *payer);
/* 0, or -ENOMEM where the limit is in the way. */
int charge(const struct payer *payer, uint64_t pages);
void uncharge(const struct payer *payer, uint64_t pages);

#endif
