/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random calls of iommufd and VFIO on a real kernel, and on the model of it: both must answer the same. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "play.h"

static const char usage_text[] =
	"usage: truth compare [OPTION...]          random sequences on the kernel and on the model\n"
	"       truth replay [OPTION...] FILE...   the sequences of these files\n"
	"       truth show [OPTION...]             what one seed says, on --truth\n"
	"  --seed N      of the first sequence (default: 1)\n"
	"  --calls N     in all (default: 5000)\n"
	"  --length N    calls of a sequence (default: 120)\n"
	"  --theme NAME  core, device, table or query; default: by the seed\n"
	"  --truth NAME  real (default) or model\n"
	"  --other NAME  model (default) or real\n"
	"  --kernel X.Y  that the model is to be (default: this machine's)\n"
	"  --differences N  that are shrunk and printed (default: 5)\n"
	"  --first       end at the first difference\n";

static const char *const themes[N_THEMES] = { "core", "device", "table", "query" };

struct options {
	uint64_t seed;
	unsigned int calls, length, differences;
	int theme;  /* -1: by the seed */
	bool first; /* the first difference is enough */
	const struct backend_ops *truth, *other;
	char kernel[16];
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static enum theme theme_of(const struct options *options, uint64_t seed)
{
	return options->theme < 0 ? (enum theme)(seed % N_THEMES) : (enum theme)options->theme;
}

static void print_difference(const struct player *player, int at)
{
	unsigned int end = (unsigned int)at;

	if (at < 0) {
		puts("# not again");
		return;
	}
	for (unsigned int i = 0; i < end; i++)
		printf("  %s\n", record_line(player->said[0], i));
	printf("- %s\n", record_line(player->said[0], end));
	printf("+ %s\n", record_line(player->said[1], end));
}

/* What is behind the call in its line: two differences with the same answers are taken to be one. */
static const char *answer(const struct record *record, int at)
{
	const char *line = record_line(record, (unsigned int)at), *arrow = strstr(line, " -> ");

	return arrow ? arrow + 4 : line;
}

enum { MAX_SEEN = 64, SEEN_LEN = 80 };

struct seen {
	unsigned int n, times[MAX_SEEN];
	char what[MAX_SEEN][SEEN_LEN];
};

/* True: for the first time. */
static bool see(struct seen *seen, const struct player *player, int at)
{
	const struct sequence *sequence = player->sequence;
	const char *kind = (unsigned int)at < sequence->n ? call_kinds[sequence->calls[at].kind].name
							  : "end";
	char what[SEEN_LEN];
	unsigned int i = 0;

	snprintf(what, sizeof(what), "%s: %.*s, not %.*s", kind,
		 (int)strcspn(answer(player->said[0], at), " "), answer(player->said[0], at),
		 (int)strcspn(answer(player->said[1], at), " "), answer(player->said[1], at));
	while (i < seen->n && strcmp(seen->what[i], what) != 0)
		i++;
	if (i == MAX_SEEN)
		return false;
	memcpy(seen->what[i], what, SEEN_LEN);
	seen->times[i]++;
	seen->n += i == seen->n;
	return seen->times[i] == 1;
}

/* What a run says that is ended before its time. */
static void print_progress(unsigned int before, unsigned int done, unsigned int equal)
{
	enum { EACH = 10000 };

	if (before / EACH == done / EACH)
		return;
	printf("# %u calls so far, %u equal\n", done, equal);
	fflush(stdout);
}

static int compare(const struct options *options, struct player *player)
{
	static struct seen seen;
	unsigned int done = 0, equal = 0, shrunk = 0, differ = 0;
	uint64_t seed = options->seed;
	double start = now();

	for (; done < options->calls; seed++) {
		int at;

		player_generate(player, seed, theme_of(options, seed), options->length);
		player_replay(player, 1);
		at = player_difference(player);
		done += player->sequence->n;
		equal += at < 0 ? player->sequence->n : (unsigned int)at;
		print_progress(done - player->sequence->n, done, equal);
		if (at < 0)
			continue;
		differ++;
		if (options->first)
			break;
		if (!see(&seen, player, at) || shrunk++ >= options->differences)
			continue;
		printf("# seed %llu, %s: call %d differs\n- %s\n+ %s\n", (unsigned long long)seed,
		       themes[theme_of(options, seed)], at + 1,
		       record_line(player->said[0], (unsigned int)at),
		       record_line(player->said[1], (unsigned int)at));
		fflush(stdout);
		player_shrink(player, at);
		print_difference(player, player_difference(player));
		fflush(stdout);
	}
	for (unsigned int i = 0; i < seen.n; i++)
		printf("# %u times: %s\n", seen.times[i], seen.what[i]);
	printf("# %s: seeds %llu-%llu, %u calls, %u equal, %u sequences differ, %.0f s\n", options->kernel,
	       (unsigned long long)options->seed, (unsigned long long)seed - !options->first, done, equal,
	       differ, now() - start);
	return differ ? 1 : 0;
}

static int show(const struct options *options, struct player *player)
{
	player_generate(player, options->seed, theme_of(options, options->seed), options->length);
	for (unsigned int i = 0; i < player->said[0]->n; i++)
		puts(record_line(player->said[0], i));
	return 0;
}

/* --- files --------------------------------------------------------------------------------------- */

static bool read_sequence(const char *path, struct sequence *sequence)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	bool good = file;

