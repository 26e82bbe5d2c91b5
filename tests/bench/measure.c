/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs commands and counts what they cost. Small and static: what a child inherits from its parent
 * counts as the child's memory. The output of the commands goes nowhere.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char usage_text[] =
	"usage: measure start CMD...              user instructions, up to the program's entry point\n"
	"       measure main CMD...               those from there to its end\n"
	"       measure calls CMD...              the number of system calls, exec not counted\n"
	"       measure list CMD...               those from main() on: from poll() of the fds 0 to 2\n"
	"       measure rss CMD...                ru_maxrss, kilobytes\n"
	"       measure wall RUNS CMD... [-- CMD...]...\n"
	"                                         nanoseconds of each, interleaved: 25th percentile\n"
	"       measure cpu RUNS CMD... [-- CMD...]...\n"
	"                                         the same of processor time: the least\n"
	"A CMD that fails ends it with 1.\n";

enum { MAX_COMMANDS = 16, MAX_RUNS = 100000 };

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *format, ...)
{
	va_list ap;

	fputs("measure: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void check_status(char **cmd, int status)
{
	if (WIFSIGNALED(status))
		die("%s: signal %d", cmd[0], WTERMSIG(status));
	if (WEXITSTATUS(status))
		die("%s: exit status %d", cmd[0], WEXITSTATUS(status));
}

/* --- under ptrace ------------------------------------------------------------------------------ */

static void stay_here(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		die("sched_setaffinity: %m");
}

static pid_t start_traced(char **cmd)
{
	int null, status;
	pid_t pid;

	stay_here(); /* taking turns is several times faster on one processor */
	pid = fork();
	if (pid < 0)
		die("fork: %m");
	if (pid == 0) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (null < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
			_exit(126);
		execvp(cmd[0], cmd);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		die("%s: cannot be run", cmd[0]);
	if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		die("ptrace: %m");
	return pid;
}

/* Go on to the next stop, which must be the expected one. false: the child has ended well. */
static bool go_on(pid_t pid, char **cmd, int how, int expected)
{
	int status;

	if (ptrace(how, pid, 0, 0) < 0)
		die("ptrace: %m");
	if (waitpid(pid, &status, 0) < 0)
		die("wait: %m");
	if (WIFSTOPPED(status) && WSTOPSIG(status) != expected)
		die("%s: unexpected signal %d", cmd[0], WSTOPSIG(status));
	if (!WIFSTOPPED(status))
		check_status(cmd, status);
	return WIFSTOPPED(status);
}

static struct __ptrace_syscall_info get_info(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		die("PTRACE_GET_SYSCALL_INFO: %m");
	return info;
}

/* Where the dynamic linker hands over to the program. */
static uint64_t entry_point(pid_t pid)
{
	char path[64];
	uint64_t pair[2] = { 0 };
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (read(fd, pair, sizeof(pair)) == sizeof(pair) && pair[0] != AT_ENTRY)
		;
	close(fd);
	if (pair[0] != AT_ENTRY)
		die("%s: no entry point", path);
	return pair[1];
}

/* The number of steps up to there. Breakpoints would be faster, and are of one kind of processor. */
static uint64_t step_to_entry(pid_t pid, char **cmd)
{
	uint64_t entry = entry_point(pid), steps = 0;

	for (; get_info(pid).instruction_pointer != entry; steps++)
		if (!go_on(pid, cmd, PTRACE_SINGLESTEP, SIGTRAP))
			die("%s: did not get to its entry point", cmd[0]);
	return steps;
}

static int run_start(char **cmd)
{
	printf("%llu\n", (unsigned long long)step_to_entry(start_traced(cmd), cmd));
	return 0; /* and the child ends with us */
}

static int run_main(char **cmd)
{
	pid_t pid = start_traced(cmd);
	uint64_t steps = 1; /* the last one, of which there is no return */

	step_to_entry(pid, cmd);
	while (go_on(pid, cmd, PTRACE_SINGLESTEP, SIGTRAP))
		steps++;
	printf("%llu\n", (unsigned long long)steps);
	return 0;
}

static int run_calls(char **cmd)
{
	pid_t pid = start_traced(cmd);
	uint64_t stops = 0;

	while (go_on(pid, cmd, PTRACE_SYSCALL, SIGTRAP | 0x80))
		stops++;
	/* The first stop is the return from exec; exit_group does not return. */
	printf("%llu\n", (unsigned long long)stops / 2);
	return 0;
}

static void read_child(pid_t pid, uint64_t from, void *to, size_t len)
{
	for (size_t at = 0; at < len; at += sizeof(long)) {
		long word;
		size_t n = len - at < sizeof(word) ? len - at : sizeof(word);

		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, pid, from + at, 0);
		if (errno)
			die("reading the child's memory: %m");
		memcpy((char *)to + at, &word, n);
	}
}

static void read_path(pid_t pid, uint64_t from, char *path, size_t len)
{
	size_t at = 0;

	do
		read_child(pid, from + at, &path[at], 1);
	while (path[at] && ++at < len - 1);
	path[at] = '\0';
}

static bool is_poll(uint64_t nr)
{
#ifdef SYS_poll
	if (nr == SYS_poll)
		return true;
#endif
	return nr == SYS_ppoll;
}

/* poll(fds, 3, ...) of 0, 1 and 2: the first thing that main() does. */
static bool is_main(pid_t pid, const uint64_t *args)
{
	struct {
		int fd;
		short events, revents;
	} fds[3];

	if (args[1] != 3)
		return false;
	read_child(pid, args[0], fds, sizeof(fds));
	return fds[0].fd == 0 && fds[1].fd == 1 && fds[2].fd == 2;
}

#define NAME(call) { SYS_##call, #call }

static const char *call_name(uint64_t nr)
{
	static const struct {
		uint64_t nr;
		const char *name;
	} names[] = {
		NAME(openat), NAME(ioctl), NAME(read), NAME(write), NAME(close), NAME(brk),
		NAME(mmap), NAME(munmap), NAME(mprotect), NAME(getrandom), NAME(fcntl), NAME(lseek),
		NAME(newfstatat), NAME(exit_group),
	};

	if (is_poll(nr))
		return "poll";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].nr == nr)
			return names[i].name;
	return NULL;
}

