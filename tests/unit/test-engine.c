/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command: what is refused before a verb runs, and the frame around what it prints. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context/close.h"
#include "engine/help.h"
#include "engine/words.h"
#include "resolve/iommufd.h"
#include "unit.h"
#include "verbs.h"
#include "world.h"

static bool begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Each row, as verb. */
#define for_each_row(row) \
	for (const struct verb_group *row##_group = verb_groups; row##_group->heading; row##_group++) \
		for (const struct verb *const *row##_at = row##_group->verbs, *row; \
		     (row = *row##_at); row##_at++)

/* What no argument of the verb refuses by its looks. */
static const char *word_for(const struct argument *arg)
{
	switch (arg->type) {
	case ARG_SIZE:
	case ARG_NUMBER:
		return "4096";
	case ARG_CHOICE:
	case ARG_EITHER:
		return arg->choices->word;
	default:
		return "x";
	}
}

/* The verb's name and n words. */
static const char *line_of(const struct verb *verb, int n)
{
	static char line[512];
	int used = snprintf(line, sizeof(line), "%s", verb->name);

	for (int i = 0; i < n; i++)
		used += snprintf(line + used, sizeof(line) - (size_t)used, " %s",
				 word_for(verb_argument(verb, i)));
	return line;
}

/* --- the table of verbs --------------------------------------------------------------------------- */

static void test_rows_are_complete(void **state)
{
	(void)state;
	for_each_row(verb) {
		const char *name = verb->name;

		assert_case(verb->summary && *verb->summary, name);
		assert_case(verb->run || verb->holder, name);
		assert_case(strspn(name, "abcdefghijklmnopqrstuvwxyz- ") == strlen(name), name);
		assert_case(strchr(name, ' ') == strrchr(name, ' '), name);
		assert_case(verb->summary[strlen(verb->summary) - 1] != '.', name);
		/* What is lost with the process needs a context in the first place. */
		assert_case(!verb->makes || verb->needs & NEEDS_CONTEXT, name);
		/* A client's part may ask for the verb itself. */
		assert_case(!(verb->needs & NEEDS_SESSION) || verb->holder, name);
		assert_case(!verb->client || verb->holder || verb->run, name);
		for_each_row(other)
			assert_case(other == verb || strcmp(other->name, name) != 0, name);
	}
}

/* An argument that may be left out stands behind those that may not, but for OPTION [IOAS] VALUE. */
static void test_arguments_of_rows(void **state)
{
	(void)state;
	for_each_row(verb)
		for (const struct argument *arg = verb->args; arg->name; arg++) {
			bool is_choice = arg->type == ARG_CHOICE || arg->type == ARG_EITHER;

			assert_case(is_choice == !!arg->choices, verb->name);
			assert_case(!arg->types || arg->type == ARG_ID, verb->name);
			assert_case(!(arg->flags & ARG_REPEATS) || !arg[1].name, verb->name);
		}
}

static void test_help_of_arguments(void **state)
{
	static const struct { const char *verb, *args; } cases[] = {
		{ "list", "" }, { "attach", "DEV PT" }, { "ioas unmap", "IOAS [IOVA [LENGTH]]" },
		{ "hwpt dirty", "on|off|read HWPT [IOVA LENGTH]" }, { "option set", "OPTION [IOAS] VALUE" },
		{ "dma-log start", "DEV [START-LAST...]" }, { "destroy", "[REF...]" }, { "exec",
										      "-- CMD [ARG...]" },
	};
	char args[ARGS_LENGTH];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for_each_row(verb)
			if (strcmp(verb->name, cases[i].verb) == 0)
				assert_string_equal(help_args(verb, args), cases[i].args);
}

static void test_options_of_rows(void **state)
{
	(void)state;
	for_each_row(verb) {
		size_t n = 0;

		for (const struct verb_option *option = verb->options; option && option->name; option++,
		     n++) {
			assert_case(option->help && *option->help && option->key, option->name);
			for (const struct verb_option *common = common_options; common->name; common++) {
				assert_case(strcmp(common->name, option->name) != 0, option->name);
				assert_case(common->key != option->key, option->name);
			}
			for (const struct verb_option *other = verb->options; other < option; other++)
				assert_case(other->key != option->key, option->name);
		}
		assert_true(n <= 16); /* what the help has room for */
	}
}

/* What a capital word stands for is said, or is a list. */
static void assert_explained(const char *verb, const struct argument *arg)
{
	char text[256];
	struct buffer room = { .buf = text, .cap = sizeof(text), .fd = -1 };
	const char *at = arg->name, *word;
	size_t len;

	while (at && (word = words_next(&at, &len)))
		if (!words_text(arg, word, len, &room))
			fail_msg("%s: the table of words in cli/engine/words.c has no %.*s", verb, (int)len, word);
}

static void test_words_of_rows(void **state)
{
	(void)state;
	for_each_row(verb) {
		for (const struct argument *arg = verb->args; arg->name; arg++)
			assert_explained(verb->name, arg);
		for (const struct verb_option *option = verb->options; option && option->name; option++)
			assert_explained(verb->name, &option->value);
	}
}

/* Whether it works, tests/sim/examples.bats sees. */
static void test_examples_of_rows(void **state)
{
	char begin[64];

	(void)state;
	for_each_row(verb) {
		size_t len = (size_t)snprintf(begin, sizeof(begin), PROGRAM " %s", verb->name);

		assert_case(verb->example && begins(verb->example, begin), verb->name);
		assert_case(!verb->example[len] || verb->example[len] == ' ', verb->name);
		assert_case(strlen(verb->example) <= 78, verb->name);
	}
}

/* --- finding the verb ----------------------------------------------------------------------------- */

static void test_unknown_verbs(void **state)
{
	static const struct { const char *line, *message; } cases[] = {
		{ "", "a verb is missing" },
		{ "bogus", "unknown verb 'bogus'" },
		{ "lis", "unknown verb 'lis'" },
		{ "listx", "unknown verb 'listx'" },
		{ "LIST", "unknown verb 'LIST'" },
		{ "l", "unknown verb 'l'" },
		{ "''", "unknown verb ''" },
		{ "-x", "unknown verb '-x'" },
		{ "bin vfio0", "unknown verb 'bin'" },
		{ "'ioas alloc'", "unknown verb 'ioas alloc'" },
		{ "'list '", "unknown verb 'list '" },
		{ "alloc", "unknown verb 'alloc'" },
		{ "ioas", "'ioas' needs one of: alloc, map, unmap, copy, ranges, allow, change-process" },
		{ "ioas bogus", "'ioas' needs one of: " },
		{ "ioas allo", "'ioas' needs one of: " },
		{ "ioas -j alloc", "'ioas' needs one of: " },
		{ "mem", "'mem' needs one of: create" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_case(command(world, "%s", cases[i].line) == EXIT_USAGE, cases[i].line);
		if (!strstr(complained(world), cases[i].message))
			fail_msg("'%s': %s", cases[i].line, complained(world));
		assert_true(begins(complained(world), "iommufdctl: "));
		assert_int_equal(world->out.len, 0);
	}
	assert_int_equal(kernel.calls, 0);
}

static void test_verb_find(void **state)
{
	char *two[] = { (char[]){ "ioas" }, (char[]){ "alloc" }, (char[]){ "list" }, NULL };
	int words = -1;

	(void)state;
	assert_string_equal(verb_find(verb_groups, 3, two, &words)->name, "ioas alloc");
	assert_int_equal(words, 2);
	assert_null(verb_find(verb_groups, 1, two, &words)); /* the second word is beyond argc */
	assert_string_equal(verb_find(verb_groups, 1, two + 2, &words)->name, "list");
	assert_int_equal(words, 1);
	assert_null(verb_find(verb_groups, 0, two, &words));
}

/* --- arguments ------------------------------------------------------------------------------------ */

static void test_number_of_arguments(void **state)
{
	struct world *world = *state;

	for_each_row(verb) {
		int min = verb_min_args(verb), max = verb_max_args(verb), few = min ? min - 1 : 0;
		const char *name = verb->name;
		char args[ARGS_LENGTH];

		if (min) {
			assert_case(command(world, "%s", line_of(verb, few)) == EXIT_USAGE, name);
			assert_case(strstr(complained(world), "an argument is missing: expected "), name);
			assert_case(strstr(complained(world), help_args(verb, args)), name);
		}
		if (max != ANY_NUMBER) {
			assert_case(command(world, "%s y", line_of(verb, max)) == EXIT_USAGE, name);
			assert_case(strstr(complained(world), "surplus argument 'y'"), name);
		}
		if (max && !verb->in_order) {
			assert_case(command(world, "%s ''", line_of(verb, few)) == EXIT_USAGE, name);
			assert_case(strstr(complained(world), "an argument is empty"), name);
		}
		assert_int_equal(world->out.len, 0);
	}
	assert_int_equal(kernel.calls, 0);
}

/* --- where a verb may run -------------------------------------------------------------------------- */

static void test_no_context(void **state)
{
	struct world *world = *state;

	world->ctx.kind = CONTEXT_NONE;
	for_each_row(verb) {
		if (!(verb->needs & NEEDS_CONTEXT))
			continue;
		assert_case(command(world, "%s", line_of(verb, verb_min_args(verb))) == EXIT_USAGE,
			    verb->name);
		assert_case(strstr(complained(world), "needs a context"), verb->name);
		/* All the ways to have one. */
		assert_case(strstr(complained(world), "hint: "), verb->name);
		assert_case(strstr(complained(world), "batch"), verb->name);
		assert_case(strstr(complained(world), "--iommufd fd:"), verb->name);
		assert_case(strstr(complained(world), "--once"), verb->name);
		assert_int_equal(world->out.len, 0);
	}
	assert_int_equal(kernel.calls, 0);
	assert_int_equal(command(world, "list"), EXIT_DONE);
	assert_int_equal(command(world, "help"), EXIT_DONE);
	assert_int_equal(command(world, "show --pid 0"), EXIT_USAGE); /* the option does without one */
	assert_non_null(strstr(complained(world), "'0' is no process id"));
}

static void test_once(void **state)
{
	struct world *world = *state;

	world->ctx.kind = CONTEXT_ONCE;
	world->from.once = true;
	assert_int_equal(command(world, "ioas alloc"), EXIT_DONE);
	assert_string_equal(printed(world), "1\n");
	assert_non_null(strstr(complained(world), "released"));
	assert_int_equal(command(world, "ioas ranges 1"), EXIT_DONE);
	assert_int_equal(world->err.len, 0); /* it made nothing that could be lost */
	assert_int_equal(command(world, "ioas alloc --name 1x"), EXIT_USAGE);
	assert_null(strstr(complained(world), "released"));
	assert_int_equal(command(world, "list"), EXIT_USAGE);
	assert_non_null(strstr(complained(world), "--once has no meaning"));
	assert_int_equal(command(world, "show --pid 0"), EXIT_USAGE);
	assert_non_null(strstr(complained(world), "--once has no meaning"));
}

static void test_inherited(void **state)
{
	struct world *world = *state;
	int fd = open_file(tree_path("dev/iommu"));

	world->ctx.kind = CONTEXT_INHERITED;
	world->ctx.iommufd = fd;
	world->ctx.borrowed = true;
	assert_int_equal(command(world, "ioas alloc"), EXIT_DONE);
	for_each_row(verb) {
		if ((verb->needs & NEEDS_LASTING) != NEEDS_LASTING)
			continue;
		assert_case(command(world, "%s", line_of(verb, verb_min_args(verb))) == EXIT_USAGE,
			    verb->name);
		assert_case(strstr(complained(world), "hint: "), verb->name);
	}
	assert_int_equal(command(world, "list"), EXIT_USAGE);
	assert_non_null(strstr(complained(world), "--iommufd has no meaning"));
	assert_int_equal(command(world, "bind vfio0"), EXIT_USAGE); /* it would be released at once */
	assert_non_null(strstr(complained(world), "exec 4<>"));
	world->from.once = true;
	assert_int_equal(command(world, "ioas alloc"), EXIT_USAGE); /* nothing is released here */
	assert_non_null(strstr(complained(world), "--once has no meaning"));
	context_free(&world->ctx);
	assert_int_equal(iommufd_check(fd), 0); /* the caller's: still open */
	assert_int_equal(close(fd), 0);
}

static void test_alone_not_in_a_batch(void **state)
{
	struct world *world = *state;

	world->from.output.file = "script";
	world->from.output.line = 12;
	assert_int_equal(command(world, "batch -"), EXIT_USAGE);
	assert_true(begins(complained(world), "script:12: batch: not possible inside a batch\n"));
}

static void test_adopt(void **state)
{
	static const struct { const char *ref; int code; const char *message; } cases[] = {
		{ "", EXIT_USAGE, "needs fd:N or a path" },
		{ "fd:", EXIT_USAGE, "is no fd" },
		{ "fd:0", EXIT_USAGE, "is no fd" },
		{ "fd:2", EXIT_USAGE, "is no fd" },
		{ "fd:x", EXIT_USAGE, "is no fd" },
		{ "fd:99", EXIT_FAILED, "EBADF" },
		{ "/dev/iommu", EXIT_DONE, NULL },
	};
	struct world *world = *state;
	char ref[16];
	int fd = open_file("/dev/null");

	for (size_t i = 0; i < COUNT(cases); i++) {
		world->err.len = 0;
		assert_case(adopt_iommufd(&world->ctx, &world->from.output, cases[i].ref) == cases[i].code,
			    cases[i].ref);
		assert_case(world->ctx.iommufd == -1 && !world->ctx.borrowed, cases[i].ref);
		assert_case(!cases[i].message || strstr(complained(world), cases[i].message), cases[i].ref);
	}
	snprintf(ref, sizeof(ref), "fd:%d", fd);
	assert_int_equal(adopt_iommufd(&world->ctx, &world->from.output, ref),
			 EXIT_FAILED); /* a cdev is no iommufd */
	assert_non_null(strstr(complained(world), "ENOTTY"));
	assert_int_equal(world->ctx.iommufd, -1);
	close(fd);
}

/* --- output ----------------------------------------------------------------------------------------- */

static void test_json_envelope(void **state)
{
	static const char *const lines[] = {
		"list", "show", "ioas alloc", "ioas alloc --name guest", "ioas ranges 1", "bind vfio0",
		"attach vfio0 1", "replace vfio0 2", "show vfio0", "show guest", "detach vfio0",
		"detach vfio0", "mem create m 64K", "mem list", "ioas map guest m",
		"ioas unmap guest 0x10000", "mem read m 0 3", "mem destroy m", "unbind vfio0", "destroy 1 2",
		"help",
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(lines); i++) {
		if (command(world, "%s --json", lines[i]) != EXIT_DONE)
			fail_msg("%s: %s", lines[i], complained(world));
		assert_case(begins(printed(world), "{\"version\":1"), lines[i]);
		assert_case(is_json_line(printed(world)), lines[i]);
		assert_case(world->err.len == 0, lines[i]);
	}
}

/* Asked for once, before the verb, it holds for each line as well. */
static void test_json_from_outside(void **state)
{
	struct world *world = *state;

	world->from.output.json = true;
	assert_int_equal(command(world, "ioas alloc"), EXIT_DONE);
	assert_string_equal(printed(world), "{\"version\":1,\"id\":1}\n");
	assert_int_equal(command(world, "ioas alloc -j"), EXIT_DONE);
	assert_string_equal(printed(world), "{\"version\":1,\"id\":2}\n");
	assert_int_equal(command(world, "destroy 1 2"), EXIT_DONE);
	assert_string_equal(printed(world), "{\"version\":1}\n");
	assert_int_equal(command(world, "destroy 1"), EXIT_FAILED);
	assert_int_equal(world->out.len, 0); /* stdout is data: nothing of a failure */
	assert_int_equal(command(world, "exec true"), EXIT_USAGE);
	assert_non_null(strstr(complained(world), "it has no JSON form"));
	world->from.output.json = false;
	assert_int_equal(command(world, "exec --json true"), EXIT_USAGE);
	assert_int_equal(command(world, "help --json list"), EXIT_USAGE);
}

static void test_verbose(void **state)
{
	struct world *world = *state;

	assert_int_equal(command(world, "ioas alloc"), EXIT_DONE);
	assert_int_equal(world->err.len, 0);
	assert_int_equal(command(world, "ioas alloc -v"), EXIT_DONE);
	assert_true(begins(complained(world), "iommufdctl: ioas alloc: IOMMU_IOAS_ALLOC fd="));
	assert_non_null(strstr(complained(world), " flags=0 -> 0 out_ioas_id=2 ["));
	assert_string_equal(printed(world), "2\n");
	assert_int_equal(command(world, "-v ioas alloc"), EXIT_USAGE); /* main's, not the engine's */
	world->from.output.verbose = true;
	assert_int_equal(command(world, "destroy 9"), EXIT_FAILED);
	assert_non_null(strstr(complained(world), "IOMMU_DESTROY"));
	assert_non_null(strstr(complained(world), " id=9 -> ENOENT ["));
	world->from.output.verbose = false;
	assert_int_equal(command(world, "destroy 1"), EXIT_DONE);
	assert_int_equal(world->err.len, 0); /* it ended with the command */
}

static void test_help(void **state)
{
	struct world *world = *state;

	for_each_row(verb) {
		char *help;

		assert_case(command(world, "%s --help", verb->name) == EXIT_DONE, verb->name);
		assert_case(strstr(printed(world), "Usage: iommufdctl"), verb->name);
		assert_case(strstr(printed(world), verb->summary), verb->name);
		assert_case(!strstr(printed(world), "--json") == verb->no_json, verb->name);
		for (const struct verb_option *option = verb->options; option && option->name; option++)
			assert_case(strstr(printed(world), option->name), verb->name);
		help = strdup(printed(world));
		assert_case(command(world, "help %s", verb->name) == EXIT_DONE, verb->name);
		assert_string_equal(printed(world), help);
		free(help);
		assert_case(command(world, "help") == EXIT_DONE, verb->name);
		assert_case(strstr(printed(world), verb->summary), verb->name);
	}
	assert_int_equal(command(world, "help bogus"), EXIT_USAGE);
	assert_int_equal(command(world, "help list list"), EXIT_USAGE);
	assert_int_equal(command(world, "help mem"), EXIT_DONE); /* the verbs of that group */
	assert_non_null(strstr(printed(world), "mem create"));
	assert_null(strstr(printed(world), "ioas"));
	assert_int_equal(kernel.calls, 0);
}

/* What comes from outside steers no terminal, and a message stays one line. */
static void test_messages_are_escaped(void **state)
{
	struct world *world = *state;

	assert_int_equal(command(world, "destroy '\x1b[31m\xc2\x9b\x7f\r'"), EXIT_USAGE);
	for (const char *at = complained(world); *at; at++)
		assert_true((*at >= ' ' && *at <= '~') || *at == '\n');
	assert_int_equal(command(world, "attach 'a\\\nb' 1"), EXIT_USAGE);
	assert_non_null(strstr(complained(world), "\\x0a"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_complete),
		cmocka_unit_test(test_arguments_of_rows),
		cmocka_unit_test(test_help_of_arguments),
		cmocka_unit_test(test_options_of_rows),
		cmocka_unit_test(test_words_of_rows),
		cmocka_unit_test(test_examples_of_rows),
		TEST(test_unknown_verbs),
		cmocka_unit_test(test_verb_find),
		TEST(test_number_of_arguments),
		TEST(test_no_context),
		TEST(test_once),
		TEST(test_inherited),
		TEST(test_alone_not_in_a_batch),
		TEST(test_adopt),
		TEST(test_json_envelope),
		TEST(test_json_from_outside),
		TEST(test_verbose),
		TEST(test_help),
		TEST(test_messages_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
