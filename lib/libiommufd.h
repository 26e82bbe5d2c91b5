/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libiommufd - Linux iommufd and VFIO device cdevs.
 *
 * Two layers. The functions that take plain fds and ids mirror one ioctl each. The device functions
 * find VFIO devices in sysfs. iommufd_explain() turns a failure into a sentence.
 *
 * Conventions, for every function that returns int:
 * - 0 (or a count, where stated) on success; -errno on failure, and errno is set to the same error.
 * - Results go through the last pointers (ret_*), which are left untouched on failure.
 * - Addresses, offsets and lengths are in bytes. Ids belong to one open /dev/iommu and are re-used by
 *   the kernel as soon as they are free; id 0 never exists.
 * - Every fd that a function opens is close-on-exec, is 3 or higher, and belongs to the caller.
 * - ENOTTY: the fd is not of the right kind, or the running kernel does not know the ioctl.
 *   EOPNOTSUPP: the kernel knows the ioctl, but not this use of it.
 *
 * "Since Linux N" names the first kernel that has the ioctl; the library never looks at a version.
 */
#ifndef LIBIOMMUFD_H
#define LIBIOMMUFD_H

#if defined(__SIZEOF_POINTER__) && __SIZEOF_POINTER__ != 8
#error "libiommufd and iommufdctl are for 64-bit programs alone: build them for a 64-bit machine, without -m32 or -mx32"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LIBIOMMUFD_VERSION "0.1.0"

/* --- /dev/iommu ------------------------------------------------------------------------------- */

/*
 * Open an iommufd context. path: NULL for /dev/iommu. What is opened is not probed: a file that is no
 * iommufd answers the first ioctl with ENOTTY. Errors: ENOENT (no iommufd in this kernel), EACCES,
 * ENODEV, EMFILE. Since Linux 6.2.
 */
int iommufd_open(const char *path, int *ret_fd);

/*
 * Is fd an open iommufd? Asks by a read-only probe, never by the file's type: shells create a regular
 * file /dev/iommu where the driver is missing. Errors: EBADF, ENOTTY (something else).
 */
int iommufd_check(int fd);

/*
 * Destroy an object. Errors: ENOENT (no such id), EBUSY (in use: an IOAS or HWPT with something
 * attached, a bound device). Since Linux 6.2.
 */
int iommufd_destroy(int fd, uint32_t id);

enum iommufd_option_id {
	IOMMUFD_RLIMIT_MODE = 0, /* 0: pinned pages count per user, 1: per process; object 0 */
	IOMMUFD_HUGE_PAGES = 1,	 /* 0 or 1; object is an IOAS */
};

/* Read an option; changes nothing. Errors: ENOENT (object), EOPNOTSUPP. Since Linux 6.2. */
int iommufd_option_get(int fd, enum iommufd_option_id option, uint32_t object, uint64_t *ret_value);

/*
 * Set an option. IOMMUFD_RLIMIT_MODE only while the context holds no object (EBUSY), and with
 * CAP_SYS_RESOURCE (EPERM). Errors: EINVAL (value), ENOENT (object). Since Linux 6.2.
 */
int iommufd_option_set(int fd, enum iommufd_option_id option, uint32_t object, uint64_t value);

/* --- I/O address spaces ----------------------------------------------------------------------- */

/* Allocate an IOAS. Since Linux 6.2. */
int iommufd_ioas_alloc(int fd, uint32_t *ret_id);

struct iommufd_range {
	uint64_t start;
	uint64_t last; /* inclusive */
};

/*
 * The usable IOVA ranges of an IOAS: fills at most cap of them and returns how many there are, which
 * may be more than cap. ret_alignment (may be NULL): what every mapping must be a multiple of.
 * Attaching a device narrows the answer. Errors: ENOENT. Since Linux 6.2.
 */
int iommufd_ioas_ranges(int fd, uint32_t ioas, struct iommufd_range *ranges, size_t cap,
			uint64_t *ret_alignment);

#define IOMMUFD_MAP_FIXED (1U << 0) /* map at *iova; otherwise the kernel chooses, never 0 */
#define IOMMUFD_MAP_WRITE (1U << 1) /* devices may write */
#define IOMMUFD_MAP_READ (1U << 2)  /* devices may read */

/*
 * Map the calling process's memory at va. flags: IOMMUFD_MAP_*, at least one of READ and WRITE. iova is
 * read with IOMMUFD_MAP_FIXED, and always holds the address on success. The memory is pinned while a
 * physical device is attached. Errors: EINVAL (alignment, length 0, reserved range), EEXIST (overlap),
 * ENOSPC, EFAULT, ENOMEM (also RLIMIT_MEMLOCK), ENOENT (IOAS). Since Linux 6.2.
 */
int iommufd_ioas_map(int fd, uint32_t ioas, unsigned int flags, void *va, uint64_t length,
		     uint64_t *iova);

/*
 * Map length bytes of a memfd, hugetlb or tmpfs file from offset on. It stays mapped when the calling
 * process ends. The kernel checks neither the access mode of memfd nor its seals. Errors: as above,
 * EBADF, EINVAL (beyond the file's end). Since Linux 6.13: ENOTTY before.
 */
int iommufd_ioas_map_file(int fd, uint32_t ioas, unsigned int flags, int memfd, uint64_t offset,
			  uint64_t length, uint64_t *iova);

/*
 * Unmap whole mappings. iova 0 with length UINT64_MAX unmaps everything. ret_length (may be NULL): the
 * bytes unmapped. Errors: ENOENT (nothing there, or a mapping only half inside), EINVAL. Since Linux 6.2.
 */
int iommufd_ioas_unmap(int fd, uint32_t ioas, uint64_t iova, uint64_t length, uint64_t *ret_length);

/*
 * Map in dst what is mapped in src, length bytes from src_iova on: the same memory, pinned once and not
 * counted again. flags and iova as for iommufd_ioas_map(). dst and src may be one IOAS. Errors: EINVAL (no
 * READ or WRITE, length 0, alignment), ENOENT (an IOAS, or src is not wholly mapped there), EPERM (WRITE of
 * what is mapped for reading alone), EEXIST (overlap), ENOSPC, EOVERFLOW. Since Linux 6.2.
 */
int iommufd_ioas_copy(int fd, uint32_t dst, uint32_t src, unsigned int flags, uint64_t src_iova,
		      uint64_t length, uint64_t *iova);

/*
 * The IOVA ranges that an IOAS must keep usable: it then takes no device whose reserved ranges lie there.
 * Replaces the whole list; n 0 clears it. Errors: EINVAL (start not below last, or two overlap), EADDRINUSE
 * (a device that is attached reserves some of it), ENOENT, E2BIG (n), ENOMEM. Since Linux 6.2.
 */
int iommufd_ioas_allow(int fd, uint32_t ioas, const struct iommufd_range *ranges, size_t n);

/*
 * Charge the pinned pages of all mappings to the calling process, instead of the one that mapped them: for
 * one that takes the context over. Only where each mapping is of a file (EINVAL). On failure nothing has
 * changed. Errors: ENOMEM (RLIMIT_MEMLOCK of the caller). Since Linux 6.13: ENOTTY before.
 */
int iommufd_ioas_change_process(int fd);

/*
 * Where in physical memory an IOVA lies, for devices without an IOMMU (IOMMUFD_NOIOMMU): it is that address
 * that such a device must be given. *length: at most so many bytes, not 0; on return how many of them are
 * contiguous from *ret_phys on. Errors: ENOENT (no IOAS, or nothing is mapped there), EINVAL (length 0).
 * Since Linux 7.3: ENOTTY before.
 */
