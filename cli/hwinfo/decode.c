/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decode registers by a table that describes them. */
#include "hwinfo/decode.h"
#include <string.h>

const struct register_entry *register_table(uint32_t type)
{
	switch (type) {
	case REGISTERS_INTEL_VTD:
		return registers_intel_vtd;
	case REGISTERS_ARM_SMMUV3:
		return registers_arm_smmuv3;
	case REGISTERS_TEGRA241_CMDQV:
		return registers_tegra241_cmdqv;
	case REGISTERS_AMD:
		return registers_amd;
	}
	return NULL;
}

static size_t end_of(const struct register_entry *reg)
{
	return reg->low + reg->width / 8U;
}

static uint64_t read_register(const struct registers *from, const struct register_entry *reg)
{
	const uint8_t *at = (const uint8_t *)from->data + reg->low;
	uint64_t quad;
	uint32_t word;

	switch (reg->width) {
	case 8:
		return *at;
	case 32:
		memcpy(&word, at, sizeof(word));
		return word;
	default:
		memcpy(&quad, at, sizeof(quad));
		return quad;
	}
}

static const struct register_entry *register_of(const struct register_entry *entry)
{
	while (entry->kind != ENTRY_REGISTER)
		entry--;
	return entry;
}

/* What this very value means, or what the field is about. */
static const char *meaning_of(const struct register_entry *field, uint64_t value)
{
	for (const struct register_entry *entry = field + 1; entry->kind == ENTRY_VALUE; entry++)
		if (entry->low == value)
			return entry->meaning;
	return *field->meaning ? field->meaning : NULL;
}

/* false: it is no field, or has nothing to tell. */
static bool field_row(const struct registers *from, const struct register_entry *field, struct value *row)
{
	const struct register_entry *reg;
	uint64_t value;

	if (field->kind != ENTRY_FIELD && field->kind != ENTRY_RESERVED)
		return false;
	reg = register_of(field);
	if (end_of(reg) > from->len)
		return false;
	value = read_register(from, reg) >> field->low & UINT64_MAX >> (64 - field->width);
	if (field->kind == ENTRY_RESERVED && !value)
		return false;
	row[REGISTER_NAME].text = reg->name;
	row[REGISTER_FIELD].text = field->name;
	row[REGISTER_BITS].text = field->bits;
	row[REGISTER_VALUE] = (struct value){ .number = value };
	row[REGISTER_MEANING].text = meaning_of(field, value);
	return true;
}

/* The bytes behind the last register that is wholly there. */
static bool rest_row(const struct registers *from, const struct register_entry *table, struct value *row)
{
	size_t end = 0;

	for (; table->kind != ENTRY_END; table++)
		if (table->kind == ENTRY_REGISTER && end_of(table) <= from->len)
			end = end_of(table);
	if (end == from->len)
		return false;
	row[REGISTER_NAME].text = NULL;
	row[REGISTER_FIELD].text = "unknown";
	row[REGISTER_BITS].text = NULL;
	row[REGISTER_VALUE] = (struct value){ .number = from->len - end };
	row[REGISTER_MEANING].text = "bytes that this version does not decode";
	return true;
}

/* The cursor counts entries; SIZE_MAX: the rest has been told, too. */
bool next_register_field(const void *arg, size_t *cursor, struct value *row)
{
	const struct registers *from = arg;
	const struct register_entry *table = register_table(from->type);

	if (!table || *cursor == SIZE_MAX)
		return false;
	while (table[*cursor].kind != ENTRY_END)
		if (field_row(from, &table[(*cursor)++], row))
			return true;
	*cursor = SIZE_MAX;
	return rest_row(from, table, row);
}
