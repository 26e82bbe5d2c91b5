/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec: hand fds over to a program, by number. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context.h"
#include "exec.h"
#include "options.h"
#include "verbs.h"

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

/* Copy a word, each {fd:REF} replaced by its number. */
static int substitute(const struct call *call, fd_resolver *resolve, void *arg, const char *word,
		      struct buffer *to)
{
	for (const char *open; (open = strstr(word, "{fd:")); ) {
		const char *close = strchr(open, '}');
		char ref[256];
		int fd = -1, rc;

		if (!close || (size_t)(close - open) - 4 >= sizeof(ref))
			return msg_usage(call->output,
					 "'%s': expected {fd:iommufd}, {fd:DEV} or {fd:mem:NAME}", word);
		memcpy(ref, open + 4, (size_t)(close - open) - 4);
		ref[close - open - 4] = '\0';
		rc = resolve(call, arg, ref, &fd);
		if (rc != EXIT_DONE)
			return rc;
		buf_bytes(to, word, (size_t)(open - word));
		buf_u64(to, (uint64_t)fd);
		word = close + 1;
	}
	buf_bytes(to, word, strlen(word) + 1);
	return to->error ? msg_fail_errno(call->output, NULL, to->error) : EXIT_DONE;
}

void free_words(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

int substitute_words(const struct call *call, fd_resolver *resolve, void *arg, char ***ret)
{
	char **words = calloc((size_t)call->n_args + 1, sizeof(*words));

	if (!words)
		return msg_fail_errno(call->output, NULL, ENOMEM);
	for (int i = 0; i < call->n_args; i++) {
		struct buffer word = { .fd = -1 };
		int rc = substitute(call, resolve, arg, call->args[i], &word);

		if (rc != EXIT_DONE) {
			free(word.buf);
			free_words(words);
			return rc;
		}
		words[i] = word.buf;
	}
	*ret = words;
	return EXIT_DONE;
}

void inherit(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

int become(const struct call *call, char **words)
{
	int error;

	execvp(words[0], words);
	error = errno;
	msg_fail_errno(call->output, words[0], error);
	return error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
}

/* The fds that the words name: they alone are handed over. */
struct named {
	int *fds;
	size_t count;
};

static int resolve_here(const struct call *call, void *arg, const char *ref, int *ret)
{
	struct named *named = arg;
	int *grown, rc = context_fd(call, ref, ret);

	if (rc != EXIT_DONE)
		return rc;
	grown = reallocarray(named->fds, named->count + 1, sizeof(*grown));
	if (!grown)
		return msg_fail_errno(call->output, ref, ENOMEM);
	named->fds = grown;
	named->fds[named->count++] = *ret;
	return EXIT_DONE;
}

static void inherit_named(const struct named *named)
{
	for (size_t i = 0; i < named->count; i++)
		inherit(named->fds[i]);
}

/* In a child process. A batch that comes from stdin is not the program's input. */
static void run_child(const struct call *call, char **words, const struct named *named)
{
	if (strcmp(call->output->file, STDIN_NAME) == 0) {
		close(STDIN_FILENO);
		if (openat(AT_FDCWD, "/dev/null", O_RDONLY) != STDIN_FILENO)
			_exit(NOT_EXECUTABLE);
	}
	inherit_named(named);
	_exit(become(call, words));
}

static int run_and_wait(const struct call *call, char **words, const struct named *named)
{
	int status, code;
	pid_t child;

	buf_flush(call->output->out);
	child = fork();
	if (child < 0)
		return msg_fail_errno(call->output, words[0], errno);
	if (child == 0)
		run_child(call, words, named);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return msg_fail_errno(call->output, words[0], errno);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (WIFSIGNALED(status))
		msg_fail(call->output, words[0], "ended by signal %d", WTERMSIG(status));
	else if (code && code != NOT_EXECUTABLE && code != NOT_FOUND) /* these two have had their message */
		msg_fail(call->output, words[0], "ended with %d", code);
	return code;
}

static int open_device(const struct call *call, const char *value)
{
	const char *equals = strrchr(value, '=');
	struct device *device;
	char *ref;
	int rc;

	if (equals == value || !*value)
		return msg_usage(call->output, "--device needs DEV or DEV=NAME");
	ref = strndup(value, equals ? (size_t)(equals - value) : strlen(value));
	if (!ref)
		return msg_fail_errno(call->output, value, ENOMEM);
	rc = device_add(call, ref, equals ? equals + 1 : NULL, &device);
	if (rc == EXIT_DONE && option(call, OPT_BIND))
		rc = device_bind(call, ref, device);
	free(ref);
	return rc;
}

static int prepare(const struct call *call)
{
	const char *mode = option(call, OPT_RLIMIT_MODE);
	int rc;

	if (mode && !is_rlimit_mode(mode))
		return msg_usage(call->output, "--rlimit-mode: '%s' is neither 'user' nor 'process'", mode);
	rc = context_open(call);
	if (rc == EXIT_DONE)
		rc = context_rlimit_mode(call, mode);
	for (int i = 0; i < call->n_given && rc == EXIT_DONE; i++)
		if (call->given[i].row->key == OPT_DEVICE)
			rc = open_device(call, call->given[i].value);
	return rc;
}

/* The context of exec alone is what its options name: the devices. */
static void inherit_devices(const struct context *ctx)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		inherit(device_at(ctx, i)->fd);
}

int verb_exec(struct call *call)
{
	bool inside = call->output->file;
	struct named named = { NULL, 0 };
	char **words = NULL;
	int rc;

	if (inside && (option(call, OPT_DEVICE) || option(call, OPT_RLIMIT_MODE) || option(call, OPT_BIND)))
		return msg_usage(call->output, "--device, --bind and --rlimit-mode are for exec alone");
	rc = inside ? EXIT_DONE : prepare(call);
	if (rc == EXIT_DONE)
		rc = substitute_words(call, resolve_here, &named, &words);
	if (rc == EXIT_DONE && inside) {
		rc = run_and_wait(call, words, &named);
	} else if (rc == EXIT_DONE) {
		inherit_devices(call->ctx);
		inherit_named(&named);
		rc = become(call, words);
	}
	free_words(words);
	free(named.fds);
	return rc;
}
