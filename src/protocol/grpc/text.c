#include "protocol/grpc/text.h"

#include <string.h>

const char *pawl_grpc_code_name(int code)
{
	static const char *const names[] = {
		"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
		"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
		"UNAUTHENTICATED",
	};
	return code < 0 || (size_t) code >= sizeof(names) / sizeof(*names) ? NULL : names[code];
}

/* Nanoseconds of a unit; 0 when it is none. */
static int64_t unit_nanoseconds(char unit)
{
	switch (unit) {
	case 'H':
		return INT64_C(3600000000000);
	case 'M':
		return INT64_C(60000000000);
	case 'S':
		return 1000000000;
	case 'm':
		return 1000000;
	case 'u':
		return 1000;
	case 'n':
		return 1;
	default:
		return 0;
	}
}

bool pawl_grpc_parse_timeout(const char *text, size_t length, int64_t *ret_us)
{
	enum { MOST_DIGITS = 8 };
	if (length < 2 || length > MOST_DIGITS + 1)
		return false;
	int64_t number = 0, unit = unit_nanoseconds(text[length - 1]);
	for (size_t i = 0; i + 1 < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
	}
	if (unit == 0)
		return false;
	*ret_us = unit >= 1000 ? number * (unit / 1000) : number * unit / 1000;
	return true;
}

void pawl_grpc_append_message(pawl_buffer *out, const char *message)
{
	for (const char *next = message; *next != '\0'; next++) {
		if (*next >= ' ' && *next <= '~' && *next != '%')
			pawl_buffer_append_character(out, *next);
		else
			pawl_buffer_appendf(out, "%%%02X", (unsigned char) *next);
	}
}

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = digit == '\0' ? NULL : strchr(digits, digit);
	return found == NULL ? -1 : (int) (found - digits) % 16;
}

void pawl_grpc_append_unescaped(pawl_buffer *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		int high = i + 2 < length && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
		if (low >= 0) {
			pawl_buffer_append_character(out, (char) (high * 16 + low));
			i += 2;
		} else {
			pawl_buffer_append_character(out, text[i]);
		}
	}
}

static bool is_separator(char character)
{
	return character == ' ' || character == ',' || character == '\t';
}

bool pawl_grpc_list_has(const char *list, size_t length, const char *word)
{
	size_t word_length = strlen(word);
	for (size_t start = 0; start < length;) {
		size_t end = start;
		while (end < length && !is_separator(list[end]))
			end++;
		if (end - start == word_length && memcmp(list + start, word, word_length) == 0)
			return true;
		start = end + 1;
	}
	return false;
}
