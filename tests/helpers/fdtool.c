/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a shell cannot do to a program's fds, limits, signals and system calls. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] =
	"usage: fdtool closed FD[,FD]... -- CMD             without these fds\n"
	"       fdtool limit-nofile N -- CMD                soft and hard limit of open files\n"
	"       fdtool memfd SIZE -- CMD                    with a memfd of SIZE bytes as fd 9\n"
	"       fdtool nnp-deny-ioctl REQUEST[,REQUEST]... -- CMD  these fail with ENOTTY\n"
	"       fdtool as-linux 6.6|6.8|6.12 -- CMD         those that came later fail so\n"
	"       fdtool signal-ignore SIGNAL[,SIGNAL]... -- CMD     SIGPIPE, or PIPE\n"
	"       fdtool seal FD                              F_SEAL_WRITE on a memfd\n"
	"CMD's exit status is the result; 126 and 127: it could not be run, or found.\n"
	"fdtool calls can be chained: fdtool closed 0 -- fdtool limit-nofile 16 -- CMD\n";

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };
enum { MEMFD_NUMBER = 9, MAX_ITEMS = 64 };

/* Splits a list in place; stops the program at empty items. */
static size_t split(char *list, char *items[MAX_ITEMS])
{
	size_t n = 0;

	for (char *item; (item = strsep(&list, ",")); n++) {
		if (n == MAX_ITEMS || !*item)
			die(USAGE, "a list has an empty item, or more than %d", MAX_ITEMS);
		items[n] = item;
	}
	return n;
}

static void prepare_closed(char *arg)
{
	char *items[MAX_ITEMS];
	int fds[MAX_ITEMS];
	size_t n = split(arg, items);

	/* All checked first: fd 2 may be among them. */
	for (size_t i = 0; i < n; i++)
		fds[i] = (int)need_u64("FD", items[i], INT32_MAX);
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

static void prepare_limit(char *arg)
{
	rlim_t n = need_u64("N", arg, UINT32_MAX);
	struct rlimit limit = { .rlim_cur = n, .rlim_max = n };

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die(FAILED, "RLIMIT_NOFILE: %s", error_name(errno));
}

static void prepare_memfd(char *arg)
{
	off_t size = (off_t)need_u64("SIZE", arg, INT64_MAX);
	int fd = memfd_create("fdtool", MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, size) < 0)
		die(FAILED, "memfd: %s", error_name(errno));
	if (fd == MEMFD_NUMBER)
		return;
	if (dup2(fd, MEMFD_NUMBER) < 0)
		die(FAILED, "fd %d: %s", MEMFD_NUMBER, error_name(errno));
	close(fd);
}

static void prepare_signals(char *arg)
{
	char *items[MAX_ITEMS];
	size_t n = split(arg, items);

	for (size_t i = 0; i < n; i++) {
		const char *name = strncmp(items[i], "SIG", 3) == 0 ? items[i] + 3 : items[i];
		int number = 1;

		while (number < NSIG && strcmp(name, sigabbrev_np(number) ?: "") != 0)
			number++;
		if (number == NSIG)
			die(USAGE, "'%s' is no signal", items[i]);
		if (signal(number, SIG_IGN) == SIG_ERR)
			die(FAILED, "ignoring %s: %s", items[i], error_name(errno));
	}
}

/*
 * Compares the low half of the request, as the kernel's ioctl() does. The architecture is not
 * checked: this is no fence against CMD, and CMD is built as we are.
 */
static size_t build_filter(struct sock_filter *code, size_t n, char **requests)
{
	struct sock_filter *at = code;

	*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, nr));
	*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0,
					     (uint8_t)(1 + n));
	*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, args[1]));
	for (size_t i = 0; i < n; i++) {
		uint32_t request = (uint32_t)need_u64("REQUEST", requests[i], UINT32_MAX);

		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, request,
						     (uint8_t)(n - i), 0);
	}
	*at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	*at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY);
	return (size_t)(at - code);
}

static void prepare_deny(char *arg)
{
	struct sock_filter code[MAX_ITEMS + 5];
	char *requests[MAX_ITEMS];
	size_t n = split(arg, requests);
	struct sock_fprog program = {
		.len = (unsigned short)build_filter(code, n, requests),
		.filter = code,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		die(FAILED, "seccomp: %s", error_name(errno));
}

/* By the kernel's number of each ioctl; what was only extended later cannot be told by it. */
static void prepare_old(char *arg)
{
	static const struct {
		const char *version;
		unsigned int first; /* of what it has not */
	} kernels[] = { { "6.6", 0x3b8b }, { "6.8", 0x3b8e }, { "6.12", 0x3b8f } };
	const unsigned int last = 0x3b94;
	char list[128];
	size_t i = 0;
	int used = 0;

	while (i < sizeof(kernels) / sizeof(*kernels) && strcmp(kernels[i].version, arg) != 0)
		i++;
	if (i == sizeof(kernels) / sizeof(*kernels))
		die(USAGE, "'%s' is none of the kernels that can be played", arg);
	for (unsigned int request = kernels[i].first; request <= last; request++)
		used += sprintf(list + used, used ? ",%#x" : "%#x", request);
	prepare_deny(list);
}

static int seal(const char *arg)
{
	int fd = need_fd("FD", arg);

	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0)
		die(FAILED, "sealing fd %d: %s", fd, error_name(errno));
	return 0;
}

static const struct command {
	const char *name;
	void (*prepare)(char *arg);
} commands[] = {
	{ "closed", prepare_closed },	     { "limit-nofile", prepare_limit },
	{ "memfd", prepare_memfd },	     { "nnp-deny-ioctl", prepare_deny },
	{ "as-linux", prepare_old },
	{ "signal-ignore", prepare_signals },
};

static int run(const struct command *command, char **argv)
{
	command->prepare(argv[2]);
	execvp(argv[4], argv + 4);
	die(errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE, "%s: %s", argv[4], error_name(errno));
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "seal") == 0)
		return seal(argv[2]);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands) && argc > 4; i++)
		if (strcmp(argv[1], commands[i].name) == 0 && strcmp(argv[3], "--") == 0)
			return run(&commands[i], argv);
	fputs(usage_text, stderr);
	return USAGE;
}
