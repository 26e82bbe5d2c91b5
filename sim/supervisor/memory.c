/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/memory.h"
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

/* Whatever goes wrong, to the caller its pointer is bad: one who cannot be looked into is told so, too. */
static int moved(ssize_t n, size_t len)
{
	return n >= 0 && (size_t)n == len ? 0 : -EFAULT;
}

int memory_read(pid_t tid, uint64_t address, void *to, size_t len)
{
	struct iovec here = { to, len }, there = { (void *)(uintptr_t)address, len };

	return len ? moved(process_vm_readv(tid, &here, 1, &there, 1, 0), len) : 0;
}

int memory_write(pid_t tid, uint64_t address, const void *from, size_t len)
{
	struct iovec here = { (void *)(uintptr_t)from, len }, there = { (void *)(uintptr_t)address, len };

	return len ? moved(process_vm_writev(tid, &here, 1, &there, 1, 0), len) : 0;
}

/* Up to the end of its page, and then the next one: what lies behind a text need not be there. */
int memory_text(pid_t tid, uint64_t address, char *to, size_t len)
{
	const size_t page = 4096;
	size_t done = 0;

	while (done < len) {
		size_t n = page - (address + done) % page;

		n = n < len - done ? n : len - done;
		if (memory_read(tid, address + done, to + done, n) < 0)
			return -EFAULT;
		if (memchr(to + done, '\0', n))
			return 0;
		done += n;
	}
	return -ENAMETOOLONG;
}
