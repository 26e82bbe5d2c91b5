/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A launcher with privileges prepares fds for a program without: launcher [-s SESSION] DEVICE
 * PROGRAM [ARG...]
 *
 * Without -s it opens an iommufd, has pinned memory accounted to the process that pins it, and
 * opens and binds the device. With -s it takes both out of a session. Then PROGRAM is run as
 * nobody, with a socket as fd 3 over which it is sent the iommufd and the device, in this order;
 * child.c is such a program.
 */
#include <libiommufd.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IOMMUFD, DEVICE, N_FDS };
enum { SOCKET_NUMBER = 3, NOBODY = 65534 };

static int explain(const char *what, enum iommufd_op op, int error)
{
	struct iommufd_explanation why;

	iommufd_explain(op, error, IOMMUFD_KIND_UNKNOWN, &why);
	fprintf(stderr, "launcher: %s: %s\n", what, why.sentence);
	return -1;
}

static int prepare(const char *ref, int fds[N_FDS])
{
	struct iommufd_device device;
	uint32_t id;
	int rc = iommufd_open(NULL, &fds[IOMMUFD]);

	if (rc < 0)
		return explain("/dev/iommu", IOMMUFD_OP_OPEN, rc);
	/* Only possible while it is empty. By default the limits of all programs of a user add up. */
	rc = iommufd_option_set(fds[IOMMUFD], IOMMUFD_RLIMIT_MODE, 0, 1);
	if (rc < 0)
		return explain("accounting", IOMMUFD_OP_OPTION_SET, rc);
	rc = iommufd_device_lookup(ref, &device);
	if (rc < 0)
		return explain(ref, IOMMUFD_OP_LOOKUP, rc);
	rc = iommufd_device_open(&device, &fds[DEVICE]);
	if (rc < 0)
		return explain(ref, IOMMUFD_OP_DEVICE_OPEN, rc);
	rc = iommufd_device_bind(fds[DEVICE], fds[IOMMUFD], &id);
	return rc < 0 ? explain(ref, IOMMUFD_OP_BIND, rc) : 0;
}

/* The device leaves the session when the connection ends and confirm() came before. */
static int take(const char *session, const char *ref, int fds[N_FDS], int *ret)
{
	const char *words[] = { "session", "take", "--move", "iommufd", ref };
	struct iommufd_session_reply reply;
	int rc = iommufd_session_connect(session, ret);

	if (rc == 0)
		rc = iommufd_session_run(*ret, 0, 5, words, NULL, 0, &reply);
	if (rc < 0) {
		fprintf(stderr, "launcher: session %s: %s\n", session, strerror(-rc));
		return -1;
	}
	if (reply.code)
		fprintf(stderr, "%.*s", (int)reply.err_len, reply.err);
	else
		memcpy(fds, reply.fds, N_FDS * sizeof(*fds));
	iommufd_session_reply_free(&reply);
	return reply.code ? -1 : 0;
}

static int confirm(int connection)
{
	const char *words[] = { "session", "confirm" };
	struct iommufd_session_reply reply;
	int rc = iommufd_session_run(connection, 0, 2, words, NULL, 0, &reply);

	if (rc < 0 || reply.code) {
		fprintf(stderr, "launcher: the session keeps the device\n");
		return -1;
	}
	iommufd_session_reply_free(&reply);
	return 0;
}

static int send_fds(int to, const int fds[N_FDS])
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(N_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec byte = { (void *)"", 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(N_FDS * sizeof(int));
	memcpy(CMSG_DATA(&control.header), fds, N_FDS * sizeof(int));
	return sendmsg(to, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* In the child process. Everything else that is open is close-on-exec. */
static void become(int socket, char **program)
{
	if (socket != SOCKET_NUMBER ? dup2(socket, SOCKET_NUMBER) < 0
				    : fcntl(socket, F_SETFD, 0) < 0)
		_exit(1);
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
		_exit(1);
	execvp(program[0], program);
	fprintf(stderr, "launcher: %s: %s\n", program[0], strerror(errno));
	_exit(127);
}

static int run(const int fds[N_FDS], char **program)
{
	int ends[2], status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	child = fork();
	if (child < 0)
		return -1;
	if (child == 0)
		become(ends[1], program);
	close(ends[1]);
	if (send_fds(ends[0], fds) < 0)
		perror("launcher: sending");
	/* A copy that stays would keep the device busy when the program has ended. */
	close(fds[DEVICE]);
	close(fds[IOMMUFD]);
	if (waitpid(child, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	const char *session = argc > 2 && strcmp(argv[1], "-s") == 0 ? argv[2] : NULL;
	char **words = argv + (session ? 3 : 1);
	int fds[N_FDS], connection = -1, rc;

	if (argc < (session ? 5 : 3)) {
		fprintf(stderr, "usage: launcher [-s SESSION] DEVICE PROGRAM [ARG...]\n");
		return 2;
	}
	rc = session ? take(session, words[0], fds, &connection) : prepare(words[0], fds);
	if (rc == 0 && session)
		rc = confirm(connection);
	if (rc == 0)
		rc = run(fds, words + 1);
	return rc < 0 ? 1 : rc;
}
