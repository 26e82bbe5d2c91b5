/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A context: the open iommufd, the opened devices, the objects with their names, the memory and where
 * it is mapped. It remembers what the kernel does not show.
 */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include "cli.h"
#include "mappings.h"

enum context_kind {
	CONTEXT_NONE,	   /* a lone command */
	CONTEXT_ONCE,	   /* the same, released at its end by request (--once) */
	CONTEXT_INHERITED, /* a lone command on an iommufd that the caller keeps */
	CONTEXT_LASTING,   /* outlives the verb: a batch */
};

enum object_type {
	OBJECT_DEVICE,
	OBJECT_IOAS,
	OBJECT_MEMORY,
	OBJECT_HWPT, /* from here on: struct made */
	OBJECT_FAULT,
	OBJECT_VIOMMU,
	OBJECT_VDEVICE,
	OBJECT_VEVENTQ,
	OBJECT_HW_QUEUE,
	OBJECT_TYPES,
};

struct object {
	enum object_type type;
	uint32_t id; /* 0: none (memory; a device that is not bound) */
	char *name;  /* NULL: none */
	struct object *next_name;
	bool kept; /* its fd is where it survives a crash of the session */
};

enum attachment {
	ATTACHMENT_UNKNOWN, /* an inherited cdev: the kernel does not tell */
	DETACHED,
	ATTACHED,
};

/* What is attached for one PASID of a device. */
struct pasid {
	uint32_t number, asked, pt;
};

struct device {
	struct object object; /* first, so that an object can be cast; so in the next two */
	struct iommufd_device info;
	int fd;
	bool borrowed; /* fd:N of the caller: never closed here */
	enum attachment attachment;
	uint32_t asked, pt; /* what was asked for, and what the kernel made of it */
	bool let_go;	    /* detached by request: whoever prepared it is done with it */
	struct pasid *pasids;
	size_t n_pasids;
};

struct memory {
	struct object object;
	int fd;
	bool borrowed;
	bool read_only; /* so opened; seals come on top of it */
	unsigned int serial; /* tells those without a name apart */
	uint64_t size, page;
	void *map;	/* the whole of it, where this process needed it, or NULL */
	size_t mappings; /* how many of an IOAS refer to it */
};

struct ioas {
	struct object object;
	struct mappings mappings;
	bool adopted; /* it was there before this context */
	bool stale;   /* what it maps is of a process that ended: pinned as long as hardware uses it */
};

/* Any other object that was allocated here, and what it was made of: ids, 0 for none. */
struct made {
	struct object object;
	uint32_t device;
	uint32_t parent; /* a HWPT's page table or vIOMMU; the HWPT or vIOMMU of all others */
	uint32_t queue;	 /* of a HWPT's faults */
	uint32_t kind;	 /* of its data, events or hardware, as the kernel numbers them */
	uint32_t flags;	 /* IOMMUFD_HWPT_* */
	int fd;		 /* of a queue, else -1 */
};

struct list {
	struct object **items;
	size_t count, cap;
};

struct context {
	enum context_kind kind;
	int iommufd;	  /* -1: not opened yet */
	bool borrowed;	  /* iommufd is the caller's */
	bool no_map_file; /* learned: this kernel has no IOAS_MAP_FILE */
	const char *path; /* of the iommufd, NULL: the default */
	struct list ids;  /* by id */
	struct list devices, memories;
	struct object **names; /* hash table of n_buckets chains */
	size_t n_buckets, n_names;
	unsigned int n_serials;
	struct journal *journal; /* where changes are written down, or NULL */
};

/* --- context.c ------------------------------------------------------------------------------- */

void context_init(struct context *ctx, enum context_kind kind);
/* Closes devices, then the iommufd, and frees everything. */
void context_free(struct context *ctx);

/* Adopt the caller's fd (checked) or remember the path. EXIT_DONE or an exit code, with its message. */
int context_adopt(const struct call *call, const char *ref);

/* Open the iommufd if it is not open yet. */
int context_open_first(const struct call *call);
static inline int context_open(const struct call *call)
{
	return call->ctx->iommufd >= 0 ? EXIT_DONE : context_open_first(call);
}

/* How pinned memory is accounted: "user", "process", or NULL: as it is. Only in an empty context. */
int context_rlimit_mode(const struct call *call, const char *mode);
bool is_rlimit_mode(const char *mode);

/* The fd that "iommufd", a device or "mem:NAME" stands for. */
int context_fd(const struct call *call, const char *ref, int *ret);

size_t context_count_ioas(const struct context *ctx);

/* --- objects.c: the registry ------------------------------------------------------------------ */

/* Register an object under its id and name. name may be NULL. -ENOMEM; nothing is registered then. */
int object_add(struct context *ctx, struct object *object, const char *name);
/* Only the id; the object stays. */
void object_remove_id(struct context *ctx, const struct object *object);
void object_remove(struct context *ctx, struct object *object);
static inline struct object *object_by_id(const struct context *ctx, uint32_t id)
{
	return id && id < ctx->ids.count ? ctx->ids.items[id] : NULL;
}
struct object *object_by_name(const struct context *ctx, const char *name);
/* With its article: "an IOAS". */
const char *object_type_name(enum object_type type);

