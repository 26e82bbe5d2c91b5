/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kill a session's holder at each step of each command: before and after every ioctl, every write to its
 * journal, and every message. It runs under the supervisor, with tests/fake/steps.c preloaded, in the
 * simulator. After each crash the session must show what it showed before the command or after it, and the
 * simulated kernel must hold exactly that.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "../fake/steps.h"
#include "common.h"
#include "held.h"

enum { WORDS = 8, COMMANDS = 24, ATTEMPTS = 400, MAX_STEPS = 5000, FIRST_KILLS = 80 };

static const char *session;
static struct fake_steps *steps;
static int memfd, iommufd;

static const char *const scenario[COMMANDS][WORDS] = {
	{ "ioas", "alloc", "--name", "A" },
	{ "mem", "create", "m", "64K" },
	{ "ioas", "map", "A", "m", "--iova", "0x100000" },
	{ "ioas", "map", "A", "m" },
	{ "ioas", "alloc" },
	{ "ioas", "alloc", "--name", "B" },
	{ "ioas", "map", "B", "m", "--iova", "0x100000", "--length=4096" },
	{ "ioas", "unmap", "A", "0x100000" },
	{ "ioas", "map", "B", "fd:3" },
	{ "ioas", "unmap", "B", "0x2000" }, /* the first that is as aligned as it is long */
	{ "ioas", "map", "B", "fd:3" },
	{ "destroy", "B" },
	{ "ioas", "alloc", "--name", "C" },
	{ "mem", "create", "n", "4K" },
	{ "mem", "destroy", "n" },
	{ "session", "restart" },
	{ "ioas", "map", "C", "m" },
	{ "ioas", "map", "C", "m", "--iova=0x400000", "--piece=16K" },
	{ "ioas", "unmap", "C", "0", "0xfffffffffffff000" },
	{ "destroy", "2" },
	{ "destroy", "C" },
	{ "destroy", "A" },
	{ "mem", "destroy", "m" },
};

/* 0, or -errno: the session is down. Anything else is the end of the test. */
static int run(const char *const *words, unsigned int flags, char **text)
{
	struct iommufd_session_word word = { 3, memfd };
	struct iommufd_session_reply reply;
	size_t n = 0;
	int fd, rc = iommufd_session_connect(session, &fd);

	while (n < WORDS && words[n])
		n++;
	if (rc < 0)
		return rc;
	rc = iommufd_session_run(fd, flags, n, words, &word, n == 4 && strcmp(words[3], "fd:3") == 0,
				 &reply);
	close(fd);
	if (rc < 0)
		return rc;
	if (reply.code)
		die(FAILED, "%s %s %s: exit code %d: %.*s", words[0], words[1], words[2] ? words[2] : "",
		    reply.code, (int)reply.err_len, reply.err);
	if (text)
		*text = strndup(reply.out ? reply.out : "", reply.out_len);
	iommufd_session_reply_free(&reply);
	return 0;
}

/* As soon as it is up again. */
static char *show(unsigned int flags)
{
	static const char *const words[WORDS] = { "show" };
	char *text;

	for (int i = 0; i < ATTEMPTS; i++) {
		if (run(words, flags, &text) == 0)
			return text;
		sleep_ms(10);
	}
	die(FAILED, "the session did not come back");
}

enum { MAX_HELD = 256 };

struct kernel {
	struct held held[MAX_HELD];
	size_t n;
};

static size_t count(const struct kernel *kernel, enum held_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < kernel->n; i++)
		n += kernel->held[i].kind == kind;
	return n;
}

static bool holds(const struct kernel *kernel, enum held_kind kind, uint64_t ioas, uint64_t iova)
{
	for (size_t i = 0; i < kernel->n; i++)
		if (kernel->held[i].kind == kind && kernel->held[i].id == ioas &&
		    kernel->held[i].iova == iova)
			return true;
	return false;
}

static void check_kernel(const char *when)
{
	char *text = show(IOMMUFD_SESSION_JSON), *end;
	struct kernel kernel;
	size_t shown = 0, there;
	char *at = strstr(text, "\"ioas\":["), *maps = strstr(text, "\"mappings\":[");

	kernel.n = held_look(iommufd, kernel.held, MAX_HELD);
	end = strchr(at, ']');
	for (; (at = strstr(at, "\"id\":")) && at < end; shown++) {
		at += 5;
		if (!holds(&kernel, HELD_IOAS, strtoul(at, NULL, 10), 0))
			die(FAILED, "%s: an IOAS is not in the kernel: %s", when, text);
	}
	there = count(&kernel, HELD_IOAS);
	if (shown != there)
		die(FAILED, "%s: %zu IOASes in the kernel, in the session: %s", when, there, text);
	for (shown = 0; (maps = strstr(maps, "\"ioas\":")); shown++) {
		uint64_t ioas = strtoull(maps + 7, NULL, 10);

		maps = strstr(maps, "\"iova\":") + 7;
		if (!holds(&kernel, HELD_MAPPING, ioas, strtoull(maps, NULL, 10)))
			die(FAILED, "%s: a mapping is not in the kernel: %s", when, text);
	}
	there = count(&kernel, HELD_MAPPING);
	if (shown != there)
		die(FAILED, "%s: %zu mappings in the kernel, in the session: %s", when, there, text);
	free(text);
}

