/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of claims, their locks, and the process that writes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "claim/place.h"
#include "claim/write.h"
#include "drivers.h"
#include "output/message.h"
#include "unit.h"

/* ---- records ---- */

static void write_record(const char *boot, const char *rest)
{
	char text[1024];

	snprintf(text, sizeof(text), "iommufdctl claim 1\nbus=pci\naddress=" NIC "\nids=\nserial=\ndriver=e1000e\n"
				     "override=\nclaimed=vfio-pci\nboot=%s\n%s", boot, rest);
	tree_write(RECORD, text);
	chmod(tree_path(RECORD), 0644);
	chmod(tree_path("run/iommufdctl"), 0711);
	chmod(tree_path("run/iommufdctl/claims"), 0755);
}

static void test_records_that_are_no_good(void **state)
{
	static const char *const texts[] = {
		"", "\n", "garbage", "iommufdctl claim 1\n", "iommufdctl claim 2\nbus=pci\n", "\x1b[31m\nend\n",
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(texts); i++) {
		write_record("", "end\n");
		tree_write(RECORD, texts[i]);
		assert_refuses(world, "release " NIC, EXIT_FAILED, "it is no record of a claim, or a damaged one");
		assert_refuses(world, "claim " NIC, EXIT_FAILED, "it is no record of a claim, or a damaged one");
		assert_refuses(world, "release --all", EXIT_FAILED, "it is no record of a claim, or a damaged one");
	}
	write_record("", "node=0:0:99999\nend\n");
	assert_refuses(world, "release " NIC, EXIT_FAILED, "a damaged one");
	write_record("", "end\nmore\n");
	assert_refuses(world, "release " NIC, EXIT_FAILED, "a damaged one");
	write_record("", "end\n");
	chmod(tree_path(RECORD), 0666);
	assert_refuses(world, "release " NIC, EXIT_FAILED, "others may write to it");
	chmod(tree_path(RECORD), 0644);
	chmod(tree_path("run/iommufdctl/claims"), 0777);
	assert_refuses(world, "release " NIC, EXIT_FAILED, "others may write to it");
	chmod(tree_path("run/iommufdctl/claims"), 0755);
	tree_unlink(RECORD);
	tree_link("/dev/zero", RECORD);
	assert_refuses(world, "release " NIC, EXIT_FAILED, "a damaged one");
	tree_unlink(RECORD);
	tree_mkdir(RECORD);
	assert_refuses(world, "release " NIC, EXIT_FAILED, "a damaged one");
}

static void test_claims_that_are_over(void **state)
{
	struct world *world = *state;

	write_record("another boot", "end\n");
	ok(world, "release " NIC " --json");
	assert_said(world, "the machine was started anew since: the claim is forgotten");
	assert_printed(world, "\"changed\":true");
	assert_untouched();
	write_record("another boot", "end\n");
	ok(world, "claim " NIC);
	assert_said(world, "a claim of an earlier boot is forgotten");
	set(NIC, "modalias", "pci:v00001AF4d00001000\n");
	ok(world, "release --all");
	assert_said(world, "another device is in its place: the claim is forgotten");
	assert_string_equal(driver_of(NIC), "vfio-pci");
	assert_false(exists(RECORD));
	tree_write("run/iommufdctl/claims/pci:0000:00:1e.0", "iommufdctl claim 1\nbus=pci\naddress=0000:00:1e.0\nids=\n"
		   "serial=\ndriver=nvme\noverride=\nclaimed=vfio-pci\nboot=\nend\n");
	ok(world, "release 00:1e.0");
	assert_said(world, "the device is gone: the claim is forgotten");
	assert_false(exists("run/iommufdctl/claims/pci:0000:00:1e.0"));
}

