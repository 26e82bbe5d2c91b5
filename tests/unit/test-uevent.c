/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of devices: messages of any bytes, those of others, and a socket that took no more. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libiommufd.h"
#include "unit.h"

/* --- a libmnl of our own, and what comes over its socket --- */

static struct {
	bool missing;	     /* there is no libmnl.so.0 */
	const char *lacking; /* it has not this function */
	int open_error, bind_error;
	unsigned int loaded, opened, groups;
	int fd;
} mnl;

struct arrival {
	const char *bytes; /* NULL: this error */
	size_t len;
	int error;
	uint32_t pid, groups;
	int flags;
	bool nameless;
};

static const struct arrival *arrivals;
static size_t n_arrivals, n_arrived;

static void *fake_open(int bus, int flags)
{
	assert_int_equal(bus, NETLINK_KOBJECT_UEVENT);
	assert_int_equal(flags, SOCK_CLOEXEC | SOCK_NONBLOCK);
	errno = mnl.open_error;
	mnl.fd = mnl.open_error ? -1 : dup(STDERR_FILENO);
	mnl.opened += !mnl.open_error;
	return mnl.open_error ? NULL : &mnl;
}

static int fake_bind(void *socket, unsigned int groups, pid_t pid)
{
	assert_ptr_equal(socket, &mnl);
	assert_int_equal(pid, 0);
	mnl.groups = groups;
	errno = mnl.bind_error;
	return mnl.bind_error ? -1 : 0;
}

static int fake_get_fd(const void *socket)
{
	assert_ptr_equal(socket, &mnl);
	return mnl.fd;
}

static int fake_close(void *socket)
{
	assert_ptr_equal(socket, &mnl);
	mnl.opened--;
	return close(mnl.fd);
}

void *dlopen(const char *name, int flags)
{
	(void)flags;
	assert_string_equal(name, "libmnl.so.0");
	mnl.loaded += !mnl.missing;
	return mnl.missing ? NULL : &mnl;
}

void *dlsym(void *restrict library, const char *restrict name)
{
	static const struct { const char *name; void *function; } functions[] = {
		{ "mnl_socket_open2", (void *)fake_open }, { "mnl_socket_bind", (void *)fake_bind },
		{ "mnl_socket_get_fd", (void *)fake_get_fd }, { "mnl_socket_close", (void *)fake_close },
	};

	assert_ptr_equal(library, &mnl);
	for (size_t i = 0; i < COUNT(functions); i++)
		if (strcmp(functions[i].name, name) == 0)
			return mnl.lacking && strcmp(mnl.lacking, name) == 0 ? NULL : functions[i].function;
	fail_msg("nobody has %s", name);
	return NULL;
}

int dlclose(void *library)
{
	assert_ptr_equal(library, &mnl);
	mnl.loaded--;
	return 0;
}

static const struct arrival *next_arrival(void)
{
	static const struct arrival none = { .error = EAGAIN };

	return n_arrived < n_arrivals ? &arrivals[n_arrived++] : &none;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	const struct arrival *arrival = next_arrival();
	struct sockaddr_nl from = { .nl_family = AF_NETLINK, .nl_pid = arrival->pid,
				    .nl_groups = arrival->groups };

	(void)fd;
	assert_true(flags & MSG_DONTWAIT);
	errno = arrival->error;
	if (!arrival->bytes)
		return -1;
	assert_true(message->msg_namelen == sizeof(from) && message->msg_iovlen == 1);
	assert_true(message->msg_iov->iov_len >= arrival->len);
	memcpy(message->msg_name, &from, sizeof(from));
	message->msg_namelen = arrival->nameless ? 0 : sizeof(from);
	message->msg_flags = arrival->flags;
	memcpy(message->msg_iov->iov_base, arrival->bytes, arrival->len);
	return (ssize_t)arrival->len;
}

ssize_t recv(int fd, void *bytes, size_t len, int flags)
{
	const struct arrival *arrival = next_arrival();

	(void)fd;
	(void)bytes;
	assert_true(flags & MSG_DONTWAIT && len == 0);
	errno = arrival->error;
	return arrival->bytes ? (ssize_t)arrival->len : -1;
}

static int owner_error; /* whose is the network? 0: of the user namespace that we are in */

int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	assert_true(fd > STDERR_FILENO);
	assert_int_equal(request, NS_GET_USERNS);
	errno = owner_error;
	return owner_error ? -1 : open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
}

static int setup(void **state)
{
	(void)state;
	memset(&mnl, 0, sizeof(mnl));
	owner_error = 0;
	n_arrivals = n_arrived = 0;
	return 0;
}

