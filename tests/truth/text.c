/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls as text: "12 map @3 size=0x28 flags=0x7 ioas_id=$4 ... at=edge tail=00ff buffer=0010". */
#include <stdlib.h>
#include <string.h>

#include "call.h"

static const char *const places[N_PLACES] = { "fine", "edge", "crossing", "nowhere", "read-only", "null" };

static void print_value(FILE *to, const struct value *value)
{
	if (value->how == VALUE_FD)
		fprintf(to, "@%u", value->of);
	else if (value->how == VALUE_RESULT && value->number)
		fprintf(to, "$%u+0x%llx", value->of, (unsigned long long)value->number);
	else if (value->how == VALUE_RESULT)
		fprintf(to, "$%u", value->of);
	else
		fprintf(to, "0x%llx", (unsigned long long)value->number);
}

static void print_bytes(FILE *to, const char *name, const uint8_t *bytes, unsigned int len)
{
	if (!len)
		return;
	fprintf(to, " %s=", name);
	for (unsigned int i = 0; i < len; i++)
		fprintf(to, "%02x", bytes[i]);
}

void call_print(FILE *to, const struct call *call)
{
	const struct call_kind *kind = &call_kinds[call->kind];

	fprintf(to, "%u %s", call->nr, kind->name);
	if (call->target.how == VALUE_FD) {
		fputc(' ', to);
		print_value(to, &call->target);
	}
	for (unsigned int i = 0; i < call_n_fields(kind); i++) {
		fprintf(to, " %s=", kind->fields[i].name);
		print_value(to, &call->fields[i]);
	}
	if (call->place != PLACE_FINE)
		fprintf(to, " at=%s", places[call->place]);
	print_bytes(to, "tail", call->tail, call->tail_len);
	print_bytes(to, "buffer", call->data, call->data_len);
}

static bool parse_number(const char *text, char **end, uint64_t *number)
{
	*number = strtoull(text, end, 0);
	return *end != text;
}

static bool parse_value(const char *text, struct value *value)
{
	uint64_t of;
	char *end;

	*value = (struct value){ .how = *text == '@'   ? VALUE_FD
					: *text == '$' ? VALUE_RESULT
						       : VALUE_NUMBER };
	if (value->how == VALUE_NUMBER)
		return parse_number(text, &end, &value->number) && !*end;
	if (!parse_number(text + 1, &end, &of) || of > MAX_CALLS)
		return false;
	value->of = (uint16_t)of;
	if (*end == '+')
		return parse_number(end + 1, &end, &value->number) && !*end;
	return !*end;
}

static bool parse_bytes(const char *text, uint8_t *bytes, uint16_t *len, size_t max)
{
	unsigned int byte;

	for (*len = 0; *text; text += 2, (*len)++) {
		if (*len >= max || sscanf(text, "%2x", &byte) != 1 || !text[1])
			return false;
		bytes[*len] = (uint8_t)byte;
	}
	return true;
}

static bool parse_place(const char *text, struct call *call)
{
	for (call->place = 0; call->place < N_PLACES; call->place++)
		if (strcmp(text, places[call->place]) == 0)
			return true;
	return false;
}

static bool parse_word(char *word, struct call *call)
{
	char *text = strchr(word, '=');
	int field;

	if (*word == '@')
		return parse_value(word, &call->target);
	if (!text)
		return false;
	*text++ = '\0';
	if (strcmp(word, "at") == 0)
		return parse_place(text, call);
	if (strcmp(word, "tail") == 0)
		return parse_bytes(text, call->tail, &call->tail_len, MAX_TAIL);
	if (strcmp(word, "buffer") == 0)
		return parse_bytes(text, call->data, &call->data_len, MAX_DATA);
	field = call_field(&call_kinds[call->kind], word);
	return field >= 0 && parse_value(text, &call->fields[field]);
}

static bool parse_kind(const char *word, struct call *call)
{
	for (call->kind = 0; call->kind < N_KINDS; call->kind++)
		if (strcmp(word, call_kinds[call->kind].name) == 0)
			return true;
	return false;
}

bool call_parse(const char *line, struct call *call)
{
	char *copy = strdup(line), *rest = copy, *answer = strstr(copy, " ->"), *word;
	bool good;

	/* What came of it may stand behind. */
	if (answer)
		*answer = '\0';
	word = strsep(&rest, " ");
	*call = (struct call){ .nr = (uint16_t)atoi(word) };
	word = strsep(&rest, " ");
	good = call->nr && word && parse_kind(word, call);
	while (good && (word = strsep(&rest, " ")))
		good = !*word || parse_word(word, call);
	free(copy);
	return good;
}