/* Back to nothing. */
static void clean_up(void)
{
	static const char *const names[] = { "A", "B", "C", "2", "1", "3", "m", "n" };
	const char *destroy[WORDS] = { "destroy" }, *mem_destroy[WORDS] = { "mem", "destroy" };
	char *text;

	for (int i = 0; i < 8; i++) {
		bool memory = *names[i] >= 'm';
		struct iommufd_session_reply reply;
		int fd;

		destroy[1] = mem_destroy[2] = names[i];
		if (iommufd_session_connect(session, &fd) < 0 ||
		    iommufd_session_run(fd, 0, memory ? 3 : 2, memory ? mem_destroy : destroy, NULL, 0,
					&reply) < 0)
			die(FAILED, "cleaning up: the session is down");
		iommufd_session_reply_free(&reply);
		close(fd);
	}
	text = show(0);
	if (*text && strstr(text, "\n"))
		die(FAILED, "cleaning up: this is left: %s", text);
	free(text);
}

static struct fake_steps *map_steps(const char *path)
{
	struct fake_steps *shared = MAP_FAILED;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		die(FAILED, "%s: %s", path, error_name(errno));
	close(fd);
	return shared;
}

/* The steps of one command until one at which the holder is killed. false: it has no more. */
static bool crash_at(size_t command, uint32_t step, uint32_t next, char *const *shown, size_t *kills)
{
	char when[160];
	uint32_t before = steps->kills;
	char *text;
	int rc;

	for (size_t i = 0; i < command; i++)
		if ((rc = run(scenario[i], 0, NULL)) < 0)
			die(FAILED, "command %zu: %s", i, error_name(rc));
	steps->kill_next = next;
	steps->kill_in = step;
	rc = run(scenario[command], 0, NULL);
	text = show(0);
	steps->kill_in = steps->kill_next = 0;
	free(text);
	text = show(0); /* the one before may have been killed, too */
	snprintf(when, sizeof(when), "%s %s %s, step %u, then %u", scenario[command][0], scenario[command][1],
		 scenario[command][2] ? scenario[command][2] : "", step, next);
	if (strcmp(text, shown[command + 1]) != 0 && (rc == 0 || strcmp(text, shown[command]) != 0))
		die(FAILED, "%s: %s. Before it:\n%sAfter it:\n%sNow:\n%s", when,
		    rc == 0 ? "acknowledged and lost" : "neither done nor undone", shown[command],
		    shown[command + 1], text);
	free(text);
	check_kernel(when);
	*kills += steps->kills - before;
	clean_up();
	return steps->kills != before;
}

int main(int argc, char **argv)
{
	char *shown[COMMANDS + 1];
	size_t n = 0, kills = 0;
	unsigned int seed = 1;
	int rc;

	if (argc != 2 || !getenv("FAKE_STEPS")) {
		fputs("usage: FAKE_STEPS=FILE session-crash SESSION\n", stderr);
		return USAGE;
	}
	session = argv[1];
	memfd = memfd_create("client", MFD_CLOEXEC);
	if (memfd < 0 || ftruncate(memfd, 8192) < 0)
		die(FAILED, "memfd: %s", error_name(errno));
	steps = map_steps(getenv("FAKE_STEPS"));
	iommufd = held_open();
	shown[0] = show(0);
	for (; n < COMMANDS && scenario[n][0]; n++) {
		if ((rc = run(scenario[n], 0, NULL)) < 0)
			die(FAILED, "command %zu: %s", n, error_name(rc));
		shown[n + 1] = show(0);
		check_kernel("without a crash");
	}
	clean_up();
	for (size_t i = 0; i < n; i++)
		for (uint32_t step = 1; step < MAX_STEPS; step++)
			if (!crash_at(i, step, 0, shown, &kills) ||
			    !crash_at(i, step, 1 + (uint32_t)rand_r(&seed) % FIRST_KILLS, shown, &kills))
				break;
	printf("crash: %zu commands, the holder killed %zu times\n", n, kills);
	return finish();
}
