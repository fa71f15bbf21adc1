#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>

#define EXCERPT_SOURCE_BYTES ((size_t) 60)
#define CLOSEST_MAX_BYTES    ((size_t) 64)
#define CLOSEST_MAX_DISTANCE ((size_t) 3)

/*
 * Decodes the first character. Returns its length in bytes, 0 when it is not UTF-8. The bounds of the second byte shut out
 * overlong forms, surrogates and what lies above U+10FFFF (RFC 3629, section 4).
 */
static size_t decode(const unsigned char *bytes, size_t left, uint32_t *ret_character)
{
	unsigned char lead = bytes[0];
	unsigned char low = 0x80, high = 0xbf;
	uint32_t character;
	size_t length;

	if (lead < 0x80) {
		*ret_character = lead;
		return 1;
	}
	if (lead < 0xc2 || lead > 0xf4)
		return 0;

	length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (length > left)
		return 0;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	if (bytes[1] < low || bytes[1] > high)
		return 0;

	character = lead & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (bytes[i] & 0x3fu);
	}
	*ret_character = character;
	return length;
}

static inline bool is_ascii_8(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return (word & 0x8080808080808080u) == 0;
}

size_t pawl_text_valid_utf8(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *) text;
	size_t at = 0;

	while (at < length) {
		uint32_t character;
		size_t taken;

		if (length - at >= 8 && is_ascii_8(bytes + at)) {
			at += 8;
			continue;
		}
		taken = decode(bytes + at, length - at, &character);
		if (taken == 0)
			break;
		at += taken;
	}
	return at;
}

/* Drops the last character when only the first of its bytes are there, as a cut leaves it. */
static void drop_incomplete_character(char *text, size_t length)
{
	size_t start = length;
	size_t wanted;
	unsigned char lead;

	do {
		if (start == 0 || length - start == 3)
			return;
		lead = (unsigned char) text[--start];
	} while ((lead & 0xc0) == 0x80);

	wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	if (length - start < wanted)
		text[start] = '\0';
}

void pawl_text_format_va(char *out, size_t out_bytes, const char *format, va_list arguments)
{
	int length = vsnprintf(out, out_bytes, format, arguments);

	if (length < 0) /* an argument that cannot be printed: the format alone still says where */
		length = snprintf(out, out_bytes, "%s", format);
	if ((size_t) length >= out_bytes)
		drop_incomplete_character(out, out_bytes - 1);
}

void pawl_text_format(char *out, size_t out_bytes, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pawl_text_format_va(out, out_bytes, format, arguments);
	va_end(arguments);
}

/* The general category and East_Asian_Width of the Unicode standard, as ICU has them. */
static size_t character_width(uint32_t character)
{
	uint32_t category = U_GET_GC_MASK((UChar32) character);

	if (category & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK | U_GC_CC_MASK))
		return 0;
	switch (u_getIntPropertyValue((UChar32) character, UCHAR_EAST_ASIAN_WIDTH)) {
	case U_EA_WIDE:
	case U_EA_FULLWIDTH:
		return 2;
	default:
		return 1;
	}
}

size_t pawl_text_width(const char *text)
{
	const unsigned char *bytes = (const unsigned char *) text;
	size_t left = strlen(text);
	size_t width = 0;

	while (left > 0) {
		uint32_t character;
		size_t taken = decode(bytes, left, &character);

		if (taken == 0) {
			character = 0xfffd; /* as a terminal shows it */
			taken = 1;
		}
		width += character >= 0x20 && character < 0x7f ? 1 : character_width(character);
		bytes += taken;
		left -= taken;
	}
	return width;
}

bool pawl_text_parse_integer(const char *text, int64_t *ret_integer)
{
	bool is_negative = *text == '-';
	int64_t integer = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		int digit = *text - '0';

		if (digit < 0 || digit > 9)
			return false;
		if (__builtin_mul_overflow(integer, 10, &integer) ||
		    __builtin_add_overflow(integer, is_negative ? -digit : digit, &integer))
			return false;
	}
	*ret_integer = integer;
	return true;
}

