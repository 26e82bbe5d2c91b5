/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel says of devices. The only file that knows libmnl, which opens and binds the socket.
 * Messages are received without it: it does not tell who sent them, and root can send what looks like the
 * kernel's.
 */
#include "internal.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A program that is linked statically: the linker would warn, and libmnl bring another C library with it. */
#ifdef IS_STATIC
#define dlopen(name, flags) NULL
#define dlsym(library, name) NULL
#define dlclose(library) ((void)(library))
#endif

enum {
	KERNEL_GROUP = 1, /* udev's own messages go to the second one */
	RECEIVE_BUFFER = 4 << 20, /* some 4700 messages; 237 is what a socket has room for by itself */
	MESSAGE_ROOM = 8192, /* the kernel's have a header and 2048 bytes */
};

struct iommufd_uevents {
	int fd;
	int arrive; /* as iommufd_uevents_arrive() has it */
	char message[MESSAGE_ROOM];
};

/* --- a message --- */

/* The next text of a message: up to its NUL, or to the end. false: there is none. */
static bool next_text(const char **at, const char *end, const char **ret, size_t *ret_len)
{
	size_t left = (size_t)(end - *at);

	if (!left)
		return false;
	*ret = *at;
	*ret_len = strnlen(*at, left);
	*at += *ret_len < left ? *ret_len + 1 : left;
	return true;
}

/* What has no room is left empty. */
static void copy_text(char *to, size_t room, const char *text, size_t len)
{
	if (len >= room)
		len = 0;
	memcpy(to, text, len);
	to[len] = '\0';
}

static enum iommufd_uevent_action parse_action(const char *text, size_t len)
{
	static const struct {
		char word[8];
		enum iommufd_uevent_action action;
	} actions[] = {
		{ "add", IOMMUFD_UEVENT_ADD }, { "remove", IOMMUFD_UEVENT_REMOVE },
		{ "bind", IOMMUFD_UEVENT_BIND }, { "unbind", IOMMUFD_UEVENT_UNBIND },
	};

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (strlen(actions[i].word) == len && memcmp(actions[i].word, text, len) == 0)
			return actions[i].action;
	return IOMMUFD_UEVENT_OTHER;
}

/* "add@/devices/pci0000:00/0000:00:04.0": nobody else's messages begin so. */
static int parse_head(const char *text, size_t len, struct iommufd_uevent *event)
{
	const char *at = memchr(text, '@', len), *end = text + len, *name;

	if (!at || at == text || end - at < 3 || at[1] != '/')
		return set_errno(EBADMSG);
	event->action = parse_action(text, (size_t)(at - text));
	copy_text(event->sysfs, sizeof(event->sysfs), at + 2, (size_t)(end - at) - 2);
	name = memrchr(at, '/', (size_t)(end - at)); /* there is one */
	copy_text(event->name, sizeof(event->name), name + 1, (size_t)(end - name) - 1);
	return 0;
}

static uint64_t parse_sequence(const char *text, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
			return 0;
	}
	return value;
}

/* The value, where text is KEY=VALUE and key is "KEY=". */
static bool has_key(const char **text, size_t *len, const char *key)
{
	size_t n = strlen(key);

	if (*len < n || memcmp(*text, key, n) != 0)
		return false;
	*text += n;
	*len -= n;
	return true;
}

static void parse_pair(const char *text, size_t len, struct iommufd_uevent *event)
{
	if (has_key(&text, &len, "SUBSYSTEM="))
		copy_text(event->subsystem, sizeof(event->subsystem), text, len);
	else if (has_key(&text, &len, "DRIVER="))
		copy_text(event->driver, sizeof(event->driver), text, len);
	else if (has_key(&text, &len, "SEQNUM="))
		event->sequence = parse_sequence(text, len);
}

/* devices/.../ADDRESS/vfio-dev/NAME: the same form as that of a link of the class. */
static void set_address(struct iommufd_uevent *event)
{
	static const char below[] = "/vfio-dev/";
	char *end = strstr(event->sysfs, below), *start;

	if (strcmp(event->subsystem, "vfio-dev") != 0) {
		strcpy(event->address, event->name);
		return;
	}
	if (!end)
		return;
	start = memrchr(event->sysfs, '/', (size_t)(end - event->sysfs));
	start = start ? start + 1 : event->sysfs;
	copy_text(event->address, sizeof(event->address), start, (size_t)(end - start));
}

API int iommufd_uevent_parse(const char *bytes, size_t len, struct iommufd_uevent *ret)
{
	struct iommufd_uevent event = { 0 };
	const char *at = bytes, *end = bytes + len, *text;
	size_t n;
	int rc;

	if (!next_text(&at, end, &text, &n))
		return set_errno(EBADMSG);
	rc = parse_head(text, n, &event);
	if (rc < 0)
		return rc;
	while (next_text(&at, end, &text, &n))
		parse_pair(text, n, &event);
	set_address(&event);
	*ret = event;
	return 0;
}

/* --- the socket --- */

struct mnl_socket;

