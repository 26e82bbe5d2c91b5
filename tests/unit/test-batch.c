/* SPDX-License-Identifier: GPL-2.0-or-later */
/* batch: lines of a file as commands of one context. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world.h"
#include "unit.h"

static int setup(void **state)
{
	*state = world_new(CONTEXT_NONE);
	return 0;
}

static void write_script(const char *bytes, size_t len)
{
	const char *path = tree_path("script");
	int fd;

	unlink(path);
	fd = open_file(path);
	while (len) {
		ssize_t n = write(fd, bytes, len);

		assert_true(n > 0);
		bytes += n;
		len -= (size_t)n;
	}
	close(fd);
}

static int batch_of(struct world *world, const char *bytes, size_t len, const char *options)
{
	size_t fds = open_fds();
	int code;

	write_script(bytes, len);
	code = command(world, "batch %s %s", tree_path("script"), options);
	/* All is released, however it ended. */
	assert_int_equal(open_fds(), fds);
	assert_int_equal(world->ctx.iommufd, -1);
	assert_int_equal(world->ctx.ids.count + world->ctx.devices.count + world->ctx.memories.count, 0);
	world->ctx.kind = CONTEXT_NONE;
	kernel_reset();
	kernel_add("/dev/null", IOMMUFD_PHYSICAL, 7);
	return code;
}

static int batch(struct world *world, const char *script, const char *options)
{
	return batch_of(world, script, strlen(script), options);
}

/* stderr says message at that line of the file. */
static void assert_at(struct world *world, unsigned int line, const char *message)
{
	char expected[1024];

	snprintf(expected, sizeof(expected), "%s:%u: %s", tree_path("script"), line, message);
	if (!strstr(complained(world), expected))
		fail_msg("'%s' is not in '%s'", expected, complained(world));
}

static void test_one_context(void **state)
{
	struct world *world = *state;

	assert_int_equal(batch(world,
			       "# a comment\n"
			       "\n"
			       "ioas alloc --name 'guest'\n"
			       "  bind vfio0 --name \"nic\"   # another\n"
			       "attach nic guest\n"
			       "mem create ram 64K\n"
			       "ioas map guest ram --iova 0x10000\n"
			       "detach nic\n", ""), EXIT_DONE);
	assert_string_equal(printed(world), "1\n2\n3\n0x10000\n");
	assert_int_equal(world->err.len, 0);
}

static void test_stops_at_the_first_failure(void **state)
{
	struct world *world = *state;

	assert_int_equal(batch(world, "ioas alloc\ndestroy 7\nioas alloc\n", ""), EXIT_FAILED);
	assert_string_equal(printed(world), "1\n");
	assert_at(world, 2, "destroy: '7': no object has this id (ENOENT)\n");
	assert_int_equal(batch(world, "ioas alloc\nbogus\nioas alloc\n", ""), EXIT_USAGE);
	assert_at(world, 2, "unknown verb 'bogus'\n");
}

static void test_keep_going(void **state)
{
	struct world *world = *state;

	assert_int_equal(batch(world, "destroy 7\nioas alloc\nbogus\nioas alloc\n", "--keep-going"),
			 EXIT_PARTLY);
	assert_string_equal(printed(world), "1\n2\n");
	assert_at(world, 1, "destroy: ");
	assert_at(world, 3, "unknown verb");
	assert_int_equal(batch(world, "ioas alloc\n", "--keep-going"), EXIT_DONE);
}

static void test_continued_lines(void **state)
{
	struct world *world = *state;

	assert_int_equal(batch(world, "ioas \\\n  alloc \\\n --name \\\n x\nshow nothing\n", ""),
			 EXIT_FAILED);
	assert_string_equal(printed(world), "1\n");
	assert_at(world, 5, "show: 'nothing'");
	assert_int_equal(batch(world, "\n\nbogus \\\n and \\\n more\n", ""), EXIT_USAGE);
	assert_at(world, 3, "unknown verb 'bogus'"); /* where the command begins */
	assert_int_equal(batch(world, "ioas alloc \\", ""), EXIT_USAGE);
	assert_int_equal(world->out.len, 0);
	assert_at(world, 1, "the file ends in a backslash");
	assert_int_equal(batch(world, "ioas alloc \\\n", ""), EXIT_USAGE);
	assert_non_null(strstr(complained(world), "the file ends in a backslash"));
}

static void test_ends_of_files(void **state)
{
	static const struct { const char *script, *output; } cases[] = {
		{ "", "" },
		{ "\n", "" },
		{ "# only a comment", "" },
		{ "ioas alloc", "1\n" },
		{ "ioas alloc\n", "1\n" },
		{ "ioas alloc\n\n\n", "1\n" },
		{ "ioas alloc\r\nioas alloc\r\n", "1\n2\n" },
		{ "ioas alloc # x\\\nioas alloc", "1\n2\n" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_case(batch(world, cases[i].script, "") == EXIT_DONE, cases[i].script);
		assert_string_equal(printed(world), cases[i].output);
	}
}

static void test_no_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		unsigned int line;
		const char *message;
	} cases[] = {
		{ "ioas alloc\n\0\n", 13, 2, "a NUL byte" },
		{ "ioas alloc\nioas\0alloc\n", 22, 2, "a NUL byte" },
		{ "ioas alloc\n\nshow 'x\nshow\n", 25, 3, "a quote is not closed" },
		{ "ioas alloc\nshow \"x", 18, 2, "a quote is not closed" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(batch_of(world, cases[i].bytes, cases[i].len, ""), EXIT_USAGE);
		assert_string_equal(printed(world), "1\n");
		assert_at(world, cases[i].line, cases[i].message);
		/* Where a line ends is not known for sure: no going on. */
		assert_int_equal(batch_of(world, cases[i].bytes, cases[i].len, "--keep-going"), EXIT_USAGE);
	}
}

