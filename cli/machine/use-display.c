/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/use-display.h"
#include <stdio.h>
#include <string.h>

#include "machine/files.h"

/* Whoever drives it cannot have its memory as long as the framebuffer is there. */
static void add_framebuffers(struct machine_uses *uses, const struct machine_host *host, const char *address)
{
	size_t len = strlen(address);

	for (const char *line = host->framebuffers; line && *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, address, len) == 0 && line[len] == ' ')
			use_add(uses, "/proc/iomem", "framebuffer %.*s", (int)strcspn(line + len + 1, "\n"),
				line + len + 1);
}

void use_add_display(struct machine_uses *uses, const struct machine_host *host,
		     const struct machine_device *device)
{
	char text[8], fact[sizeof(uses->items->fact)];
	struct machine_ids ids;

	machine_read(IN_SYS, text, sizeof(text), "%s/boot_vga", device->path);
	snprintf(fact, sizeof(fact), "/sys/%s/boot_vga", device->path);
	if (strcmp(text, "1") == 0 && !device->is_vfio)
		use_add(uses, fact, "boot display");
	add_framebuffers(uses, host, device->address);
	if (!host->framebuffers && machine_ids(device, &ids) && ids.class >> 16 == 0x03)
		use_add_unknown(uses, "/proc/iomem", "framebuffers cannot be read");
}

static bool is_word_of(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; *at; at += strspn(at, " \n")) {
		size_t n = strcspn(at, " \n");

		if (n == len && strncmp(at, word, len) == 0)
			return true;
		at += n;
	}
	return false;
}

void use_add_console(struct machine_uses *uses, const struct machine_host *host,
		     const struct machine_part *part)
{
	if (host->consoles && is_word_of(host->consoles, part->name))
		use_add(uses, "/sys/class/tty/console/active", "console %s", part->name);
}
