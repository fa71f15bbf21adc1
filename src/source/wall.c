#include "source/wall.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* No zone is further behind UTC. */
#define WESTERNMOST_US (12 * INT64_C(3600000000))

/* ---- texts ----------------------------------------------------------------------------------------------------------- */

/* How a text that is a time is written. */
typedef struct shape {
	size_t length;  /* up to the day, the minute or the second: what is compared of an instant */
	char separator; /* of date and time */
	bool is_utc;    /* it says so */
	bool has_offset; /* it says another one */
} shape;

/* 'd' in the pattern is any digit, everything else itself. */
static bool fits(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; text++, pattern++)
		if (*pattern == 'd' ? *text < '0' || *text > '9' : *text != *pattern)
			return false;
	return true;
}

static bool is_utc(const char *zone)
{
	static const char *const names[] = {"Z", "z", "+00:00", "-00:00", "+0000", "+00", NULL};

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(zone, names[i]) == 0)
			return true;
	return false;
}

static bool read_zone(const char *text, shape *found)
{
	if (*text == '.') {
		text++;
		text += strspn(text, "0123456789");
	}
	if (*text == '\0')
		return true;
	found->is_utc = is_utc(text);
	found->has_offset = !found->is_utc;
	if (found->is_utc)
		return true;
	return (*text == '+' || *text == '-') && fits(text + 1, "dd");
}

/* YYYY-MM-DD, or that and HH:MM, or HH:MM:SS with or without a fraction, with or without a zone. */
static bool find_shape(const char *text, shape *ret_shape)
{
	shape found = {.length = 10};

	if (!fits(text, "dddd-dd-dd"))
		return false;
	if (text[10] != '\0') {
		found.separator = text[10];
		if (strchr("Tt ", found.separator) == NULL || !fits(text + 11, "dd:dd"))
			return false;
		found.length = fits(text + 16, ":dd") ? 19 : 16;
		if (!read_zone(text + found.length, &found))
			return false;
	}
	*ret_shape = found;
	return true;
}

/* ---- zones ----------------------------------------------------------------------------------------------------------- */

/* Clocks are put back on a quarter of an hour. */
pawl_status pawl_wall_time(pawl_duck *engine, const char *zone, int64_t us, int64_t *ret_local_us, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	char instant[32];
	bool has_row;

	snprintf(instant, sizeof(instant), "%" PRId64, us);
	if (pawl_duck_query(engine,
	                    "SELECT epoch_us(min(timezone($1, make_timestamptz(greatest($2::BIGINT, "
	                    "($2::BIGINT // 900000000 + q) * 900000000)))))::BIGINT FROM range(0, 100) r(q)",
	                    (const char *const[]) {zone, instant}, 2, &rows, error) != PAWL_OK ||
	    pawl_duck_rows_next(rows, &has_row, error) != PAWL_OK)
		return pawl_error_prefix(error, "the key's time zone '%s': ", zone);
	*ret_local_us = pawl_duck_rows_integer(rows, 0);
	return PAWL_OK;
}

pawl_status pawl_wall_text(pawl_duck *engine, const char *zone, const char *like, int64_t us, char out[PAWL_TIME_TEXT_BYTES],
                           bool *ret_is_time, pawl_error *error)
{
	shape found;

	*ret_is_time = find_shape(like, &found);
	if (!*ret_is_time)
		return PAWL_OK;
	if (found.has_offset) /* whatever it is: another row may have another */
		us -= WESTERNMOST_US;
	else if (!found.is_utc && zone != NULL)
		PAWL_TRY(pawl_wall_time(engine, zone, us, &us, error));
	pawl_time_format_naive(us, out);
	if (found.length > 10)
		out[10] = found.separator;
	out[found.length] = '\0'; /* the beginning of a text is below the whole */
	return PAWL_OK;
}