int iommufd_ioas_noiommu_pa(int fd, uint32_t ioas, uint64_t iova, uint64_t *length, uint64_t *ret_phys);

/*
 * The IOAS that programs of the old VFIO container interface work on, when they are given this iommufd in
 * the place of /dev/vfio/vfio. Errors: ENODEV (get: there is none), ENOENT (set: no such IOAS). Since Linux
 * 6.2.
 */
int iommufd_vfio_ioas_get(int fd, uint32_t *ret_id);
int iommufd_vfio_ioas_set(int fd, uint32_t ioas);
int iommufd_vfio_ioas_clear(int fd);

/* --- Page tables (HWPT) ----------------------------------------------------------------------- */

#define IOMMUFD_HWPT_NEST_PARENT (1U << 0)    /* page tables of a guest may be nested in it; since 6.7 */
#define IOMMUFD_HWPT_DIRTY_TRACKING (1U << 1) /* what devices write can be tracked; since 6.7 */
#define IOMMUFD_HWPT_FAULTS (1U << 2)	      /* page faults go to the queue in fault; since 6.11 */
#define IOMMUFD_HWPT_PASID (1U << 3)	      /* PASIDs of a device may be attached to it; since 6.15 */

enum iommufd_hwpt_data_type {
	IOMMUFD_HWPT_DATA_NONE = 0,
	IOMMUFD_HWPT_DATA_VTD_S1 = 1,	 /* since Linux 6.7 */
	IOMMUFD_HWPT_DATA_ARM_SMMUV3 = 2, /* since Linux 6.13 */
	IOMMUFD_HWPT_DATA_AMD_GUEST = 3, /* since Linux 7 */
};

struct iommufd_hwpt_config {
	uint32_t device; /* id of a physical device, which need not be attached */
	uint32_t parent; /* an IOAS; a HWPT with NEST_PARENT or a vIOMMU: the new one is nested in it */
	uint32_t flags;	 /* IOMMUFD_HWPT_* */
	uint32_t fault;	 /* with IOMMUFD_HWPT_FAULTS: the fault queue */
	uint32_t data_type; /* of a nested one: how data is to be read */
	uint32_t data_length; /* in bytes */
	const void *data; /* the kernel's struct of data_type; not kept */
};

/*
 * Allocate a page table by hand; it lives until iommufd_destroy(). Members of config that are 0 are not
 * sent to kernels that do not know them. Errors: ENOENT (the device: it is none, or an emulated one),
 * EINVAL (the parent, whatever is wrong with it; the data), EOPNOTSUPP (a flag that kernel or IOMMU lack),
 * E2BIG (a member that the kernel does not know), ENOMEM, EADDRINUSE (mappings lie in ranges that the
 * device reserves). Since Linux 6.6.
 */
int iommufd_hwpt_alloc(int fd, const struct iommufd_hwpt_config *config, uint32_t *ret_id);

/*
 * Start (enable not 0) or stop tracking what devices write. Errors: ENOENT, EOPNOTSUPP (the HWPT was not
 * allocated with DIRTY_TRACKING). Since Linux 6.7.
 */
int iommufd_hwpt_set_dirty(int fd, uint32_t hwpt, int enable);

#define IOMMUFD_DIRTY_NO_CLEAR (1U << 0) /* look only: the next reading has these pages again */

/*
 * Read, and clear, which pages were written. bitmap: a bit for each page_size bytes from iova on, the lowest
 * bit of the first word first, so length / page_size bits, rounded up to whole words. The kernel only sets
 * bits: clear it before. Errors: EINVAL (page_size 0, iova or length no multiple of it), ENOENT, EOPNOTSUPP
 * (no dirty tracking), EOVERFLOW, EFAULT. Since Linux 6.7.
 */
int iommufd_hwpt_dirty_bitmap(int fd, uint32_t hwpt, unsigned int flags, uint64_t iova, uint64_t length,
			      uint64_t page_size, uint64_t *bitmap);

/*
 * Tell the IOMMU that a guest has changed its page table. id: a nested HWPT, or (since Linux 6.13) a
 * vIOMMU. entries: an array of *n of the kernel's structs of data_type (0: VT-d stage 1, 1: of a vIOMMU,
 * SMMUv3), each of entry_length bytes. *n becomes how many the kernel handled, on failure as well. Errors:
 * ENOENT, EINVAL (type, lengths, or an entry), EOPNOTSUPP, ETIMEDOUT, EIO. Since Linux 6.8.
 */
int iommufd_hwpt_invalidate(int fd, uint32_t id, uint32_t data_type, const void *entries,
			    uint32_t entry_length, uint32_t *n);

enum iommufd_hw_info_type {
	IOMMUFD_HW_INFO_NONE = 0, /* as an argument: whatever there is */
	IOMMUFD_HW_INFO_INTEL_VTD = 1,
	IOMMUFD_HW_INFO_ARM_SMMUV3 = 2,	    /* since Linux 6.13 */
	IOMMUFD_HW_INFO_TEGRA241_CMDQV = 3, /* since Linux 6.17 */
	IOMMUFD_HW_INFO_AMD = 4,	    /* since Linux 7 */
};

#define IOMMUFD_HW_CAP_DIRTY_TRACKING (1ULL << 0) /* since Linux 6.7 */
#define IOMMUFD_HW_CAP_PASID_EXEC (1ULL << 1)	  /* since Linux 6.15 */
#define IOMMUFD_HW_CAP_PASID_PRIV (1ULL << 2)	  /* since Linux 6.15 */
#define IOMMUFD_HW_CAP_NO_PCI_ATS (1ULL << 3)	  /* since Linux 7 */

struct iommufd_hw_info {
	uint32_t type;	 /* enum iommufd_hw_info_type: what data holds */
	uint32_t length; /* bytes of data that the kernel has, which may be more than was given room */
	uint64_t capabilities; /* IOMMUFD_HW_CAP_*; 0 before Linux 6.7 */
	uint32_t pasid_bits; /* PASIDs have this many bits at most, 0: none; 0 before Linux 6.15 */
};

/*
 * What the IOMMU of a physical device is and can. type: 0, or which data is wanted (since Linux 6.17:
 * EOPNOTSUPP before). data (NULL where size is 0): room for the kernel's struct; what is beyond it is
 * cleared. Changes nothing. Errors: ENOENT (no device, or an emulated one), EOPNOTSUPP. Since Linux 6.6.
 */
int iommufd_hw_info(int fd, uint32_t device, uint32_t type, void *data, uint32_t size,
		    struct iommufd_hw_info *ret);

/* --- Page faults of devices ------------------------------------------------------------------- */

/*
 * Allocate a queue for the page faults of HWPTs that are made with IOMMUFD_HWPT_FAULTS. ret_fd: poll() it
 * for POLLIN, and read it with iommufd_fault_read(). Destroy the queue after fd and HWPTs (EBUSY). Errors:
 * EMFILE, ENOMEM. Since Linux 6.11: ENOTTY before.
 */
int iommufd_fault_alloc(int fd, uint32_t *ret_id, int *ret_fd);

#define IOMMUFD_FAULT_PASID (1U << 0) /* pasid is valid */
#define IOMMUFD_FAULT_LAST (1U << 1)  /* the last fault of its group: the device waits for the answer */

#define IOMMUFD_FAULT_READ (1U << 0)
#define IOMMUFD_FAULT_WRITE (1U << 1)
#define IOMMUFD_FAULT_EXEC (1U << 2)
#define IOMMUFD_FAULT_PRIVILEGED (1U << 3)

