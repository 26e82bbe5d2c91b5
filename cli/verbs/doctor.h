/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_VERBS_DOCTOR_H
#define CLI_VERBS_DOCTOR_H

#include "engine/command.h"

extern const struct verb verb_doctor;

#endif
