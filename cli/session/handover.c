/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/handover.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/value.h"
#include "util/named-fd.h"

/* Behind "{fd:" in a word: the number of what is named there. *at: behind the brace that closes it. */
static int substitute_fd(const struct call *call, fd_resolver *resolve, void *arg, bool begins,
			 const char **at, struct buffer *to)
{
	const char *close = strchr(*at, '}');
	char ref[256];
	int fd = -1, rc;

	if (!close || (size_t)(close - *at) >= sizeof(ref))
		return msg_usage(call->output, "'{fd:%s': expected {fd:iommufd}, {fd:DEV} or {fd:mem:NAME}",
				 *at);
	snprintf(ref, sizeof(ref), "%.*s", (int)(close - *at), *at);
	rc = resolve(call, arg, ref, begins && !close[1], &fd);
	if (rc == EXIT_DONE)
		buf_u64(to, (uint64_t)fd);
	*at = close + 1;
	return rc;
}

/* Copy a word, each {fd:REF} replaced by its number, and {{ by a brace. */
static int substitute(const struct call *call, fd_resolver *resolve, void *arg, const char *word,
		      struct buffer *to)
{
	const char *start = word;

	for (const char *brace; (brace = strchr(word, '{')); ) {
		int rc;

		buf_bytes(to, word, (size_t)(brace - word));
		if (strncmp(brace, "{fd:", 4) != 0) {
			buf_char(to, '{');
			word = brace + (brace[1] == '{' ? 2 : 1);
			continue;
		}
		word = brace + strlen("{fd:");
		rc = substitute_fd(call, resolve, arg, brace == start, &word, to);
		if (rc != EXIT_DONE)
			return rc;
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

static bool set_number(const char *name, size_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", number);
	return setenv(name, text, 1) == 0;
}

/* As sd_listen_fds(3) has it: names are parted by colons, of which they can have none. */
static int tell_listen_fds(const struct call *call, const struct handed_fd *list, size_t n)
{
	struct buffer names = { .fd = -1 };
	bool done;

	for (size_t i = 0; i < n; i++) {
		size_t from = names.len + (i > 0);

		buf_format(&names, "%s%s", i ? ":" : "", list[i].name);
		for (size_t at = from; at < names.len; at++)
			if (names.buf[at] == ':')
				names.buf[at] = '-';
	}
	buf_char(&names, '\0');
	done = !names.error && setenv("LISTEN_FDNAMES", names.buf, 1) == 0 && set_number("LISTEN_FDS", n) &&
	       set_number("LISTEN_PID", (size_t)getpid());
	free(names.buf);
	return done ? EXIT_DONE : msg_fail_errno(call->output, NULL, ENOMEM);
}

static void forget_listen_fds(void)
{
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

/* First all of them out of the way of each other. */
int place_fds(const struct call *call, const struct handed_fd *list, size_t n)
{
	const char *text = opt_value(call, OPT_FD_BASE);
	uint32_t base = opt_u32(call, OPT_FD_BASE, 0);

	if (!text)
		return EXIT_DONE;
	if (base < FIRST_NAMED_FD || base > INT32_MAX - 2 * IOMMUFD_SESSION_FDS)
		return msg_usage(call->output, "--fd-base: '%s' is no fd from 3 on", text);
	for (size_t i = 0; i < n; i++) {
		int fd = fcntl(*list[i].fd, F_DUPFD_CLOEXEC, (int)(base + n));

		if (fd < 0)
			return msg_fail_errno(call->output, text, errno);
		*list[i].fd = fd;
	}
	for (size_t i = 0; i < n; i++) {
		int fd = *list[i].fd, to = (int)(base + i);

		if (dup2(fd, to) < 0)
			return msg_fail_errno(call->output, text, errno);
		close(fd);
		*list[i].fd = to;
	}
	forget_listen_fds();
	return base == FIRST_NAMED_FD ? tell_listen_fds(call, list, n) : EXIT_DONE;
}

/* Somewhere in PATH, as execvp(3) looks for it. */
static bool is_in_path(const char *name)
{
	const char *dirs = getenv("PATH") ?: "/bin:/usr/bin";

	for (;; dirs++) {
		size_t len = strcspn(dirs, ":");
		char path[4096];

		snprintf(path, sizeof(path), "%.*s%s%s", (int)len, dirs, len ? "/" : "", name);
		if (access(path, X_OK) == 0)
			return true;
		dirs += len;
		if (!*dirs)
			return false;
	}
}

static int fail_program(const struct call *call, const char *name, int error)
{
	msg_fail_errno(call->output, name, error);
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

int find_program(const struct call *call, const char *name)
{
	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? EXIT_DONE : fail_program(call, name, errno);
	return is_in_path(name) ? EXIT_DONE : fail_program(call, name, ENOENT);
}

int become(const struct call *call, char **words)
{
	if (call->request->signals)
		sigprocmask(SIG_SETMASK, call->request->signals, NULL);
	execvp(words[0], words);
	return fail_program(call, words[0], errno);
}
