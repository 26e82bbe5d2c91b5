/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command that a session executes: its words, and the files that they name as fds, go to the holder. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "session.h"

struct files {
	struct iommufd_session_word words[IOMMUFD_SESSION_FDS];
	bool ours[IOMMUFD_SESSION_FDS]; /* to be closed */
	size_t count;
};

static void close_files(const struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->ours[i])
			close(files->words[i].fd);
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* That of argument i, and what follows: of "DEV PT" argument 1 has "PT". */
static const char *placeholder(const struct verb *verb, int i)
{
	const char *at = verb->args;

	for (; i; i--) {
		at = strchrnul(at, ' ');
		at += *at == ' ';
	}
	return at;
}

/* A pipe could keep the holder waiting: what comes from one is collected first. */
static int collect(const struct call *call, const char *name, int from)
{
	/* A device like /dev/zero has no end. */
	uint64_t room = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
	int fd = memfd_create("input", MFD_CLOEXEC), rc;

	if (fd < 0)
		return msg_fail_errno(call->output, name, errno), -1;
	rc = copy_all(from, fd, room);
	if (rc == 0) {
		lseek(fd, 0, SEEK_SET);
		return fd;
	}
	if (rc == -EFBIG)
		msg_fail(call->output, name,
			 "it has no end, or more than half of this machine's memory (EFBIG)");
	else
		msg_fail_errno(call->output, name, rc);
	close(fd);
	return -1;
}

