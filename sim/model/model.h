/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine with a simulated /dev/iommu: the objects and their rules, as the kernel has them. It does no
 * system call and has no state but what hangs on a struct sim. What it needs of the process that does an
 * ioctl, it asks of a struct sim_caller; what happens to a device, it tells the device's ops.
 *
 * Every function here may be called from any thread. Ioctls, opens and closes of one machine wait for one
 * another: the ops of callers, backings, events and devices must not call those. A device's ops may call what
 * stands under "what devices do".
 */
#ifndef IOMMUFD_SIM_MODEL_H
#define IOMMUFD_SIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

struct sim;	     /* a machine */
struct sim_context;  /* one open /dev/iommu */
struct sim_device;   /* a device that has a VFIO cdev */
struct sim_cdev;     /* one open of a cdev */
struct sim_file;     /* another open file that an ioctl made: a queue, a stream of a migration, a dma-buf */
struct sim_backing;  /* memory that can be mapped */
struct sim_event;    /* an eventfd */
struct sim_caller;   /* the process that does an ioctl */

/* --- memory ------------------------------------------------------------------------------------------ */

#define SIM_UNLIMITED UINT64_MAX

/* What lies behind mappings: the address space of a process (offset: the address) or a file's pages. */
struct sim_backing_ops {
	/* 0 or -EFAULT */
	int (*read)(struct sim_backing *backing, uint64_t offset, void *to, size_t len);
	int (*write)(struct sim_backing *backing, uint64_t offset, const void *from, size_t len);
	/*
	 * Whole pages that a device may reach from now on: 0, -EFAULT where one of them is not there or not
	 * writable, -EINVAL beyond the end of a file. Each pin has its unpin. Both may be NULL.
	 */
	int (*pin)(struct sim_backing *backing, uint64_t offset, uint64_t len, bool write);
	void (*unpin)(struct sim_backing *backing, uint64_t offset, uint64_t len);
	/*
	 * Of an address space: the RLIMIT_MEMLOCK of its process, in bytes. Asked when pages that it mapped
	 * are charged, whoever is the caller then. NULL: SIM_UNLIMITED.
	 */
	uint64_t (*memlock)(struct sim_backing *backing);
	/* The last reference has gone. */
	void (*free)(struct sim_backing *backing);
};

/* To be embedded. An address space is also whom the kernel charges: one backing for all callers in it. */
struct sim_backing {
	const struct sim_backing_ops *ops;
	unsigned int refs;     /* atomic; starts at 1 */
	/* The model's, of an address space: what is pinned for it (VmPin), what of that it is charged. */
	uint64_t pinned_pages;
	uint64_t charged_pages;
};

struct sim_backing *sim_backing_get(struct sim_backing *backing);
void sim_backing_put(struct sim_backing *backing);

/* --- events ------------------------------------------------------------------------------------------ */

struct sim_event_ops {
	void (*signal)(struct sim_event *event);
	void (*free)(struct sim_event *event);
};

/* To be embedded. The model takes over the reference that it is given. */
struct sim_event {
	const struct sim_event_ops *ops;
};

/* --- the caller -------------------------------------------------------------------------------------- */

enum sim_fd_kind {
	SIM_FD_OTHER, /* open, and nothing that the model knows: another kind of file */
	SIM_FD_CONTEXT,
	SIM_FD_MEMORY, /* a memfd, a hugetlb memfd, a file of tmpfs */
	SIM_FD_FILE,   /* a struct sim_file of this machine */
	SIM_FD_EVENT,
};

/* What an fd of a caller is. Of memory and events it holds a reference, which the model takes over. */
struct sim_fd {
	enum sim_fd_kind kind;
	union {
		struct sim_context *context;
		struct sim_file *file;
		struct sim_event *event;
		struct sim_backing *backing;
	};
};

struct sim_limits {
	uint32_t uid;
	bool ipc_lock; /* has CAP_IPC_LOCK */
	bool sys_resource;
};