/* Laid out as the kernel's. */
struct iommufd_fault {
	uint32_t flags;	 /* IOMMUFD_FAULT_PASID, _LAST */
	uint32_t device; /* its id */
	uint32_t pasid;
	uint32_t group;
	uint32_t access; /* IOMMUFD_FAULT_READ, _WRITE, _EXEC, _PRIVILEGED */
	uint32_t reserved;
	uint64_t address;
	uint32_t length; /* bytes that the device expects to need; 0: no hint */
	uint32_t cookie; /* what the answer is to name; one for all faults of a group */
};

/*
 * Read at most n faults, whole groups only. Returns how many; 0: nothing is pending, so use poll(). Errors:
 * EINVAL (n is too small for a group), EBADF.
 */
int iommufd_fault_read(int fault_fd, struct iommufd_fault *faults, size_t n);

enum iommufd_fault_code {
	IOMMUFD_FAULT_SUCCESS = 0, /* handled: the device tries again */
	IOMMUFD_FAULT_INVALID = 1, /* could not be handled: the device gives up */
};

struct iommufd_fault_response {
	uint32_t cookie;
	uint32_t code; /* enum iommufd_fault_code */
};

/*
 * Answer groups of faults, each once. Returns how many of the n answers the kernel took, which are the first
 * ones. Errors, when it took none: EINVAL (no such cookie, or code), EBADF.
 */
int iommufd_fault_respond(int fault_fd, const struct iommufd_fault_response *responses, size_t n);

/* --- Virtual IOMMUs of guests ----------------------------------------------------------------- */

enum iommufd_viommu_type {
	IOMMUFD_VIOMMU_ARM_SMMUV3 = 1,
	IOMMUFD_VIOMMU_TEGRA241_CMDQV = 2, /* since Linux 6.17 */
};

/*
 * Allocate a vIOMMU: the share of the device's IOMMU that a guest works with. hwpt: a HWPT with NEST_PARENT.
 * data (NULL where length is 0, as it was before Linux 6.17): the kernel's struct of the type, which the
 * kernel may fill. Errors: ENOENT (device, HWPT), EINVAL (the HWPT is not for nesting), EOPNOTSUPP (this
 * IOMMU has none of the type), E2BIG (data that the kernel does not know). Since Linux 6.13: ENOTTY before.
 */
int iommufd_viommu_alloc(int fd, uint32_t device, uint32_t hwpt, uint32_t type, void *data, uint32_t length,
			 uint32_t *ret_id);

/*
 * Tell a vIOMMU which device the guest knows as virt_id (of SMMUv3: the stream id). Errors: ENOENT (vIOMMU,
 * device), EINVAL (the device has another IOMMU), EEXIST (the device has a vdevice, or virt_id is taken).
 * Since Linux 6.13.
 */
int iommufd_vdevice_alloc(int fd, uint32_t viommu, uint32_t device, uint64_t virt_id, uint32_t *ret_id);

enum iommufd_veventq_type {
	IOMMUFD_VEVENTQ_ARM_SMMUV3 = 1, /* 32 bytes: an event of the guest's SMMU */
	IOMMUFD_VEVENTQ_TEGRA241_CMDQV = 2, /* 16 bytes: which of its queues failed; since Linux 6.17 */
};

/*
 * Allocate a queue for what a vIOMMU has to report, of depth events; one of each type. ret_fd: poll() it for
 * POLLIN, and read it with iommufd_veventq_read(). The kernel does not ask whether the IOMMU will ever report
 * events of the type. Errors: ENOENT, EEXIST (it has one of the type), EINVAL (depth 0, or too much of it),
 * EOPNOTSUPP (type 0), EMFILE. Since Linux 6.15.
 */
int iommufd_veventq_alloc(int fd, uint32_t viommu, uint32_t type, uint32_t depth, uint32_t *ret_id,
			  int *ret_fd);

/*
 * Read whole events into buf. Returns the bytes that were read; 0: nothing is pending, so use poll(). Errors:
 * EINVAL (the next event does not fit, which to the first kernels was 0), EBADF, EFAULT.
 */
int iommufd_veventq_read(int veventq_fd, void *buf, size_t size);

#define IOMMUFD_VEVENT_LOST (1U << 0) /* events before the next one were lost; no data; since 6.15 */

struct iommufd_vevent {
	uint32_t flags;	   /* IOMMUFD_VEVENT_LOST */
	uint32_t sequence; /* counts up; wraps after INT32_MAX */
	const void *data;  /* in the buffer; not aligned to more than 4 bytes */
	size_t length;
};

/*
 * Take the event at *offset, 0 at first, of size bytes that were read; moves *offset behind it. data_length:
 * what the data of one event has, which is fixed by the queue's type. Returns 1, or 0 at the end. Errors:
 * EBADMSG (the rest is shorter than an event).
 */
int iommufd_vevent_next(const void *buf, size_t size, size_t data_length, size_t *offset,
			struct iommufd_vevent *ret);

enum iommufd_hw_queue_type {
	IOMMUFD_HW_QUEUE_TEGRA241_CMDQV = 1,
};

/*
 * Let the hardware read a queue of the guest by itself: length bytes at iova of the nesting parent, which
 * stay pinned. index: the queue's number in the vIOMMU. Errors: ENOENT, EINVAL (length 0, alignment,
 * index), EOPNOTSUPP (type), EEXIST, EFAULT (the memory is not contiguous), ERANGE, EOVERFLOW, EIO (the queue
 * before it is missing). Since Linux 6.17.
 */
int iommufd_hw_queue_alloc(int fd, uint32_t viommu, uint32_t type, uint32_t index, uint64_t iova,
			   uint64_t length, uint32_t *ret_id);

/* --- VFIO device cdevs ------------------------------------------------------------------------ */

enum iommufd_device_kind {
	IOMMUFD_KIND_UNKNOWN = 0,
	IOMMUFD_PHYSICAL = 1, /* behind an IOMMU: attaches to an IOAS or a HWPT */
	IOMMUFD_EMULATED = 2, /* an mdev, no IOMMU of its own: attaches to an IOAS only */
	IOMMUFD_NOIOMMU = 3, /* a device behind no IOMMU, in the kernel's unsafe noiommu mode */
};

/*
 * Bind an open cdev to an iommufd; closing the cdev unbinds it. ret_id: the device's id, of a DEVICE
 * object for a physical device, of an access for an emulated one. Errors: EINVAL (bound already),
 * EBUSY, EPERM, ENODEV, EBADF, EBADFD. Since Linux 6.6.
 */
int iommufd_device_bind(int cdev, int iommufd, uint32_t *ret_id);

/*
 * The same for a virtual function whose physical function is driven by vfio-pci: token is the UUID, of 16
 * bytes, that the physical function was given. Errors: as above, EACCES (another token, or the physical
 * function is not open), EINVAL (also: the device needs no token; or the kernel takes none). Since Linux
 * 6.17; before it virtual functions were bound without.
 */
int iommufd_device_bind_token(int cdev, int iommufd, const unsigned char token[16], uint32_t *ret_id);

/*
 * Attach a bound device to a page table, or move it there when it is attached elsewhere: the kernel
 * makes no difference, and on failure the old attachment stays. *pt: an IOAS or HWPT id; on success the
 * id that it is now attached to, which is a HWPT that the kernel made when a physical device is given
 * an IOAS. Moving a physical device moves its whole IOMMU group. Since Linux 6.6.
 */
