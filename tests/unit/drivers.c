/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drivers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claim/write.h"
#include "unit.h"

int __wrap_sysfs_write(struct sysfs_write *write, struct held_signals *signals);
int __real_sysfs_write(struct sysfs_write *write, struct held_signals *signals);

struct made_up made_up;

bool exists(const char *path)
{
	struct stat st;

	return lstat(tree_path("%s", path), &st) == 0;
}

const char *text_of(const char *path)
{
	static char text[2048];
	FILE *file = fopen(tree_path("%s", path), "r");
	size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[n] = '\0';
	if (file)
		fclose(file);
	return text;
}

const char *driver_of(const char *address)
{
	static char text[256];
	ssize_t n = readlink(tree_path(DIRECTORY "%s/driver", address), text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? strrchr(text, '/') + 1 : text;
}

const char *override_of(const char *address)
{
	char path[256];

	snprintf(path, sizeof(path), DIRECTORY "%s/driver_override", address);
	return text_of(path);
}

/* ---- the kernel ---- */

static void add_cdev(const char *address)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), DIRECTORY "%s/vfio-dev/vfio7/dev", address);
	tree_write(path, "1:3\n");
	snprintf(target, sizeof(target), "../../devices/pci0000:00/%s/vfio-dev/vfio7", address);
	tree_link(target, "sys/class/vfio-dev/vfio7");
	tree_link("/dev/null", "dev/vfio/devices/vfio7");
}

static void remove_cdev(const char *address)
{
	char path[256];

	if (!exists("sys/class/vfio-dev/vfio7"))
		return;
	tree_unlink("sys/class/vfio-dev/vfio7");
	tree_unlink("dev/vfio/devices/vfio7");
	snprintf(path, sizeof(path), DIRECTORY "%s/vfio-dev/vfio7/dev", address);
	tree_unlink(path);
	*strrchr(path, '/') = '\0';
	tree_unlink(path);
	*strrchr(path, '/') = '\0';
	tree_unlink(path);
}

static int unbind(const char *driver, const char *address)
{
	char path[256];

	if (strcmp(driver_of(address), driver) != 0)
		return -ENODEV;
	snprintf(path, sizeof(path), DIRECTORY "%s/driver", address);
	tree_unlink(path);
	remove_cdev(address);
	return made_up.never_unbinds ? -ETIMEDOUT : 0;
}

static int probe(const char *address)
{
	char path[256], target[256], driver[64];

	if (*driver_of(address))
		return 0;
	snprintf(driver, sizeof(driver), "%s", override_of(address));
	driver[strcspn(driver, "\n")] = '\0';
	if (strcmp(driver, "(null)") == 0)
		strcpy(driver, "e1000e");
	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s", driver);
	if (!exists(path) || (strncmp(driver, "vfio", 4) == 0 && made_up.takes_nothing))
		return 0;
	snprintf(path, sizeof(path), DIRECTORY "%s/driver", address);
	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	tree_link(target, path);
	if (strncmp(driver, "vfio", 4) == 0 && !made_up.makes_no_cdev)
		add_cdev(address);
	return 0;
}

static int take(const char *path, char *text)
{
	char full[256], driver[64];

	text[strcspn(text, "\n")] = '\0';
	snprintf(full, sizeof(full), "sys/%s", path);
	if (strstr(path, "/driver_override")) {
		strcat(text, "\n");
		tree_write(full, strlen(text) > 1 ? text : "(null)\n");
		return 0;
	}
	if (sscanf(path, "bus/pci/drivers/%63[^/]/unbind", driver) == 1)
		return unbind(driver, text);
	return strcmp(path, "bus/pci/drivers_probe") == 0 ? probe(text) : -ENOENT;
}

int __wrap_sysfs_write(struct sysfs_write *write, struct held_signals *signals)
{
	char text[128];
	int rc;

	if (made_up.real)
		return __real_sysfs_write(write, signals);
	assert_true(exists(RECORD)); /* before the first write */
	made_up.writes++;
	if (made_up.writes == made_up.die_before)
		_exit(KILLED);
	if (made_up.writes == made_up.fail_at)
		return -EIO;
	snprintf(text, sizeof(text), "%s", write->text);
	rc = take(write->path, text);
	if (made_up.writes == made_up.die_behind)
		_exit(KILLED);
	if (made_up.writes == made_up.signal_at)
		kill(getpid(), SIGINT);
	write->pid = rc == -ETIMEDOUT ? getpid() : 0;
	return rc;
}

/* ---- the machine ---- */

void add_nic(const char *address, const char *driver, const char *group)
{
	const struct tree_device device = { NULL, "pci0000:00", address, "pci", driver, group };
	char path[256], target[256];

	tree_add(&device);
	snprintf(path, sizeof(path), DIRECTORY "%s/driver_override", address);
	tree_write(path, "(null)\n");
	snprintf(path, sizeof(path), DIRECTORY "%s/modalias", address);
	tree_write(path, "pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00\n");
	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%s/devices/%s", group, address);
	snprintf(target, sizeof(target), "../../../../devices/pci0000:00/%s", address);
	tree_link(target, path);
}

void set(const char *address, const char *attribute, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), DIRECTORY "%s/%s", address, attribute);
	tree_write(path, text);
}

int drivers_setup(void **state)
{
	struct world *world = world_new(CONTEXT_NONE);

	memset(&made_up, 0, sizeof(made_up));
	*state = world;
	umask(022); /* what others may write is not believed */
	tree_mkdir("run");
	tree_mkdir("sys/class/iommu/dmar0");
	tree_write("proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
	tree_write("proc/self/mountinfo", "");
	tree_write("proc/swaps", "");
	tree_write("proc/net/route", "");
	tree_write("sys/bus/pci/drivers_probe", "");
	tree_write("sys/bus/pci/drivers/e1000e/unbind", "");
	tree_write("sys/bus/pci/drivers/vfio-pci/unbind", "");
	add_nic(NIC, "e1000e", "20");
	return 0;
}

int drivers_teardown(void **state)
{
	world_free(*state);
	return 0;
}

void assert_said(struct world *world, const char *text)
{
	if (!strstr(complained(world), text))
		fail_msg("expected '%s', it says: %s", text, complained(world));
}

void assert_printed(struct world *world, const char *text)
{
	if (!strstr(printed(world), text))
		fail_msg("expected '%s', it prints: %s", text, printed(world));
}

void assert_untouched(void)
{
	assert_string_equal(driver_of(NIC), "e1000e");
	assert_string_equal(override_of(NIC), "(null)\n");
	assert_false(exists(RECORD));
}

void assert_claimed(void)
{
	assert_string_equal(driver_of(NIC), "vfio-pci");
	assert_string_equal(override_of(NIC), "vfio-pci\n");
	assert_true(exists(RECORD));
}

void assert_refuses(struct world *world, const char *line, int code, const char *message)
{
	int before = made_up.writes;

	assert_fails(world, line, code, message);
	assert_int_equal(made_up.writes, before);
}
