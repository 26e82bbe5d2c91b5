/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/use-network.h"
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/files.h"

enum { UPPERS = 16, RTF_REJECTED = 0x200, RTF_IS_UP = 1 };

/* An interface, and those that are made of it: bridges, bonds, VLANs. */
struct interfaces {
	char names[UPPERS][IFNAMSIZ];
	size_t count;
};

static bool add_interface(struct interfaces *all, const char *name)
{
	if (all->count == UPPERS || strlen(name) >= IFNAMSIZ)
		return false;
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->names[i], name) == 0)
			return true;
	strcpy(all->names[all->count++], name);
	return true;
}

static bool add_upper(void *arg, const char *name)
{
	return strncmp(name, "upper_", 6) != 0 || add_interface(arg, name + 6);
}

/* false: there may be more. */
static bool find_uppers(struct interfaces *all)
{
	bool is_whole = true;
	char path[64];
	int rc;

	for (size_t i = 0; i < all->count; i++) {
		snprintf(path, sizeof(path), "class/net/%s", all->names[i]);
		rc = machine_each(IN_SYS, path, add_upper, all);
		is_whole = is_whole && (rc == 0 || rc == -ENOENT);
	}
	return is_whole && all->count < UPPERS;
}

/* "eth0	00000000	0101A8C0	0003	0	0	0	00000000	0	0	0" */
static bool is_default4(const char *line, const char *name)
{
	unsigned int destination, flags, mask;
	char interface[IFNAMSIZ];

	return sscanf(line, "%15s %x %*x %x %*u %*u %*u %x", interface, &destination, &flags, &mask) == 4 &&
	       strcmp(interface, name) == 0 && !destination && !mask && flags & RTF_IS_UP &&
	       !(flags & RTF_REJECTED);
}

/* Destination, length, source, length, next hop, metric, references, use, flags, interface. */
static bool is_default6(const char *line, const char *name)
{
	unsigned int length, flags;
	char destination[33], interface[IFNAMSIZ];

	return sscanf(line, "%32s %x %*s %*x %*s %*x %*x %*x %x %15s", destination, &length, &flags,
		      interface) == 4 &&
	       strcmp(interface, name) == 0 && !length && !destination[strspn(destination, "0")] &&
	       flags & RTF_IS_UP && !(flags & RTF_REJECTED);
}

static bool has_default(const char *text, bool (*is_default)(const char *line, const char *name),
			const char *name)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
		if (is_default(line, name))
			return true;
	return false;
}

static void add_route(struct machine_uses *uses, const struct machine_host *host, const char *name,
		      bool upper)
{
	const char *by = upper ? " by " : "", *what = upper ? name : "";

	if (has_default(host->routes4, is_default4, name))
		use_add(uses, "/proc/net/route", "default route%s%s", by, what);
	else if (has_default(host->routes6, is_default6, name))
		use_add(uses, "/proc/net/ipv6_route", "default route%s%s", by, what);
}

static void add_master(struct machine_uses *uses, const struct machine_part *part)
{
	char master[IFNAMSIZ], fact[sizeof(uses->items->fact)];

	if (machine_link_name(IN_SYS, master, sizeof(master), "%s/master", part->directory) < 0)
		return;
	snprintf(fact, sizeof(fact), "/sys/class/net/%s/master", part->name);
	use_add(uses, fact, "enslaved to %s", master);
}

static void add_flags(struct machine_uses *uses, const struct machine_part *part)
{
	char text[16], fact[sizeof(uses->items->fact)], *end;
	unsigned long flags;

	snprintf(fact, sizeof(fact), "/sys/class/net/%s/flags", part->name);
	machine_read(IN_SYS, text, sizeof(text), "%s/flags", part->directory);
	flags = strtoul(text, &end, 16);
	if (end == text || *end)
		use_add_unknown(uses, fact, "interface %s", part->name);
	else if (flags & IFF_UP)
		use_add(uses, fact, "interface %s up", part->name);
}

void use_add_interface(struct machine_uses *uses, const struct machine_host *host,
		       const struct machine_part *part)
{
	struct interfaces all = { .count = 0 };

	if (!add_interface(&all, part->name) || !find_uppers(&all))
		use_add_unknown(uses, "/sys/class/net", "bridges on %s", part->name);
	for (size_t i = 0; i < all.count; i++)
		add_route(uses, host, all.names[i], i > 0);
	if (!host->routes4)
		use_add_unknown(uses, "/proc/net/route", "routes cannot be read");
	add_master(uses, part);
	add_flags(uses, part);
}

void use_add_no_interface(struct machine_uses *uses, const struct machine_device *device)
{
	char fact[sizeof(uses->items->fact)];

	snprintf(fact, sizeof(fact), "/sys/%s/net", device->path);
	use_add_unknown(uses, fact, "interface in another namespace");
}
