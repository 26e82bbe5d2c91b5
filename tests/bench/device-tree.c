/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device-tree DIR N: a machine of N devices that VFIO has, each in a group of its own, as files: DIR/sys and
 * DIR/dev.
 * What is the same for all devices is one file with many names: a hundred thousand devices take a gigabyte.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICES "sys/devices/pci0000:00"

static void need(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(1);
}

static void make_link(const char *text, const char *dir, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	need(symlink(text, path) == 0, path);
}

static void make_dir(const char *path)
{
	need(mkdir(path, 0755) == 0 || errno == EEXIST, path);
}

static void make_file(const char *dir, const char *name, const void *bytes, size_t len)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	need(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0, path);
}

/* What list reads, and what lspci -n does. */
static const char *const shared[] = {
	"vendor", "device", "subsystem_vendor", "subsystem_device", "class", "revision", "irq", "numa_node", "config",
	"resource", "dev",
};
enum { OF_CDEV = 10 }; /* the last one is the cdev's */

static void make_shared(void)
{
	static const char *const texts[] = { "0x1b36\n", "0x0005\n", "0x1af4\n", "0x1100\n", "0xff0000\n", "0x00\n",
					     "11\n", "0\n", NULL, NULL, "511:0\n" };
	const unsigned char config[64] = { 0x36, 0x1b, 0x05, 0x00, [11] = 0xff,
					   [44] = 0xf4, 0x1a, 0x00, 0x11 };
	char resource[7 * 57 + 1] = "";

	make_dir("shared");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i])
			make_file("shared", shared[i], texts[i], strlen(texts[i]));
	make_file("shared", "config", config, sizeof(config));
	for (int i = 0; i < 7; i++)
		strcat(resource, "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
	make_file("shared", "resource", resource, strlen(resource));
}

static void share(size_t i, const char *dir)
{
	char from[64], to[512];

	snprintf(from, sizeof(from), "shared/%s", shared[i]);
	snprintf(to, sizeof(to), "%s/%s", dir, shared[i]);
	need(link(from, to) == 0, to);
}

static void make_cdev(const char *address, const char *dir, const char *name)
{
	char path[128], text[160];

	snprintf(path, sizeof(path), "%s/vfio-dev", dir);
	make_dir(path);
	snprintf(path, sizeof(path), "%s/vfio-dev/%s", dir, name);
	make_dir(path);
	make_link("../..", path, "device");
	share(OF_CDEV, path);
	snprintf(text, sizeof(text), "../../devices/pci0000:00/%s/vfio-dev/%s", address, name);
	make_link(text, "sys/class/vfio-dev", name);
	make_link("/dev/null", "dev/vfio/devices", name);
}

static void make_device(int i)
{
	char address[24], dir[64], text[160], name[16];

	snprintf(address, sizeof(address), "%04x:%02x:%02x.%d", i >> 16, i >> 8 & 255, i >> 3 & 31, i & 7);
	snprintf(name, sizeof(name), "vfio%d", i);
	snprintf(dir, sizeof(dir), DEVICES "/%s", address);
	make_dir(dir);
	make_link("../../../bus/pci", dir, "subsystem");
	make_link("../../../bus/pci/drivers/vfio-pci", dir, "driver");
	snprintf(text, sizeof(text), "../../../kernel/iommu_groups/%d", i);
	make_link(text, dir, "iommu_group");
	snprintf(text, sizeof(text), "../../../devices/pci0000:00/%s", address);
	make_link(text, "sys/bus/pci/devices", address);
	snprintf(text, sizeof(text), "DRIVER=vfio-pci\nPCI_CLASS=FF0000\nPCI_ID=1B36:0005\nPCI_SUBSYS_ID=1AF4:1100\n"
		 "PCI_SLOT_NAME=%s\n", address);
	make_file(dir, "uevent", text, strlen(text));
	for (size_t file = 0; file < OF_CDEV; file++)
		share(file, dir);
	make_cdev(address, dir, name);
}

int main(int argc, char **argv)
{
	static const char *const dirs[] = {
		"sys", "sys/devices", DEVICES, "sys/devices/system", "sys/devices/system/node", "sys/bus", "sys/bus/pci",
		"sys/bus/pci/devices", "sys/class", "sys/class/vfio-dev", "dev", "dev/vfio", "dev/vfio/devices",
	};

	if (argc != 3)
		return 2;
	make_dir(argv[1]);
	need(chdir(argv[1]) == 0, argv[1]);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		make_dir(dirs[i]);
	make_file("sys/devices/system/node", "possible", "0\n", 2);
	make_shared();
	for (int i = 0; i < atoi(argv[2]); i++)
		make_device(i);
	return 0;
}
