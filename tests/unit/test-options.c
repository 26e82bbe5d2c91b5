/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options: exact names, one meaning each, and nothing ignored in silence. */
#include <stdlib.h>
#include <string.h>

#include "engine/command.h"
#include "resolve/file.h"
#include "unit.h"
#include "verbs.h"

enum { KEY_NAME = 1000, KEY_NAMES, KEY_FORCE, KEY_MANY };

#define OWN_OPTIONS(many_flags) (const struct verb_option[]){ \
		{ "name", KEY_NAME, { "NAME" }, "With a value" }, \
		{ "names", KEY_NAMES, .help = "Begins with another's name" }, \
		{ "force", KEY_FORCE, .help = "Without a value" }, \
		{ "many", KEY_MANY, { "X" }, "May be repeated", many_flags }, \
		{ "all", 'a', .help = "A letter without a value" }, \
		{ "file", 'f', { "FILE" }, "A letter with a value" }, \
		{ NULL }, \
	}

static const struct verb plain = { .name = "test", .options = OWN_OPTIONS(OPTION_REPEATS) };
static const struct verb in_order = { .name = "test", .options = OWN_OPTIONS(0), .in_order = true };
static const struct verb bare = { .name = "test" };
static const struct verb globals = { .name = "", .options = global_options, .in_order = true };

enum { MAX_ARGV = 300 };

struct parsed {
	struct call call;
	struct request from;
	struct buffer out, err;
	struct given given[MAX_GIVEN];
	uint16_t indexes[IOMMUFD_SESSION_WORDS];
	char line[8192], *argv[MAX_ARGV + 1];
};