int iommufd_device_attach(int cdev, uint32_t *pt);

/* Detach a device; 0 also when it was not attached. Since Linux 6.6. */
int iommufd_device_detach(int cdev);

/*
 * The same for what the device does under one of its PASIDs. The device itself must be detached, or
 * attached to a HWPT with IOMMUFD_HWPT_PASID. Errors: as for attach, EOPNOTSUPP (an emulated device, no
 * PASIDs), EINVAL (also: the kernel does not know it; the PASID is out of range). Since Linux 6.15.
 */
int iommufd_device_attach_pasid(int cdev, uint32_t pasid, uint32_t *pt);
int iommufd_device_detach_pasid(int cdev, uint32_t pasid);

struct iommufd_device_caps {
	uint32_t flags;	  /* VFIO_DEVICE_FLAGS_* of the kernel */
	uint32_t regions; /* number of regions */
	uint32_t irqs;	  /* number of interrupt indexes */
};

/* What a bound device has. Errors: EINVAL (not bound). Since Linux 6.6 on a cdev. */
int iommufd_device_caps(int cdev, struct iommufd_device_caps *ret);

#define IOMMUFD_DEVICE_RESET (1U << 0) /* iommufd_device_reset() works */
#define IOMMUFD_DEVICE_PCI (1U << 1)
#define IOMMUFD_DEVICE_PLATFORM (1U << 2)
#define IOMMUFD_DEVICE_AMBA (1U << 3)
#define IOMMUFD_DEVICE_CCW (1U << 4)
#define IOMMUFD_DEVICE_AP (1U << 5)
#define IOMMUFD_DEVICE_FSL_MC (1U << 6)
#define IOMMUFD_DEVICE_CAPS (1U << 7) /* the kernel gives a capability chain */
#define IOMMUFD_DEVICE_CDX (1U << 8)

struct iommufd_device_info {
	uint32_t flags; /* IOMMUFD_DEVICE_* */
	uint32_t regions, irqs;
	uint32_t caps; /* where iommufd_cap_next() begins; 0: no capabilities in buf */
};

/*
 * The same with the capability chain. buf: room for the whole answer, aligned for any type; NULL with size
 * 0: the chain is not wanted. Returns the bytes of the answer, 0 where the device has no capabilities:
 * where that is more than size, buf is as it was and there is more to ask for. On failure buf may have been
 * written. Errors: EINVAL (not bound), EOVERFLOW. Since Linux 6.6 on a cdev.
 */
int iommufd_device_info(int cdev, void *buf, size_t size, struct iommufd_device_info *ret);

#define IOMMUFD_REGION_READ (1U << 0)
#define IOMMUFD_REGION_WRITE (1U << 1)
#define IOMMUFD_REGION_MMAP (1U << 2)
#define IOMMUFD_REGION_CAPS (1U << 3)

struct iommufd_region {
	uint32_t flags;	 /* IOMMUFD_REGION_* */
	uint32_t caps;	 /* as above */
	uint64_t size;	 /* 0: the device has no such region */
	uint64_t offset; /* in the cdev: for pread(), pwrite() and mmap() */
};

/*
 * A region of a bound device, 0 to its number of regions - 1; of PCI 0 to 5 the BARs, 6 the ROM, 7 the
 * configuration space, 8 VGA. buf, size and what is returned as above. Errors: EINVAL (not bound, no such
 * region), EOVERFLOW. Since Linux 6.6 on a cdev.
 */
int iommufd_device_region(int cdev, uint32_t index, void *buf, size_t size, struct iommufd_region *ret);

enum iommufd_device_cap {
	IOMMUFD_DEVICE_CAP_ZPCI_BASE = 1, /* 1 to 4: of s390 */
	IOMMUFD_DEVICE_CAP_PCI_ATOMIC = 5, /* uint32_t: 1, 2, 4 for 32, 64, 128 bit completion */
};

enum iommufd_region_cap {
	IOMMUFD_REGION_CAP_SPARSE_MMAP = 1, /* only parts can be mapped: iommufd_region_areas() */
	IOMMUFD_REGION_CAP_TYPE = 2, /* two of uint32_t: type and subtype, of a region that a driver adds */
	IOMMUFD_REGION_CAP_MSIX_MAPPABLE = 3, /* no data: the MSI-X table may be mapped with the rest */
};

struct iommufd_cap {
	uint16_t id, version;
	const void *data; /* in the buffer; perhaps not aligned */
	size_t length; /* up to the next capability, or the answer's end */
};

/*
 * Take the capability at *next, moving *next behind it; begin with caps of the answer. size: what the
 * answer was told to have. Returns 1, or 0 at the end. Errors: EBADMSG (the chain leaves the answer, or
 * does not lead forward: no kernel does so).
 */
int iommufd_cap_next(const void *buf, size_t size, uint32_t *next, struct iommufd_cap *ret);

struct iommufd_span {
	uint64_t start;
	uint64_t length;
};

/*
 * The areas of a region that can be mapped, from a capability SPARSE_MMAP: start counts from the region's.
 * Fills at most n of them and returns how many there are. Errors: EINVAL (another capability), EBADMSG.
 */
int iommufd_region_areas(const struct iommufd_cap *cap, struct iommufd_span *areas, size_t n);

#define IOMMUFD_IRQ_EVENTFD (1U << 0)
#define IOMMUFD_IRQ_MASKABLE (1U << 1)
#define IOMMUFD_IRQ_AUTOMASKED (1U << 2)
#define IOMMUFD_IRQ_NORESIZE (1U << 3)

struct iommufd_irq {
	uint32_t flags; /* IOMMUFD_IRQ_* */
	uint32_t count; /* 0: the device has none of them */
};

/*
 * An interrupt index of a bound device; of PCI 0 INTx, 1 MSI, 2 MSI-X, 3 errors, 4 the request to let the
 * device go. Errors: EINVAL (not bound, no such index). Since Linux 6.6 on a cdev.
 */
int iommufd_device_irq(int cdev, uint32_t index, struct iommufd_irq *ret);

/*
 * Have the first interrupt of an index of a bound device written to an eventfd; -1: to none. A device has one
 * eventfd for it, whoever sets it, and keeps that until the device is closed: another one takes its place.
 * Errors: EINVAL (not bound, no such index, not an eventfd), EBADF. Since Linux 6.6 on a cdev.
 */
int iommufd_device_irq_eventfd(int cdev, uint32_t index, int eventfd);

/* The index of a PCI device by which the kernel asks for it back: its driver is to let it go. */
#define IOMMUFD_PCI_IRQ_REQUEST 4U

/*
 * Reset a bound device, by what resets it alone. Errors: EINVAL (not bound; it cannot be: see its flags),
 * EAGAIN (something else holds the device), ENOTTY (nothing of it can be reset). Since Linux 6.6 on a cdev.
 */
int iommufd_device_reset(int cdev);

#define IOMMUFD_HOT_RESET_IDS (1U << 0)	  /* id is of the iommufd, or one of the two below */
#define IOMMUFD_HOT_RESET_OWNED (1U << 1) /* all of them are owned: the reset is allowed */

#define IOMMUFD_RESET_OWNED 0U /* not bound, but of a group of which the iommufd has a device */
#define IOMMUFD_RESET_NOT_OWNED 0xffffffffU /* in the way */

struct iommufd_reset_device {
	uint32_t id;
	uint16_t segment; /* the PCI address: segment:bus:devfn >> 3.devfn & 7 */
	uint8_t bus, devfn;
};