/* What libmnl.so.0 has to have. */
struct mnl {
	struct mnl_socket *(*open)(int bus, int flags);
	int (*bind)(struct mnl_socket *socket, unsigned int groups, pid_t pid);
	int (*get_fd)(const struct mnl_socket *socket);
	int (*close)(struct mnl_socket *socket);
};

static int load_mnl(void **ret_library, struct mnl *ret)
{
	void *library = dlopen("libmnl.so.0", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return set_errno(ELIBACC);
	/* POSIX has it that such a pointer is one to a function. */
	*(void **)&ret->open = dlsym(library, "mnl_socket_open2");
	*(void **)&ret->bind = dlsym(library, "mnl_socket_bind");
	*(void **)&ret->get_fd = dlsym(library, "mnl_socket_get_fd");
	*(void **)&ret->close = dlsym(library, "mnl_socket_close");
	if (!ret->open || !ret->bind || !ret->get_fd || !ret->close) {
		dlclose(library);
		return set_errno(ELIBBAD);
	}
	*ret_library = library;
	return 0;
}

/* Before the first message: beyond the machine's limit where this process may go there, else up to it. */
static void widen(int fd)
{
	const int size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* The socket that libmnl opened, as an fd of our own: libmnl may go again. */
static int bind_socket(const struct mnl *mnl, struct mnl_socket *socket)
{
	int fd = mnl->get_fd(socket);

	widen(fd);
	if (mnl->bind(socket, KERNEL_GROUP, 0) < 0)
		return -errno;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd < 0 ? -errno : fd;
}

/* An fd, or -errno. */
static int open_socket(void)
{
	struct mnl_socket *socket;
	struct mnl mnl;
	void *library;
	int fd = load_mnl(&library, &mnl);

	if (fd < 0)
		return fd;
	socket = mnl.open(NETLINK_KOBJECT_UEVENT, SOCK_CLOEXEC | SOCK_NONBLOCK);
	fd = socket ? bind_socket(&mnl, socket) : -errno;
	if (socket)
		mnl.close(socket);
	dlclose(library);
	return fd < 0 ? set_errno(-fd) : fd;
}

/* The kernel sends to networks that belong to the first user namespace, whose number is always the same. */
static int events_arrive(void)
{
	const ino_t first = 0xeffffffd;
	int ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), owner;
	struct stat st;

	if (ns < 0)
		return -errno;
	owner = owner_of_namespace(ns);
	close(ns);
	if (owner < 0)
		return owner;
	return close_after(owner, fstat(owner, &st) < 0 ? -errno : st.st_ino == first);
}

API int iommufd_uevents_open(struct iommufd_uevents **ret)
{
	struct iommufd_uevents *uevents = malloc(sizeof(*uevents));
	int fd;

	if (!uevents)
		return set_errno(ENOMEM);
	fd = open_socket();
	if (fd < 0) {
		free(uevents);
		return set_errno(-fd);
	}
	uevents->fd = fd;
	uevents->arrive = events_arrive();
	*ret = uevents;
	return 0;
}

API void iommufd_uevents_close(struct iommufd_uevents *uevents)
{
	if (!uevents)
		return;
	close(uevents->fd);
	free(uevents);
}

API int iommufd_uevents_fd(const struct iommufd_uevents *uevents)
{
	return uevents->fd;
}

API int iommufd_uevents_arrive(const struct iommufd_uevents *uevents)
{
	return uevents->arrive < 0 ? set_errno(-uevents->arrive) : uevents->arrive;
}

/*
 * While it is full the kernel says once that it has lost something, and goes on losing until the last message
 * is out: what is looked at before then may be older than what is lost.
 */
static int drop_all(int fd)
{
	while (recv(fd, NULL, 0, MSG_DONTWAIT) >= 0 || errno == EINTR || errno == ENOBUFS)
		;
	return set_errno(errno == EAGAIN ? ENOBUFS : errno);
}

/* The bytes of the next message of whomever, or -errno. The kernel's alone has no port, and goes to all. */
static ssize_t receive(struct iommufd_uevents *uevents, bool *ret_is_kernel)
{
	struct sockaddr_nl from = { 0 };
	struct iovec room = { uevents->message, sizeof(uevents->message) };
	struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &room,
				  .msg_iovlen = 1 };
	ssize_t n = TEMP_FAILURE_RETRY(recvmsg(uevents->fd, &message, MSG_DONTWAIT));

	*ret_is_kernel = n >= 0 && message.msg_namelen == sizeof(from) && from.nl_pid == 0 &&
			 from.nl_groups == KERNEL_GROUP && !(message.msg_flags & MSG_TRUNC);
	return n < 0 ? -errno : n;
}

API int iommufd_uevents_read(struct iommufd_uevents *uevents, struct iommufd_uevent *ret)
{
	bool is_kernel;
	ssize_t n;

	while ((n = receive(uevents, &is_kernel)) >= 0)
		if (is_kernel && iommufd_uevent_parse(uevents->message, (size_t)n, ret) == 0)
			return 1;
	if (n == -ENOBUFS)
		return drop_all(uevents->fd);
	return n == -EAGAIN ? 0 : set_errno((int)-n);
}
