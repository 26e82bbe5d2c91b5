/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decoder of registers: known hardware, any length of data, and what the tables promise. */
#include <stdlib.h>
#include <string.h>

#include "hwinfo/decode.h"
#include "unit.h"

enum { VTD = REGISTERS_INTEL_VTD, SMMU, CMDQV, AMD };

static const struct { uint32_t flags, pad; uint64_t cap, ecap; } vtd = {
	1, 0, 0xd2008c222f0686, 0xf00f4a, /* QEMU, caching-mode=on */
};
static const struct { uint32_t flags, pad, idr[6], iidr, aidr; } smmuv3 = {
	0, 0, { 0x0d40101a, 0x02730010, 0, 0x1404, 0, 0x74 }, 0x4832043b, 1, /* QEMU; IIDR: an MMU-600 */
};
static const struct { uint32_t flags; uint8_t bytes[4]; } cmdqv = { 0, { 1, 1, 4, 0 } };
static const struct { uint64_t efr, efr2; } amd = { 0x58f77ef22294ade, 0xb2a }; /* an EPYC's, and made up */

#define ALL(type, data) { type, &(data), sizeof(data) }
static const struct registers whole[] = {
	ALL(VTD, vtd), ALL(SMMU, smmuv3), ALL(CMDQV, cmdqv), ALL(AMD, amd),
};

