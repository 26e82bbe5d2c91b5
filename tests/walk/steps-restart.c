/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Restarts: to a program that is well, and to what lies in its place when an upgrade goes wrong. */
#include <sys/stat.h>
#include <unistd.h>

#include "walk.h"

enum program { SAME, COPY, MISSING, EMPTY, TEXT_FILE, TRUNCATED, NOT_THE_TOOL, FAILS, PROGRAMS };

static const char *const program_names[] = {
	"the same program", "a copy", "nothing", "an empty file", "a text", "a half of it", "another program",
	"a script that fails",
};

enum { STEPS_OF_RESTART = 120, HALF = 40000 };

static void write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) < 0)
		die(FAILED, "%s: %s", path, error_name(errno));
}

static void copy(const char *from, const char *to, size_t most)
{
	static char bytes[1 << 22];
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, most < sizeof(bytes) ? most : sizeof(bytes));

	if (n < 0)
		die(FAILED, "%s: %s", from, error_name(errno));
	close(fd);
	write_file(to, bytes, (size_t)n);
}

/* What runs is never written to: another file takes its place. */
static void install(struct walk *w, enum program program)
{
	static const char script[] = "#!/bin/sh\necho 'I am not what I was' >&2\nexit 3\n";
	char path[PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s.new", w->program);
	switch (program) {
	case SAME: return;
	case COPY: copy(w->good, path, SIZE_MAX); break;
	case MISSING: unlink(w->program); return;
	case EMPTY: write_file(path, "", 0); break;
	case TEXT_FILE: write_file(path, "not a program\n", 14); break;
	case TRUNCATED: copy(w->good, path, HALF); break;
	case NOT_THE_TOOL: copy("/bin/false", path, SIZE_MAX); break;
	default: write_file(path, script, sizeof(script) - 1);
	}
	if (rename(path, w->program) < 0)
		die(FAILED, "%s: %s", path, error_name(errno));
}

void restore_program(struct walk *w)
{
	if (w->spoilt)
		install(w, COPY);
	w->spoilt = false;
}

static void restart(struct walk *w, enum program program)
{
	static struct answer a;
	struct command c;
	int rc;

	command_begin(w, &c);
	command_words(&c, "session restart");
	c.expected = program == SAME || program == COPY ? DONE : REFUSED;
	w->spoilt = c.expected == REFUSED;
	install(w, program);
	rc = client_ask(w, (int)pick(w, CLIENTS), &c, 0, &a);
	restore_program(w);
	w->restarts++;
	if (rc == 0 && w->steps->kill_in == 0)
		acknowledged(w, &c, &a);
	else if (rc < 0 && !w->crashing)
		fail(w, "the session ended: %s", error_name(rc));
	else
		resolve(w, &c);
}

void step_restart(struct walk *w)
{
	enum program program = once_in(w, 2) ? SAME : (enum program)pick(w, PROGRAMS);

	w->crashing = once_in(w, 4);
	w->steps->kill_next = 0;
	w->steps->kill_in = w->crashing ? 1 + pick(w, STEPS_OF_RESTART) : 0;
	did(w, "a restart to %s, the holder dies at %u", program_names[program], w->steps->kill_in);
	restart(w, program);
}

static void begin_anew(struct walk *w)
{
	struct view show;

	memset(&w->model, 0, sizeof(w->model));
	w->opened++;
	session_show(w, &show);
}

/* Programs would have what is released then. */
static void end_vmms(struct walk *w)
{
	for (int i = 0; i < VMMS; i++)
		if (w->vmms[i].pid)
			vmm_end(w, &w->vmms[i]);
	check_all(w);
}

/* The service manager ends, and another one comes: the session goes on, but what it has is kept by nobody. */
void step_manager_dies(struct walk *w)
{
	end_vmms(w);
	did(w, "the service manager dies, then the holder");
	manager_forget(w);
	check_all(w);
	w->manager.ready = false;
	manager_kill_holder(w);
	manager_await_ready(w);
	w->manager.gone = false;
	begin_anew(w);
}

/* An orderly end: nothing is kept. */
void step_stop(struct walk *w)
{
	static struct answer a;
	struct command c;

	end_vmms(w);
	did(w, "session stop --force");
	command_begin(w, &c);
	command_words(&c, "session stop --force");
	w->manager.ends = true;
	if (client_ask(w, 0, &c, 0, &a) < 0 || a.code)
		fail(w, "session stop: exit code %d: %s", a.code, a.err);
	manager_stop_holder(w);
	if (w->manager.n_stored)
		fail(w, "the service manager keeps %s", w->manager.stored[0].name);
	w->manager.ends = false;
	w->generation++;
	manager_start_holder(w);
	begin_anew(w);
}
