/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/client.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolve/device.h"
#include "resolve/file.h"
#include "session/socket.h"
#include "util/io.h"

/* --- the files that a command names --- */

enum { FILE_ROOM = 1 << 20 }; /* no verb takes so much */

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

static int collect_input(const struct call *call, const char *name, int from, uint64_t room)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	int rc = fd < 0 ? -errno : copy_all(from, fd, room);

	if (rc == 0) {
		lseek(fd, 0, SEEK_SET);
		return fd;
	}
	if (rc == -EFBIG)
		msg_fail(call->output, name, "it has no end, or more than the %" PRIu64
			 " bytes that there is room for (EFBIG)", room);
	else
		msg_fail_errno(call->output, name, rc);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* What is in the file that was opened, in memory. */
static int collect_source(const struct call *call, const char *path, uint64_t room, int *fd, bool *ours)
{
	int from = *fd;

	*fd = collect_input(call, path, from, room);
	if (*ours)
		close(from);
	*ours = true;
	return *fd < 0 ? EXIT_FAILED : EXIT_DONE;
}

int session_open_source(const struct call *call, struct word path, uint64_t room, int *ret, bool *ret_ours)
{
	int rc = open_source(call, path, ret, ret_ours);
	struct stat st;

	if (rc != EXIT_DONE || (fstat(*ret, &st) == 0 && S_ISREG(st.st_mode)))
		return rc;
	return collect_source(call, path.text, room, ret, ret_ours);
}

/* The holder is sent the bytes of a file, not the file: who knows how long reading it takes. */
static int read_source(const struct call *call, struct word path, int *ret, bool *ret_ours)
{
	return open_source(call, path, ret, ret_ours) ?:
	       collect_source(call, path.text, FILE_ROOM, ret, ret_ours);
}

/* fd:N of the caller's, as the command itself would say it. */
static int check_fd(const struct call *call, const char *word, bool is_device, int fd)
{
	if (fcntl(fd, F_GETFD) >= 0)
		return EXIT_DONE;
	return is_device ? msg_fail_op(call->output, word, IOMMUFD_OP_LOOKUP, errno, IOMMUFD_KIND_UNKNOWN)
			 : msg_fail_errno(call->output, word, errno);
}

/*
 * The fd that travels for a word of this type, -1: none does. A verb with an ARG_FILE has its own part in the
 * client, which reads it. Returns an exit code, with its message.
 */
static int file_of(const struct call *call, struct word word, enum arg_type type, int *ret, bool *ret_ours)
{
	struct iommufd_device info;

	*ret = -1;
	*ret_ours = false;
	switch (type) {
	case ARG_DEVICE:
	case ARG_NEW_DEVICE:
	case ARG_ANY_DEVICE:
	case ARG_DEVICE_ID:
		if (parse_fd(word.text, ret))
			return check_fd(call, word.text, true, *ret);
		*ret_ours = true;
		return strchr(word.text, '/') ? open_device(call, word.text, &info, ret) : EXIT_DONE;
	case ARG_MEMORY:
		return parse_fd(word.text, ret) ? check_fd(call, word.text, false, *ret) : EXIT_DONE;
	case ARG_FILE_OR_HEX:
		if (strncmp(word.text, "hex:", 4) == 0)
			return EXIT_DONE;
		return read_source(call, word, ret, ret_ours);
	default:
		return EXIT_DONE;
	}
}

static int add_file(const struct call *call, struct files *files, struct word word, enum arg_type type)
{
	struct iommufd_session_word *to = &files->words[files->count];
	int rc;

	if (files->count == IOMMUFD_SESSION_FDS)
		return EXIT_DONE;
	to->word = (uint32_t)word.index;
	rc = file_of(call, word, type, &to->fd, &files->ours[files->count]);
	files->count += rc == EXIT_DONE && to->fd >= 0;
	return rc;
}