static void test_another_driver_since(void **state)
{
	struct world *world = *state;

	ok(world, "claim " NIC);
	tree_mkdir("sys/bus/pci/drivers/uio");
	tree_unlink(DIRECTORY NIC "/driver");
	tree_link("../../../bus/pci/drivers/uio", DIRECTORY NIC "/driver");
	assert_refuses(world, "claim " NIC, EXIT_FAILED, "its driver was changed since: it is uio, not vfio-pci");
	ok(world, "release " NIC);
	assert_said(world, "another driver has it by now, which the claim did not give it");
	assert_string_equal(driver_of(NIC), "uio");
	assert_false(exists(RECORD));
}

/* ---- locks ---- */

static void test_two_at_once(void **state)
{
	struct world *world = *state;
	int dir, lock, pid;

	ok(world, "claim " NIC);
	ok(world, "release " NIC);
	dir = claims_open(false);
	lock = claims_lock(dir, "pci:" NIC, &pid);
	assert_true(lock >= 0);
	assert_refuses(world, "claim " NIC, EXIT_FAILED, "another claim or release of it is under way (process");
	assert_refuses(world, "release " NIC, EXIT_FAILED, "another claim or release of it is under way (process");
	claims_unlock(dir, "pci:" NIC, lock);
	close(dir);
	ok(world, "claim " NIC);
}

/* Each takes the lock and gives it back, over and over: there is never a second one who has it. */
static void test_locks_are_one_at_a_time(void **state)
{
	enum { PROCESSES = 4, ROUNDS = 300 };
	struct world *world = *state;
	int status, dir;

	ok(world, "claim " NIC);
	dir = claims_open(false);
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() != 0)
			continue;
		for (int taken = 0; taken < ROUNDS;) {
			int pid, lock = claims_lock(dir, "pci:" SIBLING, &pid), only;

			if (lock == -EAGAIN)
				continue;
			only = openat(dir, "only", O_CREAT | O_EXCL | O_CLOEXEC, 0600);
			if (lock < 0 || only < 0 || unlinkat(dir, "only", 0) < 0)
				_exit(1);
			close(only);
			claims_unlock(dir, "pci:" SIBLING, lock);
			taken++;
		}
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	close(dir);
}

/* ---- the process that writes ---- */

static int write_at(const char *path, const char *text, int limit_ms, pid_t *ret_pid)
{
	struct held_signals signals;
	struct sysfs_write write = { path, text, STDIN_FILENO, limit_ms };
	int rc;

	made_up.real = true;
	assert_int_equal(signals_hold(&signals), 0);
	rc = sysfs_write(&write, &signals);
	signals_let_go(&signals);
	*ret_pid = write.pid;
	return rc;
}

static void test_process_that_writes(void **state)
{
	char text[8] = "";
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(write_at("bus/pci/drivers_probe", "abc\n", 5000, &pid), 0);
	assert_string_equal(text_of("sys/bus/pci/drivers_probe"), "abc\n");
	assert_int_equal(write_at("bus/pci/nosuch", "abc\n", 5000, &pid), -ENOENT);
	/* A pipe that nobody reads keeps who opens it: as an unbind may keep who writes. */
	assert_int_equal(mkfifo(tree_path("sys/bus/pci/pipe"), 0600), 0);
	assert_int_equal(write_at("bus/pci/pipe", "abc\n", 100, &pid), -ETIMEDOUT);
	assert_int_equal(kill(pid, 0), 0);
	assert_true(getsid(pid) == pid);
	fd = open(tree_path("sys/bus/pci/pipe"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 4);
	close(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The caller's files are not kept open: who reads a pipe of them would wait as well. */
static void test_process_that_waits_keeps_nothing(void **state)
{
	int ends[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(mkfifo(tree_path("sys/bus/pci/pipe"), 0600), 0);
	assert_int_equal(write_at("bus/pci/pipe", "abc\n", 100, &pid), -ETIMEDOUT);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drivers_setup, drivers_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_records_that_are_no_good),
		TEST(test_claims_that_are_over),
		TEST(test_another_driver_since),
		TEST(test_two_at_once),
		TEST(test_locks_are_one_at_a_time),
		TEST(test_process_that_writes),
		TEST(test_process_that_waits_keeps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
