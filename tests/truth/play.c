/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "play.h"

static void *shared(size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory != MAP_FAILED)
		return memory;
	perror("truth: mmap");
	return NULL;
}

bool player_start(struct player *player, const char *kernel, const struct backend_ops *truth,
		  const struct backend_ops *other)
{
	*player = (struct player){ .kernel = kernel, .truth = truth, .other = other };
	player->sequence = shared(sizeof(*player->sequence));
	player->said[0] = shared(sizeof(*player->said[0]));
	player->said[1] = shared(sizeof(*player->said[1]));
	return player->sequence && player->said[0] && player->said[1];
}

/* The line becomes part of the record once it is complete. */
static void record_add(struct record *record, const char *text, size_t len)
{
	if (record->n > MAX_CALLS || record->used + len + 1 > RECORD_TEXT)
		return;
	memcpy(record->text + record->used, text, len + 1);
	record->start[record->n++] = record->used;
	record->used += len + 1;
}

const char *record_line(const struct record *record, unsigned int at)
{
	return at < record->n ? record->text + record->start[at] : "(nothing)";
}

struct stage {
	struct run run;
	struct record *record;
	bool dma;
};

static struct outcome stage_call(struct stage *stage, const struct call *call)
{
	struct outcome outcome;
	size_t len = 0;
	char *text;
	FILE *line = open_memstream(&text, &len);

	outcome = run_call(&stage->run, call, line);
	fclose(line);
	record_add(stage->record, text, len);
	free(text);
	stage->dma |= call->kind == KIND_DMA;
	return outcome;
}

static void stage_start(struct stage *stage, const struct backend_ops *ops, const char *kernel)
{
	alarm(PLAY_SECONDS);
	memory_start();
	if (!run_start(&stage->run, ops, kernel))
		_exit(2);
}

/* DMA may still reach memory after the last call. */
static void stage_end(struct stage *stage)
{
	char text[64] = "end";
	int len = 3;

	run_finish(&stage->run);
	if (stage->dma)
		len = snprintf(text, sizeof(text), "end memory=%016llx", (unsigned long long)memory_hash());
	record_add(stage->record, text, (size_t)len);
	_exit(0);
}

static void await(pid_t pid, struct record *record)
{
	char text[64];
	int status;

	if (pid < 0) {
		perror("truth: fork");
		exit(2);
	}
	while (waitpid(pid, &status, 0) < 0)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (WIFEXITED(status))
		exit(WEXITSTATUS(status));
	record_add(record, text,
		   (size_t)snprintf(text, sizeof(text), "died: %s", strsignal(WTERMSIG(status))));
}

static void record_clear(struct record *record)
{
	record->n = 0;
	record->used = 0;
}

static void generate(struct player *player, uint64_t seed, enum theme theme, unsigned int n)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct generator *generator = calloc(1, sizeof(*generator));

	stage->record = player->said[0];
	stage_start(stage, player->truth, player->kernel);
	generator_start(generator, seed, theme);
	for (unsigned int i = 0; i < n && i < MAX_CALLS; i++) {
		struct call *call = &player->sequence->calls[i];
		struct outcome outcome;

		generator_next(generator, call);
		player->sequence->n = i + 1;
		outcome = stage_call(stage, call);
		generator_learn(generator, call, &outcome);
	}
	stage_end(stage);
}

void player_generate(struct player *player, uint64_t seed, enum theme theme, unsigned int n)
{
	pid_t pid;

	record_clear(player->said[0]);
	player->sequence->n = 0;
	pid = fork();
	if (pid == 0)
		generate(player, seed, theme, n);
	await(pid, player->said[0]);
}

static void replay(struct player *player, unsigned int which)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	stage->record = player->said[which];
	stage_start(stage, which ? player->other : player->truth, player->kernel);
	for (unsigned int i = 0; i < player->sequence->n; i++)
		stage_call(stage, &player->sequence->calls[i]);
	stage_end(stage);
}

void player_replay(struct player *player, unsigned int which)
{
	pid_t pid;

	record_clear(player->said[which]);
	pid = fork();
	if (pid == 0)
		replay(player, which);
	await(pid, player->said[which]);
}

int player_difference(const struct player *player)
{
	const struct record *truth = player->said[0], *other = player->said[1];

	for (unsigned int i = 0; i < truth->n || i < other->n; i++)
		if (strcmp(record_line(truth, i), record_line(other, i)) != 0)
			return (int)i;
	return -1;
}