/* What arguments and options name. */
static int open_files(const struct call *call, struct files *files)
{
	int rc = EXIT_DONE;

	for (int i = 0; i < call->n_args && !rc; i++)
		rc = add_file(call, files, call_arg(call, i), verb_argument(call->verb, i)->type);
	for (int i = 0; i < call->n_given && !rc; i++) {
		const struct given *given = &call->given[i];

		if (given->value)
			rc = add_file(call, files, (struct word){ given->value, given->index },
				      given->option->value.type);
	}
	return rc;
}

/* --- requests --- */

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

/* The holder does not know the file and line that a command comes from: a message begins as ours do. */
static void print_messages(const struct output *output, const char *text, size_t len)
{
	static const char ours[] = PROGRAM ": ";
	const size_t n = sizeof(ours) - 1;

	for (const char *end, *last = text + len; text < last; text = end) {
		end = memchr(text, '\n', (size_t)(last - text));
		end = end ? end + 1 : last;
		if (output->file && (size_t)(end - text) > n && memcmp(text, ours, n) == 0) {
			msg_place(output);
			text += n;
		}
		buf_bytes(output->err, text, (size_t)(end - text));
	}
}

/* An answer on its way out. */
struct printer {
	const struct output *output;
	struct buffer err; /* in a batch: all of it, since a packet may end anywhere */
};

static int print(void *arg, int stream, const char *bytes, size_t len)
{
	struct printer *printer = arg;
	struct buffer *err = printer->output->file ? &printer->err : printer->output->err;

	/* What cannot be written is said when the program ends; the session's answer counts. */
	buf_bytes(stream == 2 ? err : printer->output->out, bytes, len);
	return 0;
}

static void print_end(struct printer *printer)
{
	if (!printer->err.error)
		print_messages(printer->output, printer->err.buf, printer->err.len);
	free(printer->err.buf);
}

int session_ask(const struct call *call, const char *name, int fd, struct iommufd_session_reply *reply)
{
	unsigned int flags = (call->output->json ? IOMMUFD_SESSION_JSON : 0) |
			     (call->output->verbose ? IOMMUFD_SESSION_VERBOSE : 0);
	struct printer printer = { .output = call->output, .err = { .fd = -1 } };
	struct files files = { .count = 0 };
	int rc;

	if (call->n_words > IOMMUFD_SESSION_WORDS)
		return fail_session(call, name, -E2BIG); /* they have not been kept */
	rc = open_files(call, &files);
	if (rc == EXIT_DONE) {
		rc = iommufd_session_stream(fd, flags, (size_t)call->n_words, call->words, files.words,
					    files.count, print, &printer, reply);
		print_end(&printer);
		rc = rc < 0 ? fail_session(call, name, rc) : EXIT_DONE;
	}
	close_files(&files);
	return rc;
}

int session_send(const struct call *call, const char *name, int fd)
{
	struct iommufd_session_reply reply;
	int rc = session_ask(call, name, fd, &reply);

	if (rc)
		return rc;
	buf_flush(call->output->out);
	buf_flush(call->output->err);
	while (reply.n_fds)
		close(reply.fds[--reply.n_fds]);
	return reply.code;
}

/* --- which session --- */

int session_connect(const struct call *call, const char *name, int *ret_code)
{
	bool is_default = strcmp(name, DEFAULT_SESSION) == 0;
	int fd, rc;

	if (!iommufd_session_name_is_valid(name)) {
		*ret_code = msg_usage(call->output, "'%s' is no name of a session", name);
		return -1;
	}
	rc = iommufd_session_connect(name, &fd);
	if (rc == 0) {
		*ret_code = EXIT_DONE;
		return fd;
	}
	if (rc == -ENOENT || rc == -ECONNREFUSED) {
		*ret_code = msg_fail(call->output, name, "no session of this name runs");
		if (!session_hint_running(call->output, "these run"))
			msg_hint(call->output, "none runs: " PROGRAM " session start%s%s", is_default ? "" : " ",
				 is_default ? "" : name);
	} else if (rc == -ETIMEDOUT) {
		*ret_code = session_fail_busy(call->output, name);
	} else {
		*ret_code = msg_fail_errno(call->output, name, rc);
	}
	return -1;
}

