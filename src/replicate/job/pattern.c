#include "replicate/job.h"

#include <string.h>

static inline char lower(char character)
{
	return character >= 'A' && character <= 'Z' ? (char) (character - 'A' + 'a') : character;
}

static inline bool is_continuation(char byte)
{
	return ((unsigned char) byte & 0xc0) == 0x80; /* of UTF-8 */
}

/* Parts of a name that are read as one text, without the memory to join them. */
typedef struct joined {
	const char *parts[3];
	size_t lengths[3];
} joined;

/* The byte at that place; NUL behind the end. */
static char byte_at(const joined *text, size_t place)
{
	for (size_t i = 0; i < 3; i++) {
		if (place < text->lengths[i])
			return text->parts[i][place];
		place -= text->lengths[i];
	}
	return '\0';
}

static size_t behind_character(const joined *text, size_t place)
{
	do
		place++;
	while (is_continuation(byte_at(text, place)));
	return place;
}

/* Goes back to the last '*' alone: an earlier one need not take more than it did. Time is at most the lengths' product. */
static bool matches(const char *pattern, const joined *text)
{
	const char *star = NULL;
	size_t place = 0, star_place = 0;

	while (byte_at(text, place) != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			star_place = place;
		} else if (*pattern == '?') {
			pattern++;
			place = behind_character(text, place);
		} else if (lower(*pattern) == lower(byte_at(text, place))) {
			pattern++;
			place++;
		} else if (star != NULL) {
			pattern = star + 1;
			star_place = behind_character(text, star_place);
			place = star_place;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool pawl_pattern_matches(const char *pattern, const char *schema, const char *name)
{
	bool has_schema = strchr(pattern, '.') != NULL;
	const joined text = {
		.parts = {schema, ".", name},
		.lengths = {has_schema ? strlen(schema) : 0, has_schema ? 1 : 0, strlen(name)},
	};
	return matches(pattern, &text);
}