/*
 * The devices that a reset of the PCI slot or bus of a bound device concerns, itself among them. Fills at
 * most n and returns how many there are; ret_flags (may be NULL), which is right where all fit:
 * IOMMUFD_HOT_RESET_*. Changes nothing. Errors: EINVAL (not bound), ENODEV (neither slot nor bus can be
 * reset), ENOTTY (no PCI device), EAGAIN (a device came or went), EPERM, ENOMEM. Device ids since Linux
 * 6.6.
 */
int iommufd_device_hot_reset_info(int cdev, struct iommufd_reset_device *devices, size_t n,
				  unsigned int *ret_flags);

/*
 * Reset that slot or bus. Every device on it must be owned. Errors: EINVAL (not bound, or one is not owned),
 * ENODEV, ENOTTY (as above), EBUSY or EAGAIN (a device is in use just now). Since Linux 6.6 on a cdev.
 */
int iommufd_device_hot_reset(int cdev);

/* --- Features of devices ---------------------------------------------------------------------- */

enum iommufd_feature {
	IOMMUFD_FEATURE_PCI_VF_TOKEN = 0,
	IOMMUFD_FEATURE_MIGRATION = 1,
	IOMMUFD_FEATURE_MIGRATION_STATE = 2,
	IOMMUFD_FEATURE_LOW_POWER_ENTRY = 3,
	IOMMUFD_FEATURE_LOW_POWER_WAKEUP = 4,
	IOMMUFD_FEATURE_LOW_POWER_EXIT = 5,
	IOMMUFD_FEATURE_DMA_LOGGING_START = 6,
	IOMMUFD_FEATURE_DMA_LOGGING_STOP = 7,
	IOMMUFD_FEATURE_DMA_LOGGING_REPORT = 8,
	IOMMUFD_FEATURE_MIGRATION_DATA_SIZE = 9,
	IOMMUFD_FEATURE_BUS_MASTER = 10,
	IOMMUFD_FEATURE_DMA_BUF = 11, /* since Linux 6.19 */
	IOMMUFD_FEATURE_MIGRATION_PRECOPY_V2 = 12, /* since Linux 7.2 */
	IOMMUFD_FEATURE_ZPCI_ERROR = 13, /* of s390; since Linux 7.3 */
};

#define IOMMUFD_FEATURE_GET (1U << 0)
#define IOMMUFD_FEATURE_SET (1U << 1)

/*
 * Can a bound device do that? access: whether it is to be read (GET) or set (SET) or both; 0 asks for the
 * feature alone. Returns 1 or 0. Changes nothing. Errors: EINVAL (not bound). The functions below fail with
 * ENOTTY where the device or its driver lacks the feature, and with EINVAL where it is not bound.
 * Since Linux 6.6 on a cdev.
 */
int iommufd_device_feature_probe(int cdev, enum iommufd_feature feature, unsigned int access);

#define IOMMUFD_MIGRATION_STOP_COPY (1ULL << 0)
#define IOMMUFD_MIGRATION_P2P (1ULL << 1)
#define IOMMUFD_MIGRATION_PRE_COPY (1ULL << 2)

/* How a device can be migrated: IOMMUFD_MIGRATION_*. */
int iommufd_device_migration_flags(int cdev, uint64_t *ret_flags);

enum iommufd_migration_state {
	IOMMUFD_STATE_ERROR = 0, /* only a reset leads out of it */
	IOMMUFD_STATE_STOP = 1,
	IOMMUFD_STATE_RUNNING = 2,
	IOMMUFD_STATE_STOP_COPY = 3,
	IOMMUFD_STATE_RESUMING = 4,
	IOMMUFD_STATE_RUNNING_P2P = 5,
	IOMMUFD_STATE_PRE_COPY = 6,
	IOMMUFD_STATE_PRE_COPY_P2P = 7,
};

/* The state that a device is in. */
int iommufd_device_migration_state(int cdev, uint32_t *ret_state);

/*
 * Move a device to a state. ret_fd: the data of the device, to be read or (RESUMING) written, where this
 * begins a transfer, else -1. On failure the device may be in another state than before: ask for it. Errors:
 * EINVAL (no such way from where it is), EMFILE. The device is in the new state, and its data lost, where the
 * fd cannot be made 3 or higher.
 */
int iommufd_device_migration_set_state(int cdev, uint32_t state, int *ret_fd);

/* An estimate of how many bytes remain to be read of a device once it is stopped. */
int iommufd_device_migration_data_size(int cdev, uint64_t *ret_bytes);

/*
 * Of the fd of a transfer, in a state of PRE_COPY: the bytes that are still to be read of what was there at
 * the beginning, and of what has changed since. Errors: EINVAL (another state).
 */
int iommufd_migration_precopy(int data_fd, uint64_t *ret_initial, uint64_t *ret_dirty);

/*
 * Have the device itself note where it writes, in these ranges of IOVAs. *page_size: the granularity
 * wanted, a power of two; on success the one it has. At most 256 ranges are sure to be taken. Errors:
 * EINVAL (no ranges, they overlap, or are not aligned), E2BIG (too many), EOVERFLOW, EBUSY.
 */
int iommufd_device_dma_logging_start(int cdev, const struct iommufd_span *ranges, size_t n,
				     uint64_t *page_size);
int iommufd_device_dma_logging_stop(int cdev);

/*
 * Read and clear what was written: bitmap as for iommufd_hwpt_dirty_bitmap(). page_size: a power of two of
 * 4096 or more. Errors: EINVAL (also: no logging). After any error all memory is to be taken for written.
 */
int iommufd_device_dma_logging_report(int cdev, uint64_t iova, uint64_t length, uint64_t page_size,
				      uint64_t *bitmap);

/*
 * Let the kernel put the device into a low power state while nobody uses it; its regions cannot be used by
 * mmap until the exit. eventfd: told when the device was woken up, -1: none. Errors: EINVAL (it is allowed
 * already), EBADF (eventfd).
 */
int iommufd_device_low_power_entry(int cdev, int eventfd);
int iommufd_device_low_power_exit(int cdev);

/*
 * Make a dma-buf of parts of a BAR, for iommufd_ioas_map_file() (one part only) or another driver. spans:
 * start counts from the BAR's. Errors: EINVAL (no parts, alignment, beyond the BAR), ENODEV (no such BAR),
 * E2BIG (n), EOPNOTSUPP or ENOTTY (the driver cannot), EMFILE. Since Linux 6.19.
 */
int iommufd_device_dma_buf(int cdev, uint32_t region, const struct iommufd_span *spans, size_t n,
			   int *ret_fd);

/* --- Finding devices -------------------------------------------------------------------------- */

struct iommufd_device {
	char name[32];	  /* "vfio0" */
	char cdev[64];	  /* "/dev/vfio/devices/vfio0", or the path that was looked up; empty: it has no cdev */
	char address[64]; /* "0000:00:04.0", or the UUID of an mdev; empty: it is longer */
	char driver[64];  /* "vfio-pci"; empty: none */
	char sysfs[512];  /* the device's directory, below the sysfs root; empty: it is longer */
	int32_t group;	  /* IOMMU group, -1: none */
	enum iommufd_device_kind kind;
};

/*
 * Look a device up. ref: "vfio0", the path of a cdev, a PCI address ("0000:00:04.0" or "00:04.0"), an
 * mdev UUID, or the name of a device on another bus ("fff51000.ethernet"). Errors: EINVAL (none of these), ENODEV (no such device), ENXIO (the device is there, but has
 * no VFIO driver). One that has such a driver is found also where the kernel makes no cdev for it: cdev is
 * empty then, because the kernel has no VFIO_DEVICE_CDEV, or the device no IOMMU.
 */
