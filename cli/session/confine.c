/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/confine.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libiommufd.h"
#include "util/missing.h"
#include "util/number.h"

#if defined(__x86_64__) && !defined(__ILP32__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define FILTER_ARCH AUDIT_ARCH_RISCV64
#else
#define FILTER_ARCH 0 /* its numbers, or its arguments, were not looked at: no list there */
#endif

#define NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
	 CLONE_NEWCGROUP)

/* --- system calls --- */

/* Allowed where the first argument, as far as mask goes, is value. */
struct rule {
	int number;
	uint32_t mask, value;
};

#define ANY(name) { __NR_##name, 0, 0 }

/* What a holder, and the program of a restart, are seen to call: tests/e2e/session-confined.bats looks. */
static const struct rule used[] = {
	/* devices, the iommufd, memory */
	ANY(ioctl), ANY(openat), ANY(close), ANY(fcntl), ANY(read), ANY(pread64), ANY(write), ANY(pwrite64),
	ANY(newfstatat), ANY(readlinkat), ANY(getdents64), ANY(ftruncate), ANY(fallocate),
	ANY(memfd_create), ANY(mmap), ANY(munmap), ANY(mprotect), ANY(brk),
	/* clients, and the service manager */
	ANY(epoll_create1), ANY(epoll_ctl), ANY(accept4), ANY(recvmsg), ANY(sendmsg), ANY(getsockopt),
	ANY(connect), ANY(bind), ANY(listen), ANY(pipe2), { __NR_socket, ~0u, AF_UNIX }, ANY(unlinkat),
	ANY(flock), ANY(umask),
	/* itself */
	ANY(getpid), ANY(geteuid), ANY(prctl), ANY(prlimit64), ANY(rt_sigprocmask), ANY(signalfd4),
	ANY(exit_group),
	/* a restart */
	{ __NR_clone, NAMESPACES, 0 },
	ANY(execve), ANY(execveat), ANY(wait4), ANY(kill), ANY(set_tid_address), ANY(set_robust_list),
	ANY(rseq), ANY(getrandom),
#ifdef __x86_64__
	ANY(epoll_wait), ANY(poll), ANY(dup2), ANY(access), ANY(mkdir), ANY(arch_prctl),
#endif
};

/*
 * What other C libraries and architectures use for the same, what only much of it or a lack calls for, and
 * what a shell needs that executes the program of a restart.
 */
static const struct rule alike[] = {
#ifdef __x86_64__
	ANY(open), ANY(stat), ANY(lstat), ANY(readlink), ANY(unlink), ANY(pipe), ANY(select), ANY(accept),
	ANY(getdents), ANY(vfork), ANY(epoll_create), ANY(signalfd), ANY(time),
#endif
	ANY(fstat), ANY(statx), ANY(faccessat), ANY(faccessat2), ANY(mkdirat), ANY(lseek), ANY(dup),
	ANY(dup3), ANY(readv), ANY(writev), ANY(preadv), ANY(pwritev), ANY(mremap), ANY(madvise),
	ANY(epoll_pwait), ANY(epoll_pwait2), ANY(ppoll), ANY(pselect6), ANY(eventfd2), ANY(pidfd_open),
	ANY(recvfrom), ANY(sendto), ANY(close_range), ANY(clock_gettime), ANY(clock_getres),
	ANY(clock_nanosleep), ANY(gettimeofday), ANY(nanosleep), ANY(futex), ANY(membarrier),
	ANY(sched_yield), ANY(sched_getaffinity), ANY(capget), ANY(kcmp), ANY(getuid), ANY(getgid),
	ANY(getegid),
	ANY(gettid), ANY(getppid), ANY(waitid), ANY(exit), ANY(tgkill), ANY(rt_sigaction),
	ANY(rt_sigreturn), ANY(restart_syscall), ANY(sigaltstack), ANY(getcwd), ANY(uname),
};

bool confine_has_list(void)
{
	return FILTER_ARCH != 0;
}

bool confine_allows(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(used); i++)
		if (used[i].number == number)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(alike); i++)
		if (alike[i].number == number)
			return true;
	return false;
}

/* Room for a rule, and for what stands around all of them. */
enum {
	RULE_LENGTH = 6,
	FRAME_LENGTH = 8,
	FILTER_LENGTH = FRAME_LENGTH + RULE_LENGTH * (ARRAY_SIZE(used) + ARRAY_SIZE(alike)),
};

struct filter {
	struct sock_filter code[FILTER_LENGTH];
	unsigned short length;
};

static void add(struct filter *filter, struct sock_filter instruction)
{
	filter->code[filter->length++] = instruction;
}

