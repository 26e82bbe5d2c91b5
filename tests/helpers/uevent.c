/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages about devices that are not the kernel's own, and very many of them.
 *
 *   uevent port PID                  the netlink port by which a process listens to the kernel's events
 *   uevent to PORT TEXT...           forge one for a socket alone: root may
 *   uevent all TEXT...               forge one for all who listen
 *   uevent inject TEXT...            have the kernel send it as its own, to the network of this namespace
 *   uevent burst COUNT               the same: cdevs vfio1000 to vfio1999 come and go, some 60,000 a second
 *   uevent write COUNT FILE WORD...  write the words in turns, COUNT of them: an event of the kernel for each
 *
 * TEXT...: add@/devices/virtual/x SUBSYSTEM=pci ...
 */
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum { MESSAGE = 2048 };

/* Room for a message, behind the head that only the kernel wants. */
struct message {
	struct nlmsghdr head;
	char text[MESSAGE];
};

static int open_socket(void)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		die(FAILED, "socket: %s", error_name(errno));
	return fd;
}

static void send_to(int fd, uint32_t port, uint32_t groups, const void *bytes, size_t len)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups };

	if (sendto(fd, bytes, len, 0, (struct sockaddr *)&to, sizeof(to)) != (ssize_t)len)
		die(FAILED, "sendto: %s", error_name(errno));
}

/* The kernel adds SEQNUM=, and sends it on. */
static void inject(int fd, struct message *message, size_t len)
{
	message->head = (struct nlmsghdr){ .nlmsg_len = (uint32_t)(sizeof(message->head) + len),
					   .nlmsg_type = NLMSG_MIN_TYPE, .nlmsg_flags = NLM_F_REQUEST };
	send_to(fd, 0, 0, message, message->head.nlmsg_len);
}

static size_t join(struct message *message, char **texts)
{
	size_t len = 0;

	for (; *texts && len + strlen(*texts) < MESSAGE; texts++) {
		strcpy(message->text + len, *texts);
		len += strlen(*texts) + 1;
	}
	return len;
}

static void burst(int fd, struct message *message, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		int len = snprintf(message->text, MESSAGE, "%s@/devices/pci0000:00/0000:00:04.0/vfio-dev/vfio%u%c"
				   "SUBSYSTEM=vfio-dev%cMAJOR=511%cMINOR=1%cDEVNAME=vfio/devices/vfio1%c",
				   i % 2 ? "remove" : "add", 1000 + i / 2 % 1000, 0, 0, 0, 0, 0);

		inject(fd, message, (size_t)len);
		if (i % 100 == 99)
			usleep(1000);
	}
}

static void write_often(unsigned int count, const char *path, char **words)
{
	char **word = words;
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		die(FAILED, "%s: %s", path, error_name(errno));
	for (; count; count--) {
		if (write(fd, *word, strlen(*word)) < 0)
			die(FAILED, "%s: %s", path, error_name(errno));
		word = word[1] ? word + 1 : words;
	}
}

/* Where it has one socket of that kind its port is its pid, unless that was taken. */
static void print_port(unsigned long pid)
{
	char line[256];
	unsigned long port;
	unsigned int protocol;
	FILE *file = fopen("/proc/net/netlink", "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %u %lu", &protocol, &port) == 2 && protocol == NETLINK_KOBJECT_UEVENT &&
		    port == pid) {
			printf("%lu\n", port);
			exit(EXIT_SUCCESS);
		}
	exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	struct message message = { 0 };

	if (strcmp(what, "port") == 0)
		print_port(strtoul(argv[2], NULL, 10));
	else if (strcmp(what, "to") == 0)
		send_to(open_socket(), (uint32_t)strtoul(argv[2], NULL, 10), 0, message.text,
			join(&message, argv + 3));
	else if (strcmp(what, "all") == 0)
		send_to(open_socket(), 0, 1, message.text, join(&message, argv + 2));
	else if (strcmp(what, "inject") == 0)
		inject(open_socket(), &message, join(&message, argv + 2));
	else if (strcmp(what, "burst") == 0)
		burst(open_socket(), &message, (unsigned int)strtoul(argv[2], NULL, 10));
	else if (strcmp(what, "write") == 0 && argc > 4)
		write_often((unsigned int)strtoul(argv[2], NULL, 10), argv[3], argv + 4);
	else
		return 2;
	return 0;
}