int iommufd_device_lookup(const char *ref, struct iommufd_device *ret);

/* The same for an open cdev. Errors: EBADF, ENOTTY (not a VFIO cdev). */
int iommufd_device_lookup_fd(int fd, struct iommufd_device *ret);

enum iommufd_fd_kind {
	IOMMUFD_FD_STREAM, /* a file, pipe, socket, terminal: what is read and written as bytes */
	IOMMUFD_FD_CDEV, /* of a VFIO device: its bytes are those of the BARs */
	IOMMUFD_FD_FAULT, /* of iommufd_fault_alloc() */
	IOMMUFD_FD_VEVENTQ, /* of iommufd_veventq_alloc() */
	IOMMUFD_FD_OTHER, /* another object of the kernel without a name in a file system: an eventfd, ... */
	IOMMUFD_FD_DMA_BUF,
};

/*
 * What an fd from elsewhere is, before a byte is read of it or written. An enum iommufd_fd_kind, or -errno:
 * EBADF, and what keeps /proc or /sys from being read.
 */
int iommufd_fd_kind(int fd);

/*
 * The driver of the device at address, also where it has no cdev. Errors: EINVAL, ENODEV,
 * ENOENT (no driver), ERANGE (len).
 */
int iommufd_device_driver(const char *address, char *buf, size_t len);

/*
 * Open the cdev. Errors: ENOENT (no node), EACCES, ENODEV, EMFILE, ESTALE (the node has the numbers of
 * another device, or of none), EOPNOTSUPP (it has no cdev).
 */
int iommufd_device_open(const struct iommufd_device *device, int *ret_fd);

/* All devices that have a VFIO driver, in the order of their numbers. */
struct iommufd_device_list;

/* The list belongs to the caller: free it with iommufd_device_list_free(). */
int iommufd_device_list_new(struct iommufd_device_list **ret);
void iommufd_device_list_free(struct iommufd_device_list *list);
size_t iommufd_device_list_count(const struct iommufd_device_list *list);
/* Valid as long as the list; NULL beyond its end. */
const struct iommufd_device *iommufd_device_list_at(const struct iommufd_device_list *list, size_t i);

/* --- Devices that come and go ----------------------------------------------------------------- */

enum iommufd_uevent_action {
	IOMMUFD_UEVENT_OTHER = 0, /* "change", "move", and what later kernels may say */
	IOMMUFD_UEVENT_ADD = 1,
	IOMMUFD_UEVENT_REMOVE = 2,
	IOMMUFD_UEVENT_BIND = 3, /* a driver has taken it */
	IOMMUFD_UEVENT_UNBIND = 4, /* its driver has left it */
};

/* What the kernel says of one device. Text that it did not say, or that has no room, is empty. */
struct iommufd_uevent {
	enum iommufd_uevent_action action;
	uint64_t sequence; /* of all events of the machine, /sys/kernel/uevent_seqnum; 0: it was not said */
	char subsystem[32]; /* "vfio-dev", "pci", "mdev", "platform" */
	char name[64]; /* the last part of sysfs: "vfio0", "0000:00:04.0", the UUID of an mdev */
	char address[64]; /* of a vfio-dev: of the device that it belongs to; of all others: its name */
	char driver[64]; /* of BIND: that has taken it */
	char sysfs[512]; /* its directory, below the sysfs root */
};

/*
 * Read a message of the kernel (kobject_uevent), as a netlink socket has it: len bytes, which need no NUL at
 * their end. Errors: EBADMSG (it is none; udev's own messages are not, either).
 */
int iommufd_uevent_parse(const char *bytes, size_t len, struct iommufd_uevent *ret);

/* A socket that listens to the kernel. One thread at a time may read it. */
struct iommufd_uevents;

/*
 * Listen to what becomes of devices from now on. To miss nothing: open, then look at what there is, then
 * read. Needs libmnl.so.0, of libmnl 1.0.4 or later, which is loaded for this call alone. *ret belongs to
 * the caller: close it with iommufd_uevents_close(). Errors: ELIBACC (there is no libmnl.so.0), ELIBBAD (it
 * is too old), ENOMEM, EMFILE, EAFNOSUPPORT or EPERM (a filter of system calls).
 */
int iommufd_uevents_open(struct iommufd_uevents **ret);
void iommufd_uevents_close(struct iommufd_uevents *uevents);

/* poll() it for POLLIN, and read it with iommufd_uevents_read() alone. It belongs to uevents. */
int iommufd_uevents_fd(const struct iommufd_uevents *uevents);

/*
 * Does the kernel send this socket anything? It sends nothing to the network namespaces of user namespaces,
 * and does not say so. Returns 1 or 0. -errno: nobody knows (EPERM: the network is that of a namespace around
 * the caller's). Unless it is 1, look at what there is now and then, too.
 */
int iommufd_uevents_arrive(const struct iommufd_uevents *uevents);

/*
 * Read what comes next, without waiting. Only what the kernel itself sent to all counts: what others send, as
 * root may, is dropped. Returns 1, or 0: nothing is there, so use poll(). Errors: ENOBUFS: the socket took no
 * more, and events were lost; those that it still had are dropped with them, so look at what there is anew.
 */
int iommufd_uevents_read(struct iommufd_uevents *uevents, struct iommufd_uevent *ret);

/* --- Sessions: a context that another process holds ------------------------------------------- */

#define IOMMUFD_SESSION_PROTOCOL 1

enum {
	IOMMUFD_SESSION_WORDS = 1024,	/* words of one command, at most */
	IOMMUFD_SESSION_FDS = 253,	/* fds with one command or answer: the kernel's limit */
	IOMMUFD_SESSION_TEXT = 65536,	/* bytes of one command's words, at most */
};

/*
 * The directory of the sessions' sockets: /run/iommufdctl for root, else $XDG_RUNTIME_DIR/iommufdctl.
 * Errors: ENOENT (no XDG_RUNTIME_DIR), ERANGE (len).
 */
int iommufd_session_dir(char *buf, size_t len);

/*
 * May a session have this name? A letter or '_', then letters, digits, '_', '.' and '-', 63 characters at
 * most. Letters are those of ASCII. Returns 1 or 0.
 */
int iommufd_session_name_is_valid(const char *name);

/*
 * Connect to the session of that name. The fd serves one command after the other, so that two threads need
 * one each; close() it at the end. Errors: EINVAL (no name of a session), ENOENT or ECONNREFUSED (it does
 * not run), EACCES (not yours), ETIMEDOUT (it accepted nobody for two seconds: its process is stopped, or has
 * too many clients), EMFILE.
 */
int iommufd_session_connect(const char *name, int *ret_fd);

enum iommufd_session_flags {
	IOMMUFD_SESSION_JSON = 1,
	IOMMUFD_SESSION_VERBOSE = 2,
};

/* An fd that stands for a word of the command: a cdev, a file, memory. It is copied, not consumed. */
struct iommufd_session_word {
	uint32_t word; /* index in argv */
	int fd;
};

struct iommufd_session_reply {
	int code; /* the command's exit code */
	char *out, *err; /* what it printed, not terminated */
	size_t out_len, err_len;
	int fds[IOMMUFD_SESSION_FDS]; /* close-on-exec, 3 or higher, the caller's to close */
	size_t n_fds;
};