static int open_file(const struct call *call, const char *path, int *ret, bool *ret_ours)
{
	int from, rc = open_source(call, path, ret, ret_ours);
	struct stat st;

	if (rc != EXIT_DONE || (fstat(*ret, &st) == 0 && S_ISREG(st.st_mode)))
		return rc;
	from = *ret;
	*ret = collect(call, path, from);
	if (*ret_ours)
		close(from);
	*ret_ours = true;
	return *ret < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* As the command itself would say it. */
static int check_fd(const struct call *call, const char *word, bool is_device, int fd)
{
	if (fcntl(fd, F_GETFD) >= 0)
		return EXIT_DONE;
	return is_device ? msg_fail_op(call->output, word, IOMMUFD_OP_LOOKUP, errno, IOMMUFD_KIND_UNKNOWN)
			 : msg_fail_errno(call->output, word, errno);
}

/* "FILE|-|hex:BYTES": the value may be the bytes themselves. */
static bool is_file(const char *value, const char *kind)
{
	return begins(kind, "FILE") && !(strstr(kind, "|hex:") && begins(value, "hex:"));
}

/* The fd that travels for a value of this kind, -1: none. EXIT_DONE, or an exit code with its message. */
static int file_of(const struct call *call, const char *value, const char *kind, int *ret, bool *ret_ours)
{
	bool is_device = begins(kind, "DEV");
	struct iommufd_device info;

	*ret_ours = false;
	if ((is_device || begins(kind, "MEM")) && parse_fd(value, ret))
		return check_fd(call, value, is_device, *ret);
	if (is_file(value, kind))
		return open_file(call, value, ret, ret_ours);
	*ret_ours = true;
	if (is_device && strchr(value, '/'))
		return device_open_ref(call, value, &info, ret);
	*ret = -1;
	return EXIT_DONE;
}

static uint32_t index_of(const struct call *call, const char *value)
{
	uint32_t i = 0;

	while (!is_of_word(value, call->words[i]))
		i++;
	return i;
}

static int add_file(const struct call *call, struct files *files, const char *value, const char *kind)
{
	struct iommufd_session_word *word = &files->words[files->count];
	int rc;

	if (files->count == IOMMUFD_SESSION_FDS)
		return EXIT_DONE;
	rc = file_of(call, value, kind, &word->fd, &files->ours[files->count]);
	if (rc != EXIT_DONE)
		return rc;
	word->word = index_of(call, value);
	files->count += word->fd >= 0;
	return EXIT_DONE;
}

/* What arguments and options name. */
static int open_files(const struct call *call, struct files *files)
{
	int rc = EXIT_DONE;

	for (int i = 0; i < call->n_args && rc == EXIT_DONE; i++)
		rc = add_file(call, files, call->args[i], placeholder(call->verb, i));
	for (int i = 0; i < call->n_given && rc == EXIT_DONE; i++)
		if (call->given[i].value)
			rc = add_file(call, files, call->given[i].value, call->given[i].row->arg);
	return rc;
}

static int fail_session(const struct call *call, const char *name, int error)
{
	if (error == -EPROTO)
		return msg_fail(call->output, name,
				"what answers is no session, or one of another protocol (EPROTO)");
	if (error == -ECONNRESET || error == -EPIPE)
		return msg_fail(call->output, name, "the session ended");
	if (error == -EBADF)
		return msg_fail(call->output, NULL, "an fd that the command names is not open (EBADF)");
	return msg_fail_errno(call->output, name, error);
}

static int print(void *arg, int stream, const char *bytes, size_t len)
{
	const struct call *call = arg;

	/* What cannot be written is said when the program ends; the session's answer counts. */
	buf_bytes(stream == 2 ? call->output->err : call->output->out, bytes, len);
	return 0;
}

/* What the command prints is printed; the rest of the answer to reply. */
int session_run(struct call *call, const char *name, int fd, struct iommufd_session_reply *reply)
{
	unsigned int flags = (call->output->json ? IOMMUFD_SESSION_JSON : 0) |
			     (call->output->verbose ? IOMMUFD_SESSION_VERBOSE : 0);
	struct files files = { .count = 0 };
	int rc;

	if (call->n_words > IOMMUFD_SESSION_WORDS)
		return fail_session(call, name, -E2BIG); /* they have not been kept */
	rc = open_files(call, &files);
	if (rc == EXIT_DONE) {
		rc = iommufd_session_stream(fd, flags, (size_t)call->n_words, call->words,
					    files.words, files.count, print, call, reply);
		rc = rc < 0 ? fail_session(call, name, rc) : EXIT_DONE;
	}
	close_files(&files);
	return rc;
}

int session_send(struct call *call, const char *name, int fd)
{
	struct iommufd_session_reply reply;
	int rc = session_run(call, name, fd, &reply);

	if (rc != EXIT_DONE)
		return rc;
	buf_flush(call->output->out);
	buf_flush(call->output->err);
	while (reply.n_fds)
		close(reply.fds[--reply.n_fds]);
	return reply.code;
}

int session_connect(const struct call *call, const char *name)
{
	int fd, rc;

	if (!is_session_name(name)) {
		msg_usage(call->output, "'%s' is no name of a session", name);
		return -1;
	}
	rc = iommufd_session_connect(name, &fd);
	if (rc == 0)
		return fd;
	if (rc == -ENOENT || rc == -ECONNREFUSED) {
		msg_fail(call->output, name, "no session of this name runs");
		if (!hint_running(call, "these run"))
			msg_hint(call->output, "none runs: " PROGRAM " session start");
	} else {
		msg_fail_errno(call->output, name, rc);
	}
	return -1;
}

/* The connection ends with the process, which has nothing else to do: closing it is a call saved. */
int session_forward(struct call *call, const char *name)
{
	int fd = session_connect(call, name);

	if (fd < 0)
		return is_session_name(name) ? EXIT_FAILED : EXIT_USAGE;
	return session_send(call, name, fd);
}

const char *session_named(const struct call *call)
{
	const char *name = secure_getenv("IOMMUFDCTL_SESSION");

	if (call->from->session)
		return call->from->session;
	return name && *name ? name : NULL;
}

bool is_lack(int error)
{
	return error == -ENOMEM || error == -ENOBUFS || error == -ENFILE || error == -EMFILE;
}

bool session_try(struct call *call, int *ret)
{
	const char *name = session_named(call);
	int fd, rc;

	if (name) {
		*ret = session_forward(call, name);
		return true;
	}
	rc = iommufd_session_connect(DEFAULT_SESSION, &fd);
	if (is_lack(rc)) {
		*ret = msg_fail_errno(call->output, DEFAULT_SESSION, rc);
		return true;
	}
	if (rc < 0)
		return false;
	*ret = session_send(call, DEFAULT_SESSION, fd);
	return true;
}

int session_queue(struct call *call, int *ret_fd, uint32_t *ret_kind)
{
	const char *name = session_named(call);
	struct iommufd_session_reply reply;
	char *end;
	int session, rc;

	name = name ? name : DEFAULT_SESSION;
	session = session_connect(call, name);
	if (session < 0)
		return is_session_name(name) ? EXIT_FAILED : EXIT_USAGE;
	rc = iommufd_session_run(session, 0, (size_t)call->n_words, call->words, NULL, 0, &reply);
	close(session);
	if (rc < 0)
		return fail_session(call, name, rc);
	buf_bytes(call->output->err, reply.err, reply.err_len);
	buf_flush(call->output->err);
	rc = reply.code;
	end = reply.out_len ? memchr(reply.out, '\n', reply.out_len) : NULL;
	if (end)
		*end = '\0';
	if (rc == EXIT_DONE && (reply.n_fds != 1 || !end || !parse_u32(reply.out, ret_kind)))
		rc = msg_fail(call->output, name, "the session sent no queue");
	if (rc == EXIT_DONE)
		*ret_fd = reply.fds[0];
	iommufd_session_reply_free(&reply);
	return rc;
}
