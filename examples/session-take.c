/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Take a prepared device out of a session, without the tool: session-take SESSION DEVICE
 * Prints the ids that the session gave before, as seen by this process, which has the device from then on.
 */
#include <libiommufd.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *take[] = { "session", "take", "--move", "iommufd", argc > 2 ? argv[2] : "" };
	const char *confirm[] = { "session", "confirm" };
	struct iommufd_session_reply reply, confirmed;
	struct iommufd_device_caps caps;
	int session, rc;

	if (argc != 3) {
		fprintf(stderr, "usage: session-take SESSION DEVICE\n");
		return 2;
	}
	rc = iommufd_session_connect(argv[1], &session);
	if (rc == 0)
		rc = iommufd_session_run(session, 0, 5, take, NULL, 0, &reply);
	if (rc < 0) {
		fprintf(stderr, "session-take: %s: %s\n", argv[1], strerror(-rc));
		return 1;
	}
	if (reply.code) { /* the session's own words */
		fwrite(reply.err, 1, reply.err_len, stderr);
		return reply.code;
	}
	/* From here on the device is ours: the session drops its copy. Without --move it would keep it. */
	rc = iommufd_session_run(session, 0, 2, confirm, NULL, 0, &confirmed);
	if (rc < 0 || confirmed.code) {
		fprintf(stderr, "session-take: %s: it keeps the device\n", argv[1]);
		return 1;
	}
	iommufd_session_reply_free(&confirmed);
	close(session);
	rc = iommufd_device_caps(reply.fds[1], &caps);
	if (rc < 0 || iommufd_check(reply.fds[0]) < 0) {
		fprintf(stderr, "session-take: %s: %s\n", argv[2], strerror(-rc));
		return 1;
	}
	printf("iommufd: fd %d, %s: fd %d with %u regions\n", reply.fds[0], argv[2], reply.fds[1], caps.regions);
	iommufd_session_reply_free(&reply);
	return 0;
}