/*
 * Run one command, as the tool's words without the program's name: { "ioas", "alloc" }. ret is filled on
 * success, and freed with iommufd_session_reply_free(). Errors: E2BIG (too many words or fds), EPIPE or
 * ECONNRESET (the session ended), EPROTO (no session, or one of another protocol), EMFILE (fds of the
 * answer did not fit: they are lost).
 */
int iommufd_session_run(int session, unsigned int flags, size_t argc, const char *const *argv,
			const struct iommufd_session_word *words, size_t n_words,
			struct iommufd_session_reply *ret);
void iommufd_session_reply_free(struct iommufd_session_reply *reply);

/* A piece of the output, in order. stream: 1 of stdout, 2 of stderr. 0, or -errno to give up. */
typedef int iommufd_session_output_fn(void *arg, int stream, const char *bytes, size_t len);

/* The same, but the output goes to fn as it comes; ret has none. After a failure fn may have had some. */
int iommufd_session_stream(int session, unsigned int flags, size_t argc, const char *const *argv,
			   const struct iommufd_session_word *words, size_t n_words,
			   iommufd_session_output_fn *fn, void *arg, struct iommufd_session_reply *ret);

/*
 * What goes over the socket, for those who write a client in another language. SOCK_SEQPACKET, native byte
 * order. A request is one packet: this header, fds word indexes (uint32_t, one for each fd that comes with
 * it, in order), then argc words, each ended by a NUL. An answer is one packet or more: this header, out
 * bytes for stdout, err bytes for stderr; the last one lacks IOMMUFD_SESSION_MORE, has the exit code, and
 * carries the fds.
 */
#define IOMMUFD_SESSION_MAGIC 0x646f6f69u

struct iommufd_session_request_header {
	uint32_t magic;
	uint16_t protocol, flags; /* IOMMUFD_SESSION_JSON, _VERBOSE */
	uint32_t argc, fds;
};

enum {
	IOMMUFD_SESSION_MORE = 1,
	IOMMUFD_SESSION_PACKET = 65536, /* no packet is longer, either way, but for header and indexes */
};

struct iommufd_session_reply_header {
	uint32_t magic;
	uint16_t protocol, flags; /* IOMMUFD_SESSION_MORE */
	int32_t code;
	uint32_t out, err, fds;
};

/*
 * The same in C, for those who write the other end: a holder of a session, or a proxy. Unstable: what follows
 * may change with any release, and is no reason for a new soname.
 */

/* A piece of a packet. bytes: the caller's; they are read when it is sent and written when it is received. */
struct iommufd_session_part {
	void *bytes;
	size_t len; /* of bytes; 0: bytes may be NULL */
};

enum {
	IOMMUFD_SESSION_PARTS = 8, /* of one packet, at most */
};

#define IOMMUFD_SESSION_DONTWAIT (1U << 0) /* EAGAIN instead of waiting for room, or for a packet */

/*
 * Send the parts as one packet, and copies of the fds with it, over a UNIX socket that is connected:
 * SOCK_SEQPACKET, as a session's, or SOCK_DGRAM. It raises no SIGPIPE, and fails with EINTR only under
 * IOMMUFD_SESSION_DONTWAIT. Errors: E2BIG (more than IOMMUFD_SESSION_PARTS parts or IOMMUFD_SESSION_FDS fds),
 * EINVAL (flags), EAGAIN, EPIPE, ECONNRESET or ECONNREFUSED (the other end is gone), EMSGSIZE (too long for
 * the socket), EBADF (also: one of fds), ENOBUFS, ENOMEM.
 */
int iommufd_session_send_packet(int socket, const struct iommufd_session_part *parts, size_t n_parts,
				const int *fds, size_t n_fds, unsigned int flags);

/*
 * Receive one packet into the parts, which are filled one after the other. *n_fds: how many fds there is room
 * for in fds, and on success how many it has now, which are close-on-exec, 3 or higher, and the caller's to
 * close; those that came beyond the room are closed. Returns the bytes of the packet, or 0 at the end: an
 * empty packet counts as one, and its fds are closed. On failure the parts may have been written, and no fd
 * is left open. Errors: E2BIG (parts), EINVAL (flags), EAGAIN, EMSGSIZE (the packet is longer than the
 * parts), EMFILE (it came with more fds than this process may have), ECONNRESET, EINTR (as above).
 */
int iommufd_session_receive_packet(int socket, const struct iommufd_session_part *parts, size_t n_parts,
				   int *fds, size_t *n_fds, unsigned int flags);

/* A request as the holder of the session sees it. */
struct iommufd_session_request {
	unsigned int flags; /* IOMMUFD_SESSION_JSON, _VERBOSE, as they were sent */
	size_t argc;
	char *argv[IOMMUFD_SESSION_WORDS + 1]; /* in the packet that was unpacked; NULL behind the last */
	uint32_t words[IOMMUFD_SESSION_FDS];   /* of each fd that came along: the index of its word in argv */
};

/*
 * Unpack a request of len bytes that came with n_fds fds. packet must stay as long as ret is used. Errors:
 * EBADMSG (it is no request, or not a whole one), EPROTONOSUPPORT (one of another protocol).
 */
int iommufd_session_unpack_request(char *packet, size_t len, size_t n_fds,
				   struct iommufd_session_request *ret);

/* --- What went wrong -------------------------------------------------------------------------- */

