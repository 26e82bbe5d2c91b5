/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doctor says: sentences with blanks, and the tables of checks and answers, which belong together. */
#include <stdbool.h>
#include <string.h>

#include "doctor/check.h"
#include "doctor/memlock.h"
#include "unit.h"

static void test_blanks(void **state)
{
	static const struct {
		const char *sentence, *text;
	} cases[] = {
		{ NULL, "" }, { "", "" }, { "as it stands", "as it stands" }, { "{A}", "one" }, { "a {A}, {LONGER}.", "a one, two." },
		{ "{A|such as this} and {UNKNOWN}{B}", "one and " }, { "{LONG}{A", "one" }, { "{", "" },
	};
	const struct blank *blanks = BLANKS({ "A", "one" }, { "LONGER", "two" }, { "B", "" });
	char buf[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		answer_fill(buf, sizeof(buf), cases[i].sentence, blanks);
		assert_string_equal(buf, cases[i].text);
	}
	answer_fill(buf, 6, "a {A}, {A}", blanks);
	assert_string_equal(buf, "a one");
	answer_fill(buf, sizeof(buf), "no {BLANK}s", NULL);
	assert_string_equal(buf, "no s");
}

static bool is_check(const char *name)
{
	for (const struct check *check = doctor_checks; check->name; check++)
		if (strcmp(check->name, name) == 0)
			return true;
	return false;
}

/* Each has a check, and what is well needs no mending, but where others may see more. */
static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i <= OTHER_MAY_PIN_LESS; i++) {
		const struct answer *answer = &doctor_answers[i];

		assert_non_null(answer->check);
		assert_true(is_check(answer->check));
		assert_case(answer->fact && *answer->fact, answer->check);
		assert_case(answer->state != STATE_OK || !answer->mend || i == NOBODY_SEEN, answer->fact);
		assert_case(strlen(answer->fact) < sizeof(((struct finding *)NULL)->fact) / 2, answer->fact);
	}
}

static void keep(void *arg, const struct finding *finding)
{
	*(struct finding *)arg = *finding;
}

static void test_memory(void **state)
{
	static const struct {
		struct memlock memlock;
		enum memlock_verdict verdict;
		const char *mend;
	} cases[] = {
		{ { .need = 100, .limits.memlock = 100 }, MEMLOCK_FITS, "" },
		{ { .need = 100, .limits.memlock = UINT64_MAX }, MEMLOCK_FREE, "" },
		{ { .need = 100, .limits = { .memlock = 10, .exempt = true } }, MEMLOCK_FREE, "" },
		{ { .need = 2049, .limits.memlock = 10 }, MEMLOCK_SMALL, "ulimit -l 3, as root" },
		{ { .need = 2049, .owner = MEMLOCK_OTHER }, MEMLOCK_SMALL, "as root: prlimit --pid 7 --memlock=2049" },
		{ { .need = 9, .owner = MEMLOCK_SESSION }, MEMLOCK_SMALL, "the limit of the session's process counts" },
		{ { .need = UINT64_MAX }, MEMLOCK_SMALL, "ulimit -l 18014398509481984, as root" },
	};
	struct finding finding;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct memlock memlock = cases[i].memlock;

		memlock.pid = 7;
		assert_int_equal(memlock_verdict(&memlock), cases[i].verdict);
		tell_memlock(&(struct doctor){ keep, &finding }, &memlock);
		assert_int_equal(strncmp(finding.mend, cases[i].mend, strlen(cases[i].mend)), 0);
		assert_int_equal(*finding.mend == '\0', *cases[i].mend == '\0');
		assert_null(strchr(finding.fact, '{'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blanks), cmocka_unit_test(test_answers), cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
