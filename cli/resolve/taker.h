/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who has what left the context, in words. */
#ifndef CLI_RESOLVE_TAKER_H
#define CLI_RESOLVE_TAKER_H

#include "context/taker.h"
#include "engine/command.h"

struct taker_text {
	char text[64];
};

/* "handed to 1234 (qemu-system-x86)" */
struct taker_text taker_text(const struct taker *taker);

/* The device that was handed over, as a user knows it. */
static inline const char *taker_device(const struct taker *taker)
{
	return *taker->address ? taker->address : taker->what;
}

/* EXIT_FAILED with the message where the word stands for a device that was handed over, else EXIT_DONE. */
int fail_handed(const struct call *call, const char *word);

/* What was typed, with --force. */
void hint_force(const struct call *call);

#endif