/* What was attempted. Values are stable; new ones are appended. */
enum iommufd_op {
	IOMMUFD_OP_OPEN = 0,	    /* open of /dev/iommu */
	IOMMUFD_OP_CHECK = 1,	    /* iommufd_check() of an fd from elsewhere */
	IOMMUFD_OP_DEVICE_OPEN = 2, /* open of a cdev */
	IOMMUFD_OP_LOOKUP = 3,	    /* iommufd_device_lookup() and _lookup_fd() */
	IOMMUFD_OP_DESTROY = 4,
	IOMMUFD_OP_OPTION_GET = 5,
	IOMMUFD_OP_OPTION_SET = 6,
	IOMMUFD_OP_IOAS_ALLOC = 7,
	IOMMUFD_OP_IOAS_RANGES = 8,
	IOMMUFD_OP_IOAS_MAP = 9,
	IOMMUFD_OP_IOAS_MAP_FILE = 10,
	IOMMUFD_OP_IOAS_UNMAP = 11,
	IOMMUFD_OP_BIND = 12,
	IOMMUFD_OP_ATTACH = 13,
	IOMMUFD_OP_DETACH = 14,
	IOMMUFD_OP_DEVICE_CAPS = 15,
	/* Not the kernel's answers but the strict rules that the kernel's own API has inside. */
	IOMMUFD_OP_STRICT_ATTACH = 16,	/* attach of a device that is attached elsewhere: EBUSY */
	IOMMUFD_OP_STRICT_REPLACE = 17, /* replace of a detached device: EINVAL */
	IOMMUFD_OP_IOAS_COPY = 18,
	IOMMUFD_OP_IOAS_ALLOW = 19,
	IOMMUFD_OP_IOAS_CHANGE_PROCESS = 20,
	IOMMUFD_OP_VFIO_IOAS_GET = 21,
	IOMMUFD_OP_VFIO_IOAS_SET = 22,
	IOMMUFD_OP_VFIO_IOAS_CLEAR = 23,
	IOMMUFD_OP_HWPT_ALLOC = 24,
	IOMMUFD_OP_HWPT_SET_DIRTY = 25,
	IOMMUFD_OP_HWPT_DIRTY_BITMAP = 26,
	IOMMUFD_OP_HWPT_INVALIDATE = 27,
	IOMMUFD_OP_HW_INFO = 28,
	IOMMUFD_OP_FAULT_ALLOC = 29,
	IOMMUFD_OP_FAULT_READ = 30,
	IOMMUFD_OP_FAULT_RESPOND = 31,
	IOMMUFD_OP_VIOMMU_ALLOC = 32,
	IOMMUFD_OP_VDEVICE_ALLOC = 33,
	IOMMUFD_OP_VEVENTQ_ALLOC = 34,
	IOMMUFD_OP_VEVENTQ_READ = 35,
	IOMMUFD_OP_HW_QUEUE_ALLOC = 36,
	IOMMUFD_OP_BIND_TOKEN = 37,
	IOMMUFD_OP_ATTACH_PASID = 38,
	IOMMUFD_OP_DETACH_PASID = 39,
	IOMMUFD_OP_REGION_INFO = 40,
	IOMMUFD_OP_IRQ_INFO = 41,
	IOMMUFD_OP_RESET = 42,
	IOMMUFD_OP_HOT_RESET_INFO = 43,
	IOMMUFD_OP_HOT_RESET = 44,
	IOMMUFD_OP_FEATURE_PROBE = 45,
	IOMMUFD_OP_MIGRATION_FLAGS = 46,
	IOMMUFD_OP_MIGRATION_STATE = 47,
	IOMMUFD_OP_MIGRATION_SET_STATE = 48,
	IOMMUFD_OP_MIGRATION_DATA_SIZE = 49,
	IOMMUFD_OP_MIGRATION_PRECOPY = 50,
	IOMMUFD_OP_DMA_LOGGING_START = 51,
	IOMMUFD_OP_DMA_LOGGING_STOP = 52,
	IOMMUFD_OP_DMA_LOGGING_REPORT = 53,
	IOMMUFD_OP_LOW_POWER_ENTRY = 54,
	IOMMUFD_OP_LOW_POWER_WAKEUP = 55, /* entry with a wake-up */
	IOMMUFD_OP_LOW_POWER_EXIT = 56,
	IOMMUFD_OP_DMA_BUF = 57,
	IOMMUFD_OP_IRQ_SET = 58,
	IOMMUFD_OP_IOAS_NOIOMMU_GET_PA = 59,
};

/* The kernel's name of the ioctl ("IOMMU_IOAS_ALLOC"), or of the system call. NULL: no such op. */
const char *iommufd_op_name(enum iommufd_op op);

/* The kernel release that brought it ("6.13"). NULL: no such op. */
const char *iommufd_op_since(enum iommufd_op op);

/* How an explanation is known. */
enum iommufd_evidence {
	IOMMUFD_SEEN = 0,	 /* produced on a running kernel, by this project's tests */
	IOMMUFD_FROM_SOURCE = 1, /* read from the kernel's source */
	IOMMUFD_FILTERED = 2,	 /* a filter of system calls stood for a kernel without the ioctl */
};

struct iommufd_explanation {
	const char *sentence; /* what went wrong; never NULL */
	const char *hint;     /* what to do about it, or NULL */
	enum iommufd_evidence evidence;
	const char *seen_on; /* the Linux of IOMMUFD_SEEN: "6.12, 7.2"; else NULL */
};

/*
 * Explain a failure of op on a device of the given kind (UNKNOWN where there is none). error: an errno
 * of either sign. The strings are static. Always fills ret; returns 0 when the table knows the case, and
 * -ENOENT when the sentence is only the C library's.
 */
int iommufd_explain(enum iommufd_op op, int error, enum iommufd_device_kind kind,
		    struct iommufd_explanation *ret);

/*
 * Does a failure of op say that this kernel, driver or device does not have it at all, rather than that it is
 * there and refuses? error: an errno of either sign. Returns 1 or 0; 0 also where there is no such op.
 * EOPNOTSUPP says so of any op, ENOENT and ENODEV of IOMMUFD_OP_OPEN, ENOTTY of most: where each kernel that
 * has an iommufd, or a cdev, has the op, ENOTTY says that the fd is something else.
 */
int iommufd_is_unsupported(enum iommufd_op op, int error);

/* The errno's name ("EBUSY"), or NULL. Either sign. */
const char *iommufd_error_name(int error);

/* --- What there is: probes that change nothing ------------------------------------------------ */

/*
 * Does the running kernel know the ioctl of op? op: one of the iommufd, IOMMUFD_OP_DESTROY to _IOAS_UNMAP,
 * _IOAS_COPY to _HW_QUEUE_ALLOC and _IOAS_NOIOMMU_GET_PA. Returns 1 or 0. It tells the ioctl, not each use of
 * it. Errors: EINVAL (an op without an ioctl, or one of a cdev), EBADF, ENOTTY (no iommufd).
 */
int iommufd_probe_op(int fd, enum iommufd_op op);

/* A use of an ioctl that came later than the ioctl. */
enum iommufd_use {
	IOMMUFD_USE_HWPT_FAULTS = 0, /* IOMMUFD_HWPT_FAULTS; since Linux 6.11 */
	IOMMUFD_USE_HW_INFO_TYPE = 1, /* a type asked for by iommufd_hw_info(); since Linux 6.17 */
	IOMMUFD_USE_VIOMMU_DATA = 2, /* data of iommufd_viommu_alloc(); since Linux 6.17 */
};

/* Does the running kernel know it? Returns 1 or 0. Errors: EINVAL (use), EBADF, ENOTTY (no iommufd). */
int iommufd_probe_use(int fd, enum iommufd_use use);

enum iommufd_object_type {
	IOMMUFD_OBJECT_ABSENT = 0, /* no object has the id */
	IOMMUFD_OBJECT_UNKNOWN = 1, /* there is one, but the kernel cannot be asked what it is */
	IOMMUFD_OBJECT_IOAS = 2,
	IOMMUFD_OBJECT_DEVICE = 3, /* a physical device */
	IOMMUFD_OBJECT_HWPT = 4,
	IOMMUFD_OBJECT_HWPT_NESTED = 5,
	IOMMUFD_OBJECT_VIOMMU = 6,
};

/*
 * What is the object of this id? UNKNOWN are emulated devices, fault and event queues, vdevices and hardware
 * queues; from Linux 6.13 to 6.16 vIOMMUs and nested HWPTs as well, and later a nested HWPT whose data is not
 * VT-d's. Before Linux 6.13 an emulated device and a fault queue look ABSENT. The answer is as old as the
 * call: ids are used again. Errors: EBADF, ENOTTY (no iommufd).
 */
int iommufd_probe_id(int fd, uint32_t id, enum iommufd_object_type *ret);

/* --- Tracing ---------------------------------------------------------------------------------- */

struct iommufd_trace_field {
	const char *name; /* as in the kernel's struct */
	uint64_t value;
};

struct iommufd_trace {
	enum iommufd_op op;
	int fd;
	int result; /* 0 or -errno; of IOMMUFD_OP_DMA_BUF the fd */
	uint64_t nanoseconds;
	const struct iommufd_trace_field *in, *out; /* what was sent; what came back */
	size_t n_in, n_out;			    /* n_out is 0 on failure */
};

typedef void iommufd_trace_fn(void *arg, const struct iommufd_trace *trace);

/* Call fn after each ioctl of the calling thread; NULL stops it. Nothing is traced by default. */
void iommufd_set_trace(iommufd_trace_fn *fn, void *arg);

#ifdef __cplusplus
}
#endif

#endif