struct sim_caller_ops {
	/* 0 or -EFAULT; nothing is read or written then but for pages before the bad one. */
	int (*read)(struct sim_caller *caller, uint64_t address, void *to, size_t len);
	int (*write)(struct sim_caller *caller, uint64_t address, const void *from, size_t len);
	/* 0 or -EBADF. What is not of the kind that is wished for may be said to be SIM_FD_OTHER. */
	int (*fd)(struct sim_caller *caller, int fd, enum sim_fd_kind wish, struct sim_fd *what);
	/* A new fd, close-on-exec, for the file: its number, or -EMFILE; the file is still the model's then.
	 */
	int (*install)(struct sim_caller *caller, struct sim_file *file);
	/* Asked only where it matters. */
	void (*limits)(struct sim_caller *caller, struct sim_limits *limits);
	/* Its address space, with a reference; NULL: out of memory. */
	struct sim_backing *(*memory)(struct sim_caller *caller);
};

/* To be embedded. */
struct sim_caller {
	const struct sim_caller_ops *ops;
};

/* --- what there is in a machine ---------------------------------------------------------------------- */

struct sim_range {
	uint64_t start, last;
};

/* An IOMMU, and what its driver can do. Bytes that are pointed to have to stay. */
struct sim_iommu_description {
	const char *name;	       /* "dmar0" */
	uint32_t hw_info_type;	       /* of GET_HW_INFO: 1 Intel VT-d, 2 Arm SMMUv3, ... 0 none */
	const void *hw_info;
	uint32_t hw_info_len;
	uint64_t page_sizes;	       /* a bit for each: 0x40201000 */
	struct sim_range aperture;     /* of a page table that the kernel makes */
	struct sim_range parent_aperture; /* of one with NEST_PARENT; last 0: the same */
	uint64_t capabilities;	       /* out_capabilities of GET_HW_INFO: dirty tracking and more */
	bool coherent;		       /* what devices do is seen by processors: else none can be bound */
	bool enforces_coherency;       /* also where a device asks not to be snooped */
	bool interrupts_isolated;
	bool nests;		       /* NEST_PARENT, nested page tables of hw_info_type */
	bool pasids;		       /* page tables of a PASID */
	bool page_requests;
	uint32_t viommu_type;	       /* 0: none */
};

enum sim_device_kind { SIM_PHYSICAL, SIM_EMULATED };

#define SIM_REGION_READ 1u /* as in vfio_region_info */
#define SIM_REGION_WRITE 2u
#define SIM_REGION_MMAP 4u

struct sim_region_description {
	uint32_t flags;
	uint64_t size; /* 0: there is none */
	bool msix_mappable; /* has the capability MSIX_MAPPABLE */
	bool absent;	    /* GET_REGION_INFO says EINVAL, as of VGA */
	bool has_offset;    /* else it lies at its index << 40 */
	uint64_t offset;
};

struct sim_irq_description {
	uint32_t flags; /* as in vfio_irq_info */
	uint32_t count;
	int32_t error;	/* > 0: GET_IRQ_INFO says this errno */
};

enum sim_driver {
	SIM_DRIVER_VFIO, /* the cdev works */
	SIM_DRIVER_NONE,
	SIM_DRIVER_OTHER, /* a driver that does DMA: its group cannot be bound */
};

/* What happens to a device, by data of its description. Each may be NULL. */
struct sim_device_ops {
	/* The first cdev was bound, the last one closed: as the driver's open_device and close_device. */
	int (*open)(void *data);
	void (*close)(void *data);
	/* 0 or -errno of VFIO_DEVICE_RESET. NULL: a physical one answers 0, an emulated one ENOTTY. */
	int (*reset)(void *data);
	/* After all devices of the set were reset: what PCI_HOT_RESET of this one answers. NULL: 0. */
	int (*hot_reset)(void *data);
	/* Emulated: what is pinned of these IOVAs has to be unpinned. */
	void (*unmap)(void *data, uint64_t iova, uint64_t length);
	/* The bytes of a region, for DMA to it through a dma-buf. 0 or -errno. */
	int (*region)(void *data, uint32_t index, uint64_t offset, void *bytes, size_t len, bool write);
	/* The state of a device that migrates: state_size bytes. 0 or -errno. */
	int (*save)(void *data, void *state);
	int (*load)(void *data, const void *state);
};

