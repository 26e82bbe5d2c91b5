/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs of fail-nth.h, and what is asked of each. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail-nth.h"

enum {
	SECONDS = 60,  /* for one run */
	FAILED = 1, PARTLY = 4,
};

struct run {
	int status;
	char out[ROOM], err[ROOM], look[ROOM];
	size_t out_len, err_len, look_len;
};

char batch[ROOM];
struct report *report;
enum kind kind;
unsigned long nth;
bool left_out;
int out[2], err[2];

static const char *at_line; /* "<stdin>:7: " of the line in question */
static struct run once, without, now; /* with the line, without it, and with what fails */

static size_t take(int pipe, char *text)
{
	size_t len = 0;
	ssize_t n;

	while ((n = syscall(SYS_read, pipe, text + len, ROOM - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return len;
}

static bool fork_with_pipes(int *status)
{
	pid_t child = fork();

	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		alarm(SECONDS);
		return true;
	}
	if (child < 0 || waitpid(child, status, 0) < 0)
		abort();
	return false;
}

static void run_command(const char *name)
{
	char *command = getenv(name);
	int status;

	if (command && fork_with_pipes(&status))
		_exit(execvpe("sh", (char *[]){ "sh", "-c", command, NULL }, environ));
}

static void look(struct run *run)
{
	run_command("FAIL_LOOK");
	run->look_len = take(out[0], run->look);
}

static void prepare(struct run *run)
{
	run_command("FAIL_PREPARE");
	take(out[0], run->out);
	take(err[0], run->err);
}

/* true: this is the fork, which goes on to main(). */
static bool start(struct run *run)
{
	prepare(run);
	*report = (struct report){ 0 };
	if (fork_with_pipes(&run->status)) {
		begin_run();
		return true;
	}
	run->out_len = take(out[0], run->out);
	run->err_len = take(err[0], run->err);
	look(run);
	return false;
}

static bool is_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static bool looks_like(const struct run *run)
{
	return is_equal(now.look, now.look_len, run->look, run->look_len);
}

static bool is_done(void)
{
	return now.status == once.status && looks_like(&once) &&
	       is_equal(now.out, now.out_len, once.out, once.out_len) &&
	       is_equal(now.err, now.err_len, once.err, once.err_len);
}

/*
 * One error with its errno, and then hints, and notes of what is left. libkmod begins with a complaint of its
 * own.
 */
static bool is_one_error(const char *text)
{
	const char *note = *batch ? at_line : "hint: ";
	size_t length = strcspn(text, "\n");

	if (strncmp(text, "libkmod: ", 9) == 0 && text[length]) {
		text += length + 1;
		length = strcspn(text, "\n");
	}
	if (strncmp(text, at_line, strlen(at_line)) != 0 || !memmem(text, length, " (E", 3))
		return false;
	while (*(text += length + 1)) {
		length = strcspn(text, "\n");
		if (strncmp(text, "hint: ", 6) != 0 && strncmp(text, note, strlen(note)) != 0)
			return false;
	}
	return true;
}

static bool is_refused(void)
{
	return WIFEXITED(now.status) && WEXITSTATUS(now.status) == (*batch ? PARTLY : FAILED) &&
	       is_one_error(now.err) && looks_like(&without) &&
	       is_equal(now.out, now.out_len, without.out, without.out_len) &&
	       (!*batch || !report->more_fds); /* else they are closed with the process */
}

/* Without a buffer, which a fork would print again. */
static void print(const char *what, const char *text, size_t len)
{
	dprintf(STDOUT_FILENO, "%s:\n%.*s", what, (int)len, text);
}

static int complain(const char *what, const struct run *run)
{
	dprintf(STDOUT_FILENO, "%s; status %#x, %d more fds\n", what, (unsigned int)run->status, report->more_fds);
	print("stdout", run->out, run->out_len);
	print("stderr", run->err, run->err_len);
	print("look", run->look, run->look_len);
	return 1;
}

/* false: this is a fork. */
static bool run_all(int *code)
{
	static const char *const names[] = { "kernel", "heap" };
	unsigned long most = strtoul(getenv("FAIL_MOST") ?: "300", NULL, 10), failed = 0;
	char what[64];

	left_out = true;
	if (!*batch) {
		prepare(&without);
		look(&without);
	} else if (start(&without)) {
		return false;
	}
	if (without.status || without.err_len)
		return *code = complain("without the line", &without), true;
	left_out = false;
	if (start(&once))
		return false;
	if (!WIFEXITED(once.status) || (*batch ? strstr(once.err, at_line) != NULL : once.status != 0))
		return *code = complain("it always fails", &once), true;
	for (kind = KERNEL; kind < KINDS; kind++) {
		for (nth = 1; nth <= most; nth++) {
			if (start(&now))
				return false;
			if (is_done() && !report->reached)
				break;
			snprintf(what, sizeof(what), "%s %lu: neither done nor refused", names[kind], nth);
			if (!is_done() && !is_refused())
				return *code = complain(what, &now), true;
		}
		dprintf(STDOUT_FILENO, "%s %lu\n", names[kind], nth - 1);
		failed += nth - 1;
	}
	if (getenv("FAIL_NONE") ? failed : !failed)
		*code = complain(failed ? "something can fail" : "nothing can fail", &once);
	return true;
}

static const char *find_line(void)
{
	static char text[32] = "iommufdctl: ";
	int number = 2;

	for (const char *at = batch; *at && !is_mark(at); number++)
		at += line_length(at);
	if (*batch)
		snprintf(text, sizeof(text), "<stdin>:%d: ", number);
	return text;
}

__attribute__((constructor)) static void run_in_forks(void)
{
	int code = 0;

	unsetenv("LD_PRELOAD");
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		abort();
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	if (!getenv("FAIL_LOOK"))
		take(STDIN_FILENO, batch);
	at_line = find_line();
	if (getenv("FAIL_ONLY"))
		nth = strtoul(getenv("FAIL_ONLY"), NULL, 10);
	else if (run_all(&code))
		_exit(code);
}