static void test_long_lines(void **state)
{
	enum { LONGEST = 65536, COMMAND = 10 };
	struct world *world = *state;
	char *script = malloc(3 * LONGEST);

	assert_non_null(script);
	for (size_t len = LONGEST - 9; len <= LONGEST + 9; len++) {
		memset(script, ' ', len);
		memcpy(script + len - COMMAND, "ioas alloc\nioas alloc\n", 22);
		assert_int_equal(batch_of(world, script, len + 12, ""), len <= LONGEST ? EXIT_DONE
				 : EXIT_USAGE);
		assert_string_equal(printed(world), len <= LONGEST ? "1\n2\n" : "");
	}
	memset(script, 'x', 3 * LONGEST);
	assert_int_equal(batch_of(world, script, 3 * LONGEST, ""), EXIT_USAGE);
	assert_at(world, 1, "the line is longer than");
	free(script);
}

/* More than the reader holds at once, so that lines lie across its refills. */
static void test_many_lines(void **state)
{
	enum { LINES = 20000 };
	struct world *world = *state;
	char *script = malloc(LINES * 40), *at = script;

	assert_non_null(script);
	for (int i = 0; i < LINES; i++)
		at += sprintf(at, "ioas alloc # %d\ndestroy 1\n", i * 7919);
	at += sprintf(at, "bogus\n");
	assert_int_equal(batch_of(world, script, (size_t)(at - script), ""), EXIT_USAGE);
	assert_at(world, 2 * LINES + 1, "unknown verb 'bogus'");
	assert_int_equal(world->out.len, 2 * LINES);
	free(script);
}

static void test_json_lines(void **state)
{
	struct world *world = *state;

	assert_int_equal(batch(world, "ioas alloc\nioas alloc --name x\ndestroy x 1\n", "--json"), EXIT_DONE);
	assert_string_equal(printed(world), "{\"version\":1,\"id\":1}\n"
					    "{\"version\":1,\"id\":2}\n"
					    "{\"version\":1}\n");
	assert_int_equal(batch(world, "ioas alloc\nioas alloc -j\n", ""), EXIT_DONE);
	assert_string_equal(printed(world), "1\n{\"version\":1,\"id\":2}\n");
}

static void test_echo(void **state)
{
	struct world *world = *state;

	assert_int_equal(batch(world, "# no\nioas  alloc --name 'a'\n", "--echo"), EXIT_DONE);
	assert_string_equal(complained(world), "+ ioas alloc --name a\n");
	assert_string_equal(printed(world), "1\n");
}

#define SIXTY "012345678901234567890123456789012345678901234567890123456789"

/* One line again and again, then with a character or two of it changed; bytes: room for all. */
static size_t random_script(uint32_t *seed, char *bytes)
{
	static const char *const lines[] = {
		"ioas map 1 ram --iova 0x10000 --length 4096",
		"ioas map 1 ram --iova=0x10000 --offset 4K --read --json",
		"ioas unmap 1 0x10000 4096",
		"ioas alloc --name guest0",
		"mem create memory 64K",
		"option set huge-pages 1 on",
		"show 1 --json",
		"destroy 12",
		"destroy " SIXTY SIXTY SIXTY SIXTY SIXTY, /* longer than what is compared */
	};
	static const char alphabet[] = "0019afx-=#' \t\r\"\\KM(\x80";
	const char *line = lines[next_random(seed) % COUNT(lines)];
	char *at = bytes + sprintf(bytes, "ioas alloc\nmem create ram 64K\n");

	for (int i = 0; i < 24; i++) {
		char *changed = at + next_random(seed) % strlen(line);

		at += sprintf(at, "%s\n", line);
		if (i >= 6 && i % 3)
			*changed = alphabet[next_random(seed) % (sizeof(alphabet) - 1)];
	}
	return (size_t)(at - bytes);
}

/* Without the lines of --echo. */
static void cut_echoes(char *text)
{
	char *to = text;

	for (char *at = text, *next; *at; at = next) {
		next = at + strcspn(at, "\n");
		next += *next == '\n';
		if (*at != '+') {
			memmove(to, at, (size_t)(next - at));
			to += next - at;
		}
	}
	*to = '\0';
}

