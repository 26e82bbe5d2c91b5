/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec: hand fds over to a program, by number. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context.h"
#include "options.h"
#include "verbs.h"

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

/* The fd that a {fd:REF} stands for. */
static int fd_of(const struct call *call, const char *ref, int *ret)
{
	const struct memory *memory;
	const struct device *device;
	int rc;

	if (strcmp(ref, "iommufd") == 0) {
		rc = context_open(call);
		*ret = call->ctx->iommufd;
		return rc;
	}
	if (strncmp(ref, "mem:", 4) == 0) {
		memory = memory_find(call->ctx, ref + 4);
		if (!memory)
			return fail(call, ref + 4, "no memory has this name here");
		*ret = memory->fd;
		return DONE;
	}
	device = device_find(call->ctx, ref);
	if (!device)
		return fail(call, ref, "no device of this context");
	*ret = device->fd;
	return DONE;
}

/* Copy a word, each {fd:REF} replaced by its number. */
static int substitute(const struct call *call, const char *word, struct out *to)
{
	for (const char *open; (open = strstr(word, "{fd:")); ) {
		const char *close = strchr(open, '}');
		char ref[256];
		int fd = -1, rc;

		if (!close || (size_t)(close - open) - 4 >= sizeof(ref))
			return usage(call, "'%s': expected {fd:iommufd}, {fd:DEV} or {fd:mem:NAME}", word);
		memcpy(ref, open + 4, (size_t)(close - open) - 4);
		ref[close - open - 4] = '\0';
		rc = fd_of(call, ref, &fd);
		if (rc != DONE)
			return rc;
		out_bytes(to, word, (size_t)(open - word));
		out_u64(to, (uint64_t)fd);
		word = close + 1;
	}
	out_bytes(to, word, strlen(word) + 1);
	return to->error ? fail_errno(call, NULL, to->error) : DONE;
}

static void free_words(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

static int substitute_all(const struct call *call, char ***ret)
{
	char **words = calloc((size_t)call->n_args + 1, sizeof(*words));

	if (!words)
		return fail_errno(call, NULL, ENOMEM);
	for (int i = 0; i < call->n_args; i++) {
		struct out word = { .fd = -1 };
		int rc = substitute(call, call->args[i], &word);

		if (rc != DONE) {
			free(word.buf);
			free_words(words);
			return rc;
		}
		words[i] = word.buf;
	}
	*ret = words;
	return DONE;
}

static void inherit(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

static void inherit_all(const struct context *ctx)
{
	inherit(ctx->iommufd);
	for (size_t i = 0; i < ctx->devices.count; i++)
		inherit(device_at(ctx, i)->fd);
	for (size_t i = 0; i < ctx->memories.count; i++)
		inherit(((const struct memory *)ctx->memories.items[i])->fd);
}

/* Becomes the program; returns only when that fails. */
static int become(const struct call *call, char **words)
{
	int error;

	inherit_all(call->ctx);
	execvp(words[0], words);
	error = errno;
	fail_errno(call, words[0], error);
	return error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
}

/* In a child process. A batch that comes from stdin is not the program's input. */
static void run_child(const struct call *call, char **words)
{
	if (strcmp(call->from->file, STDIN_NAME) == 0) {
		close(STDIN_FILENO);
		if (openat(AT_FDCWD, "/dev/null", O_RDONLY) != STDIN_FILENO)
			_exit(NOT_EXECUTABLE);
	}
	_exit(become(call, words));
}

static int run_and_wait(const struct call *call, char **words)
{
	int status, code;
	pid_t child;

	out_flush(call->out);
	child = fork();
	if (child < 0)
		return fail_errno(call, words[0], errno);
	if (child == 0)
		run_child(call, words);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return fail_errno(call, words[0], errno);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (WIFSIGNALED(status))
		fail(call, words[0], "ended by signal %d", WTERMSIG(status));
	else if (code && code != NOT_EXECUTABLE && code != NOT_FOUND) /* these two have had their message */
		fail(call, words[0], "ended with %d", code);
	return code;
}

static int open_device(const struct call *call, const char *value)
{
	const char *equals = strrchr(value, '=');
	struct device *device;
	char *ref;
	int rc;

	if (equals == value || !*value)
		return usage(call, "--device needs DEV or DEV=NAME");
	ref = strndup(value, equals ? (size_t)(equals - value) : strlen(value));
	if (!ref)
		return fail_errno(call, value, ENOMEM);
	rc = device_add(call, ref, equals ? equals + 1 : NULL, &device);
	if (rc == DONE && option(call, OPT_BIND))
		rc = device_bind(call, ref, device);
	free(ref);
	return rc;
}

static int set_rlimit_mode(const struct call *call)
{
	const char *mode = option(call, OPT_RLIMIT_MODE);
	int rc;

	if (!mode)
		return DONE;
	if (strcmp(mode, "user") != 0 && strcmp(mode, "process") != 0)
		return usage(call, "--rlimit-mode: '%s' is neither 'user' nor 'process'", mode);
	rc = iommufd_option_set(call->ctx->iommufd, IOMMUFD_RLIMIT_MODE, 0, *mode == 'p');
	return rc < 0 ? fail_op(call, "--rlimit-mode", IOMMUFD_OP_OPTION_SET, rc, IOMMUFD_KIND_UNKNOWN)
		      : DONE;
}

static int prepare(const struct call *call)
{
	int rc = context_open(call);

	if (rc == DONE)
		rc = set_rlimit_mode(call);
	for (int i = 0; i < call->n_given && rc == DONE; i++)
		if (call->given[i].key == OPT_DEVICE)
			rc = open_device(call, call->given[i].value);
	return rc;
}

int verb_exec(struct call *call)
{
	bool inside = call->from->file;
	char **words = NULL;
	int rc;

	if (inside && (option(call, OPT_DEVICE) || option(call, OPT_RLIMIT_MODE) || option(call, OPT_BIND)))
		return usage(call, "--device, --bind and --rlimit-mode are for exec alone");
	rc = inside ? DONE : prepare(call);
	if (rc != DONE || (rc = substitute_all(call, &words)) != DONE)
		return rc;
	rc = inside ? run_and_wait(call, words) : become(call, words);
	free_words(words);
	return rc;
}