/* Words at single blanks, '' for an empty one: no quoting here that could hide a fault there. */
static void split(struct parsed *p, const char *line)
{
	int n = 0;

	snprintf(p->line, sizeof(p->line), "%s", line);
	for (char *word = strtok(p->line, " "); word; word = strtok(NULL, " "))
		p->argv[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
	p->argv[n] = NULL;
}

static struct parsed *parse(const struct verb *verb, const char *line, int expected)
{
	struct parsed *p = calloc(1, sizeof(*p));
	int rc;

	assert_non_null(p);
	p->out.fd = p->err.fd = -1;
	p->from.output = (struct output){ .out = &p->out, .err = &p->err, .verb = verb->name };
	p->call = (struct call){ .request = &p->from, .output = &p->from.output, .verb = verb };
	split(p, line);
	rc = option_parse(&p->call, p->argv, 0, p->given, p->indexes);
	buf_char(&p->err, '\0');
	if (rc != expected)
		fail_msg("'%s': %d, expected %d: %s", line, rc, expected, p->err.buf);
	assert_int_equal(rc == EXIT_DONE, p->err.len == 1);
	assert_int_equal(p->out.len, 0);
	return p;
}

static void done(struct parsed *p)
{
	free(p->err.buf);
	free(p);
}

/* The arguments that are left, joined by '|'. */
static void assert_args(const struct parsed *p, const char *expected)
{
	char joined[256] = "";

	for (int i = 0; i < p->call.n_args; i++) {
		strcat(joined, i ? "|" : "");
		strcat(joined, p->call.args[i]);
	}
	assert_string_equal(joined, expected);
	assert_null(p->call.args[p->call.n_args]);
}

static void test_values(void **state)
{
	static const struct { const char *line; int key; const char *value, *args; } cases[] = {
		{ "--name=x a", KEY_NAME, "x", "a" },
		{ "--name x a", KEY_NAME, "x", "a" },
		{ "a --name x b", KEY_NAME, "x", "a|b" },
		{ "--name= a", KEY_NAME, "", "a" },
		{ "--name '' a", KEY_NAME, "", "a" },
		{ "--name=a=b", KEY_NAME, "a=b", "" },
		{ "--name --force a", KEY_NAME, "--force", "a" },
		{ "--name -- a", KEY_NAME, "--", "a" },
		{ "-f x a", 'f', "x", "a" },
		{ "-fx a", 'f', "x", "a" },
		{ "-f=x a", 'f', "=x", "a" },
		{ "-f -a b", 'f', "-a", "b" },
		{ "-af x b", 'f', "x", "b" },
		{ "-afx b", 'f', "x", "b" },
		{ "-fa b", 'f', "a", "b" },
		{ "--file=x", 'f', "x", "" },
		{ "--force a", KEY_FORCE, "", "a" },
		{ "--names a", KEY_NAMES, "", "a" },
		{ "-a", 'a', "", "" },
		{ "--all", 'a', "", "" },
		{ "-j a", OPT_JSON, "", "a" },
		{ "a --json", OPT_JSON, "", "a" },
		{ "-jva x", OPT_VERBOSE, "", "x" },
		{ "-h", OPT_HELP, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parsed *p = parse(&plain, cases[i].line, EXIT_DONE);
		const char *value = opt_value(&p->call, cases[i].key);

		assert_case(value, cases[i].line);
		assert_string_equal(value, cases[i].value);
		assert_args(p, cases[i].args);
		done(p);
	}
}

static void test_not_given(void **state)
{
	struct parsed *p = parse(&plain, "a - b", EXIT_DONE);

	(void)state;
	assert_null(opt_value(&p->call, KEY_NAME));
	assert_null(opt_value(&p->call, KEY_FORCE));
	assert_null(opt_value(&p->call, OPT_JSON));
	assert_int_equal(p->call.n_given, 0);
	assert_args(p, "a|-|b");
	done(p);
	p = parse(&bare, "", EXIT_DONE);
	assert_args(p, "");
	done(p);
}

struct refusal {
	const char *line, *message;
};

static void assert_refused(const struct verb *verb, const struct refusal *refusals, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct parsed *p = parse(verb, refusals[i].line, EXIT_USAGE);

		if (!strstr(p->err.buf, refusals[i].message))
			fail_msg("'%s': %s", refusals[i].line, p->err.buf);
		assert_non_null(strstr(p->err.buf, "hint: "));
		done(p);
	}
}

static void test_refused(void **state)
{
	static const struct refusal refusals[] = {
		/* No abbreviations: a new option must never change what an old script means. */
		{ "--nam=x", "unknown option '--nam=x'" },
		{ "--n x", "unknown option '--n'" },
		{ "--forc", "unknown option '--forc'" },
		{ "--js", "unknown option '--js'" },
		{ "--Force", "unknown option '--Force'" },
		{ "--forcex", "unknown option '--forcex'" },
		{ "--namesx", "unknown option '--namesx'" },
		{ "--name-", "unknown option '--name-'" },
		{ "---force", "unknown option '---force'" },
		{ "-names", "unknown option '-names'" },
		{ "--a", "unknown option '--a'" },
		{ "--=x", "unknown option '--=x'" },
		{ "--bogus", "unknown option '--bogus'" },
		{ "-x", "unknown option '-x'" },
		{ "-ax", "unknown option '-ax'" },
		{ "-?", "unknown option '-?'" },
		{ "-1", "unknown option '-1'" },
		{ "-\xc3\xa4", "unknown option '-" },
		/* A value where none belongs, none where one belongs. */
		{ "--force=x", "option '--force' takes no value" },
		{ "--force=", "option '--force' takes no value" },
		{ "--json=1", "option '--json' takes no value" },
		{ "--name", "option '--name' needs a value (NAME)" },
		{ "a --name", "option '--name' needs a value (NAME)" },
		{ "-f", "option '--file' needs a value (FILE)" },
		{ "-af", "option '--file' needs a value (FILE)" },
		{ "--many", "option '--many' needs a value (X)" },
		/* Twice is a contradiction. */
		{ "--name x --name y", "option '--name' is given twice" },
		{ "--name=x --name=x", "option '--name' is given twice" },
		{ "--force --force", "option '--force' is given twice" },
		{ "--all -a", "option '--all' is given twice" },
		{ "-aa", "option '--all' is given twice" },
		{ "-vv", "option '--verbose' is given twice" },
		{ "-fx --file y", "option '--file' is given twice" },
		/* What belongs before the verb. */
		{ "--once", "option '--once' goes before the verb" },
		{ "--iommufd fd:3", "option '--iommufd' goes before the verb" },
		{ "--iommufd=fd:3", "option '--iommufd=fd:3' goes before the verb" },
		{ "--version", "option '--version' goes before the verb" },
	};

	(void)state;
	assert_refused(&plain, refusals, COUNT(refusals));
}

static void test_repeated(void **state)
{
	static const struct refusal too_many = { "--many=a --many=b", "option '--many' is given twice" };
	struct parsed *p = parse(&plain, "--many a x --many=b --many a", EXIT_DONE);

	(void)state;
	assert_int_equal(p->call.n_given, 3);
	assert_string_equal(p->call.given[0].value, "a");
	assert_string_equal(p->call.given[1].value, "b");
	assert_string_equal(p->call.given[2].value, "a");
	assert_string_equal(opt_value(&p->call, KEY_MANY), "a");
	assert_args(p, "x");
	done(p);
	assert_refused(&in_order, &too_many, 1); /* where it does not repeat */
}

static void test_more_than_fit(void **state)
{
	static char line[MAX_ARGV * 10];
	struct parsed *p;

	(void)state;
	for (int i = 0; i < MAX_GIVEN; i++)
		strcat(line, "--many=x ");
	p = parse(&plain, line, EXIT_DONE);
	assert_int_equal(p->call.n_given, MAX_GIVEN);
	done(p);
	strcat(line, "--many=y");
	p = parse(&plain, line, EXIT_USAGE);
	assert_non_null(strstr(p->err.buf, "more than 256 options"));
	done(p);
}

static void test_exec_repeats_device(void **state)
{
	char *argv[] = { (char[]){ "exec" }, NULL };
	struct parsed *p;
	int words;

	(void)state;
	p = parse(verb_find(verb_groups, 1, argv, &words),
		  "--device vfio0=a --device=vfio1 -- true --device", EXIT_DONE);
	assert_int_equal(p->call.n_given, 2);
	assert_string_equal(p->call.given[1].value, "vfio1");
	assert_args(p, "true|--device");
	done(p);
}

static void test_end_of_options(void **state)
{
	static const struct { const struct verb *verb; const char *line, *args; } cases[] = {
		{ &plain, "-- --force -x", "--force|-x" },
		{ &plain, "a -- --", "a|--" },
		{ &plain, "--", "" },
		{ &plain, "-- a -- b", "a|--|b" },
		{ &plain, "-", "-" },
		{ &plain, "''", "" },
		{ &in_order, "true --force -x", "true|--force|-x" },
		{ &in_order, "-- true -- x", "true|--|x" },
		{ &in_order, "true -- x", "true|--|x" },
		{ &in_order, "- -x", "-|-x" },
		{ &in_order, "'' -x", "|-x" },
		{ &in_order, "--name x y --name z", "y|--name|z" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parsed *p = parse(cases[i].verb, cases[i].line, EXIT_DONE);

		assert_args(p, cases[i].args);
		assert_null(opt_value(&p->call, KEY_FORCE));
		done(p);
	}
}

static void test_common_options_everywhere(void **state)
{
	struct parsed *p = parse(&bare, "-j --verbose x --help", EXIT_DONE);

	(void)state;
	assert_non_null(opt_value(&p->call, OPT_JSON));
	assert_non_null(opt_value(&p->call, OPT_VERBOSE));
	assert_non_null(opt_value(&p->call, OPT_HELP));
	done(p);
}

static void test_before_the_verb(void **state)
{
	static const struct refusal refusals[] = {
		{ "--onc list", "unknown option '--onc'" },
		{ "--once --once list", "option '--once' is given twice" },
		{ "--iommufd", "option '--iommufd' needs a value" },
		{ "--name x", "unknown option '--name'" },
	};
	struct parsed *p = parse(&globals, "-j --iommufd fd:3 --once list --once -v", EXIT_DONE);

	(void)state;
	assert_args(p, "list|--once|-v");
	assert_string_equal(opt_value(&p->call, OPT_IOMMUFD), "fd:3");
	assert_null(opt_value(&p->call, OPT_VERBOSE));
	done(p);
	assert_refused(&globals, refusals, COUNT(refusals));
}

/* In a session a word stands for the fd that came with it, and so does a value that is the end of a word. */
static void test_fds_that_came(void **state)
{
	struct parsed *p = parse(&plain, "--file=x --name x x", EXIT_DONE);
	struct passed passed[] = { { 0, 10 }, { 2, 11 } };
	const struct given *file = opt_given(&p->call, 'f'), *name = opt_given(&p->call, KEY_NAME);
	const struct word of_file = { file->value, file->index }, of_name = { name->value, name->index };
	int fd = -1;

	(void)state;
	p->from.holder = (struct holder *)p;
	p->from.passed = passed;
	p->from.n_passed = COUNT(passed);
	assert_true(word_fd(&p->call, of_file, &fd));
	assert_int_equal(fd, 10);
	assert_true(word_fd(&p->call, of_name, &fd));
	assert_int_equal(fd, 11);
	assert_false(word_fd(&p->call, call_arg(&p->call, 0), &fd));
	assert_false(word_fd(&p->call, (struct word){ "fd:3", -1 }, &fd));
	assert_int_equal(fd, 11);
	assert_true(word_take_fd(&p->call, of_file));
	assert_false(word_fd(&p->call, of_file, &fd));
	assert_false(word_take_fd(&p->call, call_arg(&p->call, 0)));
	done(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_not_given),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_more_than_fit),
		cmocka_unit_test(test_exec_repeats_device),
		cmocka_unit_test(test_end_of_options),
		cmocka_unit_test(test_common_options_everywhere),
		cmocka_unit_test(test_before_the_verb),
		cmocka_unit_test(test_fds_that_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