struct sim_device_description {
	const char *address; /* a PCI address, or an mdev's UUID */
	enum sim_device_kind kind;
	enum sim_driver driver;
	const struct sim_device_ops *ops; /* may be NULL */
	void *data;
	/* physical */
	const struct sim_iommu_description *iommu;
	uint32_t group;	    /* the number of the group */
	uint32_t reset_set; /* devices of one number are hot reset together; 0: there is no hot reset */
	const struct sim_range *reserved;
	size_t n_reserved;
	struct sim_range msi; /* the reserved range for interrupts; last 0: none */
	uint8_t pasid_bits;   /* 0: no PASIDs */
	/* VFIO */
	uint32_t flags; /* of vfio_device_info */
	const struct sim_region_description *regions;
	uint32_t n_regions;
	const struct sim_irq_description *irqs; /* NULL: of none there is one, SET_IRQS is EINVAL */
	uint32_t n_irqs;
	bool info_first;      /* as mtty does it: there are no interrupts until somebody asked for the info */
	uint64_t migration;   /* flags of the feature MIGRATION; 0: none */
	const void *state_header; /* with migration: what a stream begins with, */
	size_t state_header_size;
	size_t state_size;	  /* and what save and load move */
	bool dma_logging;
	bool dma_buf;	      /* Linux 6.19 and newer: regions that can be mapped can be exported */
	bool low_power;
};

/* kernel: "6.6", "6.12", "7.2"; NULL, with errno: EINVAL for another one, ENOMEM. */
struct sim *sim_new(const char *kernel);
/* Every context, cdev and file must be closed before. */
void sim_free(struct sim *sim);
/* The kernels that there are, by place: NULL after the last one. */
const char *sim_kernel_name(size_t at);

/* The description, and what it points to, has to stay. NULL: ENOMEM, or two of one address (EEXIST). */
struct sim_device *sim_device_add(struct sim *sim, const struct sim_device_description *description);
struct sim_device *sim_device_find(const struct sim *sim, const char *address);
/* As a write to the driver's bind and unbind does; -EBUSY while a cdev of it is open, and for OTHER where
 * a context has its group. */
int sim_device_set_driver(struct sim_device *device, enum sim_driver driver);
/* For /sys/module/iommufd/parameters/allow_unsafe_interrupts. */
void sim_allow_unsafe_interrupts(struct sim *sim, bool allow);
/* A kernel with transparent huge pages, which is the default: they make it choose other IOVAs. */
void sim_use_huge_pages(struct sim *sim, bool use);

/* --- open files -------------------------------------------------------------------------------------- */

/* open() of /dev/iommu; NULL: out of memory. compat: of /dev/vfio/vfio. */
struct sim_context *sim_context_open(struct sim *sim, bool compat);
/* The last copy of the file is closed. What a bound cdev needs lives on. */
void sim_context_close(struct sim_context *context);
/* The return value of the ioctl, or -errno. */
long sim_iommufd_ioctl(struct sim_context *context, unsigned long request, uint64_t arg,
		       struct sim_caller *caller);

/* open() of the cdev: -ENODEV where the driver is not VFIO's, -ENOMEM. */
int sim_cdev_open(struct sim_device *device, struct sim_cdev **cdev);
/* The last copy of the file, and the last mapping of it, is gone. */
void sim_cdev_close(struct sim_cdev *cdev);
/* Until then there is no read, write or mmap of it: EINVAL. */
bool sim_cdev_is_bound(const struct sim_cdev *cdev);
struct sim_device *sim_cdev_device(const struct sim_cdev *cdev);
long sim_cdev_ioctl(struct sim_cdev *cdev, unsigned long request, uint64_t arg, struct sim_caller *caller);

