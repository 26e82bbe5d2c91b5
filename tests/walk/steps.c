/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of the walk: a command, and what happens meanwhile. */
#include "walk.h"

enum { STEPS_OF_COMMAND = 28, STEPS_OF_START = 60 };

static void tell(struct walk *w, const char *how, const struct command *c)
{
	did(w, "%s", how);
	for (size_t i = 0; i < c->n; i++)
		did(w, "%s%s", i ? " " : "", c->words[i]);
}

static int some_client(struct walk *w)
{
	return (int)pick(w, CLIENTS);
}

static void ask_and_check(struct walk *w, const struct command *c)
{
	static struct answer a;
	int rc = client_ask(w, some_client(w), c, 0, &a);

	if (rc < 0)
		fail(w, "the session does not answer: %s", error_name(rc));
	acknowledged(w, c, &a);
}

static void step_command(struct walk *w)
{
	struct command c;

	plan_command(w, &c);
	tell(w, "", &c);
	ask_and_check(w, &c);
}

/* The holder is killed at some step of it; or, when it is done and acknowledged, in what comes behind. */
static void step_crash(struct walk *w)
{
	static struct answer a;
	struct command c;
	int rc;

	plan_command(w, &c);
	w->steps->kill_next = once_in(w, 4) ? 1 + pick(w, STEPS_OF_START) : 0;
	w->steps->kill_in = 1 + pick(w, STEPS_OF_COMMAND);
	did(w, "the holder dies at step %u, then %u: ", w->steps->kill_in, w->steps->kill_next);
	tell(w, "", &c);
	rc = client_ask(w, some_client(w), &c, 0, &a);
	if (rc == 0)
		acknowledged(w, &c, &a);
	else
		resolve(w, &c);
}

/* Killed while nothing is under way. */
static void step_kill(struct walk *w)
{
	did(w, "the holder is killed");
	manager_kill_holder(w);
}

/* The client ends before its command is read, or before its answer is. */
static void step_client_dies(struct walk *w)
{
	int client = some_client(w);
	bool answered = once_in(w, 2);
	struct command c;

	plan_command(w, &c);
	tell(w, answered ? "the client dies before it reads: " : "the client dies when it has sent: ", &c);
	if (client_send(w, client, &c, 0) < 0)
		fail(w, "the session takes no command");
	if (answered)
		wait_for(w, w->clients[client]);
	client_close(w, client);
	resolve(w, &c);
}

static void step_client_leaves(struct walk *w)
{
	int client = some_client(w);

	did(w, "client %d leaves", client);
	client_close(w, client);
}

/* The service manager does not read what it is sent for a moment, or for too long. */
static void step_stall(struct walk *w)
{
	bool long_one = once_in(w, 2000);
	int client = some_client(w);
	static struct answer a;
	struct command c;

	plan_command(w, &c);
	tell(w, long_one ? "the service manager stalls for long: " : "the service manager stalls: ", &c);
	w->manager.stalls = true;
	if (client_send(w, client, &c, 0) < 0)
		fail(w, "the session takes no command");
	sleep_ms(long_one ? 6000 : (long)pick(w, 4));
	w->manager.stalls = false;
	if (client_receive(w, client, &a) < 0)
		fail(w, "the session does not answer");
	acknowledged(w, &c, &a);
}

void run_step(struct walk *w)
{
	static const struct {
		uint32_t weight;
		void (*step)(struct walk *w);
	} steps[] = {
		{ 700, step_command }, { 80, step_crash }, { 20, step_kill }, { 40, step_client_dies },
		{ 20, step_client_leaves }, { 20, step_stall }, { 40, step_take }, { 50, step_exec },
		{ 60, step_vmm }, { 12, step_vmm_dies }, { 20, step_restart }, { 1, step_manager_dies },
		{ 1, step_stop },
	};
	uint32_t all = 0, at;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		all += steps[i].weight;
	at = pick(w, all);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); at -= steps[i++].weight)
		if (at < steps[i].weight) {
			steps[i].step(w);
			return;
		}
}
