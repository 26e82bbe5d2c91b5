/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded in tests: the holder of a session does not close itself to who runs it, so that a
 * tester without privileges can count its fds. Others cannot look into it all the same.
 */
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((visibility("default"))) int prctl(int option, ...);

int prctl(int option, ...)
{
	unsigned long words[4];
	va_list args;

	va_start(args, option);
	for (int i = 0; i < 4; i++)
		words[i] = va_arg(args, unsigned long);
	va_end(args);
	if (option == PR_SET_DUMPABLE)
		return 0;
	return (int)syscall(SYS_prctl, option, words[0], words[1], words[2], words[3]);
}
