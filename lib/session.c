/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client's side of a session: connect, run a command, receive fds. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(IOMMUFD_SESSION_FDS * sizeof(int))];
};

API int iommufd_session_dir(char *buf, size_t len)
{
	const char *base = geteuid() == 0 ? "/run" : secure_getenv("XDG_RUNTIME_DIR");

	if (!base || *base != '/')
		return set_errno(ENOENT);
	if (strlen(base) + sizeof("/iommufdctl") > len)
		return set_errno(ERANGE);
	memcpy(buf, base, strlen(base));
	memcpy(buf + strlen(base), "/iommufdctl", sizeof("/iommufdctl"));
	return 0;
}

/* Fds are not sent to somebody else's process. */
static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid();
}

/* Where the session of that name listens. */
static int session_address(const char *name, struct sockaddr_un *ret)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char dir[sizeof(address.sun_path)];
	int rc;

	if (!iommufd_session_name_is_valid(name))
		return set_errno(EINVAL);
	rc = iommufd_session_dir(dir, sizeof(dir));
	if (rc < 0)
		return rc;
	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", dir, name) >=
	    sizeof(address.sun_path))
		return set_errno(EINVAL);
	*ret = address;
	return 0;
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
	fd = lift_fd(fd);
	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		rc = -errno;
		close(fd);
		return set_errno(-rc);
	}
	if (!is_ours(fd)) {
		close(fd);
		return set_errno(EACCES);
	}
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

static void attach_fds(struct msghdr *message, union control *control,
		       const struct iommufd_session_word *words, size_t n)
{
	struct cmsghdr *header;

	if (!n)
		return;
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(n * sizeof(int));
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(n * sizeof(int));
	for (size_t i = 0; i < n; i++)
		memcpy(CMSG_DATA(header) + i * sizeof(int), &words[i].fd, sizeof(int));
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
	char text[IOMMUFD_SESSION_TEXT];
	struct iovec parts[3] = {
		{ &header, sizeof(header) }, { indexes, n_words * sizeof(*indexes) }, { text, 0 },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };
	union control control;
	int rc = pack_words(argc, argv, text, &parts[2].iov_len);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n_words; i++)
		indexes[i] = words[i].word;
	attach_fds(&message, &control, words, n_words);
	while (sendmsg(session, &message, MSG_NOSIGNAL) < 0) {
		if (errno == EPIPE)
			break; /* it was refused: the answer may be there already */
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static void close_all(struct iommufd_session_reply *reply)
{
	while (reply->n_fds)
		close(reply->fds[--reply->n_fds]);
}

static void take_fds(struct msghdr *message, struct iommufd_session_reply *reply)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
		size_t n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
			if (reply->n_fds < IOMMUFD_SESSION_FDS)
				reply->fds[reply->n_fds++] = fd;
			else
				close(fd);
		}
	}
}

static int append_text(char **text, size_t *len, const char *from, size_t more)
{
	char *grown;

	grown = reallocarray(*text, *len + more, 1);
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

/* One packet of the answer. 1: more will come, 0: it was the last. */
static int receive_packet(int session, iommufd_session_output_fn *fn, void *arg,
			  struct iommufd_session_reply *reply)
{
	struct iommufd_session_reply_header header;
	char body[IOMMUFD_SESSION_PACKET];
	struct iovec parts[2] = { { &header, sizeof(header) }, { body, sizeof(body) } };
	union control control;
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	bool refused = false;
	ssize_t n;
	int rc = 0;

	do {
		n = recvmsg(session, &message, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == ECONNRESET && !refused) {
			refused = true; /* closed with our request unread: an answer may lie behind it */
			errno = EINTR;
		}
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	take_fds(&message, reply);
	if (n == 0)
		return set_errno(ECONNRESET);
	if (message.msg_flags & MSG_CTRUNC)
		return set_errno(EMFILE);
	if ((size_t)n < sizeof(header) || message.msg_flags & MSG_TRUNC ||
	    header.magic != IOMMUFD_SESSION_MAGIC || header.protocol != IOMMUFD_SESSION_PROTOCOL ||
	    (uint64_t)header.out + header.err != (size_t)n - sizeof(header))
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
	while ((rc = receive_packet(session, fn, arg, &reply)) > 0)
		;
	if (rc < 0) {
		close_all(&reply);
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