/*
 * The files that the model makes and the caller installs. Read and write give what the system calls would, or
 * -errno. A queue that is empty reads 0, as the kernel's does: poll tells.
 */
enum sim_file_kind { SIM_FILE_FAULTS, SIM_FILE_EVENTS, SIM_FILE_SAVING, SIM_FILE_RESUMING, SIM_FILE_DMABUF };

enum sim_file_kind sim_file_kind(const struct sim_file *file);
long sim_file_read(struct sim_file *file, void *to, size_t len);
long sim_file_write(struct sim_file *file, const void *from, size_t len);
long sim_file_ioctl(struct sim_file *file, unsigned long request, uint64_t arg, struct sim_caller *caller);
/* POLLIN and POLLOUT, as poll() would set them. */
short sim_file_poll(const struct sim_file *file);
/* Called whenever poll changes to readable; one for each file. */
void sim_file_on_ready(struct sim_file *file, void (*ready)(void *data), void *data);
/* Of a dma-buf: its length in bytes. */
uint64_t sim_file_size(const struct sim_file *file);
void sim_file_close(struct sim_file *file);

/* --- what devices do --------------------------------------------------------------------------------- */

/*
 * DMA of a device: through the page table that it is attached to, or the IOAS of an emulated one. 0, or
 * -errno where something is not mapped, or not so (physical: -EFAULT); bytes before that may have been moved.
 */
int sim_dma_read(struct sim_device *device, uint64_t iova, void *to, size_t len);
int sim_dma_write(struct sim_device *device, uint64_t iova, const void *from, size_t len);
/* The same with a PASID. */
int sim_dma_pasid(struct sim_device *device, uint32_t pasid, uint64_t iova, void *bytes, size_t len,
		  bool write);

/* An emulated device's: 0 or the -errno of the kernel's, -ENOENT without an IOAS. */
int sim_pin(struct sim_device *device, uint64_t iova, uint64_t length, bool write);
void sim_unpin(struct sim_device *device, uint64_t iova, uint64_t length);
/* Marks what DMA logging is to report; sim_dma_write does so itself. */
void sim_log_dirty(struct sim_device *device, uint64_t iova, uint64_t length);

/* Fires the event that SET_IRQS left there: does nothing where there is none. */
void sim_irq_fire(struct sim_device *device, uint32_t index, uint32_t vector);

/* A page that a device asks for: goes to the fault queue of its page table; -ENODEV without one. */
struct sim_page_request {
	uint32_t flags, pasid, grpid, perm;
	uint64_t addr;
};
int sim_page_request(struct sim_device *device, const struct sim_page_request *request);
/* What a guest's IOMMU is to be told: goes to the event queue of its virtual IOMMU; -ENODEV without one. */
int sim_iommu_event(struct sim_device *device, const void *data, size_t len);

/* What an iommufd holds: an object, or a mapping. */
enum sim_held_kind { SIM_HELD_IOAS, SIM_HELD_HWPT, SIM_HELD_DEVICE, SIM_HELD_OTHER, SIM_HELD_MAPPING };

struct sim_held {
	enum sim_held_kind kind;
	uint32_t id; /* of a mapping: its IOAS's */
	uint32_t on; /* of a HWPT: its IOAS; of a device: what it is attached to; 0: nothing */
	const char *address; /* of a device */
	/* of a mapping */
	uint64_t iova, length, offset;
	const struct sim_backing *backing; /* NULL: of a file that cannot be pinned */
};

/* To one who looks from outside, object by object: behind an IOAS come its mappings. */
void sim_context_look(const struct sim_context *context, void (*see)(const struct sim_held *held, void *data),
		      void *data);

/* What is charged to a user, in pages. */
uint64_t sim_user_pages(const struct sim *sim, uint32_t uid);

#pragma GCC visibility pop

#endif