/* Is the word fit to be a new object's name? EXIT_DONE, or an exit code with its message. NULL is fit. */
int check_new_name(const struct call *call, const char *name);

/* The id that a word stands for: a number as it is, a name of an object of one of the types (a mask). */
int need_id(const struct call *call, const char *word, unsigned int types, uint32_t *ret);

/* The IOAS of that id if this context made it, else NULL: the kernel may know it all the same. */
static inline struct ioas *find_ioas(const struct context *ctx, uint32_t id)
{
	struct object *object = object_by_id(ctx, id);

	return object && object->type == OBJECT_IOAS ? (struct ioas *)object : NULL;
}

int list_add(struct list *list, struct object *object);
void list_remove(struct list *list, const struct object *object);

/* --- devices.c: devices in a context ----------------------------------------------------------- */

/* The device that a word stands for, among those that this context has; NULL without a message. */
struct device *device_find(const struct call *call, const char *ref);

/* Look a device up by any word that is not a name, and open it. */
int device_open_ref(const struct call *call, const char *ref, struct iommufd_device *ret, int *ret_fd);

/* The same; fd:N is adopted, anything else that is not there is an error. */
int need_device(const struct call *call, const char *ref, struct device **ret);

/* Open a device that this context does not have yet, or adopt fd:N. name may be NULL. */
int device_add(const struct call *call, const char *ref, const char *name, struct device **ret);

/* Make an open device known. name may be NULL. */
int device_register(const struct call *call, const char *name, const struct iommufd_device *info, int fd,
		    struct device **ret);

/* Forget a device and close its cdev, unless it is borrowed. */
void device_drop(struct context *ctx, struct device *device);

/* Bind a device that is not bound; its object gets the id. */
int device_bind(const struct call *call, const char *ref, struct device *device);

static inline struct device *device_at(const struct context *ctx, size_t i)
{
	return (struct device *)ctx->devices.items[i];
}

/* What people call it by: its name here, or its cdev's. */
static inline const char *device_name(const struct device *device)
{
	return device->object.name ? device->object.name : device->info.name;
}

/* --- memory.c ----------------------------------------------------------------------------------- */

/* Without an fd yet; NULL with errno. */
struct memory *memory_new(struct context *ctx, const char *name);
/* It has its fd now. */
void memory_hold(struct memory *memory, int fd);
bool memory_is_writable(const struct memory *memory);
struct memory *memory_find(const struct context *ctx, const char *name);
int need_memory(const struct call *call, const char *ref, struct memory **ret);
/* Map the whole of it into this process, once; NULL with errno. */
void *memory_map(struct memory *memory);
void memory_drop(struct context *ctx, struct memory *memory);
/* One mapping less; memory without a name goes with its last one. */
static inline void memory_release(struct context *ctx, struct memory *memory)
{
	if (--memory->mappings == 0 && !memory->object.name)
		memory_drop(ctx, memory);
}

/* --- mem.c -------------------------------------------------------------------------------------------- */

/* The file that a word names, to be read; "-" is stdin. *ours: to be closed. */
int open_source(const struct call *call, const char *path, int *ret, bool *ours);

/* --- ioas.c --------------------------------------------------------------------------------------- */

/* The id of the IOAS that a word stands for; opens the iommufd. Returns an exit code. */
int need_ioas(const struct call *call, const char *word, uint32_t *ret);
void ioas_drop(struct context *ctx, struct ioas *ioas);
/* The mapping that an address lies in, or NULL. */
const struct mapping *ioas_mapping(const struct ioas *ioas, uint64_t iova);
/* IOMMUFD_MAP_* by --read and --write: without either it is both. */
unsigned int access_flags(const struct call *call);
/* What is mapped where; -ENOMEM. */
int ioas_remember(struct ioas *ioas, const struct mapping *mapping);
void ioas_forget(struct context *ctx, struct ioas *ioas, uint64_t iova, uint64_t length);

/* --- made.c ------------------------------------------------------------------------------------------ */

/*
 * Keep what was just allocated, under a name (may be NULL). What cannot be kept is destroyed again; a lone
 * command has no later one to keep it for.
 */
int made_remember(const struct call *call, const struct made *made, const char *name);
/* The same, and print its id. */
int made_keep(const struct call *call, const struct made *made, const char *name);
struct made *find_made(const struct context *ctx, uint32_t id);
void made_drop(struct context *ctx, struct made *made);
/* A queue by name or id, with its fd; NULL without a message. */
struct made *queue_find(const struct context *ctx, const char *ref);
/* What was made of this id and is still there, or NULL. */
const struct made *made_of(const struct context *ctx, uint32_t id);
/* Destroy the object: its queue's fd, which keeps it busy, is closed first. 0 or -errno. */
int made_destroy(struct context *ctx, struct made *made);

/* --- settle.c: after a restart or a crash ------------------------------------------------------------ */

/* Attach or detach it once more, as was acknowledged. */
void device_settle(const struct call *call, struct device *device);
/* Map what is missing; begun: a command may have been killed in the middle, so unmap what is unknown. */
void ioas_settle(const struct call *call, struct ioas *ioas, bool begun);
/* Map what a process that ended had mapped again, if no hardware uses it: before the next attach. */
void ioas_renew(const struct call *call, struct ioas *ioas);

#endif