#define LOAD(field) \
	(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value)
/* Skip so many instructions where the value is another one. */
#define UNLESS(value, skipped) (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped)
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | (error))

/* With the number loaded, and loaded again behind it. */
static void add_rule(struct filter *filter, const struct rule *rule)
{
	if (!rule->mask) {
		add(filter, UNLESS((uint32_t)rule->number, 1));
		add(filter, RETURN(SECCOMP_RET_ALLOW));
		return;
	}
	add(filter, UNLESS((uint32_t)rule->number, 5));
	add(filter, LOAD(args[0])); /* its lower half: all of these are little-endian */
	add(filter, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule->mask));
	add(filter, UNLESS(rule->value, 1));
	add(filter, RETURN(SECCOMP_RET_ALLOW));
	add(filter, REFUSE(EPERM));
}

static void write_filter(struct filter *filter)
{
	filter->length = 0;
	add(filter, LOAD(arch));
	add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0));
	add(filter, REFUSE(EPERM));
	add(filter, LOAD(nr));
	/* A C library that is told so forks in the older way, whose flags can be looked at. */
	add(filter, UNLESS(__NR_clone3, 1));
	add(filter, REFUSE(ENOSYS));
	for (size_t i = 0; i < ARRAY_SIZE(used); i++)
		add_rule(filter, &used[i]);
	for (size_t i = 0; i < ARRAY_SIZE(alike); i++)
		add_rule(filter, &alike[i]);
	add(filter, REFUSE(EPERM));
}

static int filter_calls(void)
{
	struct filter filter;
	struct sock_fprog program = { .filter = filter.code };

	if (!FILTER_ARCH)
		return 0;
	write_filter(&filter);
	program.len = filter.length;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

/* The process before a restart has been here: its filter refuses what is harmless and nobody needs. */
static bool is_confined(void)
{
	return sched_getscheduler(0) < 0 && errno == EPERM;
}

/* --- files --- */

/* What may be done in a directory and below it; a path that is not there has nothing to be done in. */
static int allow_below(int ruleset, const char *path, uint64_t access)
{
	struct missing_landlock_path rule = { .access = access };
	int rc;

	rule.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.fd < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = missing_landlock_add_path(ruleset, &rule) < 0 ? -errno : 0;
	close(rule.fd);
	return rc;
}

/* The directories of devices as a whole: what is below them comes and goes with the drivers. */
static int allow_files(int ruleset, uint64_t handled)
{
	const uint64_t device = LANDLOCK_WRITE_FILE | LANDLOCK_IOCTL_DEV;
	const uint64_t socket = LANDLOCK_MAKE_SOCK | LANDLOCK_REMOVE_FILE;
	const char *devices = secure_getenv("IOMMUFD_DEV");
	char sessions[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int rc = allow_below(ruleset, "/dev", device & handled);

	if (rc == 0 && devices)
		rc = allow_below(ruleset, devices, device & handled);
	if (rc == 0 && iommufd_session_dir(sessions, sizeof(sessions)) == 0)
		rc = allow_below(ruleset, sessions, socket);
	return rc;
}

/* Reading and executing stay as they are: a restart's program may lie anywhere. */
static int restrict_files(void)
{
	struct missing_landlock_ruleset rules = { .files = LANDLOCK_WRITE_OF_1 };
	int ruleset, rc, version = missing_landlock_version();

	if (version < 1)
		return 0;
	if (version >= 2)
		rules.files |= LANDLOCK_REFER;
	if (version >= 3)
		rules.files |= LANDLOCK_TRUNCATE;
	if (version >= 5)
		rules.files |= LANDLOCK_IOCTL_DEV;
	if (version >= 6)
		rules.scoped = LANDLOCK_SCOPE_SIGNAL;
	ruleset = missing_landlock_create(&rules);
	if (ruleset < 0)
		return -errno;
	rc = allow_files(ruleset, rules.files);
	if (rc == 0 && missing_landlock_restrict_self(ruleset) < 0)
		rc = -errno;
	close(ruleset);
	return rc;
}

/* --- all of it --- */

void confine(const struct output *output)
{
	int rc;

	if (is_confined())
		return;
	rc = prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ? -errno : restrict_files();
	if (rc < 0)
		msg_note(output, "the session is not kept from writing files (%s)", iommufd_error_name(rc));
	rc = filter_calls();
	if (rc < 0 && rc != -EINVAL) /* a kernel without them */
		msg_note(output, "the session is not kept from other system calls (%s)", iommufd_error_name(rc));
}
