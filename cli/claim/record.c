/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/record.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claim/place.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/number.h"

enum { RECORD_SIZE = 1024 };

/* Lines of a record, in their order. Each has to be there: "driver=e1000e", or "serial=". */
static const struct {
	char key[12];
	unsigned short at, size;
} lines[] = {
#define LINE(key, field) { key, offsetof(struct claim, field), sizeof(((struct claim *)0)->field) }
	LINE("bus", bus), LINE("address", address), LINE("ids", ids), LINE("serial", serial),
	LINE("driver", driver), LINE("override", override), LINE("claimed", claimed), LINE("boot", boot),
};

void claim_name(char buf[CLAIM_NAME], const char *bus, const char *address)
{
	snprintf(buf, CLAIM_NAME, "%s:%s", bus, address);
}

/* ---- text ---- */

static void format_claim(struct buffer *out, const struct claim *claim)
{
	buf_str(out, "iommufdctl claim 1\n");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		buf_format(out, "%s=%s\n", lines[i].key, (const char *)claim + lines[i].at);
	if (claim->has_node)
		buf_format(out, "node=%u:%u:%o\n", claim->owner, claim->group, claim->mode);
	buf_str(out, "end\n");
}

/* What stands behind "KEY=" in the line at *at, which is left behind. NULL: it is another line, or none. */
static char *next_value(char **at, const char *key)
{
	size_t len = strlen(key);
	char *value, *end = strchr(*at, '\n');

	if (!end || strncmp(*at, key, len) != 0 || (*at)[len] != '=')
		return NULL;
	*end = '\0';
	value = *at + len + 1;
	*at = end + 1;
	return value;
}

static bool parse_node(const char *text, struct claim *claim)
{
	int end = 0;

	claim->has_node = sscanf(text, "%u:%u:%o%n", &claim->owner, &claim->group, &claim->mode, &end) == 3 &&
			  !text[end] && claim->mode <= 07777;
	return claim->has_node;
}

static bool parse_claim(char *text, struct claim *ret)
{
	static const char head[] = "iommufdctl claim 1\n";
	char *at = text + strlen(head), *value;

	if (strncmp(text, head, strlen(head)) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		value = next_value(&at, lines[i].key);
		if (!value || strlen(value) >= lines[i].size)
			return false;
		strcpy((char *)ret + lines[i].at, value);
	}
	value = next_value(&at, "node");
	return (!value || parse_node(value, ret)) && strcmp(at, "end\n") == 0;
}

/* What a name of a file stands for. */
static bool split_name(const char *name, char *bus, size_t len, const char **address)
{
	const char *colon = strchr(name, ':');

	if (*name == '.' || !colon || (size_t)(colon - name) >= len || !colon[1])
		return false;
	memcpy(bus, name, (size_t)(colon - name));
	bus[colon - name] = '\0';
	*address = colon + 1;
	return true;
}

/* It goes by the name of its own device, and its words name nothing outside of their directories. */
static bool is_sound(const struct claim *claim, const char *name)
{
	char own[CLAIM_NAME];

	claim_name(own, claim->bus, claim->address);
	return strcmp(own, name) == 0 && !strchr(claim->address, '/') && !strchr(claim->driver, '/') &&
	       !strchr(claim->claimed, '/') && *claim->address != '.' && *claim->claimed;
}

/* ---- files ---- */

static int read_record(int fd, const char *name, struct claim *ret)
{
	char text[RECORD_SIZE] = "";
	struct claim claim = { 0 };
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & 022)
		return -EPERM;
	if (st.st_size >= (off_t)sizeof(text))
		return -EBADMSG;
	n = pread(fd, text, sizeof(text) - 1, 0);
	if (n < 0)
		return -errno;
	if (strlen(text) != (size_t)n || !parse_claim(text, &claim) || !is_sound(&claim, name))
		return -EBADMSG;
	*ret = claim;
	return 0;
}

int claim_read_in(int dir, const char *name, struct claim *ret)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), rc;

	if (fd < 0)
		return errno == ELOOP ? -EBADMSG : -errno;
	rc = read_record(fd, name, ret);
	close(fd);
	return rc;
}

/* Where the device was claimed once more, the record of before is in its place until the new one is there. */
static int write_new(int dir, const char *path, const struct buffer *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644), rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, text->buf, text->len);
	if (rc == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
		rc = -errno;
	close(fd);
	return rc;
}

int claim_write_in(int dir, const char *name, const struct claim *claim)
{
	char room[RECORD_SIZE], path[CLAIM_NAME + 8];
	struct buffer text = { .fd = -1, .buf = room, .cap = sizeof(room) };
	int rc;

	format_claim(&text, claim);
	snprintf(path, sizeof(path), ".new-%s", name);
	rc = write_new(dir, path, &text);
	if (rc == 0 && renameat(dir, path, dir, name) < 0)
		rc = -errno;
	if (rc == 0)
		return fsync(dir) < 0 ? -errno : 0;
	unlinkat(dir, path, 0);
	return rc;
}

int claim_forget_in(int dir, const char *name)
{
	char path[CLAIM_NAME + 8];

	snprintf(path, sizeof(path), ".new-%s", name);
	unlinkat(dir, path, 0);
	if (unlinkat(dir, name, 0) < 0)
		return -errno;
	return fsync(dir) < 0 ? -errno : 0;
}

int claim_read(const char *bus, const char *address, struct claim *ret)
{
	int dir = claims_open(false), rc;
	char name[CLAIM_NAME];

	if (dir < 0)
		return dir;
	claim_name(name, bus, address);
	rc = claim_read_in(dir, name, ret);
	close(dir);
	return rc;
}

int claims_each(claim_fn *fn, void *arg)
{
	int fd = claims_open(false);
	struct dirent *entry;
	const char *address;
	char bus[16];
	DIR *dir;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -errno;
	}
	while ((errno = 0, entry = readdir(dir)))
		if (split_name(entry->d_name, bus, sizeof(bus), &address) && !fn(arg, bus, address))
			break;
	closedir(dir);
	return entry ? 0 : -errno;
}
