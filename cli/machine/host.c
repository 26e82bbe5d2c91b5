/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/host.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"
#include "util/buffer.h"
#include "util/number.h"

/* ---- framebuffers that the firmware has set up, nested below the device whose memory they are in ---- */

static bool is_framebuffer(const char *name)
{
	static const char names[][16] = { "BOOTFB", "simpledrm", "efifb", "vesafb", "simplefb", "ofdrm" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_pci_address(const char *name)
{
	unsigned int domain, bus, slot, function;
	int end = 0;

	return sscanf(name, "%x:%x:%x.%1u%n", &domain, &bus, &slot, &function, &end) == 4 && !name[end];
}

/*
 * "  80000000-80ffffff : 0000:00:02.0" and, deeper, "    80000000-807fffff : BOOTFB". The devices above a line
 * are those that have less in front of them.
 */
struct level {
	size_t depth;
	char address[24];
};

enum { LEVELS = 16 };

struct nesting {
	struct level levels[LEVELS];
	size_t count;
};

static void add_framebuffer(const struct nesting *nesting, const char *name, struct buffer *found)
{
	if (nesting->count && is_framebuffer(name))
		buf_format(found, "%s %s\n", nesting->levels[nesting->count - 1].address, name);
}

static void look_at_memory(struct nesting *nesting, const char *line, struct buffer *found)
{
	size_t depth = strspn(line, " ");
	const char *name = strstr(line, " : ");

	if (!name)
		return;
	name += strlen(" : ");
	while (nesting->count && nesting->levels[nesting->count - 1].depth >= depth)
		nesting->count--;
	add_framebuffer(nesting, name, found);
	if (nesting->count < LEVELS && is_pci_address(name) && strlen(name) < sizeof(nesting->levels->address)) {
		nesting->levels[nesting->count].depth = depth;
		strcpy(nesting->levels[nesting->count++].address, name);
	}
}

/* NULL: nobody knows, or out of memory. */
static char *find_framebuffers(void)
{
	struct buffer found = { .fd = -1 };
	struct nesting nesting = { .count = 0 };
	char *text, *rest;

	machine_read_all(IN_PROC, &text, "iomem");
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		look_at_memory(&nesting, line, &found);
	if (text)
		buf_char(&found, '\0');
	free(text);
	if (found.error) {
		free(found.buf);
		return NULL;
	}
	return found.buf;
}

static char *read_if_there(const char *path)
{
	char *text;

	return machine_read_all(IN_PROC, &text, "%s", path) == -ENOENT ? strdup("") : text;
}

struct machine_host *machine_host_new(bool open_disks)
{
	struct machine_host *host = calloc(1, sizeof(*host));

	if (!host)
		return NULL;
	host->open_disks = open_disks;
	machine_read_all(IN_PROC, &host->mounts, "self/mountinfo");
	machine_read_all(IN_PROC, &host->swaps, "swaps");
	machine_read_all(IN_PROC, &host->routes4, "net/route");
	host->routes6 = read_if_there("net/ipv6_route");
	machine_read_all(IN_SYS, &host->consoles, "class/tty/console/active");
	host->framebuffers = find_framebuffers();
	return host;
}

void machine_host_free(struct machine_host *host)
{
	if (!host)
		return;
	free(host->mounts);
	free(host->swaps);
	free(host->routes4);
	free(host->routes6);
	free(host->consoles);
	free(host->framebuffers);
	free(host);
}
