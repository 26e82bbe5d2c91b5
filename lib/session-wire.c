/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes over a session's socket, for both of its ends: packets with fds, and the form of a request. */
#include "internal.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* The kernel takes no more fds with one packet. */
union fd_control {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(IOMMUFD_SESSION_FDS * sizeof(int))];
};

static void fill_vectors(struct iovec *vectors, const struct iommufd_session_part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vectors[i] = (struct iovec){ parts[i].bytes, parts[i].len };
}

/* control: where the fds lie until the message is sent. */
static void put_fds(struct msghdr *message, union fd_control *control, const int *fds, size_t n)
{
	struct cmsghdr *header;

	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(n * sizeof(int));
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(header), fds, n * sizeof(int));
}

API int iommufd_session_send_packet(int socket, const struct iommufd_session_part *parts, size_t n_parts,
				    const int *fds, size_t n_fds, unsigned int flags)
{
	const bool may_wait = !(flags & IOMMUFD_SESSION_DONTWAIT);
	struct iovec vectors[IOMMUFD_SESSION_PARTS];
	union fd_control control = { .room = { 0 } };
	struct msghdr message = { .msg_iov = vectors, .msg_iovlen = n_parts };
	ssize_t n;

	if (n_parts > IOMMUFD_SESSION_PARTS || n_fds > IOMMUFD_SESSION_FDS)
		return set_errno(E2BIG);
	if (flags & ~IOMMUFD_SESSION_DONTWAIT)
		return set_errno(EINVAL);
	fill_vectors(vectors, parts, n_parts);
	if (n_fds)
		put_fds(&message, &control, fds, n_fds);
	do
		n = sendmsg(socket, &message, MSG_NOSIGNAL | (may_wait ? 0 : MSG_DONTWAIT));
	while (n < 0 && errno == EINTR && may_wait);
	return n < 0 ? -errno : 0;
}

/* All fds of a message to fds, which has room for IOMMUFD_SESSION_FDS; how many. */
static size_t take_fds(struct msghdr *message, int *fds)
{
	size_t count = 0;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
		const size_t n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		/* However many such headers there are, union fd_control has room for no more of their fds. */
		for (size_t i = 0; i < n && count < IOMMUFD_SESSION_FDS; i++, count++)
			memcpy(&fds[count], CMSG_DATA(header) + i * sizeof(int), sizeof(int));
	}
	return count;
}

/* 0, or an errno; the fd that could not be lifted is closed, and -1 from then on. */
static int lift_fds(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lift_fd(fds[i], &fds[i]) < 0) {
			fds[i] = -1;
			return errno;
		}
	return 0;
}

static void close_fds(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* What is wrong with a packet that was received, and with the fds that came: 0 or an errno. */
static int check_packet(const struct msghdr *message, int *fds, size_t n_fds)
{
	if (message->msg_flags & MSG_CTRUNC)
		return EMFILE;
	if (message->msg_flags & MSG_TRUNC)
		return EMSGSIZE;
	return lift_fds(fds, n_fds);
}

API int iommufd_session_receive_packet(int socket, const struct iommufd_session_part *parts, size_t n_parts,
				       int *fds, size_t *n_fds, unsigned int flags)
{
	const bool may_wait = !(flags & IOMMUFD_SESSION_DONTWAIT);
	struct iovec vectors[IOMMUFD_SESSION_PARTS];
	union fd_control control;
	struct msghdr message = { .msg_iov = vectors, .msg_iovlen = n_parts, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int came[IOMMUFD_SESSION_FDS], error;
	size_t n_came, n_kept;
	ssize_t len;

	if (n_parts > IOMMUFD_SESSION_PARTS)
		return set_errno(E2BIG);
	if (flags & ~IOMMUFD_SESSION_DONTWAIT)
		return set_errno(EINVAL);
	fill_vectors(vectors, parts, n_parts);
	do
		len = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (may_wait ? 0 : MSG_DONTWAIT));
	while (len < 0 && errno == EINTR && may_wait);
	if (len < 0)
		return -errno;
	n_came = take_fds(&message, came);
	error = len ? check_packet(&message, came, n_came) : 0;
	n_kept = n_came < *n_fds ? n_came : *n_fds;
	if (len == 0 || error)
		n_kept = 0;
	close_fds(came + n_kept, n_came - n_kept);
	if (error)
		return set_errno(error);
	if (n_kept)
		memcpy(fds, came, n_kept * sizeof(*fds));
	*n_fds = n_kept;
	return (int)len;
}

/* How many words there are, each ended by a NUL; -1: the last one is not ended. */
static ssize_t count_words(const char *text, size_t len)
{
	ssize_t n = 0;

	if (len && text[len - 1])
		return -1;
	for (size_t i = 0; i < len; i++)
		n += !text[i];
	return n;
}

static uint32_t word_of_fd(const char *indexes, size_t i)
{
	uint32_t index;

	memcpy(&index, indexes + i * sizeof(index), sizeof(index));
	return index;
}

/* 0 and the header of a request that is whole, or an errno. */
static int check_request(const char *packet, size_t len, size_t n_fds,
			 struct iommufd_session_request_header *ret)
{
	struct iommufd_session_request_header header = { 0 };
	const size_t indexes = sizeof(header), text = indexes + n_fds * sizeof(uint32_t);

	memcpy(&header, packet, len < sizeof(header) ? len : sizeof(header));
	if (header.magic != IOMMUFD_SESSION_MAGIC)
		return EBADMSG;
	/* What follows the version may look otherwise in another protocol. */
	if (len >= offsetof(struct iommufd_session_request_header, flags) &&
	    header.protocol != IOMMUFD_SESSION_PROTOCOL)
		return EPROTONOSUPPORT;
	if (n_fds > IOMMUFD_SESSION_FDS || header.fds != n_fds || len < text ||
	    header.argc > IOMMUFD_SESSION_WORDS ||
	    count_words(packet + text, len - text) != (ssize_t)header.argc)
		return EBADMSG;
	for (size_t i = 0; i < n_fds; i++)
		if (word_of_fd(packet + indexes, i) >= header.argc)
			return EBADMSG;
	*ret = header;
	return 0;
}

API int iommufd_session_unpack_request(char *packet, size_t len, size_t n_fds,
				       struct iommufd_session_request *ret)
{
	struct iommufd_session_request_header header;
	int error = check_request(packet, len, n_fds, &header);
	char *word;

	if (error)
		return set_errno(error);
	word = packet + sizeof(header) + n_fds * sizeof(uint32_t);
	ret->flags = header.flags;
	ret->argc = header.argc;
	for (size_t i = 0; i < header.argc; i++) {
		ret->argv[i] = word;
		word += strlen(word) + 1;
	}
	ret->argv[header.argc] = NULL;
	for (size_t i = 0; i < n_fds; i++)
		ret->words[i] = word_of_fd(packet + sizeof(header), i);
	return 0;
}
