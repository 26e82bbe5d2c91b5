/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology/topology.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/parse.h"

static int say(struct topology_error *error, const char *text)
{
	error->line = 0;
	snprintf(error->text, sizeof(error->text), "%s", text);
	return -1;
}

/* All of an open file, with an end; more than the most that there may be is refused without being read. */
static char *read_all(int fd, struct topology_error *error)
{
	char *text = malloc(TOPOLOGY_MOST_BYTES + 1);
	size_t used = 0;
	ssize_t n = 1;

	while (text && used <= TOPOLOGY_MOST_BYTES && n > 0) {
		n = read(fd, text + used, TOPOLOGY_MOST_BYTES + 1 - used);
		used += n > 0 ? (size_t)n : 0;
	}
	if (text && n == 0 && used <= TOPOLOGY_MOST_BYTES) {
		text[used] = '\0';
		if (strlen(text) == used)
			return text;
		say(error, "the file has a byte of 0 in it");
	} else {
		say(error, !text ? "out of memory" : n < 0 ? strerror(errno) : "the file is larger than 8 MB");
	}
	free(text);
	return NULL;
}

static char *read_file(const char *path, struct topology_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text;

	if (fd < 0) {
		say(error, strerror(errno));
		return NULL;
	}
	text = read_all(fd, error);
	close(fd);
	return text;
}

static int parse_text(struct topology *topology, const char *text, struct topology_error *error)
{
	struct reader reader = { .text = text, .error = error };
	json_error_t wrong;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);
	int rc;

	if (!root) {
		say(error, wrong.text);
		error->line = wrong.line > 0 ? (unsigned int)wrong.line : 0;
		return -1;
	}
	rc = parse_topology(&reader, root, topology);
	json_decref(root);
	return rc;
}

int topology_read(struct topology *topology, const char *path, struct topology_error *error)
{
	char *text = path ? read_file(path, error) : NULL;
	int rc;

	*topology = (struct topology){ 0 };
	if (path && !text)
		return -1;
	rc = parse_text(topology, text ?: topology_default, error);
	free(text);
	if (rc < 0)
		topology_free(topology);
	return rc;
}

int topology_print(const char *path)
{
	struct topology_error error;
	char *text = path ? read_file(path, &error) : NULL;
	int rc = path && !text;

	if (!rc && fputs(text ?: topology_default, stdout) < 0)
		rc = 1;
	free(text);
	return fflush(stdout) == 0 ? rc : 1;
}

void topology_free(struct topology *topology)
{
	free(topology->drivers);
	free(topology->iommus);
	free(topology->devices);
	*topology = (struct topology){ 0 };
}

int topology_fill(struct topology *topology, struct sim *sim)
{
	sim_allow_unsafe_interrupts(sim, topology->unsafe_interrupts);
	for (size_t i = 0; i < topology->n_devices; i++) {
		struct topology_device *device = &topology->devices[i];

		device->device.sim = sim_device_add(sim, &device->description);
		if (!device->device.sim)
			return -errno;
	}
	return 0;
}
