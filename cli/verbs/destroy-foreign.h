/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs made in an iommufd that they were given: they are gone, it stays, with the memory it pins. */
#ifndef CLI_VERBS_DESTROY_FOREIGN_H
#define CLI_VERBS_DESTROY_FOREIGN_H

#include "engine/command.h"

/* Destroy all that the context did not make. An exit code, or EXIT_PAUSED: it is called again. */
int destroy_foreign(struct call *call);

/* Something foreign may keep an object busy: say which. false: there is nothing that could. */
bool hint_foreign(const struct call *call);

#endif