/* The call with the arguments that do not change from run to run. */
static void print_call(pid_t pid, uint64_t nr, const uint64_t *args)
{
	const char *name = call_name(nr);
	char path[256];

	if (!name) {
		printf("call %llu\n", (unsigned long long)nr);
	} else if (nr == SYS_openat) {
		read_path(pid, args[1], path, sizeof(path));
		printf("openat %s\n", path);
	} else if (nr == SYS_ioctl) {
		printf("ioctl %#llx\n", (unsigned long long)args[1]);
	} else if (nr == SYS_write || nr == SYS_exit_group) {
		printf("%s %llu\n", name, (unsigned long long)args[0]);
	} else {
		printf("%s\n", name);
	}
}

static int run_list(char **cmd)
{
	pid_t pid = start_traced(cmd);
	struct __ptrace_syscall_info info;
	uint64_t args[6];
	bool started = false;

	while (go_on(pid, cmd, PTRACE_SYSCALL, SIGTRAP | 0x80)) {
		info = get_info(pid);
		if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
			continue;
		for (size_t i = 0; i < 6; i++)
			args[i] = info.entry.args[i];
		started = started || (is_poll(info.entry.nr) && is_main(pid, args));
		if (started)
			print_call(pid, info.entry.nr, args);
	}
	if (!started)
		die("%s: no poll() of the fds 0 to 2", cmd[0]);
	return 0;
}

/* --- as it is ------------------------------------------------------------------------------------ */

static posix_spawn_file_actions_t to_null;

static void prepare(void)
{
	if (posix_spawn_file_actions_init(&to_null) ||
	    posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", O_WRONLY, 0) ||
	    posix_spawn_file_actions_adddup2(&to_null, 1, 2))
		die("no memory");
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t run_once(char **cmd, struct rusage *usage)
{
	uint64_t start = now();
	int status, rc;
	pid_t pid;

	rc = posix_spawnp(&pid, cmd[0], &to_null, NULL, cmd, environ);
	if (rc)
		die("%s: %s", cmd[0], strerror(rc));
	if (wait4(pid, &status, 0, usage) < 0)
		die("wait: %m");
	start = now() - start;
	check_status(cmd, status);
	return start;
}

static int run_rss(char **cmd)
{
	struct rusage usage;

	stay_here(); /* the kernel counts by processor, and adds up now and then */
	prepare();
	run_once(cmd, &usage);
	printf("%ld\n", usage.ru_maxrss);
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Cut the words at each "--". */
static size_t cut(char **words, char ***commands)
{
	size_t n = 0;

	for (commands[n++] = words; *words; words++) {
		if (strcmp(*words, "--") != 0)
			continue;
		if (n == MAX_COMMANDS)
			die("too many commands");
		*words = NULL;
		commands[n++] = words + 1;
	}
	for (size_t c = 0; c < n; c++)
		if (!commands[c][0])
			die("an empty command");
	return n;
}

static uint64_t cpu_time(const struct rusage *usage)
{
	return ((uint64_t)usage->ru_utime.tv_sec + (uint64_t)usage->ru_stime.tv_sec) * 1000000000 +
	       ((uint64_t)usage->ru_utime.tv_usec + (uint64_t)usage->ru_stime.tv_usec) * 1000;
}

static int run_times(char **words, bool of_processor)
{
	static uint64_t times[MAX_COMMANDS][MAX_RUNS];
	char **commands[MAX_COMMANDS];
	unsigned long runs = strtoul(words[0], NULL, 10);
	struct rusage usage;
	size_t n = words[1] ? cut(words + 1, commands) : 0;

	if (!n || !runs || runs > MAX_RUNS)
		die("a time needs a number of runs and commands");
	prepare();
	for (unsigned long run = 0; run < runs; run++)
		for (size_t c = 0; c < n; c++) {
			times[c][run] = run_once(commands[c], &usage);
			if (of_processor)
				times[c][run] = cpu_time(&usage);
		}
	for (size_t c = 0; c < n; c++) {
		qsort(times[c], runs, sizeof(uint64_t), compare);
		printf("%llu\n", (unsigned long long)times[c][of_processor ? 0 : runs / 4]);
	}
	return 0;
}

static int run_wall(char **words)
{
	return run_times(words, false);
}

static int run_cpu(char **words)
{
	return run_times(words, true);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char **words);
	} rows[] = {
		{ "start", run_start }, { "main", run_main }, { "calls", run_calls },
		{ "list", run_list },	{ "rss", run_rss },   { "wall", run_wall },
		{ "cpu", run_cpu },
	};

	/* The children's addresses: how many pages of a file come in with one fault depends on them. */
	if (personality(ADDR_NO_RANDOMIZE) < 0)
		die("personality: %m");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && argc > 2; i++)
		if (strcmp(argv[1], rows[i].name) == 0)
			return rows[i].run(argv + 2);
	fputs(usage_text, stderr);
	return 2;
}
