/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client's side of a session: connect, run a command, receive fds. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

API int iommufd_session_dir(char *buf, size_t len)
{
	const char *base = geteuid() == 0 ? "/run" : secure_getenv("XDG_RUNTIME_DIR");

	if (!base || *base != '/')
		return set_errno(ENOENT);
	if (strlen(base) + sizeof("/iommufdctl") > len)
		return set_errno(ERANGE);
	stpcpy(stpcpy(buf, base), "/iommufdctl");
	return 0;
}

/* Fds are not sent to somebody else's process. */
static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

/* Where the session of that name listens. */
static int session_address(const char *name, struct sockaddr_un *ret)
{
	char dir[sizeof(ret->sun_path)];
	int rc;

	if (!iommufd_session_name_is_valid(name))
		return set_errno(EINVAL);
	rc = iommufd_session_dir(dir, sizeof(dir));
	if (rc < 0)
		return rc;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	rc = snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/%s", dir, name);
	return (size_t)rc < sizeof(ret->sun_path) ? 0 : set_errno(EINVAL);
}

/* A session that is stopped accepts nobody, and whoever comes when its queue is full would wait with it. */
static int connect_in_time(int fd, const struct sockaddr_un *address)
{
	const struct timeval limit = { .tv_sec = 2 }, none = { 0 };

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return errno == EAGAIN ? set_errno(ETIMEDOUT) : -errno;
	/* What is sent later may take as long as the session has to do. */
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none)) < 0 ? -errno : 0;
}

API int iommufd_session_connect(const char *name, int *ret_fd)
{
	struct sockaddr_un address;
	int fd, rc = session_address(name, &address);

	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	rc = lift_fd(fd, &fd);
	if (rc < 0)
		return rc;
	rc = connect_in_time(fd, &address);
	if (rc < 0)
		return close_after(fd, rc);
	if (!is_ours(fd))
		return close_after(fd, -EACCES);
	*ret_fd = fd;
	return 0;
}

/* The words behind the header, and how long they are; -E2BIG. */
static int pack_words(size_t argc, const char *const *argv, char *to, size_t *ret_len)
{
	size_t used = 0;

	for (size_t i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]) + 1;

		if (len > IOMMUFD_SESSION_TEXT - used)
			return set_errno(E2BIG);
		memcpy(to + used, argv[i], len);
		used += len;
	}
	*ret_len = used;
	return 0;
}

static int send_request(int session, unsigned int flags, size_t argc, const char *const *argv,
			const struct iommufd_session_word *words, size_t n_words)
{
	struct iommufd_session_request_header header = {
		.magic = IOMMUFD_SESSION_MAGIC,
		.protocol = IOMMUFD_SESSION_PROTOCOL,
		.flags = (uint16_t)flags,
		.argc = (uint32_t)argc,
		.fds = (uint32_t)n_words,
	};
	uint32_t indexes[IOMMUFD_SESSION_FDS];
	int fds[IOMMUFD_SESSION_FDS], rc;
	char text[IOMMUFD_SESSION_TEXT];
	struct iommufd_session_part parts[] = {
		{ &header, sizeof(header) }, { indexes, n_words * sizeof(*indexes) }, { text, 0 },
	};

	rc = pack_words(argc, argv, text, &parts[2].len);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n_words; i++) {
		indexes[i] = words[i].word;
		fds[i] = words[i].fd;
	}
	rc = iommufd_session_send_packet(session, parts, ARRAY_SIZE(parts), fds, n_words, 0);
	/* EPIPE: it was refused, and the answer may be there already. */
	return rc == -EPIPE ? 0 : rc;
}

static int append_text(char **text, size_t *len, const char *from, size_t more)
{
	char *grown = reallocarray(*text, *len + more, 1);

	if (!grown)
		return set_errno(ENOMEM);
	memcpy(grown + *len, from, more);
	*text = grown;
	*len += more;
	return 0;
}