/* Whatever the lines are, echoing them changes nothing else. */
static void test_echo_changes_nothing(void **state)
{
	static char bytes[16384];
	struct world *world = *state;
	uint32_t seed = 11;

	for (int round = 0; round < 500; round++) {
		size_t len = random_script(&seed, bytes);
		int code = batch_of(world, bytes, len, "--keep-going");
		char *out = strdup(printed(world)), *err = strdup(complained(world)), *echoed;

		assert_int_equal(batch_of(world, bytes, len, "--keep-going --echo"), code);
		echoed = strdup(complained(world));
		assert_true(out && err && echoed);
		cut_echoes(echoed);
		assert_string_equal(printed(world), out);
		assert_string_equal(echoed, err);
		free(out);
		free(err);
		free(echoed);
	}
}

static void test_no_file(void **state)
{
	struct world *world = *state;

	assert_int_equal(command(world, "batch %s", tree_path("nothing")), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "ENOENT"));
	assert_int_equal(command(world, "batch %s", tree_path("dev")), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "EISDIR"));
	assert_int_equal(world->out.len, 0);
}

/* What an inherited iommufd keeps of a batch that failed half-way is said. */
static void test_inherited_leftovers(void **state)
{
	static const char script[] = "ioas alloc\nioas alloc\ndestroy 2\nbogus\n";
	struct world *world = *state;
	int fd = open_file(tree_path("dev/iommu"));

	write_script(script, strlen(script));
	world->ctx.kind = CONTEXT_INHERITED;
	world->ctx.iommufd = fd;
	world->ctx.borrowed = true;
	assert_int_equal(command(world, "batch %s", tree_path("script")), EXIT_USAGE);
	assert_non_null(strstr(complained(world), "left in the inherited iommufd: IOAS 1, 0 mappings"));
	assert_null(strstr(complained(world), "IOAS 2"));
	assert_int_equal(close(fd), 0);
}

/* With --verbose a failure says how its explanation is known. */
static void test_evidence_is_told(void **state)
{
	static const struct {
		const char *line;
		unsigned long refused;
		int error;
		const char *told;
	} cases[] = {
		{ "destroy 7", 0, 0, "ENOENT was seen on Linux 6.12, 7.2\n" },
		{ "hw-info 1", 0x3b8a, ENOTTY, "a kernel without the ioctl answers with ENOTTY\n" },
		{ "bind vfio0", 0x3b76, ENODEV, "of the kernel's source: no test has produced ENODEV\n" },
		{ "bind vfio0", 0x3b76, EXDEV, NULL },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		kernel.refused = cases[i].refused;
		kernel.error = cases[i].error;
		assert_int_not_equal(command(world, "%s --verbose", cases[i].line), EXIT_DONE);
		assert_int_equal(!strstr(complained(world), ": so explained because "), !cases[i].told);
		if (cases[i].told)
			assert_non_null(strstr(complained(world), cases[i].told));
		command(world, "%s", cases[i].line);
		assert_null(strstr(complained(world), "so explained"));
	}
}

/* {{ is a brace: a word that others wrote names no fd when its braces are doubled. */
static void test_exec_braces(void **state)
{
	static const struct { const char *word, *is; } cases[] = {
		{ "{{fd:vfio0}", "{fd:vfio0}" },
		{ "a{{b", "a{b" },
		{ "{", "{" },
		{ "{{", "{" },
		{ "{{{", "{{" },
		{ "{{{{fd:iommufd}", "{{fd:iommufd}" },
		{ "{}}{f}{fd}", "{}}{f}{fd}" },
	};
	char script[256];

	for (size_t i = 0; i < COUNT(cases); i++) {
		int fd = open_file(tree_path("expected"));

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(write(fd, cases[i].is, strlen(cases[i].is)), strlen(cases[i].is));
		close(fd);
		snprintf(script, sizeof(script), "exec -- grep -qxF -- %s %s", cases[i].word,
			 tree_path("expected"));
		if (batch(*state, script, "") != EXIT_DONE)
			fail_msg("%s: %s", script, complained(*state));
	}
	assert_int_equal(batch(*state, "exec -- grep -c . {{{fd:iommufd}", ""), 2); /* no such file: "{3" */
	assert_non_null(strstr(complained(*state), "ended with 2"));
	assert_int_equal(batch(*state, "exec -- true {fd:", ""), EXIT_USAGE);
}

/* The program's status comes back although the caller ignores SIGCHLD, and the program ignores it again. */
static void test_exec_where_children_are_ignored(void **state)
{
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(batch(*state, "exec -- sh -c 'exit 7'", ""), 7);
	assert_int_equal(batch(*state, "exec -- grep -q '^SigIgn:.*1....$' /proc/self/status", ""), EXIT_DONE);
	assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_one_context),
		TEST(test_stops_at_the_first_failure),
		TEST(test_keep_going),
		TEST(test_continued_lines),
		TEST(test_ends_of_files),
		TEST(test_no_text),
		TEST(test_long_lines),
		TEST(test_many_lines),
		TEST(test_json_lines),
		TEST(test_echo),
		TEST(test_echo_changes_nothing),
		TEST(test_no_file),
		TEST(test_inherited_leftovers),
		cmocka_unit_test_setup_teardown(test_evidence_is_told, world_setup, world_teardown),
		TEST(test_exec_braces),
		TEST(test_exec_where_children_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
