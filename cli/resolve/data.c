/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/data.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "resolve/file.h"

static int parse_hex(const struct call *call, const char *text, struct data *ret)
{
	for (ret->length = 0; text[0]; text += 2) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return msg_usage(call->output, "--data: after 'hex:' come pairs of hex digits");
		if (ret->length == sizeof(ret->bytes))
			return msg_usage(call->output, "--data: more than %zu bytes", sizeof(ret->bytes));
		ret->bytes[ret->length++] = (unsigned char)(high << 4 | low);
	}
	return EXIT_DONE;
}

static int read_data(const struct call *call, const char *path, int fd, struct data *ret)
{
	char beyond;
	ssize_t n;

	ret->length = 0;
	while ((n = read(fd, ret->bytes + ret->length, sizeof(ret->bytes) - ret->length)) > 0)
		ret->length += (uint32_t)n;
	if (n < 0)
		return msg_fail_errno(call->output, path, errno);
	if (ret->length == sizeof(ret->bytes) && read(fd, &beyond, 1) > 0)
		return msg_fail(call->output, path, "it has more than %zu bytes (EFBIG)", sizeof(ret->bytes));
	return EXIT_DONE;
}

int opt_data(const struct call *call, struct data *ret)
{
	const struct given *given = opt_given(call, OPT_DATA);
	struct word word;
	bool ours;
	int fd, rc;

	ret->length = 0;
	if (!given)
		return EXIT_DONE;
	word = (struct word){ given->value, given->index };
	if (strncmp(word.text, "hex:", 4) == 0)
		return parse_hex(call, word.text + 4, ret);
	rc = open_source(call, word, &fd, &ours);
	if (rc)
		return rc;
	rc = read_data(call, word.text, fd, ret);
	if (ours)
		close(fd);
	return rc;
}
