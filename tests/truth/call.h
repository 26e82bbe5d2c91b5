/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call: an ioctl with the bytes of its struct, or another step that a process takes. Its numbers may
 * stand for what earlier calls gave, so that a sequence still makes sense when some of its calls are left
 * out.
 */
#ifndef TRUTH_CALL_H
#define TRUTH_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { MAX_FIELDS = 12, MAX_TAIL = 256, MAX_DATA = 512, MAX_CALLS = 512 };

enum value_how {
	VALUE_NUMBER,
	VALUE_RESULT, /* what call `of` gave, and number more: "$4+0x1000" */
	VALUE_FD,     /* the fd that call `of` opened: "@4" */
};

struct value {
	uint64_t number;
	uint16_t of;
	uint8_t how;
};

/* Where the struct of an ioctl lies. */
enum place { PLACE_FINE, PLACE_EDGE, PLACE_CROSSING, PLACE_NOWHERE, PLACE_READ_ONLY, PLACE_NULL, N_PLACES };

struct call {
	uint16_t nr; /* counts from 1; stays when others are left out */
	uint8_t kind;
	uint8_t place;
	struct value target; /* the fd */
	struct value fields[MAX_FIELDS];
	uint16_t tail_len; /* bytes behind the struct */
	uint16_t data_len; /* bytes at DATA, where pointers of the struct lead */
	uint8_t tail[MAX_TAIL];
	uint8_t data[MAX_DATA];
};

struct sequence {
	unsigned int n;
	struct call calls[MAX_CALLS];
};

/* What a field means: from this the generator takes its values. */
enum field_kind {
	FIELD_SIZE,
	FIELD_FLAGS, /* of: the flags that there are */
	FIELD_ZERO,  /* reserved */
	FIELD_ID,    /* of: the types that it may have */
	FIELD_FD,    /* of: the kinds of fd */
	FIELD_OUT,
	FIELD_OUT_FD,
	FIELD_IOVA,
	FIELD_LENGTH,
	FIELD_ADDRESS, /* of memory to be mapped */
	FIELD_POINTER, /* to DATA */
	FIELD_SMALL,   /* of: one more than the largest that makes sense */
	FIELD_COUNT,   /* of entries at DATA; of: their size */
	FIELD_DATA_LEN,
	FIELD_PAGE_SIZE,
	FIELD_OFFSET, /* in a file */
	FIELD_ITEM,   /* what was pinned */
};

struct field {
	const char *name;
	uint8_t offset, size, kind;
	uint32_t of;
};

/* What an id may be of, and an fd. */
enum thing_type {
	THING_IOAS,
	THING_DEVICE,
	THING_ACCESS,
	THING_HWPT,
	THING_FAULT,
	THING_VIOMMU,
	THING_VDEVICE,
	THING_VEVENTQ,
	THING_QUEUE,
	FD_CONTEXT,
	FD_CDEV,
	FD_MEMORY,
	FD_EVENT,
	FD_FAULTS,
	FD_VEVENTS,
	FD_SAVING,
	FD_RESUMING,
	FD_DMABUF,
	FD_ACCESS,
	N_THINGS,
	THING_NONE = N_THINGS,
};
#define A(type) (1u << (type))

enum theme { THEME_CORE, THEME_DEVICE, THEME_TABLE, THEME_QUERY, N_THEMES };

enum kind {
	/* what a process does besides */
	KIND_OPEN,
	KIND_CDEV,
	KIND_MEMFD,
	KIND_EVENTFD,
	KIND_CLOSE,
	KIND_READ,
	KIND_WRITE,
	KIND_POLL,
	KIND_DMA,
	KIND_MUNMAP,
	KIND_MMAP,
	KIND_LIMITS,
	/* accesses of the kernel's self-test */
	KIND_ACCESS,
	KIND_ACCESS_REPLACE,
	KIND_PIN,
	KIND_UNPIN,
	KIND_RW,
	/* of the iommufd */
	KIND_DESTROY,
	KIND_IOAS_ALLOC,
	KIND_ALLOW,
	KIND_COPY,
	KIND_RANGES,
	KIND_MAP,
	KIND_UNMAP,
	KIND_OPTION,
	KIND_VFIO_IOAS,
	KIND_HWPT_ALLOC,
	KIND_HW_INFO,
	KIND_SET_DIRTY,
	KIND_GET_DIRTY,
	KIND_INVALIDATE,
	KIND_FAULT_ALLOC,
	KIND_MAP_FILE,
	KIND_VIOMMU_ALLOC,
	KIND_VDEVICE_ALLOC,
	KIND_CHANGE_PROCESS,
	KIND_VEVENTQ_ALLOC,
	KIND_HW_QUEUE_ALLOC,
	KIND_GET_PA,
	KIND_UNKNOWN,
	/* of a cdev */
	KIND_BIND,
	KIND_ATTACH,
	KIND_DETACH,
	KIND_INFO,
	KIND_REGION_INFO,
	KIND_IRQ_INFO,
	KIND_SET_IRQS,
	KIND_RESET,
	KIND_HOT_RESET_INFO,
	KIND_HOT_RESET,
	KIND_FEATURE,
	KIND_UNKNOWN_VFIO,
	N_KINDS,
};

struct call_kind {
	const char *name;
	unsigned long request; /* 0: no ioctl */
	uint8_t size;	       /* of the struct */
	uint8_t target;	       /* enum thing_type; THING_NONE: none */
	uint8_t makes;	       /* the type of what it allocates or opens, or THING_NONE */
	int8_t result;	       /* the field that its result is in, -1: none */
	uint8_t weight[N_THEMES];
	struct field fields[MAX_FIELDS];
};

extern const struct call_kind call_kinds[N_KINDS];

unsigned int call_n_fields(const struct call_kind *kind);
/* The place of the field of this name, or -1. */
int call_field(const struct call_kind *kind, const char *name);

/* One line, without its end; and back: false, where the line is none. */
void call_print(FILE *to, const struct call *call);
bool call_parse(const char *line, struct call *call);

#endif
