/* SPDX-License-Identifier: GPL-2.0-or-later */
/* option get, set; vfio-ioas get, set, clear: of an iommufd as a whole. */
#include "verbs/option.h"
#include <string.h>

#include "resolve/object.h"
#include "util/process.h"
#include "verbs/finish.h"

static const struct choice options[] = {
	{ "rlimit-mode", IOMMUFD_RLIMIT_MODE }, { "huge-pages", IOMMUFD_HUGE_PAGES }, { NULL },
};
/* The values of each: 0, then 1. */
static const char *const values[][2] = { { "user", "process" }, { "off", "on" } };

/* OPTION [IOAS]: huge-pages is of an IOAS, rlimit-mode of the whole. surplus: how many arguments follow. */
static int parse_option(const struct call *call, int surplus, uint32_t *option, uint64_t *object)
{
	*option = arg_u32(call, 0);
	*object = 0;
	if (*option >= ARRAY_SIZE(values))
		return msg_usage(call->output, "OPTION: '%s' is none that this version knows", call->args[0]);
	if (*option == IOMMUFD_HUGE_PAGES && call->n_args < 2 + surplus)
		return msg_usage(call->output, "huge-pages is an option of an IOAS: name it");
	if (*option == IOMMUFD_RLIMIT_MODE && call->n_args > 1 + surplus)
		return msg_usage(call->output, "rlimit-mode is of the whole iommufd: surplus argument '%s'",
				 call->args[1]);
	return *option == IOMMUFD_HUGE_PAGES ? need_id(call, call->args[1], TYPE(IOAS), object) : EXIT_DONE;
}

static int run_option_get(struct call *call)
{
	uint32_t option;
	uint64_t object, value;
	int rc = parse_option(call, 0, &option, &object);

	if (rc)
		return rc;
	rc = iommufd_option_get(call->ctx->iommufd, (enum iommufd_option_id)option, (uint32_t)object, &value);
	return refused(call, call->n_args - 1, IOMMUFD_OP_OPTION_GET, rc) ?:
	       print_text(call->output, "value", values[option][value != 0]);
}

static int run_option_set(struct call *call)
{
	const char *word = call->args[call->n_args - 1];
	uint32_t option, value = 0;
	uint64_t object;
	int rc = parse_option(call, 1, &option, &object);

	if (rc)
		return rc;
	while (value < 2 && strcmp(values[option][value], word) != 0)
		value++;
	if (value == 2)
		return msg_usage(call->output, "'%s' is neither '%s' nor '%s'", word, values[option][0],
				 values[option][1]);
	rc = iommufd_option_set(call->ctx->iommufd, (enum iommufd_option_id)option, (uint32_t)object, value);
	if (rc == 0 && option == IOMMUFD_RLIMIT_MODE)
		call->ctx->charges_process = value && !process_may_lock();
	/* What comes before the value: the IOAS, or the option of the whole. */
	return finish(call, call->n_args - 2, IOMMUFD_OP_OPTION_SET, rc);
}

static int run_vfio_ioas_get(struct call *call)
{
	uint32_t id;
	int rc = iommufd_vfio_ioas_get(call->ctx->iommufd, &id);

	return finish_id(call, NO_ARGUMENT, IOMMUFD_OP_VFIO_IOAS_GET, rc, id);
}

static int run_vfio_ioas_set(struct call *call)
{
	return finish(call, 0, IOMMUFD_OP_VFIO_IOAS_SET,
		      iommufd_vfio_ioas_set(call->ctx->iommufd, arg_u32(call, 0)));
}

static int run_vfio_ioas_clear(struct call *call)
{
	return finish(call, NO_ARGUMENT, IOMMUFD_OP_VFIO_IOAS_CLEAR,
		      iommufd_vfio_ioas_clear(call->ctx->iommufd));
}

const struct verb verb_option_get = {
	.name = "option get", .summary = "Print an option's value",
	.example = PROGRAM " option get rlimit-mode",
	.details = "OPTION: rlimit-mode; huge-pages of an IOAS.",
	.args = { { "OPTION", ARG_CHOICE, .choices = options }, { "IOAS", ARG_ID, ARG_OPTIONAL } },
	.needs = NEEDS_IOMMUFD, .run = run_option_get,
};

const struct verb verb_option_set = {
	.name = "option set", .summary = "Set an option",
	.example = PROGRAM " option set huge-pages guest off",
	.details = "rlimit-mode user|process, while nothing is allocated; huge-pages IOAS on|off.",
	.args = { { "OPTION", ARG_CHOICE, .choices = options },
		  { "IOAS", ARG_ID, ARG_OPTIONAL }, { "VALUE" } },
	.needs = NEEDS_IOMMUFD, .run = run_option_set,
};

const struct verb verb_vfio_ioas_get = {
	.name = "vfio-ioas get", .summary = "Print the IOAS of the old VFIO interface",
	.example = PROGRAM " vfio-ioas get",
	.needs = NEEDS_IOMMUFD, .run = run_vfio_ioas_get,
};

const struct verb verb_vfio_ioas_set = {
	.name = "vfio-ioas set", .summary = "Set the IOAS of the old VFIO interface",
	.example = PROGRAM " vfio-ioas set guest",
	.args = { IOAS_ARGUMENT }, .needs = NEEDS_IOMMUFD, .run = run_vfio_ioas_set,
};

const struct verb verb_vfio_ioas_clear = {
	.name = "vfio-ioas clear", .summary = "Clear the IOAS of the old VFIO interface",
	.example = PROGRAM " vfio-ioas clear",
	.needs = NEEDS_IOMMUFD, .run = run_vfio_ioas_clear,
};
