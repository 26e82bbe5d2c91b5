/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/words.h"
#include <string.h>

#include "util/number.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define BYTES_TEXT "bytes: decimal, or hexadecimal with 0x; K, M, G or T behind it"

enum { ANY_TYPE = -1 };

/* A word that means several things has a row for each type, and the last one is for all others. */
static const struct {
	const char *word;
	int type; /* enum arg_type */
	const char *text;
} words[] = {
	{ "ADDRESS", ANY_TYPE, "an address: decimal, or hexadecimal with 0x; K, M, G or T behind it" },
	{ "ARG", ANY_TYPE, "a word for CMD" },
	{ "BYTES", ARG_FILE_OR_HEX, "hexadecimal digits, two for each byte" },
	{ "CLASS", ANY_TYPE, "a PCI class, its subclass or interface as well: 02, 0200, 020000" },
	{ "BYTES", ANY_TYPE, BYTES_TEXT },
	{ "CLASS", ANY_TYPE, "two, four or six hexadecimal digits, as lspci -n has them" },
	{ "CMD", ARG_COMMAND, "a program, by its path or as PATH finds it" },
	{ "CMD", ANY_TYPE, "a program, by its name" },
	{ "COOKIE", ANY_TYPE, "the number that fault read shows for the group" },
	{ "DEV", ARG_CLAIMABLE, "a PCI address (0000:01:00.0 or 01:00.0), or the name of a device on another bus, of an "
				"interface or of a disk (eth0, nvme0n1)" },
	{ "DEV", ARG_ANY_DEVICE, "any device: vfio0, a PCI address, the UUID of an mdev, the name of an interface or a disk "
				 "(eth0, nvme0n1), fd:N, or its name in the context" },
	{ "DEV", ARG_CLAIMED, "a device that was claimed, by the same words" },
	{ "DEV", ARG_NEW_DEVICE, "vfio0, a path of its cdev, a PCI address (0000:01:00.0 or 01:00.0), the UUID of an "
				 "mdev, or fd:N" },
	{ "DEV", ARG_DEVICE_ID, "a bound device: its name, id, address or vfioN, or fd:N" },
	{ "DEV", ANY_TYPE, "a device that is bound: its name, address or vfioN, or fd:N" },
	{ "DRIVER", ANY_TYPE, "a driver of the device's bus, as /sys/bus/pci/drivers has it, or a module of this name" },
	{ "EVENTS", ANY_TYPE, "a number" },
	{ "FD", ANY_TYPE, "the number of an open file" },
	{ "FILE", ANY_TYPE, "a file; -: the standard input" },
	{ "GROUP", ARG_NUMBER, "the number of an IOMMU group" },
	{ "GROUP", ANY_TYPE, "a group, by its name or number" },
	{ "HWPT", ANY_TYPE, "a page table, by its id or name" },
	{ "INDEX", ANY_TYPE, "which of its queues, from 0 on" },
	{ "IOAS", ANY_TYPE, "an I/O address space, by its id or name" },
	{ "IOVA", ANY_TYPE, "an address that devices use: decimal or 0x..., with K, M, G or T" },
	{ "LENGTH", ANY_TYPE, BYTES_TEXT },
	{ "MEM", ANY_TYPE, "memory of the context by its name, or fd:N: a memfd or dma-buf of yours" },
	{ "MODE", ANY_TYPE, "permissions, in octal: 660" },
	{ "N", ARG_PATH, "the number of a file that the caller has open, 3 or more" },
	{ "N", ANY_TYPE, "a number" },
	{ "NAME", ARG_SESSION, "of a session; without it: what IOMMUFDCTL_SESSION says, or default" },
	{ "NAME", ARG_MEMORY, "of a memory of the context" },
	{ "NAME", ARG_TEXT, "one of those that features lists" },
	{ "NAME", ANY_TYPE, "a letter or _, then letters, digits and _ . -" },
	{ "OFFSET", ANY_TYPE, BYTES_TEXT },
	{ "P", ANY_TYPE, "a PASID, from 1 to 1048575" },
	{ "PATH", ANY_TYPE, "a file" },
	{ "PID", ANY_TYPE, "the number of a process" },
	{ "PT", ANY_TYPE, "an IOAS or HWPT, by its id or name" },
	{ "QUEUE", ANY_TYPE, "by its id or name, or fd:N" },
	{ "REF", ANY_TYPE, "an object of the context, by its id or name" },
	{ "REGION", ANY_TYPE, "its number, as info shows it" },
	{ "S", ANY_TYPE, "seconds" },
	{ "SIZE", ANY_TYPE, BYTES_TEXT },
	{ "SOURCE", ANY_TYPE, "the IOAS in which it is mapped, by its id or name" },
	{ "START-LAST", ANY_TYPE, "a range of addresses: 0x100000-0x1fffff" },
	{ "TEXT", ANY_TYPE, "any text" },
	{ "USER", ANY_TYPE, "a user, by name or number" },
	{ "UUID", ANY_TYPE, "32 hexadecimal digits: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" },
	{ "VALUE", ANY_TYPE, "of rlimit-mode: user or process; of huge-pages: on or off" },
	{ "VERB", ANY_TYPE, "a verb, or the first word of some" },
	{ "VIOMMU", ANY_TYPE, "the IOMMU of a guest, by its id or name" },
	{ "VIRT-ID", ANY_TYPE, "the number that the device has for the guest's IOMMU" },
};

const char *words_next(const char **at, size_t *ret_len)
{
	const char *word = strpbrk(*at, CAPITALS);

	if (!word)
		return NULL;
	*ret_len = strspn(word, CAPITALS "0123456789-");
	*at = word + *ret_len;
	return word;
}

static const char *list_choices(const struct choice *choices, struct buffer *room)
{
	room->len = 0;
	for (const struct choice *choice = choices; choice->word; choice++)
		buf_format(room, "%s%s", choice == choices ? "" : ", ", choice->word);
	buf_char(room, '\0');
	return room->buf;
}

const char *words_text(const struct argument *arg, const char *word, size_t len, struct buffer *room)
{
	if (arg->choices)
		return list_choices(arg->choices, room);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strncmp(words[i].word, word, len) == 0 && !words[i].word[len] &&
		    (words[i].type == ANY_TYPE || words[i].type == (int)arg->type))
			return words[i].text;
	return NULL;
}