static inline char lower(char character)
{
	return character >= 'A' && character <= 'Z' ? (char) (character - 'A' + 'a') : character;
}

bool pawl_text_equal_ignore_case(const char *left, const char *right)
{
	while (*left != '\0' && lower(*left) == lower(*right)) {
		left++;
		right++;
	}
	return lower(*left) == lower(*right);
}

bool pawl_text_parse_size(const char *text, int64_t *ret_bytes)
{
	static const struct {
		const char *name;
		int64_t bytes;
	} units[] = {
		{"", 1},
		{"B", 1},
		{"K", INT64_C(1) << 10},
		{"KiB", INT64_C(1) << 10},
		{"KB", INT64_C(1000)},
		{"M", INT64_C(1) << 20},
		{"MiB", INT64_C(1) << 20},
		{"MB", INT64_C(1000000)},
		{"G", INT64_C(1) << 30},
		{"GiB", INT64_C(1) << 30},
		{"GB", INT64_C(1000000000)},
		{"T", INT64_C(1) << 40},
		{"TiB", INT64_C(1) << 40},
		{"TB", INT64_C(1000000000000)},
	};
	char digits[24];
	int64_t number;
	size_t length = strspn(text, "0123456789");
	if (length == 0 || length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (!pawl_text_parse_integer(digits, &number))
		return false;
	const char *unit = text + length + strspn(text + length, " ");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!pawl_text_equal_ignore_case(unit, units[i].name))
			continue;
		if (number > INT64_MAX / units[i].bytes)
			return false;
		*ret_bytes = number * units[i].bytes;
		return true;
	}
	return false;
}

void pawl_text_excerpt(const char *text, size_t length, char out[PAWL_TEXT_EXCERPT_BYTES])
{
	const unsigned char *bytes = (const unsigned char *) text;
	size_t at = 0;

	while (at < length) {
		uint32_t character = 0;
		size_t taken = decode(bytes + at, length - at, &character);
		bool is_printable = taken > 0 && u_isprint((UChar32) character);

		if (taken == 0)
			taken = 1;
		if (at + taken > EXCERPT_SOURCE_BYTES)
			break;
		if (is_printable) {
			memcpy(out, bytes + at, taken);
			out += taken;
		} else {
			for (size_t i = 0; i < taken; i++)
				out += sprintf(out, "\\x%02X", bytes[at + i]);
		}
		at += taken;
	}
	strcpy(out, at < length ? "..." : "");
}

/* Letters to insert, delete or replace (Levenshtein), without case. Both texts are at most CLOSEST_MAX_BYTES long. */
static size_t edit_distance(const char *left, const char *right)
{
	size_t row[CLOSEST_MAX_BYTES + 1]; /* distances of the left text so far to each beginning of the right one */
	size_t right_length = strlen(right);

	for (size_t j = 0; j <= right_length; j++)
		row[j] = j;
	for (size_t i = 0; left[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < right_length; j++) {
			size_t replaced = diagonal + (lower(left[i]) != lower(right[j]));
			size_t shorter = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;

			diagonal = row[j + 1];
			row[j + 1] = replaced < shorter ? replaced : shorter;
		}
	}
	return row[right_length];
}

const char *pawl_text_closest(const char *text, const char *const *candidates)
{
	size_t length = strlen(text);
	size_t closest_distance = CLOSEST_MAX_DISTANCE + 1;
	const char *closest = NULL;

	if (length > CLOSEST_MAX_BYTES)
		return NULL;
	for (; *candidates != NULL; candidates++) {
		size_t distance;

		if (strlen(*candidates) > CLOSEST_MAX_BYTES)
			continue;
		distance = edit_distance(text, *candidates);
		if (distance < closest_distance && distance * 2 < length) {
			closest = *candidates;
			closest_distance = distance;
		}
	}
	return closest;
}

bool pawl_text_has_line(const char *lines, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = lines; at != NULL && *at != '\0'; at += *at == '\n') {
		size_t found = strcspn(at, "\n");
		if (found == length && memcmp(at, line, length) == 0)
			return true;
		at += found;
	}
	return false;
}
