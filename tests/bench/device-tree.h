/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of many VFIO devices, as sysfs shows them; need() is its user's. */
#ifndef BENCH_DEVICE_TREE_H
#define BENCH_DEVICE_TREE_H

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

static void make_file(const char *dir, const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	need(fd >= 0 && close(fd) == 0, path);
}

static void make_device(int i)
{
	char address[24], dir[64], path[128], text[160], name[16];

	snprintf(address, sizeof(address), "%04x:%02x:%02x.%d", i >> 16, i >> 8 & 255, i >> 3 & 31, i & 7);
	snprintf(name, sizeof(name), "vfio%d", i);
	snprintf(dir, sizeof(dir), "devices/pci/%s", address);
	make_dir(dir);
	make_link("../../../bus/pci", dir, "subsystem");
	make_link("../../../bus/pci/drivers/vfio-pci", dir, "driver");
	snprintf(text, sizeof(text), "../../../kernel/iommu_groups/%d", i);
	make_link(text, dir, "iommu_group");
	snprintf(path, sizeof(path), "%s/vfio-dev", dir);
	make_dir(path);
	snprintf(path, sizeof(path), "%s/vfio-dev/%s", dir, name);
	make_dir(path);
	make_link("../..", path, "device");
	make_file(path, "dev");
	snprintf(text, sizeof(text), "../../%s", path);
	make_link(text, "class/vfio-dev", name);
}

static void make_tree(const char *root, int n)
{
	static const char *const dirs[] = { "devices", "devices/pci", "bus", "bus/pci", "class",
					    "class/vfio-dev" };

	make_dir(root);
	need(chdir(root) == 0, root);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		make_dir(dirs[i]);
	for (int i = 0; i < n; i++)
		make_device(i);
}

#endif