	sequence->n = 0;
	while (good && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		good = sequence->n < MAX_CALLS && call_parse(line, &sequence->calls[sequence->n++]);
		if (!good)
			fprintf(stderr, "truth: %s: not a call: %s\n", path, line);
	}
	if (!file)
		fprintf(stderr, "truth: %s: %s\n", path, strerror(errno));
	else
		fclose(file);
	free(line);
	return good;
}

static int replay(const struct options *options, struct player *player, char **paths)
{
	unsigned int calls = 0, differ = 0, n = 0;

	for (; *paths; paths++, n++) {
		int at;

		if (!read_sequence(*paths, player->sequence))
			return 2;
		player_replay(player, 0);
		player_replay(player, 1);
		at = player_difference(player);
		calls += player->sequence->n;
		if (at < 0)
			continue;
		differ++;
		printf("# %s\n", *paths);
		print_difference(player, at);
	}
	printf("# %s: %u kept sequences, %u calls, %u differ\n", options->kernel, n, calls, differ);
	return differ ? 1 : 0;
}

/* ------------------------------------------------------------------------------------------------- */

static const struct backend_ops *backend(const char *name)
{
	if (strcmp(name, "real") == 0)
		return &backend_real;
	if (strcmp(name, "model") == 0)
		return &backend_model;
	fprintf(stderr, "truth: no backend '%s'\n", name);
	exit(2);
}

static int theme(const char *name)
{
	for (int i = 0; i < N_THEMES; i++)
		if (strcmp(name, themes[i]) == 0)
			return i;
	fprintf(stderr, "truth: no theme '%s'\n", name);
	exit(2);
}

static const struct option long_options[] = {
	{ "seed", required_argument, NULL, 's' },   { "calls", required_argument, NULL, 'c' },
	{ "length", required_argument, NULL, 'l' }, { "theme", required_argument, NULL, 't' },
	{ "truth", required_argument, NULL, 'r' },  { "other", required_argument, NULL, 'o' },
	{ "kernel", required_argument, NULL, 'k' }, { "differences", required_argument, NULL, 'd' },
	{ "first", no_argument, NULL, 'f' },	    { 0 },
};

static bool take(struct options *options, int option)
{
	switch (option) {
	case 's': options->seed = strtoull(optarg, NULL, 0); break;
	case 'c': options->calls = (unsigned int)atoi(optarg); break;
	case 'l': options->length = (unsigned int)atoi(optarg); break;
	case 't': options->theme = theme(optarg); break;
	case 'r': options->truth = backend(optarg); break;
	case 'o': options->other = backend(optarg); break;
	case 'k': snprintf(options->kernel, sizeof(options->kernel), "%s", optarg); break;
	case 'd': options->differences = (unsigned int)atoi(optarg); break;
	case 'f': options->first = true; break;
	default: return false;
	}
	return true;
}

/* "6.12.117" is 6.12. */
static void own_kernel(char *kernel, size_t len)
{
	unsigned int major, minor;
	struct utsname name;

	if (uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2)
		snprintf(kernel, len, "%u.%u", major, minor);
}

int main(int argc, char **argv)
{
	struct options options = { .seed = 1,
				   .calls = 5000,
				   .length = 120,
				   .differences = 5,
				   .theme = -1,
				   .truth = &backend_real,
				   .other = &backend_model };
	struct player player;
	bool good = true;
	int option;

	own_kernel(options.kernel, sizeof(options.kernel));
	while (good && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		good = take(&options, option);
	if (good && optind < argc && player_start(&player, options.kernel, options.truth, options.other)) {
		if (strcmp(argv[optind], "compare") == 0)
			return compare(&options, &player);
		if (strcmp(argv[optind], "show") == 0)
			return show(&options, &player);
		if (strcmp(argv[optind], "replay") == 0)
			return replay(&options, &player, argv + optind + 1);
	}
	fputs(usage_text, stderr);
	return 2;
}
