/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/near.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* rows[i % 3][j]: the distance of the first i letters of a from the first j of b. */
unsigned int near_distance(const char *a, const char *b)
{
	unsigned int rows[3][NEAR_LENGTH + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > NEAR_LENGTH || m > NEAR_LENGTH)
		return NOT_NEAR;
	for (size_t i = 0; i <= n; i++) {
		unsigned int *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= m; j++) {
			if (!i) {
				row[j] = (unsigned int)j;
				continue;
			}
			row[j] = least(row[j - 1], above[j]) + 1;
			row[j] = least(row[j], above[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], second[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

unsigned int near_rank(const char *typed, const char *word)
{
	size_t n = strlen(typed), m = strlen(word), longer = n > m ? n : m;
	unsigned int distance = near_distance(typed, word);

	if (distance > 1 && n > 1 && n < m && strncmp(typed, word, n) == 0)
		return 1;
	return distance <= (longer + 1) / 3 ? distance : NOT_NEAR;
}

void near_start(struct near *near)
{
	*near = (struct near){ .rank = NOT_NEAR };
}

void near_offer(struct near *near, unsigned int rank, const char *prefix, const char *word)
{
	char whole[NEAR_LENGTH + 1];

	if (rank >= NOT_NEAR || rank > near->rank)
		return;
	if (rank < near->rank)
		*near = (struct near){ .rank = rank };
	if (snprintf(whole, sizeof(whole), "%s%s", prefix, word) >= (int)sizeof(whole))
		return;
	for (size_t i = 0; i < near->count; i++)
		if (strcmp(near->words[i], whole) == 0)
			return;
	if (near->count < NEAR_WORDS)
		strcpy(near->words[near->count++], whole);
}

const char *near_text(const struct near *near, char *text)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < near->count; i++) {
		const char *before = i == 0 ? ", did you mean " : i + 1 == near->count ? " or " : ", ";

		used += (size_t)snprintf(text + used, NEAR_ROOM - used, "%s'%s'", before, near->words[i]);
	}
	if (used)
		strcpy(text + used, "?");
	return text;
}
