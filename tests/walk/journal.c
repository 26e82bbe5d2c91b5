/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the journal says, read by the form that cli/persist/journal.h tells, and by nothing of the tool's.
 * Only what was appended since the last time is read, where the rest is as it was.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "walk.h"

struct head {
	uint64_t magic, start, end;
};

enum { MAX_SERIALS = 1 << 16 };

static struct {
	struct view view;
	ino_t file;
	uint64_t start, end;
	int memory_of[MAX_SERIALS]; /* which memory + 1 a serial is of */
	ino_t inodes[MEMORIES];
	bool begun;
} known;

static bool dead[MAX_SERIALS]; /* unnamed, and its fd is lost: no journal tells that */

static void read_device(struct view *v, const char *line)
{
	unsigned int id, attachment, asked, pt;
	char cdev[32], name[32];
	int i, n = sscanf(line, "D %31s %u %u %u %u %31s", cdev, &id, &attachment, &asked, &pt, name);

	i = n >= 5 ? device_index(cdev) : -1;
	if (i < 0)
		return;
	v->devices[i].id = id;
	v->devices[i].ioas = attachment == 2 ? asked : 0;
	v->devices[i].pt = attachment == 2 ? pt : 0;
	if (n == 6)
		v->devices[i].named = true;
}

static void forget_device(struct view *v, const char *line)
{
	int i = device_index(line + 2);

	if (i >= 0)
		memset(&v->devices[i], 0, sizeof(v->devices[i]));
}

static void read_memory(struct walk *w, struct view *v, const char *line)
{
	unsigned int serial, memory;
	unsigned long long size;
	char name[32];
	struct stat st;

	if (sscanf(line, "M %u %llu %*u m%u", &serial, &size, &memory) != 3 || memory >= MEMORIES)
		return;
	known.memory_of[serial % MAX_SERIALS] = (int)memory + 1;
	v->memories[memory] = size;
	snprintf(name, sizeof(name), "mem-%u", serial);
	known.inodes[memory] = fstat(manager_stored(w, name), &st) == 0 ? st.st_ino : 0;
}

static void forget_memory(struct view *v, const char *line)
{
	unsigned int serial = (unsigned int)strtoul(line + 2, NULL, 10) % MAX_SERIALS;

	if (known.memory_of[serial])
		v->memories[known.memory_of[serial] - 1] = 0;
	known.memory_of[serial] = 0;
}

static void read_map(struct view *v, const char *line)
{
	unsigned long long iova, length, offset;
	unsigned int ioas, serial;

	if (sscanf(line, "P %u %llu %llu %llu %*u %u", &ioas, &iova, &length, &offset, &serial) == 5)
		view_map(v, &(struct map){ ioas, iova, length, offset,
					   known.memory_of[serial % MAX_SERIALS] - 1, serial % MAX_SERIALS });
}

static void read_line(struct walk *w, struct view *v, const char *line)
{
	unsigned long long iova, length;
	unsigned int id = 0;
	char name = '-';

	switch (*line) {
	case 'D': read_device(v, line); return;
	case 'd': forget_device(v, line); return;
	case 'M': read_memory(w, v, line); return;
	case 'm': forget_memory(v, line); return;
	case 'P': read_map(v, line); return;
	case 'A':
		sscanf(line, "A %u %*u %c", &id, &name);
		v->ioases[id % IDS] = name;
		return;
	case 'a': view_drop_ioas(v, (uint32_t)strtoul(line + 2, NULL, 10) % IDS); return;
	case 'p':
		sscanf(line, "p %u %llu %llu", &id, &iova, &length);
		view_unmap(v, id, iova, length);
		return;
	case 'X': case 'B': known.begun = true; return;
	case 'x': known.begun = false; return;
	}
}

/* From where it was read before, if it is the same and nothing of that is gone. */
static uint64_t begin_at(int fd, const struct head *head)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_ino == known.file && head->start == known.start &&
	    head->end >= known.end)
		return known.end;
	memset(&known, 0, sizeof(known));
	known.file = st.st_ino;
	known.start = head->start;
	return head->start;
}

void journal_read(struct walk *w)
{
	int fd = manager_stored(w, "state");
	struct head head;
	uint64_t at;
	char *text;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head))
		fail(w, "the service manager has no journal");
	at = begin_at(fd, &head);
	text = calloc(1, head.end - at + 1);
	if (!text || pread(fd, text, head.end - at, (off_t)at) != (ssize_t)(head.end - at))
		fail(w, "the journal cannot be read");
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		read_line(w, &known.view, line);
	}
	known.end = head.end;
	free(text);
}

void journal_view(struct walk *w, struct view *ret)
{
	journal_read(w);
	if (known.begun)
		fail(w, "the journal says that a command is under way, and none is");
	*ret = known.view;
}

static bool is_stored(const struct walk *w, unsigned int serial)
{
	char name[32];

	snprintf(name, sizeof(name), "mem-%u", serial);
	return manager_stored(w, name) >= 0;
}

bool journal_is_kept(const struct walk *w, int memory)
{
	for (unsigned int serial = 0; serial < MAX_SERIALS; serial++)
		if (known.memory_of[serial] == memory + 1)
			return is_stored(w, serial);
	return true;
}

/* Of the client's own memory only what is mapped counts. */
void journal_note_dead(const struct walk *w)
{
	for (size_t i = 0; i < known.view.n_maps; i++) {
		const struct map *map = &known.view.maps[i];

		dead[map->serial] |= map->memory < 0 && !is_stored(w, map->serial);
	}
}

/* A number is given again when what had it came to nothing. */
bool journal_has_unnamed(const struct walk *w)
{
	bool has = false;

	for (size_t i = 0; i < known.view.n_maps; i++) {
		const struct map *map = &known.view.maps[i];

		dead[map->serial] &= !is_stored(w, map->serial);
		has |= map->memory < 0 && !dead[map->serial];
	}
	return has;
}

int journal_memory(uint64_t inode)
{
	for (int i = 0; i < MEMORIES; i++)
		if (known.inodes[i] == inode)
			return i;
	return -1;
}

bool journal_knows(int memory)
{
	return known.inodes[memory] != 0;
}