static struct iommufd_uevents *opened(const struct arrival *list, size_t n)
{
	struct iommufd_uevents *uevents = NULL;

	assert_int_equal(iommufd_uevents_open(&uevents), 0);
	arrivals = list;
	n_arrivals = n;
	n_arrived = 0;
	return uevents;
}

/* --- messages --- */

/* A message in memory of its own, in which not a byte can be read beyond its end. */
static int parse(const char *bytes, size_t len, struct iommufd_uevent *ret)
{
	char *copy = malloc(len ? len : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	rc = iommufd_uevent_parse(copy, len, ret);
	free(copy);
	return rc;
}

#define ADD_CDEV \
	"add@/devices/pci0000:00/0000:00:04.0/vfio-dev/vfio1\0ACTION=add\0" \
	"DEVPATH=/devices/pci0000:00/0000:00:04.0/vfio-dev/vfio1\0SUBSYSTEM=vfio-dev\0MAJOR=511\0MINOR=1\0" \
	"DEVNAME=vfio/devices/vfio1\0SEQNUM=3319"
#define BIND \
	"bind@/devices/pci0000:00/0000:00:04.0\0ACTION=bind\0SUBSYSTEM=pci\0DRIVER=vfio-pci\0SEQNUM=3320"

static void test_a_cdev(void **state)
{
	static const char with_nul[] = ADD_CDEV;
	struct iommufd_uevent event;

	(void)state;
	for (size_t less = 0; less < 2; less++) { /* with a NUL at its end, and without */
		assert_int_equal(parse(with_nul, sizeof(with_nul) - less, &event), 0);
		assert_int_equal(event.action, IOMMUFD_UEVENT_ADD);
		assert_string_equal(event.subsystem, "vfio-dev");
		assert_string_equal(event.name, "vfio1");
		assert_string_equal(event.address, "0000:00:04.0");
		assert_string_equal(event.driver, "");
		assert_string_equal(event.sysfs, "devices/pci0000:00/0000:00:04.0/vfio-dev/vfio1");
		assert_int_equal(event.sequence, 3319);
	}
}

static void test_a_driver(void **state)
{
	static const char text[] = BIND;
	struct iommufd_uevent event;

	(void)state;
	assert_int_equal(parse(text, sizeof(text), &event), 0);
	assert_int_equal(event.action, IOMMUFD_UEVENT_BIND);
	assert_string_equal(event.name, "0000:00:04.0");
	assert_string_equal(event.address, "0000:00:04.0");
	assert_string_equal(event.driver, "vfio-pci");
}

static void test_actions(void **state)
{
	static const struct { const char *word; enum iommufd_uevent_action action; } cases[] = {
		{ "add", IOMMUFD_UEVENT_ADD }, { "remove", IOMMUFD_UEVENT_REMOVE },
		{ "bind", IOMMUFD_UEVENT_BIND }, { "unbind", IOMMUFD_UEVENT_UNBIND },
		{ "change", IOMMUFD_UEVENT_OTHER }, { "move", IOMMUFD_UEVENT_OTHER },
		{ "ad", IOMMUFD_UEVENT_OTHER }, { "addd", IOMMUFD_UEVENT_OTHER }, { "ADD", IOMMUFD_UEVENT_OTHER },
	};
	struct iommufd_uevent event;
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int len = snprintf(text, sizeof(text), "%s@/devices/x", cases[i].word);

		assert_case(parse(text, (size_t)len, &event) == 0, cases[i].word);
		assert_case(event.action == cases[i].action, cases[i].word);
	}
}

