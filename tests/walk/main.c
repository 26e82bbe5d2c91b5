/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "walk.h"

static const char usage_text[] =
	"usage: walk [--seed N] [--steps N] [--sabotage N] [--verbose] IOMMUFDCTL\n"
	"Walks at random over a session, in the simulator. The seed is printed: the same walk\n"
	"again. --sabotage: from step N on the kernel detaches devices by itself.\n";

/* xorshift64*: the same everywhere. */
uint32_t pick(struct walk *w, uint32_t n)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (uint32_t)((w->random * 0x2545f4914f6cdd1dull) >> 32) % n;
}

bool once_in(struct walk *w, uint32_t n)
{
	return pick(w, n) == 0;
}

void did(struct walk *w, const char *format, ...)
{
	char *line = w->history[w->step % HISTORY];
	size_t len = strlen(line);
	va_list ap;

	va_start(ap, format);
	vsnprintf(line + len, sizeof(*w->history) - len, format, ap);
	va_end(ap);
}

/* What the holder said last. */
static void show_holder(const struct walk *w)
{
	char path[PATH_MAX], text[4096];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/holder", w->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, text, sizeof(text));
	if (n > 0)
		printf("the holder says:\n%.*s", (int)n, text);
}

void fail(struct walk *w, const char *format, ...)
{
	va_list ap;

	printf("walk: seed %llu, step %lu: ", (unsigned long long)w->seed, w->step);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\nthe last steps:\n");
	for (unsigned long i = w->step < HISTORY ? 1 : w->step - HISTORY + 1; i <= w->step; i++)
		printf("%lu: %s\n", i, w->history[i % HISTORY]);
	show_holder(w);
	machine_remove(w);
	exit(FAILED);
}

static void copy_program(const char *from, const char *to)
{
	char command[3 * PATH_MAX];

	snprintf(command, sizeof(command), "cp -p '%s' '%s'", from, to);
	if (system(command) != 0)
		die(FAILED, "%s cannot be copied", from);
}

static void begin(struct walk *w, const char *program)
{
	char real[PATH_MAX];
	struct view nothing;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (readlink("/proc/self/exe", w->self, sizeof(w->self) - 1) < 0 || !realpath(program, real))
		die(FAILED, "%s: %s", program, error_name(errno));
	snprintf(w->session, sizeof(w->session), "walk%d", (int)getpid());
	for (int i = 0; i < CLIENTS; i++)
		w->clients[i] = -1;
	w->memory_fd = memfd_create("client", MFD_CLOEXEC);
	if (w->memory_fd < 0 || ftruncate(w->memory_fd, 16 * PAGE) < 0)
		die(FAILED, "memory: %s", error_name(errno));
	machine_create(w);
	if (geteuid())
		setenv("XDG_RUNTIME_DIR", w->dir, 1);
	snprintf(w->good, sizeof(w->good), "%s/good", w->dir);
	snprintf(w->program, sizeof(w->program), "%s/program", w->dir);
	copy_program(real, w->good);
	copy_program(real, w->program);
	w->manager.pidfd = -1;
	w->opened = 1;
	manager_listen(w);
	manager_start_holder(w);
	session_show(w, &nothing);
}

static void end(struct walk *w)
{
	manager_stop_holder(w);
	for (int i = 0; i < VMMS; i++)
		if (w->vmms[i].pid)
			kill(w->vmms[i].pid, SIGKILL);
	machine_remove(w);
}

static void sabotage(struct walk *w)
{
	char name[32];

	for (int i = 0; w->sabotage && w->step >= w->sabotage && i < DEVICES; i++) {
		snprintf(name, sizeof(name), "dev-%s", machine[i].cdev);
		if (manager_stored(w, name) >= 0)
			iommufd_device_detach(manager_stored(w, name));
	}
}

static void walk(struct walk *w, unsigned long steps)
{
	double began = now();

	while (w->step < steps) {
		w->history[++w->step % HISTORY][0] = '\0';
		run_step(w);
		sabotage(w);
		check_all(w);
		if (w->verbose)
			printf("%lu: %s\n", w->step, w->history[w->step % HISTORY]);
	}
	printf("walk: seed %llu: %lu steps in %.0f s: %lu refused, %lu crashes, %lu restarts, %lu devices "
	       "moved out, %lu lost where nobody kept them\n", (unsigned long long)w->seed, steps,
	       now() - began, w->refused, w->crashes, w->restarts, w->moved, w->n_lost);
}

/* The index of the first word that is no option. */
static int parse_options(struct walk *w, int argc, char **argv, uint64_t *steps)
{
	int i = 1;

	for (; i + 1 < argc; i++) {
		if (strcmp(argv[i], "--seed") == 0)
			w->seed = need_u64("--seed", argv[++i], UINT64_MAX);
		else if (strcmp(argv[i], "--steps") == 0)
			*steps = need_u64("--steps", argv[++i], UINT32_MAX);
		else if (strcmp(argv[i], "--sabotage") == 0)
			w->sabotage = need_u64("--sabotage", argv[++i], UINT32_MAX);
		else if (strcmp(argv[i], "--verbose") == 0)
			w->verbose = true;
		else
			break;
	}
	return i;
}

int main(int argc, char **argv)
{
	static struct walk w;
	uint64_t steps = 2000;
	int first;

	if (argc > 1 && strcmp(argv[1], "--vmm") == 0)
		return vmm_main(argc, argv);
	if (getrandom(&w.seed, sizeof(w.seed), 0) != sizeof(w.seed))
		die(FAILED, "no random numbers");
	w.seed %= 1000000000;
	first = parse_options(&w, argc, argv, &steps);
	if (first + 1 != argc) {
		fputs(usage_text, stderr);
		return USAGE;
	}
	w.random = w.seed * 2 + 1;
	for (int k = 0; k < 16; k++)
		pick(&w, 1); /* seeds that are alike go apart */
	begin(&w, argv[first]);
	walk(&w, (unsigned long)steps);
	end(&w);
	return finish();
}
