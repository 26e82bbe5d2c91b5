/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context/close.h"
#include "main.h"
#include "resolve/blank.h"
#include "resolve/own-hint.h"
#include "unit.h"
#include "util/number.h"
#include "util/shellwords.h"
#include "verbs.h"

enum { MAX_WORDS = 600, LINE = 16384 };

static const struct tree_device devices[] = {
	{ "vfio0", "pci0000:00", "0000:00:04.0", "pci", "vfio-pci", "7", "/dev/null" },
	{ "vfio1", "pci0000:00", "0000:00:05.0", "pci", "vfio-pci", "7", "/dev/zero" },
	{ "vfio2", "pci0000:00", "0000:00:06.0", "pci", "vfio-pci", "8", "/dev/full" },
	{ "vfio10", "virtual/mtty/mtty", MDEV, "mdev", "vfio_mtty", NULL, "/dev/random" },
};

int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd > STDERR_FILENO);
	return fd;
}

struct world *world_new(enum context_kind kind)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	tree_create();
	close(open_file(tree_path("dev/iommu")));
	kernel_reset();
	for (size_t i = 0; i < COUNT(devices); i++) {
		tree_add(&devices[i]);
		kernel_add(devices[i].node, devices[i].group ? IOMMUFD_PHYSICAL : IOMMUFD_EMULATED,
			   devices[i].group ? atoi(devices[i].group) : -1);
	}
	context_init(&world->ctx, kind);
	world->out.fd = world->err.fd = -1;
	world->from = (struct request){
		.verbs = verb_groups,
		.execute = main_execute,
		.ctx = &world->ctx,
		.output = { .out = &world->out, .err = &world->err },
		.fill = fill_blank,
		.own_hint = own_hint,
	};
	return world;
}

void world_free(struct world *world)
{
	context_free(&world->ctx);
	tree_remove();
	free(world->out.buf);
	free(world->err.buf);
	free(world);
}

int world_setup(void **state)
{
	*state = world_new(CONTEXT_LASTING);
	return 0;
}

int world_teardown(void **state)
{
	world_free(*state);
	return 0;
}

static const char *text_of(struct buffer *out)
{
	buf_char(out, '\0');
	out->len--;
	return out->buf;
}

const char *printed(struct world *world)
{
	return text_of(&world->out);
}

const char *complained(struct world *world)
{
	return text_of(&world->err);
}

int command(struct world *world, const char *format, ...)
{
	char line[LINE], store[LINE + 1], *words[MAX_WORDS + 1];
	int n = 0, len;
	va_list ap;

	va_start(ap, format);
	len = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	assert_in_range(len, 0, LINE - 1);
	assert_int_equal(shellwords_split(line, (size_t)len, store, words, MAX_WORDS, &n), WORDS_OK);
	world->out.len = world->err.len = 0;
	return command_run(&world->from, n, words);
}

void ok(struct world *world, const char *line)
{
	if (command(world, "%s", line) != EXIT_DONE)
		fail_msg("%s: %s", line, complained(world));
}

void assert_fails(struct world *world, const char *line, int code, const char *message)
{
	if (command(world, "%s", line) != code || !strstr(complained(world), message))
		fail_msg("%s: '%s' does not say '%s'", line, complained(world), message);
	assert_int_equal(world->out.len, 0);
}

void assert_refused(struct world *world, const char *line, int code, const char *message)
{
	unsigned int calls = kernel.calls;

	assert_fails(world, line, code, message);
	assert_int_equal(kernel.calls, calls);
}

uint32_t number_of(struct world *world, const char *line)
{
	uint32_t number = 0;
	char *text;

	ok(world, line);
	text = strdup(printed(world));
	assert_non_null(text);
	text[strcspn(text, "\n")] = '\0';
	assert_case(parse_u32(text, &number), line);
	free(text);
	return number;
}

size_t open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}
