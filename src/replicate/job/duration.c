#include "replicate/job.h"

#include <string.h>

#include "base/text.h"

#define DIGITS_MAX 19 /* of INT64_MAX */

static const struct {
	const char *name;
	int64_t us;
} units[] = {
	{"d", INT64_C(86400000000)}, {"h", INT64_C(3600000000)}, {"m", INT64_C(60000000)},
	{"s", INT64_C(1000000)},     {"ms", INT64_C(1000)},      {"us", INT64_C(1)},
};
enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

/* The digits that *text begins with; moves it behind them. */
static bool take_number(const char **text, int64_t *ret_number)
{
	char digits[DIGITS_MAX + 1];
	size_t length = strspn(*text, "0123456789");

	if (length == 0 || length > DIGITS_MAX)
		return false;
	memcpy(digits, *text, length);
	digits[length] = '\0';
	*text += length;
	return pawl_text_parse_integer(digits, ret_number);
}

/* The unit that *text begins with, which ends at a digit or the end; moves it behind. UNIT_COUNT: there is none. */
static size_t take_unit(const char **text)
{
	size_t length = strcspn(*text, "0123456789");

	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (strlen(units[i].name) != length || strncmp(*text, units[i].name, length) != 0)
			continue;
		*text += length;
		return i;
	}
	return UNIT_COUNT;
}

bool pawl_duration_parse(const char *text, int64_t *ret_us)
{
	int64_t sum = 0, number, part;
	size_t least = 0; /* units get smaller: the next one is of this row or a later one */

	if (strcmp(text, "0") == 0) {
		*ret_us = 0;
		return true;
	}
	do {
		if (!take_number(&text, &number))
			return false;
		size_t unit = take_unit(&text);
		if (unit < least || unit == UNIT_COUNT)
			return false;
		if (__builtin_mul_overflow(number, units[unit].us, &part) || __builtin_add_overflow(sum, part, &sum))
			return false;
		least = unit + 1;
	} while (*text != '\0');
	*ret_us = sum;
	return true;
}
