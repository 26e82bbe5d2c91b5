/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account.h"

#include <errno.h>
#include <stdlib.h>

static struct user *user_of(struct sim *sim, uint32_t uid)
{
	struct user *user;

	SLIST_FOREACH(user, &sim->users, next)
		if (user->uid == uid)
			return user;
	user = calloc(1, sizeof(*user));
	if (!user)
		return NULL;
	user->uid = uid;
	SLIST_INSERT_HEAD(&sim->users, user, next);
	return user;
}

uint64_t sim_user_pages(const struct sim *sim, uint32_t uid)
{
	const struct user *user;

	SLIST_FOREACH(user, &sim->users, next)
		if (user->uid == uid)
			return user->pages;
	return 0;
}

int payer_of_caller(struct sim *sim, struct sim_caller *caller, bool by_process, struct payer *payer)
{
	struct sim_limits limits = { 0 };

	caller->ops->limits(caller, &limits);
	payer->user = user_of(sim, limits.uid);
	payer->process = payer->user ? caller->ops->memory(caller) : NULL;
	if (!payer->process)
		return -ENOMEM;
	payer->mode = limits.ipc_lock ? ACCOUNT_NONE : by_process ? ACCOUNT_PROCESS : ACCOUNT_USER;
	return 0;
}

void payer_put(struct payer *payer)
{
	sim_backing_put(payer->process);
}

/* The limit of now: it may be another one than when the memory was mapped. */
static uint64_t memlock_pages(struct sim_backing *process)
{
	uint64_t bytes = process->ops->memlock ? process->ops->memlock(process) : SIM_UNLIMITED;

	return bytes == SIM_UNLIMITED ? SIM_UNLIMITED : bytes / PAGE;
}

/*
 * What is charged already counts against the limit of the one who pins now, also where others of his user did
 * it.
 */
int charge(const struct payer *payer, uint64_t pages)
{
	uint64_t *charged =
		payer->mode == ACCOUNT_USER ? &payer->user->pages : &payer->process->charged_pages;

	/* What is pinned already passes a limit that was lowered. */
	if (payer->mode != ACCOUNT_NONE && pages) {
		if (*charged + pages > memlock_pages(payer->process))
			return -ENOMEM;
		*charged += pages;
	}
	payer->process->pinned_pages += pages;
	return 0;
}

void uncharge(const struct payer *payer, uint64_t pages)
{
	if (payer->mode == ACCOUNT_USER)
		payer->user->pages -= pages;
	else if (payer->mode == ACCOUNT_PROCESS)
		payer->process->charged_pages -= pages;
	payer->process->pinned_pages -= pages;
}
