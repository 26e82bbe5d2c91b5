/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only file that reads /sys: which VFIO devices there are, and what they are. */
#include "internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CLASS "class/vfio-dev"
#define PCI_FORM "xxxxxxxx:xx:xx.x" /* a domain has four digits, and more behind some bridges */
#define UUID_FORM "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

static int open_path(int dir, const char *path)
{
	int fd = openat(dir, path, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_root(void)
{
	const char *root = secure_getenv("IOMMUFD_SYSFS");

	return open_path(AT_FDCWD, root && *root ? root : "/sys");
}

static int open_dir(int base, const char *path, DIR **ret)
{
	int fd = openat(base, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret = fdopendir(fd);
	return *ret ? 0 : close_after(fd, -errno);
}

/* 1 and the next entry, 0 at the end. An error is no end: there may be more. */
static int next_entry(DIR *dir, struct dirent **ret)
{
	errno = 0;
	*ret = readdir(dir);
	return *ret ? 1 : -errno;
}

/* 0, or -ENODEV, or why nobody knows. */
static int check_device(int dir, const char *path)
{
	int fd = open_path(dir, path);

	if (fd < 0)
		return fd == -ENOENT ? -ENODEV : fd;
	return close_after(fd, 0);
}

/* The text of a link below dir, or -errno. */
static int link_text(int dir, const char *path, char *buf, size_t len)
{
	ssize_t n = readlinkat(dir, path, buf, len);

	if (n < 0)
		return -errno;
	if ((size_t)n >= len)
		return set_errno(ENAMETOOLONG);
	buf[n] = '\0';
	return 0;
}

/* The last component of a link's text: how sysfs names a driver, a group, a subsystem. */
static int link_name(int dir, const char *device, const char *attribute, char *buf, size_t len)
{
	char path[PATH_MAX], text[PATH_MAX];
	const char *name;
	int rc;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", device, attribute) >= sizeof(path))
		return set_errno(ENAMETOOLONG);
	rc = link_text(dir, path, text, sizeof(text));
	if (rc < 0)
		return rc;
	name = basename(text);
	if (strlen(name) >= len)
		return set_errno(ERANGE);
	strcpy(buf, name);
	return 0;
}

/* A PCI address with its domain, in full: sysfs knows no other spelling. */
static bool match_pci(const char *address, char *full)
{
	const int most = 8, least = 4;

	for (int digits = most; digits >= least; digits--)
		if (match_form(address, &PCI_FORM[most - digits], full))
			return digits == least || *full != '0';
	strcpy(full, "0000:");
	return match_form(address, &PCI_FORM[most + 1], full + strlen(full));
}

/* The directory of a device of another bus, whose names have no form: it is there, or there is none. */
static int named_path(int root, const char *name, char *path, size_t len)
{
	static const char buses[][9] = { "platform", "amba", "fsl-mc", "cdx", "ap", "css" };

	if (*name == '.' || strlen(name) > len - sizeof("bus/platform/devices/"))
		return set_errno(EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++) {
		snprintf(path, len, "bus/%s/devices/%s", buses[i], name);
		if (check_device(root, path) == 0)
			return 0;
	}
	return set_errno(EINVAL);
}

/* The directory below the sysfs root; of a PCI device or mdev without asking whether it exists. */
static int address_path(int root, const char *address, char *path, size_t len)
{
	char full[sizeof(UUID_FORM)];

	if (match_form(address, UUID_FORM, full))
		snprintf(path, len, "bus/mdev/devices/%s", full);
	else if (match_pci(address, full))
		snprintf(path, len, "bus/pci/devices/%s", full);
	else
		return named_path(root, address, path, len);
	return 0;
}

/* The same where there may be none, or none that fits: buf is empty then. */
static int link_name_or_none(int dir, const char *device, const char *attribute, char *buf, size_t len)
{
	int rc = link_name(dir, device, attribute, buf, len);

	if (rc != -ENOENT && rc != -ERANGE)
		return rc;
	*buf = '\0';
	return 0;
}

/*
 * The link's text is ../../devices/.../ADDRESS/vfio-dev/NAME: the directory and the address in one read. What
 * has no room is left empty: one device with a long name must not hide the others, and has its cdev's name.
 */
static int split_class_link(char *text, struct iommufd_device *device)
{
	char *path = strstr(text, "devices/"), *end = path ? strstr(path, "/vfio-dev/") : NULL;
	const char *address;

	if (!end)
		return set_errno(ENODEV);
	*end = '\0';
	address = strrchr(path, '/') + 1;
	if (strlen(path) < sizeof(device->sysfs))
		strcpy(device->sysfs, path);
	if (strlen(address) < sizeof(device->address))
		strcpy(device->address, address);
	return 0;
}

/* In noiommu mode the kernel makes a group of this name, and also for an mdev: 1, 0, or -errno. */
static int is_without_iommu(int class_dir, const char *name)
{
	static const char expected[] = "vfio-noiommu\n";
	char path[64], text[sizeof(expected)];
	ssize_t n;
	int fd;

	if (strncmp(name, "noiommu-", 8) == 0)
		return 1;
	snprintf(path, sizeof(path), "%s/device/iommu_group/name", name);
	fd = openat(class_dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return close_after(fd, -errno);
	close(fd);
	return n == (ssize_t)strlen(expected) && memcmp(text, expected, (size_t)n) == 0;
}

/* Without numbers it has no node: no VFIO_DEVICE_CDEV, or no cdev for what is behind no IOMMU. */
static int read_cdev(int class_dir, struct iommufd_device *device)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/dev", device->name);
	if (faccessat(class_dir, path, F_OK, 0) < 0)
		return errno == ENOENT ? 0 : -errno;
	if ((size_t)snprintf(device->cdev, sizeof(device->cdev), "%s/vfio/devices/%s", dev_root(),
			     device->name) >= sizeof(device->cdev))
		return set_errno(ENAMETOOLONG);
	return 0;
}

static int read_kind(const char *bus, int class_dir, struct iommufd_device *device)
{
	int rc = 0;

	device->kind = strcmp(bus, "mdev") == 0 ? IOMMUFD_EMULATED : IOMMUFD_PHYSICAL;
	/* The name of the group is only read where it may be that one: a list is long. */
	if (device->kind == IOMMUFD_PHYSICAL && (!*device->cdev || strncmp(device->name, "vfio", 4) != 0))
		rc = is_without_iommu(class_dir, device->name);
	if (rc > 0)
		device->kind = IOMMUFD_NOIOMMU;
	return rc < 0 ? set_errno(-rc) : 0;
}

/* Four links: the device, its bus, its driver, its group. */
static int read_device(int class_dir, const char *name, struct iommufd_device *ret)
{
	char text[PATH_MAX], parent[64], bus[32], group[16];
	struct iommufd_device device = { 0 };
	int rc;

	if (strlen(name) >= sizeof(device.name))
		return set_errno(ENODEV);
	strcpy(device.name, name);
	rc = link_text(class_dir, name, text, sizeof(text));
	if (rc < 0)
		return set_errno(rc == -ENOENT ? ENODEV : -rc);
	rc = split_class_link(text, &device);
	if (rc < 0)
		return rc;
	rc = read_cdev(class_dir, &device);
	if (rc < 0)
		return rc;
	snprintf(parent, sizeof(parent), "%s/device", name);
	rc = link_name(class_dir, parent, "subsystem", bus, sizeof(bus));
	if (rc < 0)
		return set_errno(rc == -ENOENT ? ENODEV : -rc);
	rc = read_kind(bus, class_dir, &device);
	if (rc == 0)
		rc = link_name_or_none(class_dir, parent, "driver", device.driver, sizeof(device.driver));
	if (rc == 0)
		rc = link_name_or_none(class_dir, parent, "iommu_group", group, sizeof(group));
	if (rc < 0)
		return rc;
	device.group = parse_decimal(group);
	*ret = device;
	return 0;
}

static int lookup_name(int root, const char *name, struct iommufd_device *ret)
{
	int class_dir = open_path(root, CLASS);

	if (class_dir < 0)
		return set_errno(class_dir == -ENOENT ? ENODEV : -class_dir);
	return close_after(class_dir, read_device(class_dir, name, ret));
}

/* The name of the one cdev below a device's directory: -ENODEV, or -ENXIO when it has none. */
static int find_cdev(int root, const char *path, char *name, size_t len)
{
	char sub[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int rc = check_device(root, path);

	if (rc < 0)
		return rc;
	snprintf(sub, sizeof(sub), "%s/vfio-dev", path);
	rc = open_dir(root, sub, &dir);
	if (rc < 0)
		return rc == -ENOENT ? -ENXIO : rc;
	while ((rc = next_entry(dir, &entry)) > 0)
		if (is_cdev_name(entry->d_name) && strlen(entry->d_name) < len) {
			strcpy(name, entry->d_name);
			break;
		}
	closedir(dir);
	if (rc < 0)
		return rc;
	return rc > 0 ? 0 : -ENXIO;
}

static int lookup_address(int root, const char *path, struct iommufd_device *ret)
{
	char name[sizeof(ret->name)];
	int rc = find_cdev(root, path, name, sizeof(name));

	return rc < 0 ? set_errno(-rc) : lookup_name(root, name, ret);
}

/* The name of the cdev that has these numbers, so that any path of the node will do; -ENOTTY: no cdev has. */
static int cdev_of_rdev(int root, const struct stat *st, char *buf, size_t len)
{
	char path[64], bus[32];
	int rc;

	if (!S_ISCHR(st->st_mode))
		return set_errno(ENOTTY);
	snprintf(path, sizeof(path), "dev/char/%u:%u", major(st->st_rdev), minor(st->st_rdev));
	rc = link_name_or_none(root, path, "subsystem", bus, sizeof(bus));
	if (rc < 0)
		return rc;
	if (strcmp(bus, "vfio-dev") != 0)
		return set_errno(ENOTTY);
	return link_name(root, "dev/char", path + strlen("dev/char/"), buf, len);
}

static int lookup_rdev(int root, const struct stat *st, struct iommufd_device *ret)
{
	char name[sizeof(ret->name)];
	int rc = cdev_of_rdev(root, st, name, sizeof(name));

	return rc < 0 ? rc : lookup_name(root, name, ret);
}

static int lookup_path(int root, const char *ref, struct iommufd_device *ret)
{
	int fd = open_path(AT_FDCWD, ref), rc;
	struct stat st;

	if (fd < 0)
		return set_errno(fd == -ENOENT ? ENODEV : -fd);
	rc = close_after(fd, fstat(fd, &st) < 0 ? -errno : lookup_rdev(root, &st, ret));
	/* What was named is what will be opened, though there may be another node of the device. */
	if (rc == 0 && strlen(ref) < sizeof(ret->cdev))
		strcpy(ret->cdev, ref);
	return rc;
}

int check_cdev(int fd, const char *name)
{
	char found[64];
	struct stat st;
	int root, rc;

	if (fstat(fd, &st) < 0)
		return -errno;
	root = open_root();
	if (root < 0)
		return root;
	rc = close_after(root, cdev_of_rdev(root, &st, found, sizeof(found)));
	if (rc < 0)
		return rc == -ENOTTY ? set_errno(ESTALE) : rc;
	return strcmp(found, name) == 0 ? 0 : set_errno(ESTALE);
}

API int iommufd_device_lookup(const char *ref, struct iommufd_device *ret)
{
	char path[128];
	int root = open_root(), rc;

	if (root < 0)
		return root;
	if (strchr(ref, '/'))
		rc = lookup_path(root, ref, ret);
	else if (is_cdev_name(ref))
		rc = lookup_name(root, ref, ret);
	else if ((rc = address_path(root, ref, path, sizeof(path))) == 0)
		rc = lookup_address(root, path, ret);
	return close_after(root, rc);
}

API int iommufd_device_lookup_fd(int fd, struct iommufd_device *ret)
{
	struct stat st;
	int root;

	if (fstat(fd, &st) < 0)
		return -errno;
	root = open_root();
	return root < 0 ? root : close_after(root, lookup_rdev(root, &st, ret));
}

static int char_kind(const struct stat *st)
{
	char name[64];
	int root = open_root(), rc;

	if (root < 0)
		return root;
	rc = close_after(root, cdev_of_rdev(root, st, name, sizeof(name)));
	if (rc == -ENOTTY)
		return IOMMUFD_FD_STREAM;
	return rc < 0 ? rc : IOMMUFD_FD_CDEV;
}

/* What has no file type was made by a system call: its link names the kind. */
static int anonymous_kind(int fd)
{
	static const char dma_buf[] = "/dmabuf:"; /* a name may follow */
	char path[32], text[64];
	int rc;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = link_text(AT_FDCWD, path, text, sizeof(text));
	if (rc < 0 && rc != -ENAMETOOLONG)
		return rc;
	if (rc == 0 && strcmp(text, "anon_inode:[iommufd-pgfault]") == 0)
		return IOMMUFD_FD_FAULT;
	if (rc == 0 && strcmp(text, "anon_inode:[iommufd-viommu-event]") == 0)
		return IOMMUFD_FD_VEVENTQ;
	if (rc == 0 && strncmp(text, dma_buf, strlen(dma_buf)) == 0)
		return IOMMUFD_FD_DMA_BUF;
	return IOMMUFD_FD_OTHER;
}

API int iommufd_fd_kind(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISCHR(st.st_mode))
		return char_kind(&st);
	return st.st_mode & S_IFMT ? IOMMUFD_FD_STREAM : anonymous_kind(fd);
}

API int iommufd_device_driver(const char *address, char *buf, size_t len)
{
	char path[128];
	int root = open_root(), rc;

	if (root < 0)
		return root;
	rc = address_path(root, address, path, sizeof(path));
	if (rc == 0)
		rc = check_device(root, path);
	if (rc == 0)
		rc = link_name(root, path, "driver", buf, len);
	return close_after(root, rc);
}

int each_device(device_fn *fn, void *arg)
{
	struct iommufd_device device;
	struct dirent *entry;
	DIR *dir;
	int root = open_root(), rc;

	/* Without the class there are no devices; without sysfs nobody knows. */
	if (root < 0)
		return set_errno(root == -ENOENT ? ENODEV : -root);
	rc = open_dir(root, CLASS, &dir);
	if (rc == -ENOENT && faccessat(root, "class", F_OK, 0) < 0)
		rc = -ENODEV; /* a directory that nothing is mounted on is no sysfs either */
	close(root);
	if (rc < 0)
		return rc == -ENOENT ? 0 : set_errno(-rc);
	while ((rc = next_entry(dir, &entry)) > 0) {
		if (!is_cdev_name(entry->d_name))
			continue;
		rc = read_device(dirfd(dir), entry->d_name, &device);
		if (rc == -ENODEV)
			continue; /* unplugged while we read */
		if (rc == 0)
			rc = fn(arg, &device);
		if (rc < 0)
			break;
	}
	closedir(dir);
	return rc < 0 ? set_errno(-rc) : 0;
}
