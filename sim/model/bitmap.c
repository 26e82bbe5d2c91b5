/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bitmap.h"

#include <errno.h>

int bitmap_set(const struct bitmap *bitmap, uint64_t start, uint64_t last)
{
	unsigned int shift = (unsigned int)__builtin_ctzll(bitmap->page_size);
	uint64_t bit = (start - bitmap->iova) >> shift, last_bit = (last - bitmap->iova) >> shift;

	while (bit <= last_bit) {
		uint64_t address = bitmap->address + bit / 8;
		unsigned char byte;

		if (caller_read(bitmap->caller, address, &byte, 1))
			return -EFAULT;
		do
			byte |= (unsigned char)(1u << bit % 8);
		while (++bit <= last_bit && bit % 8);
		if (caller_write(bitmap->caller, address, &byte, 1))
			return -EFAULT;
	}
	return 0;
}