static int collect_output(void *arg, int stream, const char *bytes, size_t len)
{
	struct iommufd_session_reply *reply = arg;

	return stream == 2 ? append_text(&reply->err, &reply->err_len, bytes, len)
			   : append_text(&reply->out, &reply->out_len, bytes, len);
}

/* The bytes of a packet of the answer, or -errno. Its fds go behind those that reply has. */
static int receive_reply(int session, const struct iommufd_session_part *parts, size_t n_parts,
			 struct iommufd_session_reply *reply)
{
	size_t n_fds = IOMMUFD_SESSION_FDS - reply->n_fds;
	int *fds = reply->fds + reply->n_fds;
	int len = iommufd_session_receive_packet(session, parts, n_parts, fds, &n_fds, 0);

	/* It was closed with our request unread: an answer may lie behind that. */
	if (len == -ECONNRESET)
		len = iommufd_session_receive_packet(session, parts, n_parts, fds, &n_fds, 0);
	if (len == -EMSGSIZE)
		return set_errno(EPROTO);
	if (len == 0)
		return set_errno(ECONNRESET);
	if (len > 0)
		reply->n_fds += n_fds;
	return len;
}

/* One packet of the answer. 1: more will come, 0: it was the last. */
static int take_packet(int session, iommufd_session_output_fn *fn, void *arg,
		       struct iommufd_session_reply *reply)
{
	struct iommufd_session_reply_header header;
	char body[IOMMUFD_SESSION_PACKET];
	const struct iommufd_session_part parts[] = { { &header, sizeof(header) }, { body, sizeof(body) } };
	const size_t n_before = reply->n_fds;
	int rc = 0, len = receive_reply(session, parts, ARRAY_SIZE(parts), reply);

	if (len < 0)
		return len;
	if ((size_t)len < sizeof(header) || header.magic != IOMMUFD_SESSION_MAGIC ||
	    header.protocol != IOMMUFD_SESSION_PROTOCOL || header.fds != reply->n_fds - n_before ||
	    (uint64_t)header.out + header.err != (size_t)len - sizeof(header))
		return set_errno(EPROTO);
	reply->code = header.code;
	if (header.out)
		rc = fn(arg, 1, body, header.out);
	if (rc == 0 && header.err)
		rc = fn(arg, 2, body + header.out, header.err);
	if (rc < 0)
		return rc;
	return header.flags & IOMMUFD_SESSION_MORE ? 1 : 0;
}

API int iommufd_session_stream(int session, unsigned int flags, size_t argc, const char *const *argv,
			       const struct iommufd_session_word *words, size_t n_words,
			       iommufd_session_output_fn *fn, void *arg,
			       struct iommufd_session_reply *ret)
{
	struct iommufd_session_reply reply = { 0 };
	int rc;

	if (argc > IOMMUFD_SESSION_WORDS || n_words > IOMMUFD_SESSION_FDS)
		return set_errno(E2BIG);
	rc = send_request(session, flags, argc, argv, words, n_words);
	if (rc < 0)
		return rc;
	while ((rc = take_packet(session, fn, arg, &reply)) > 0)
		;
	if (rc < 0) {
		while (reply.n_fds)
			close(reply.fds[--reply.n_fds]);
		return set_errno(-rc);
	}
	*ret = reply;
	return 0;
}

API int iommufd_session_run(int session, unsigned int flags, size_t argc, const char *const *argv,
			    const struct iommufd_session_word *words, size_t n_words,
			    struct iommufd_session_reply *ret)
{
	struct iommufd_session_reply text = { 0 }, reply;
	int rc = iommufd_session_stream(session, flags, argc, argv, words, n_words, collect_output, &text,
					&reply);

	if (rc < 0) {
		iommufd_session_reply_free(&text);
		return set_errno(-rc);
	}
	reply.out = text.out;
	reply.out_len = text.out_len;
	reply.err = text.err;
	reply.err_len = text.err_len;
	*ret = reply;
	return 0;
}

API void iommufd_session_reply_free(struct iommufd_session_reply *reply)
{
	free(reply->out);
	free(reply->err);
	reply->out = reply->err = NULL;
	reply->out_len = reply->err_len = 0;
}