static void test_no_messages(void **state)
{
	static const struct { const char *bytes; size_t len; } cases[] = {
		{ "", 0 }, { "\0", 1 }, { "\0add@/devices/x", 15 }, { "add", 3 }, { "add@", 4 }, { "add@/", 5 },
		{ "@/devices/x", 11 }, { "add@devices/x", 13 }, { "add/devices/x", 13 }, { "a\0dd@/devices/x", 15 },
		{ "libudev\0\xfe\xed\xca\xfe@/devices/x", 23 }, { "SUBSYSTEM=pci\0add@/devices/x", 28 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct iommufd_uevent event;

		memset(&event, 0x5a, sizeof(event));
		assert_case(parse(cases[i].bytes, cases[i].len, &event) == -EBADMSG, cases[i].bytes);
		assert_case(errno == EBADMSG, cases[i].bytes);
		assert_case(is_filled_with(&event, sizeof(event), 0x5a), cases[i].bytes);
	}
}

static void test_strange_pairs(void **state)
{
	static const char text[] =
		"add@/devices/platform/x\0\0=\0SUBSYSTEM\0SUBSYSTEM=\0SEQNUM=18446744073709551616\0SEQNUM=-1\0SEQNUM=1 \0DRIVER";
	static const char cdev[] = "add@/vfio1\0SUBSYSTEM=vfio-dev\0SEQNUM=18446744073709551615";
	struct iommufd_uevent event;

	(void)state;
	assert_int_equal(parse(text, sizeof(text), &event), 0);
	assert_string_equal(event.name, "x");
	assert_string_equal(event.subsystem, "");
	assert_string_equal(event.driver, "");
	assert_int_equal(event.sequence, 0);
	/* A cdev that belongs to nothing. */
	assert_int_equal(parse(cdev, sizeof(cdev), &event), 0);
	assert_string_equal(event.name, "vfio1");
	assert_string_equal(event.address, "");
	assert_true(event.sequence == UINT64_MAX);
}

/* Each text one byte shorter than its room is there in full, and one of its length is not there at all. */
static void test_long_texts(void **state)
{
	struct iommufd_uevent event;
	char text[2100], long_one[2049];

	(void)state;
	for (size_t n = sizeof(event.name) - 1; n <= sizeof(long_one) - 1; n++) {
		int len;

		memset(long_one, 'x', n);
		long_one[n] = '\0';
		len = snprintf(text, sizeof(text), "add@/d/%s", long_one);
		assert_int_equal(parse(text, (size_t)len, &event), 0);
		assert_string_equal(event.name, n < sizeof(event.name) ? long_one : "");
		assert_string_equal(event.address, event.name);
		assert_int_equal(strlen(event.sysfs), n + 2 < sizeof(event.sysfs) ? n + 2 : 0);
		len = snprintf(text, sizeof(text), "bind@/d%cDRIVER=%s", '\0', long_one);
		assert_int_equal(parse(text, (size_t)len, &event), 0);
		assert_string_equal(event.driver, n < sizeof(event.driver) ? long_one : "");
	}
}

/* Cut at each byte, and with bytes that are others: there is an answer, and each text of it ends. */
static void test_any_bytes(void **state)
{
	static const char *const texts[] = { ADD_CDEV, BIND };
	static const size_t lengths[] = { sizeof(ADD_CDEV), sizeof(BIND) };
	struct iommufd_uevent event;
	uint32_t seed = 7;
	char bytes[512];

	(void)state;
	for (int round = 0; round < 200000; round++) {
		size_t len = lengths[round & 1];

		memcpy(bytes, texts[round & 1], len);
		for (uint32_t n = next_random(&seed) % 8; n; n--)
			bytes[next_random(&seed) % len] = "\0\0/@=a\xff\n"[next_random(&seed) % 8];
		if (parse(bytes, next_random(&seed) % (len + 1), &event) < 0)
			continue;
		assert_true(memchr(event.subsystem, '\0', sizeof(event.subsystem)));
		assert_true(memchr(event.name, '\0', sizeof(event.name)));
		assert_true(memchr(event.address, '\0', sizeof(event.address)));
		assert_true(memchr(event.driver, '\0', sizeof(event.driver)));
		assert_true(memchr(event.sysfs, '\0', sizeof(event.sysfs)));
		assert_false(strchr(event.name, '/') || strchr(event.address, '/'));
	}
}

/* --- the socket --- */

static void test_open_and_close(void **state)
{
	struct iommufd_uevents *uevents = opened(NULL, 0);

	(void)state;
	assert_true(iommufd_uevents_fd(uevents) > STDERR_FILENO);
	assert_int_equal(mnl.groups, 1);
	assert_int_equal(mnl.loaded, 0); /* and unloaded again */
	assert_int_equal(mnl.opened, 0);
	iommufd_uevents_close(uevents);
	iommufd_uevents_close(NULL);
}

/* The first user namespace has a number that it always has. */
static void test_whose_network(void **state)
{
	struct iommufd_uevents *uevents = opened(NULL, 0);
	char text[64] = "";

	(void)state;
	assert_true(readlink("/proc/self/ns/user", text, sizeof(text) - 1) > 0);
	assert_int_equal(iommufd_uevents_arrive(uevents), strcmp(text, "user:[4026531837]") == 0);
	iommufd_uevents_close(uevents);
	owner_error = EPERM;
	uevents = opened(NULL, 0);
	assert_int_equal(iommufd_uevents_arrive(uevents), -EPERM);
	assert_int_equal(errno, EPERM);
	iommufd_uevents_close(uevents);
}

static void test_cannot_open(void **state)
{
	static const char *const functions[] = {
		"mnl_socket_open2", "mnl_socket_bind", "mnl_socket_get_fd", "mnl_socket_close",
	};
	struct iommufd_uevents *uevents = (struct iommufd_uevents *)&mnl;

	(void)state;
	mnl.missing = true;
	assert_int_equal(iommufd_uevents_open(&uevents), -ELIBACC);
	mnl.missing = false;
	for (size_t i = 0; i < COUNT(functions); i++) {
		mnl.lacking = functions[i];
		assert_case(iommufd_uevents_open(&uevents) == -ELIBBAD, functions[i]);
	}
	mnl.lacking = NULL;
	mnl.open_error = EAFNOSUPPORT;
	assert_int_equal(iommufd_uevents_open(&uevents), -EAFNOSUPPORT);
	mnl.open_error = 0;
	mnl.bind_error = EPERM;
	assert_int_equal(iommufd_uevents_open(&uevents), -EPERM);
	assert_int_equal(errno, EPERM);
	assert_ptr_equal(uevents, &mnl);
	assert_int_equal(mnl.loaded, 0);
	assert_int_equal(mnl.opened, 0);
}

#define MESSAGE(text) .bytes = text, .len = sizeof(text)

static void test_others_do_not_count(void **state)
{
	static const struct arrival list[] = {
		{ MESSAGE(BIND), .pid = 0, .groups = 0 },    /* to us alone */
		{ MESSAGE(BIND), .pid = 4711, .groups = 1 }, /* to all, of root's */
		{ MESSAGE(BIND), .pid = 4711, .groups = 0 },
		{ MESSAGE(BIND), .pid = 0, .groups = 2 },    /* udev's */
		{ MESSAGE(BIND), .pid = 0, .groups = 3 },
		{ MESSAGE(BIND), .groups = 1, .nameless = true },
		{ MESSAGE(BIND), .groups = 1, .flags = MSG_TRUNC },
		{ MESSAGE("garbage"), .groups = 1 },
		{ .bytes = "", .groups = 1 },
		{ .error = EINTR },
		{ MESSAGE(ADD_CDEV), .groups = 1 },
	};
	struct iommufd_uevents *uevents = opened(list, COUNT(list));
	struct iommufd_uevent event;

	(void)state;
	assert_int_equal(iommufd_uevents_read(uevents, &event), 1);
	assert_string_equal(event.name, "vfio1");
	assert_int_equal(iommufd_uevents_read(uevents, &event), 0);
	iommufd_uevents_close(uevents);
}

static void test_overrun(void **state)
{
	static const struct arrival list[] = {
		{ MESSAGE(ADD_CDEV), .groups = 1 }, { .error = ENOBUFS },
		/* Older than what was lost. */
		{ MESSAGE(BIND), .groups = 1 }, { .error = EINTR }, { MESSAGE(BIND), .groups = 1 },
		{ .error = ENOBUFS }, { .bytes = "", .groups = 1 }, { MESSAGE(BIND), .groups = 1 },
		{ .error = EAGAIN },
		{ MESSAGE(ADD_CDEV), .groups = 1 }, { .error = ENOBUFS }, { .error = ENETDOWN },
	};
	struct iommufd_uevents *uevents = opened(list, COUNT(list));
	struct iommufd_uevent event;

	(void)state;
	assert_int_equal(iommufd_uevents_read(uevents, &event), 1);
	assert_int_equal(iommufd_uevents_read(uevents, &event), -ENOBUFS);
	assert_int_equal(n_arrived, 9);
	assert_int_equal(iommufd_uevents_read(uevents, &event), 1);
	assert_int_equal(event.action, IOMMUFD_UEVENT_ADD);
	assert_int_equal(iommufd_uevents_read(uevents, &event), -ENETDOWN);
	assert_int_equal(errno, ENETDOWN);
	assert_int_equal(iommufd_uevents_read(uevents, &event), 0);
	iommufd_uevents_close(uevents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_cdev),
		cmocka_unit_test(test_a_driver),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_no_messages),
		cmocka_unit_test(test_strange_pairs),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test_setup(test_open_and_close, setup),
		cmocka_unit_test_setup(test_whose_network, setup),
		cmocka_unit_test_setup(test_cannot_open, setup),
		cmocka_unit_test_setup(test_others_do_not_count, setup),
		cmocka_unit_test_setup(test_overrun, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
