#include "source/sqlite/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)

/* SQLite's julianday() counts milliseconds from noon of 24 November 4714 BC. */
#define JULIAN_DAY_MS     86400000.0
#define JULIAN_EPOCH_MS   INT64_C(210866760000000)

/* No zone is further behind UTC. */
#define WESTERNMOST_US (12 * HOUR_US)

/* Times as numbers of milliseconds are above this, and those of seconds below, from 1973 to 5138. */
#define LEAST_MILLISECONDS 1e11

/* Julian days of the years 1 to 9999 are below this. */
#define MOST_JULIAN_DAY 5373485.0

static int64_t divide_down(int64_t number, int64_t divisor)
{
	return number / divisor - (number % divisor < 0);
}

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

/*
 * The smallest local time of any instant at or after this one: clocks that are put back within the next day show it again. They
 * are put back on a quarter of an hour.
 */
static pawl_status find_local(pawl_duck *engine, const char *zone, int64_t us, int64_t *ret_local_us, pawl_error *error)
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

static pawl_status make_text(pawl_sqlite_source *sqlite, const pawl_source_key *key, const shape *like, int64_t us,
                             pawl_key_value *ret_value, pawl_error *error)
{
	char text[PAWL_TIME_TEXT_BYTES];

	if (like->has_offset) /* whatever it is: another row may have another */
		us -= WESTERNMOST_US;
	else if (!like->is_utc && key->zone != NULL)
		PAWL_TRY(find_local(sqlite->engine, key->zone, us, &us, error));
	pawl_time_format_naive(us, text);
	if (like->length > 10)
		text[10] = like->separator;
	text[like->length] = '\0'; /* the beginning of a text is below the whole */
	return pawl_key_value_copy(&(pawl_key_value) {text, (char *) (uintptr_t) "text"}, ret_value, error);
}

/* ---- numbers --------------------------------------------------------------------------------------------------------- */

/* Of the newest key's type, be that text. */
static pawl_status make_number(pawl_key_format format, char *type, int64_t us, pawl_key_value *ret_value, pawl_error *error)
{
	char digits[32];
	int64_t ms = divide_down(us, 1000);

	if (format == PAWL_FORMAT_JULIAN_DAY) /* as julianday() itself reckons, so that it is below none of its later results */
		return pawl_sqlite_key_of_real((double) (ms + JULIAN_EPOCH_MS) / JULIAN_DAY_MS, ret_value, error);
	snprintf(digits, sizeof(digits), "%" PRId64, format == PAWL_FORMAT_UNIX_MS ? ms : divide_down(us, SECOND_US));
	return pawl_key_value_copy(&(pawl_key_value) {digits, type}, ret_value, error);
}

/* SQLite's own convention for dates and times that are numbers ("Datatypes In SQLite", section 2.2), and milliseconds. */
static pawl_key_format guess_format(const pawl_key_value *newest)
{
	double number;

	if (!pawl_sqlite_parse_real(newest->text, &number))
		return PAWL_FORMAT_NONE;
	if (strcmp(newest->type, "real") == 0 && number < MOST_JULIAN_DAY)
		return PAWL_FORMAT_JULIAN_DAY;
	return number < LEAST_MILLISECONDS ? PAWL_FORMAT_UNIX_S : PAWL_FORMAT_UNIX_MS;
}

/* ---- keys ------------------------------------------------------------------------------------------------------------ */

static bool is_of_time_class(const pawl_source_key *key)
{
	return key->key_class == PAWL_KEY_DATE || key->key_class == PAWL_KEY_TIMESTAMP;
}

pawl_status pawl_sqlite_clock_value(pawl_sqlite_source *sqlite, const pawl_source_key *key, const pawl_key_value *newest,
                                    int64_t us, pawl_key_value *ret_value, pawl_error *error)
{
	bool is_text = strcmp(newest->type, "text") == 0;
	bool is_number = strcmp(newest->type, "integer") == 0 || strcmp(newest->type, "real") == 0;
	pawl_key_format format = key->format;
	shape like;

	if (format == PAWL_FORMAT_NONE && is_of_time_class(key))
		format = is_number ? guess_format(newest) : PAWL_FORMAT_ISO8601;
	if (format == PAWL_FORMAT_NONE || (!is_text && !is_number))
		return PAWL_OK;
	if (format != PAWL_FORMAT_ISO8601)
		return make_number(format, newest->type, us, ret_value, error);
	return is_text && find_shape(newest->text, &like) ? make_text(sqlite, key, &like, us, ret_value, error) : PAWL_OK;
}