/* The connection ends with the process, which has nothing else to do: closing it is a call saved. */
int session_forward(const struct call *call, const char *name)
{
	int code, fd = session_connect(call, name, &code);

	return fd < 0 ? code : session_send(call, name, fd);
}

const char *session_named(const struct call *call)
{
	const char *name = secure_getenv("IOMMUFDCTL_SESSION");

	if (call->request->session || call->request->lines_in)
		return call->request->session ?: call->request->lines_in;
	return name && *name ? name : NULL;
}

const char *session_of(const struct call *call)
{
	bool is_named = call->n_args && verb_argument(call->verb, 0)->type == ARG_SESSION;
	const char *name = is_named ? call->args[0] : session_named(call);

	return name ? name : DEFAULT_SESSION;
}

bool session_try(struct call *call, int *ret)
{
	const char *name = session_named(call);
	int fd, rc;

	if (name) {
		fd = session_connect(call, name, ret);
		if (fd < 0)
			return true;
	} else {
		name = DEFAULT_SESSION;
		rc = iommufd_session_connect(name, &fd);
		if (is_shortage(rc))
			*ret = msg_fail_errno(call->output, name, rc);
		if (rc == -ETIMEDOUT)
			*ret = session_fail_busy(call->output, name);
		if (rc < 0)
			return is_shortage(rc) || rc == -ETIMEDOUT;
	}
	if (!call->verb->client) {
		*ret = session_send(call, name, fd);
	} else {
		/* The verb's own part here connects where it has to. */
		close(fd);
		*ret = call->verb->client(call);
	}
	return true;
}

/* Words, over a connection of their own; what is wrong is printed, the rest of the answer goes to reply. */
static int run_words(const struct call *call, const char *name, size_t n, const char *const *words,
		     const struct files *files, struct iommufd_session_reply *reply)
{
	unsigned int flags = call->output->verbose ? IOMMUFD_SESSION_VERBOSE : 0;
	int rc, session = session_connect(call, name, &rc);

	*reply = (struct iommufd_session_reply){ 0 };
	if (session < 0)
		return rc;
	rc = iommufd_session_run(session, flags, n, words, files->words, files->count, reply);
	close(session);
	if (rc < 0)
		return fail_session(call, name, rc);
	print_messages(call->output, reply->err, reply->err_len);
	buf_flush(call->output->err);
	return reply->code;
}

static void free_reply(struct iommufd_session_reply *reply)
{
	while (reply->n_fds)
		close(reply->fds[--reply->n_fds]);
	iommufd_session_reply_free(reply);
}

int session_run_words(const struct call *call, size_t n, const char *const *words, int about,
		      struct iommufd_session_reply *ret)
{
	struct iommufd_session_reply reply = { 0 };
	struct files files = { .count = 0 };
	int rc = add_file(call, &files, (struct word){ words[about], about }, call->verb->args[0].type);

	rc = rc ?: run_words(call, session_of(call), n, words, &files, &reply);
	close_files(&files);
	if (ret)
		*ret = reply;
	else
		free_reply(&reply);
	return rc;
}

int session_fetch_fd(const struct call *call, int *ret_fd, uint64_t *ret_about)
{
	const char *name = session_of(call);
	struct iommufd_session_reply reply = { 0 };
	struct files files = { .count = 0 };
	int rc;

	if (call->n_words > IOMMUFD_SESSION_WORDS)
		return fail_session(call, name, -E2BIG); /* they have not been kept */
	rc = open_files(call, &files) ?:
	     run_words(call, name, (size_t)call->n_words, call->words, &files, &reply);
	close_files(&files);
	if (reply.out_len)
		reply.out[reply.out_len - 1] = '\0'; /* it was the newline */
	if (rc == EXIT_DONE && (reply.n_fds != 1 || !reply.out_len || !parse_size(reply.out, ret_about)))
		rc = msg_fail(call->output, name, "the session sent no fd");
	else if (rc == EXIT_DONE)
		*ret_fd = reply.fds[--reply.n_fds];
	free_reply(&reply);
	return rc;
}
