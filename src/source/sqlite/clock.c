#include "source/sqlite/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "source/wall.h"

#define SECOND_US INT64_C(1000000)

/* SQLite's julianday() counts milliseconds from noon of 24 November 4714 BC. */
#define JULIAN_DAY_MS     86400000.0
#define JULIAN_EPOCH_MS   INT64_C(210866760000000)

/* Times as numbers of milliseconds are above this, and those of seconds below, from 1973 to 5138. */
#define LEAST_MILLISECONDS 1e11

/* Julian days of the years 1 to 9999 are below this. */
#define MOST_JULIAN_DAY 5373485.0

static int64_t divide_down(int64_t number, int64_t divisor)
{
	return number / divisor - (number % divisor < 0);
}

/* ---- texts ----------------------------------------------------------------------------------------------------------- */

static pawl_status make_text(pawl_sqlite_source *sqlite, const pawl_source_key *key, const char *like, int64_t us,
                             pawl_key_value *ret_value, pawl_error *error)
{
	char text[PAWL_TIME_TEXT_BYTES];
	bool is_time;

	PAWL_TRY(pawl_wall_text(sqlite->engine, key->zone, like, us, text, &is_time, error));
	if (!is_time)
		return PAWL_OK;
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

bool pawl_sqlite_is_time(const pawl_source_key *key)
{
	return is_of_time_class(key) || key->format != PAWL_FORMAT_NONE;
}

bool pawl_sqlite_is_text_time(const pawl_source_key *key, const pawl_key_value *newest)
{
	bool is_iso = key->format == PAWL_FORMAT_ISO8601 || (key->format == PAWL_FORMAT_NONE && is_of_time_class(key));
	return is_iso && strcmp(newest->type, "text") == 0;
}

pawl_status pawl_sqlite_clock_value(pawl_sqlite_source *sqlite, const pawl_source_key *key, const pawl_key_value *newest,
                                    int64_t us, pawl_key_value *ret_value, pawl_error *error)
{
	bool is_text = strcmp(newest->type, "text") == 0;
	bool is_number = strcmp(newest->type, "integer") == 0 || strcmp(newest->type, "real") == 0;
	pawl_key_format format = key->format;

	if (format == PAWL_FORMAT_NONE && is_of_time_class(key))
		format = is_number ? guess_format(newest) : PAWL_FORMAT_ISO8601;
	if (format == PAWL_FORMAT_NONE || (!is_text && !is_number))
		return PAWL_OK;
	if (format != PAWL_FORMAT_ISO8601)
		return make_number(format, newest->type, us, ret_value, error);
	return is_text ? make_text(sqlite, key, newest->text, us, ret_value, error) : PAWL_OK;
}
