/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/pci-names.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/buffer.h"
#include "util/io.h"
#include "util/library.h"

enum { CHILD_DONE, CHILD_NO_LIBRARY = 3 }; /* libpci ends with 1 */

/* What <pci/pci.h> has at the begin of its struct: those who use it may set these. */
struct pci_access {
	unsigned int method;
	int writeable, buscentric;
	char *id_file_name;
	int free_id_name, numeric_ids;
	unsigned int id_lookup_mode;
	int debugging;
	void (*error)(char *format, ...) __attribute__((noreturn));
	void (*warning)(char *format, ...);
	void (*debug)(char *format, ...);
};

enum { VENDOR = 1, DEVICE = 2 }; /* PCI_LOOKUP_ */

struct libpci {
	struct pci_access *(*alloc)(void);
	char *(*lookup)(struct pci_access *access, char *buf, int len, int flags, ...);
};

static int by_ids(const void *a, const void *b)
{
	const struct pci_name *x = a, *y = b;

	return x->vendor != y->vendor ? x->vendor - y->vendor : x->device - y->device;
}

int pci_names_want(struct pci_names *names, uint16_t vendor, uint16_t device)
{
	const struct pci_name name = { vendor, device, NULL };

	/* Neighbours in a list are often alike. */
	if (names->count && by_ids(&names->items[names->count - 1], &name) == 0)
		return 0;
	if (names->count == names->room) {
		size_t room = names->room ? 2 * names->room : 16;
		void *grown = reallocarray(names->items, room, sizeof(name));

		if (!grown)
			return -ENOMEM;
		names->items = grown;
		names->room = room;
	}
	names->items[names->count++] = name;
	return 0;
}

/* Sorted, and each of them once. */
static void settle(struct pci_names *names)
{
	size_t n = 0;

	qsort(names->items, names->count, sizeof(*names->items), by_ids);
	for (size_t i = 0; i < names->count; i++)
		if (n == 0 || by_ids(&names->items[n - 1], &names->items[i]) != 0)
			names->items[n++] = names->items[i];
	names->count = n;
}

/* --- the process that has the library --- */

static void be_quiet(char *format, ...)
{
	(void)format;
}

__attribute__((noreturn)) static void give_up(char *format, ...)
{
	(void)format;
	_exit(EXIT_FAILURE);
}

static bool load(struct libpci *lib)
{
	void *library = library_open("libpci.so.3");

	return library && library_function(library, "pci_alloc", &lib->alloc) == 0 &&
	       library_function(library, "pci_lookup_name", &lib->lookup) == 0;
}

/* A text with its NUL for each name, empty where there is none. Devices themselves are not looked at. */
__attribute__((noreturn)) static void look_up(const struct pci_names *names, int fd)
{
	struct buffer out = { .fd = -1 };
	struct pci_access *access;
	struct libpci lib;

	if (!load(&lib))
		_exit(CHILD_NO_LIBRARY);
	access = lib.alloc();
	access->error = give_up;
	access->warning = access->debug = be_quiet;
	access->id_lookup_mode = 0; /* no cache in anybody's home */
	for (size_t i = 0; i < names->count; i++) {
		char text[256];
		const char *found = lib.lookup(access, text, sizeof(text), VENDOR | DEVICE,
					       names->items[i].vendor, names->items[i].device);

		buf_str(&out, found ?: "");
		buf_char(&out, '\0');
	}
	_exit(out.error || write_all(fd, out.buf, out.len) < 0 ? EXIT_FAILURE : CHILD_DONE);
}

/* --- the process that wants to know --- */

/* All that comes, behind it a NUL. */
static int receive(int fd, struct buffer *text)
{
	char part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n > 0)
			buf_bytes(text, part, (size_t)n);
		else if (errno != EINTR)
			return -errno;
	}
	buf_char(text, '\0');
	return -text->error;
}

static int child_verdict(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_DONE)
		return 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NO_LIBRARY ? -ELIBACC : -EBADMSG;
}

static int take(struct pci_names *names, const char *text, size_t len)
{
	const char *end = text + len;

	for (size_t i = 0; i < names->count; i++) {
		if (text >= end)
			return -EBADMSG;
		names->items[i].text = *text ? text : NULL;
		text += strlen(text) + 1;
	}
	return 0;
}

static int ask_child(struct pci_names *names, const int ends[2])
{
	struct buffer text = { .fd = -1 };
	pid_t pid = fork();
	int rc;

	if (pid == 0)
		look_up(names, ends[1]);
	close(ends[1]);
	rc = pid < 0 ? -errno : receive(ends[0], &text);
	close(ends[0]);
	if (pid > 0)
		rc = child_verdict(pid) ?: rc;
	names->text = text.buf;
	return rc ?: take(names, text.buf, text.len);
}

int pci_names_read(struct pci_names *names)
{
	int ends[2], rc;

	if (!names->count)
		return 0;
	settle(names);
	rc = pipe2(ends, O_CLOEXEC) < 0 ? -errno : ask_child(names, ends);
	for (size_t i = 0; rc < 0 && i < names->count; i++)
		names->items[i].text = NULL;
	return rc;
}

const char *pci_names_find(const struct pci_names *names, uint16_t vendor, uint16_t device)
{
	const struct pci_name name = { vendor, device, NULL };
	const struct pci_name *found =
		names->count ? bsearch(&name, names->items, names->count, sizeof(name), by_ids) : NULL;

	return found ? found->text : NULL;
}

void pci_names_free(struct pci_names *names)
{
	free(names->items);
	free(names->text);
	*names = (struct pci_names){ 0 };
}
