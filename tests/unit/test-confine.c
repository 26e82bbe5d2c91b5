/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a holder has given up is refused: each system call that is not on its list, and files to write to. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/confine.h"
#include "tree.h"
#include "unit.h"
#include "util/missing.h"

enum { MOST_CALLS = 1024 };

/* Before anything is given up: it cannot be asked for afterwards. */
static int landlock_version;

/* Two that probes of the kernel place in a process; no filter sees them, and they kill whoever else calls. */
static bool is_of_probes(int number)
{
#ifdef __x86_64__
	return number == 335 || number == 336;
#else
	return number < 0;
#endif
}

/* In a process of its own, which says by its status what was wrong: 0 nothing, 77 that it cannot be tried. */
static void in_child(int (*what)(void))
{
	struct buffer said = { .fd = -1 };
	const struct output output = { .out = &said, .err = &said };
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (!confine_has_list() ||
		    (prctl(PR_SET_SECCOMP, (long)SECCOMP_MODE_FILTER, NULL) < 0 && errno != EFAULT))
			_exit(77); /* no processor or no kernel for it */
		confine(&output);
		if (said.len || prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER ||
		    prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1)
			_exit(78);
		_exit(what());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status))
		fail_msg("ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/*
 * The arguments are wrong for all of them: what is let through fails with another error, or is harmless.
 * Behind the first of those nothing is called.
 */
static int call_what_is_not_listed(void)
{
	for (int number = 0; number < MOST_CALLS; number++) {
		int expected = number == SYS_clone3 ? ENOSYS : EPERM;

		if (confine_allows(number) || is_of_probes(number))
			continue;
		errno = 0;
		if (syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) == -1 && errno == expected)
			continue;
		printf("# system call %d: %d\n", number, errno);
		fflush(stdout);
		return 1;
	}
	return 0;
}

static void test_each_forbidden_call(void **state)
{
	(void)state;
	in_child(call_what_is_not_listed);
}

static bool is_refused(long rc)
{
	return rc == -1 && errno == EPERM;
}

/* Those that an attacker would want, as he would call them, and allowed ones with other arguments. */
static int call_what_is_wanted(void)
{
	static char stack[65536];

	if (!is_refused(socket(AF_INET, SOCK_STREAM, 0)) || !is_refused(socket(AF_NETLINK, SOCK_RAW, 0)) ||
	    !is_refused(syscall(SYS_ptrace, 0L, 0L, 0L, 0L)) ||
	    !is_refused(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0L, NULL)) ||
	    !is_refused(syscall(SYS_bpf, 0L, NULL, 0L)) ||
	    !is_refused(syscall(SYS_init_module, NULL, 0L, "")) ||
	    !is_refused(syscall(SYS_kexec_load, 0L, 0L, NULL, 0L)) ||
	    !is_refused(syscall(SYS_unshare, (long)CLONE_NEWUSER)) ||
	    !is_refused(syscall(SYS_setns, -1L, 0L)) || !is_refused(syscall(SYS_keyctl, 0L)) ||
	    !is_refused(syscall(SYS_io_uring_setup, 1L, NULL)) ||
	    !is_refused(syscall(SYS_process_vm_readv, (long)getppid(), NULL, 0L, NULL, 0L, 0L)) ||
	    !is_refused(syscall(SYS_pidfd_getfd, -1L, 0L, 0L)) ||
	    !is_refused(syscall(SYS_clone, (long)(CLONE_NEWUSER | SIGCHLD), stack + sizeof(stack), NULL, NULL,
				0L)))
		return 1;
	return socket(AF_UNIX, SOCK_DGRAM, 0) < 0;
}

static void test_wanted_calls(void **state)
{
	(void)state;
	in_child(call_what_is_wanted);
}

static char place[128];

static bool is_denied(long rc)
{
	return rc == -1 && errno == EACCES;
}

static int write_files(void)
{
	int fd, null;

	if (landlock_version < 1)
		return 77;
	snprintf(place, sizeof(place), "%s", tree_path("there"));
	if (!is_denied(open(place, O_WRONLY)) ||
	    !is_denied(open(place, O_RDWR)) || !is_denied(open(place, O_RDONLY | O_TRUNC)))
		return 1;
	fd = open(place, O_RDONLY);
	if (fd < 0 || !is_denied(open(tree_path("new"), O_WRONLY | O_CREAT, 0600)))
		return 2;
	if (!is_denied(mkdirat(AT_FDCWD, tree_path("dir"), 0700)) || !is_denied(unlinkat(AT_FDCWD, place, 0)))
		return 3;
	null = open("/dev/null", O_RDWR);
	return null < 0 ? 4 : 0;
}

static void test_files(void **state)
{
	int fd = open(tree_path("there"), O_WRONLY | O_CREAT, 0600);

	(void)state;
	close(fd);
	in_child(write_files);
}

/* A process that was here before the restart has been confined. */
static int confine_again(void)
{
	struct buffer said = { .fd = -1 };
	const struct output output = { .out = &said, .err = &said };

	for (int i = 0; i < 1000; i++) /* the kernel takes 16 layers of files, and so many instructions */
		confine(&output);
	return said.len != 0;
}

static void test_again(void **state)
{
	(void)state;
	in_child(confine_again);
}

static int signal_parent(void)
{
	if (landlock_version < 6)
		return 77;
	return !is_refused(kill(getppid(), 0)) || kill(getpid(), 0) != 0;
}

static void test_signals(void **state)
{
	(void)state;
	in_child(signal_parent);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_each_forbidden_call), TEST(test_wanted_calls), TEST(test_files), TEST(test_again),
		TEST(test_signals),
	};

	landlock_version = missing_landlock_version();
	setenv("TMPDIR", "/tmp", 1); /* what is below /dev may be written to */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
