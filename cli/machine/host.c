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
 * "  80000000-80ffffff : 0000:00:02.0" and, deeper, "    80000000-807fffff : BOOTFB". The devices above a
 * line are those that have less in front of them.
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
	if (nesting->count < LEVELS && is_pci_address(name) &&
	    strlen(name) < sizeof(nesting->levels->address)) {
		nesting->levels[nesting->count].depth = depth;
		strcpy(nesting->levels[nesting->count++].address, name);
	}
}

/* -errno: nobody knows; -ENOMEM. */
static int find_framebuffers(char **ret)
{
	struct buffer found = { .fd = -1 };
	struct nesting nesting = { .count = 0 };
	char *text, *rest;
	int rc = machine_read_all(IN_PROC, &text, "iomem");

	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		look_at_memory(&nesting, line, &found);
	if (text)
		buf_char(&found, '\0');
	free(text);
	*ret = found.buf;
	return rc ?: -found.error;
}

/* A kernel without IPv6 has no such file. */
static int read_if_there(char **ret, const char *path)
{
	int rc = machine_read_all(IN_PROC, ret, "%s", path);

	if (rc != -ENOENT)
		return rc;
	*ret = strdup("");
	return *ret ? 0 : -ENOMEM;
}

/* That of a service or a container has other mounts than that of the machine, which root sees as well. */
static int read_other_mounts(char **ret)
{
	char own[32], other[32];

	if (machine_link(IN_PROC, own, sizeof(own), "self/ns/mnt") < 0 ||
	    machine_link(IN_PROC, other, sizeof(other), "1/ns/mnt") < 0 || strcmp(own, other) == 0)
		return 0;
	return machine_read_all(IN_PROC, ret, "1/mountinfo");
}

struct machine_host *machine_host_new(bool open_disks)
{
	struct machine_host *host = calloc(1, sizeof(*host));
	bool failed;

	if (!host)
		return NULL;
	host->open_disks = open_disks;
	failed = machine_read_all(IN_PROC, &host->mounts, "self/mountinfo") == -ENOMEM;
	failed |= read_other_mounts(&host->other_mounts) == -ENOMEM;
	failed |= machine_read_all(IN_PROC, &host->swaps, "swaps") == -ENOMEM;
	failed |= machine_read_all(IN_PROC, &host->routes4, "net/route") == -ENOMEM;
	failed |= read_if_there(&host->routes6, "net/ipv6_route") == -ENOMEM;
	failed |= machine_read_all(IN_SYS, &host->consoles, "class/tty/console/active") == -ENOMEM;
	failed |= find_framebuffers(&host->framebuffers) == -ENOMEM;
	if (!failed)
		return host;
	machine_host_free(host);
	return NULL;
}

void machine_host_free(struct machine_host *host)
{
	if (!host)
		return;
	free(host->mounts);
	free(host->other_mounts);
	free(host->swaps);
	free(host->routes4);
	free(host->routes6);
	free(host->consoles);
	free(host->framebuffers);
	free(host);
}