static const struct registers *of_type(uint32_t type)
{
	return &whole[type - VTD];
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The row of a field; false: there is none. */
static bool find_row(const struct registers *from, const char *reg, const char *field, struct value *row)
{
	size_t cursor = 0;

	while (next_register_field(from, &cursor, row))
		if (is_same(row[REGISTER_NAME].text, reg) && is_same(row[REGISTER_FIELD].text, field))
			return true;
	return false;
}

static size_t count_rows(const struct registers *from)
{
	struct value row[REGISTER_COLUMNS];
	size_t cursor = 0, n = 0;

	while (next_register_field(from, &cursor, row))
		n++;
	assert_false(next_register_field(from, &cursor, row));
	return n;
}

static void test_known_values(void **state)
{
	static const struct {
		uint32_t type;
		const char *reg, *field, *bits;
		uint64_t value;
		const char *meaning;
	} cases[] = {
		{ VTD, "flags", "ERRATA_772415_SPR17", "0", 1, "no read-only mappings below a nested table" },
		{ VTD, "CAP", "ND", "2:0", 6, "65536 domains" },
		{ VTD, "CAP", "CM", "7", 1, "caching mode: absent entries are cached" },
		{ VTD, "CAP", "SAGAW", "12:8", 6, "39- and 48-bit second-level tables" },
		{ VTD, "CAP", "MGAW", "21:16", 47, "48-bit DMA addresses" },
		{ VTD, "CAP", "FRO", "33:24", 0x22, "offset of the fault records, in 16 bytes" },
		{ VTD, "CAP", "SLLPS", "37:34", 3, "2-MB and 1-GB second-level pages" },
		{ VTD, "CAP", "PSI", "39", 1, "page-selective invalidation" },
		{ VTD, "CAP", "MAMV", "53:48", 18, "largest address mask of an invalidation" },
		{ VTD, "CAP", "DRD", "55", 1, "invalidation drains reads" },
		{ VTD, "CAP", "ESRTPS", "63", 0, "setting the root table invalidates" },
		{ VTD, "ECAP", "QI", "1", 1, "queued invalidation" },
		{ VTD, "ECAP", "IRO", "17:8", 0xf, "offset of the IOTLB registers, in 16 bytes" },
		{ VTD, "ECAP", "MHMV", "23:20", 15, "largest handle mask of an invalidation" },
		{ VTD, "ECAP", "SMTS", "43", 0, "scalable mode" },
		{ VTD, "ECAP", "HPTS", "55", 0, NULL },
		{ SMMU, "IDR0", "S1P", "1", 1, "stage 1 translation" },
		{ SMMU, "IDR0", "TTF", "3:2", 2, "AArch64 tables" },
		{ SMMU, "IDR0", "TTENDIAN", "22:21", 2, "little-endian tables" },
		{ SMMU, "IDR0", "STALL_MODEL", "25:24", 1, "faults terminate" },
		{ SMMU, "IDR0", "ST_LEVEL", "28:27", 1, "stream table of up to 2 levels" },
		{ SMMU, "IDR1", "SIDSIZE", "5:0", 16, "bits of a StreamID" },
		{ SMMU, "IDR1", "CMDQS", "25:21", 19, "log2 of the entries of a command queue" },
		{ SMMU, "IDR3", "BBML", "12:11", 2, "level of break-before-make behaviour" },
		{ SMMU, "IDR4", "IMPDEF", "31:0", 0, "implementation defined" },
		{ SMMU, "IDR5", "OAS", "2:0", 4, "44-bit output addresses" },
		{ SMMU, "IDR5", "GRAN64K", "6", 1, "64-KB granule" },
		{ SMMU, "IIDR", "Implementer", "11:0", 0x43b, "who made it: a JEP106 code" },
		{ SMMU, "IIDR", "ProductID", "31:20", 0x483, "which product" },
		{ SMMU, "AIDR", "ArchMajorRev", "7:4", 0, "SMMUv3" },
		{ CMDQV, "version", "VER", "7:0", 1, "version of the hardware" },
		{ CMDQV, "log2vsids", "NUM_SID_PER_VM_LOG2", "7:0", 4,
		  "log2 of the StreamIDs that are replaced" },
		{ AMD, "EFR", "XTSup", "2", 1, "x2APIC" },
		{ AMD, "EFR", "HATS", "11:10", 2, "6 levels of host tables" },
		{ AMD, "EFR", "GAMSup", "23:21", 1, "modes of the guest virtual APIC" },
		{ AMD, "EFR", "PASmax", "36:32", 15, "16-bit PASIDs" },
		{ AMD, "EFR", "HDSup", "52", 0, "host dirty bit" },
		{ AMD, "EFR", "reserved", "60:56", 5, NULL },
		{ AMD, "EFR2", "GCR3TRPModeSup", "3", 1, "guest CR3 table at a guest's address" },
		{ AMD, "EFR2", "NumIntRemapSup", "9:8", 3, "remapped interrupts of a device" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value row[REGISTER_COLUMNS];
		const char *field = cases[i].field;

		assert_case(find_row(of_type(cases[i].type), cases[i].reg, field, row), field);
		assert_case(is_same(row[REGISTER_BITS].text, cases[i].bits), field);
		assert_case(!row[REGISTER_VALUE].none && row[REGISTER_VALUE].number == cases[i].value, field);
		assert_case(is_same(row[REGISTER_MEANING].text, cases[i].meaning), field);
	}
}

/* Nothing of what is known reports a reserved bit, and nothing is left. */
static void test_nothing_unknown(void **state)
{
	struct value row[REGISTER_COLUMNS];

	(void)state;
	for (uint32_t type = VTD; type <= AMD; type++)
		assert_false(find_row(of_type(type), NULL, "unknown", row));
	assert_false(find_row(of_type(VTD), "CAP", "reserved", row));
	assert_false(find_row(of_type(VTD), "ECAP", "reserved", row));
	assert_false(find_row(of_type(SMMU), "IDR0", "reserved", row));
}

static void test_unknown_types(void **state)
{
	static const uint32_t types[] = { 0, AMD + 1, 0xfeedbeef, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct registers from = { types[i], &vtd, sizeof(vtd) };

		assert_null(register_table(types[i]));
		assert_int_equal(count_rows(&from), 0);
	}
}

static unsigned int bits_of(const char *text, unsigned int *ret_low)
{
	unsigned int high, n = (unsigned int)sscanf(text, "%u:%u", &high, ret_low);

	*ret_low = n == 2 ? *ret_low : high;
	return high - *ret_low + 1;
}

/* The register put together from its rows; false: it has none. */
static bool put_together(const struct registers *from, const char *reg, uint64_t *ret)
{
	struct value row[REGISTER_COLUMNS];
	size_t cursor = 0;
	bool found = false;

	*ret = 0;
	while (next_register_field(from, &cursor, row)) {
		unsigned int low;

		if (!is_same(row[REGISTER_NAME].text, reg))
			continue;
		bits_of(row[REGISTER_BITS].text, &low);
		assert_int_equal(*ret & row[REGISTER_VALUE].number << low, 0);
		*ret |= row[REGISTER_VALUE].number << low;
		found = true;
	}
	return found;
}

static const bool is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

/* The rows of len bytes tell every bit of every register that is wholly there, and no other. */
static void assert_complete(const struct registers *from)
{
	const struct register_entry *entry = register_table(from->type);
	struct value row[REGISTER_COLUMNS];
	size_t end = 0;

	for (; entry->kind != ENTRY_END; entry++) {
		uint64_t value, expected = 0;
		size_t bytes = entry->width / 8;

		if (entry->kind != ENTRY_REGISTER)
			continue;
		if (entry->low + bytes > from->len) {
			assert_false(put_together(from, entry->name, &value));
			continue;
		}
		memcpy((char *)&expected + (is_big_endian ? sizeof(expected) - bytes : 0),
		       (const char *)from->data + entry->low, bytes);
		put_together(from, entry->name, &value);
		assert_case(value == expected, entry->name);
		end = entry->low + bytes;
	}
	assert_int_equal(find_row(from, NULL, "unknown", row), from->len != end);
	if (from->len != end)
		assert_int_equal(row[REGISTER_VALUE].number, from->len - end);
}

/* Of its very own size, so that the sanitizer sees a read behind it. */
static void test_any_length(void **state)
{
	static const unsigned char patterns[] = { 0, 0xff, 0xa5, 0x5a };

	(void)state;
	for (uint32_t type = VTD; type <= AMD; type++)
		for (size_t len = 0; len <= 64; len++)
			for (size_t i = 0; i < COUNT(patterns); i++) {
				char *data = malloc(len + 1);

				memset(data + 1, patterns[i], len);
				/* From an odd address, too. */
				assert_complete(&(struct registers){ type, data + 1, len });
				free(data);
			}
}

static void test_bounds(void **state)
{
	struct registers from = { VTD, NULL, 0 };
	struct value row[REGISTER_COLUMNS];

	(void)state;
	assert_int_equal(count_rows(&from), 0);
	from.data = &vtd;
	from.len = 23; /* the last byte of ECAP is not there */
	assert_true(find_row(&from, "CAP", "ND", row));
	assert_false(find_row(&from, "ECAP", "C", row));
	assert_true(find_row(&from, NULL, "unknown", row));
	assert_null(row[REGISTER_BITS].text);
	assert_int_equal(row[REGISTER_VALUE].number, 7);
	assert_string_equal(row[REGISTER_MEANING].text, "bytes that this version does not decode");
}

/* A field or a value: its register is known, what was seen of it is in mask. */
static void assert_field(const struct register_entry *reg, const struct register_entry *field, uint64_t *mask)
{
	unsigned int low, width = bits_of(field->bits, &low);
	uint64_t bits = UINT64_MAX >> (64 - field->width) << field->low;

	assert_case(field->low == low && field->width == width, field->name);
	assert_case(field->low + field->width <= reg->width, field->name);
	assert_case(!(*mask & bits), field->name);
	assert_case(bits > *mask, field->name);
	*mask |= bits;
	assert_true(*field->name);
	if (field->kind == ENTRY_RESERVED)
		return;
	assert_case(strcmp(field->name, "reserved") != 0, reg->name);
	for (const struct register_entry *other = reg + 1; other < field; other++)
		assert_case(strcmp(other->name, field->name) != 0, field->name);
}

static void assert_value(const struct register_entry *value)
{
	const struct register_entry *field = value - 1;

	for (; field->kind == ENTRY_VALUE; field--)
		assert_case(field->low != value->low, value->meaning);
	assert_case(field->kind == ENTRY_FIELD, value->meaning);
	assert_case(value->low >> field->width == 0, value->meaning);
	assert_true(*value->meaning && !*value->name);
}

static uint64_t all_bits(const struct register_entry *reg)
{
	return UINT64_MAX >> (64 - reg->width);
}

/* Registers without a gap between them, in the order of the data, of names of their own. */
static void assert_register(const struct register_entry *table, const struct register_entry *reg, size_t *end)
{
	assert_case(reg->width == 8 || reg->width == 32 || reg->width == 64, reg->name);
	assert_case(reg->low == *end, reg->name);
	for (const struct register_entry *other = table; other < reg; other++)
		assert_case(other->kind != ENTRY_REGISTER || strcmp(other->name, reg->name) != 0, reg->name);
	*end += reg->width / 8;
}

static void test_tables(void **state)
{
	(void)state;
	for (uint32_t type = VTD; type <= AMD; type++) {
		const struct register_entry *table = register_table(type), *entry = table, *reg = NULL;
		uint64_t mask = 0;
		size_t end = 0;

		for (; entry->kind != ENTRY_END; entry++) {
			assert_non_null(memchr(entry->bits, 0, sizeof(entry->bits)));
			assert_non_null(memchr(entry->name, 0, sizeof(entry->name)));
			assert_non_null(memchr(entry->meaning, 0, sizeof(entry->meaning)));
			if (entry->kind == ENTRY_VALUE) {
				assert_value(entry);
			} else if (entry->kind == ENTRY_REGISTER) {
				assert_case(!reg || mask == all_bits(reg), reg->name);
				assert_register(table, entry, &end);
				reg = entry;
				mask = 0;
			} else {
				assert_non_null(reg);
				assert_field(reg, entry, &mask);
			}
		}
		assert_case(mask == all_bits(reg), reg->name);
		assert_int_equal(end, of_type(type)->len);
	}
}

static void test_printed(void **state)
{
	static const struct column columns[REGISTER_COLUMNS] = {
		{ "register", "REGISTER", COLUMN_TEXT }, { "field", "FIELD", COLUMN_TEXT },
		{ "bits", "BITS", COLUMN_TEXT }, { "value", "VALUE", COLUMN_NUMBER },
		{ "meaning", "MEANING", COLUMN_TEXT },
	};
	static const struct { uint32_t flags; uint8_t bytes[4]; } data = { 2, { 1, 1 } };
	const struct registers from = { CMDQV, &data, 6 };
	const struct table table = { "fields", columns, COUNT(columns), next_register_field, &from, true, 0 };
	struct buffer out = { .fd = -1 };
	struct output output = { .out = &out };

	(void)state;
	assert_int_equal(print_tables(&output, &table, 1), EXIT_DONE);
	buf_char(&out, '\0');
	assert_string_equal(out.buf,
			    "REGISTER    FIELD           BITS  VALUE  MEANING\n"
			    "flags       reserved        31:0  2      -\n"
			    "version     VER             7:0   1      version of the hardware\n"
			    "log2vcmdqs  NUM_VCMDQ_LOG2  7:0   1      log2 of the virtual command queues\n");
	free(out.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_values),
		cmocka_unit_test(test_nothing_unknown),
		cmocka_unit_test(test_unknown_types),
		cmocka_unit_test(test_any_length),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
