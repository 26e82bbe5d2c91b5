/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program without privileges that drives a device: child [STEP...], run by launcher.c. It
 * receives an iommufd and a bound device over fd 3, maps memory of its own for the device, and
 * attaches it. STEP: a program that is run meanwhile with the fds of the device and of the memory
 * as two more words.
 */
#include <libiommufd.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IOMMUFD, DEVICE, N_FDS };
enum { SOCKET_NUMBER = 3, SIZE = 65536 };

static const uint64_t fixed_iova = 1 << 20;

static int explain(const char *what, enum iommufd_op op, int error)
{
	struct iommufd_explanation why;

	iommufd_explain(op, error, IOMMUFD_KIND_UNKNOWN, &why);
	fprintf(stderr, "child: %s: %s\n", what, why.sentence);
	return -1;
}

static int receive_fds(int fds[N_FDS])
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(N_FDS * sizeof(int))];
	} control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	if (recvmsg(SOCKET_NUMBER, &message, MSG_CMSG_CLOEXEC) != 1 ||
	    message.msg_controllen < CMSG_LEN(N_FDS * sizeof(int)) || message.msg_flags & MSG_CTRUNC) {
		fprintf(stderr, "child: the fds did not come\n");
		return -1;
	}
	memcpy(fds, CMSG_DATA(&control.header), N_FDS * sizeof(int));
	return 0;
}

/* Linux 6.13 maps the file, so that it stays mapped in the iommufd whoever ends; before, our view of it. */
static int map(int iommufd, uint32_t ioas, int memory, uint64_t *iova)
{
	unsigned int flags = IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ | IOMMUFD_MAP_WRITE;
	int rc = iommufd_ioas_map_file(iommufd, ioas, flags, memory, 0, SIZE, iova);
	void *view;

	if (rc == 0 || rc != -ENOTTY)
		return rc;
	view = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	return view == MAP_FAILED ? -ENOMEM : iommufd_ioas_map(iommufd, ioas, flags, view, SIZE, iova);
}

/* PROGRAM [ARG...] DEVICE-FD MEMORY-FD */
static int run_step(int argc, char **argv, int device, int memory)
{
	char line[4096] = "";

	for (int i = 0; i < argc; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s ", argv[i]);
	snprintf(line + strlen(line), sizeof(line) - strlen(line), "%d %d", device, memory);
	fcntl(device, F_SETFD, 0);
	fcntl(memory, F_SETFD, 0);
	fflush(stdout);
	return argc && system(line) ? -1 : 0;
}

static int use(int iommufd, int device, int argc, char **argv)
{
	int memory = memfd_create("child", MFD_CLOEXEC), rc;
	uint64_t iova = fixed_iova;
	uint32_t ioas, pt;

	if (memory < 0 || ftruncate(memory, SIZE) < 0)
		return perror("child: memory"), -1;
	rc = iommufd_ioas_alloc(iommufd, &ioas);
	if (rc < 0)
		return explain("ioas alloc", IOMMUFD_OP_IOAS_ALLOC, rc);
	pt = ioas;
	rc = iommufd_device_attach(device, &pt);
	if (rc < 0)
		return explain("attach", IOMMUFD_OP_ATTACH, rc);
	rc = map(iommufd, ioas, memory, &iova);
	if (rc < 0)
		return explain("ioas map", IOMMUFD_OP_IOAS_MAP, rc);
	printf("uid %u: IOAS %" PRIu32 ", attached to %" PRIu32 ", %d bytes at %#" PRIx64 "\n",
	       (unsigned int)getuid(), ioas, pt, SIZE, iova);
	if (run_step(argc, argv, device, memory) < 0)
		return -1;
	rc = iommufd_device_detach(device);
	if (rc < 0)
		return explain("detach", IOMMUFD_OP_DETACH, rc);
	rc = iommufd_destroy(iommufd, ioas);
	return rc < 0 ? explain("destroy", IOMMUFD_OP_DESTROY, rc) : 0;
}

int main(int argc, char **argv)
{
	int fds[N_FDS];

	if (receive_fds(fds) < 0)
		return 1;
	return use(fds[IOMMUFD], fds[DEVICE], argc - 1, argv + 1) < 0;
}
