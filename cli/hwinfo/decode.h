/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an IOMMU tells of itself: the registers in the data of IOMMU_GET_HW_INFO, field by field. */
#ifndef CLI_HWINFO_DECODE_H
#define CLI_HWINFO_DECODE_H

#include "output/table.h"

/* The types of data, as the kernel numbers them. */
enum {
	REGISTERS_INTEL_VTD = 1,
	REGISTERS_ARM_SMMUV3,
	REGISTERS_TEGRA241_CMDQV,
	REGISTERS_AMD,
};

/* What the kernel gave. */
struct registers {
	uint32_t type;
	const void *data; /* of any alignment, in this machine's byte order */
	size_t len;	  /* what of it may be read: an older kernel fills less of it, a newer one more */
};

/* The columns of a row. */
enum { REGISTER_NAME, REGISTER_FIELD, REGISTER_BITS, REGISTER_VALUE, REGISTER_MEANING, REGISTER_COLUMNS };

/*
 * A next_row_fn; arg is a struct registers. Every field of every register that is wholly there; reserved bits
 * where one is set; and a row without a register for the number of bytes behind. No row for another type.
 */
bool next_register_field(const void *arg, size_t *cursor, struct value *row);

/* A table has registers, a register's fields follow it from bit 0 on, a field's values follow it. */
enum register_kind { ENTRY_END, ENTRY_REGISTER, ENTRY_FIELD, ENTRY_RESERVED, ENTRY_VALUE };

/* No pointers: the loader would have to relocate each of them at every start. */
struct register_entry {
	uint8_t kind;
	uint8_t low;   /* a field's first bit; a register's offset in the data; the value of a field */
	uint8_t width; /* in bits; 0: a value */
	char bits[6];
	char name[20];
	char meaning[47];
};

/* The table of a type, NULL: none. It ends with ENTRY_END. */
const struct register_entry *register_table(uint32_t type);

extern const struct register_entry registers_intel_vtd[];
extern const struct register_entry registers_arm_smmuv3[];
extern const struct register_entry registers_tegra241_cmdqv[];
extern const struct register_entry registers_amd[];

/* Of which the tables are made. */
#define REGISTER(name, offset, width) { ENTRY_REGISTER, offset, width, "", name, "" }
#define FLAG(name, bit, meaning) { ENTRY_FIELD, bit, 1, #bit, name, meaning }
#define FIELD(name, high, low, meaning) \
	{ ENTRY_FIELD, low, (high) - (low) + 1, #high ":" #low, name, meaning }
#define RESERVED_BIT(bit) { ENTRY_RESERVED, bit, 1, #bit, "reserved", "" }
#define RESERVED(high, low) \
	{ ENTRY_RESERVED, low, (high) - (low) + 1, #high ":" #low, "reserved", "" }
#define VALUE(value, meaning) { ENTRY_VALUE, value, 0, "", "", meaning }
#define TABLE_END { ENTRY_END, 0, 0, "", "", "" }

#endif
