#include "source/sqlite/reading.h"

#include "base/time.h"

/* ---- decimals -------------------------------------------------------------------------------------------------------- */

static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

#define POWER_COUNT ((int) (sizeof(powers) / sizeof(powers[0])))

/*
 * A decimal of at most 15 digits that gives the double back is the only one of so many, and so the shortest: the division of
 * two exact doubles is rounded as reading the decimal would be. False when it has more digits.
 */
static bool find_short_decimal(double real, int scale, int64_t *ret_unscaled)
{
	if (scale >= POWER_COUNT)
		return false;
	double scaled = real * powers[scale];
	if (!(scaled < 1e15 && scaled > -1e15))
		return false;
	*ret_unscaled = (int64_t) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
	return (double) *ret_unscaled / powers[scale] == real;
}

static bool find_decimal(double real, int precision, int scale, pawl_int128 *ret_unscaled)
{
	char text[PAWL_SQLITE_REAL_BYTES];
	const char *reason;
	pawl_int128 unscaled;
	int own_scale;

	pawl_sqlite_format_real(real, text);
	return pawl_decimal_parse(text, strlen(text), &unscaled, &own_scale, &reason) &&
	       pawl_decimal_rescale(unscaled, own_scale, precision, scale, ret_unscaled);
}

bool pawl_sqlite_exact_decimal(const pawl_sqlite_kept *value, int precision, int scale, pawl_int128 *ret_unscaled)
{
	int64_t unscaled;

	if (value->storage == SQLITE_INTEGER)
		return pawl_decimal_rescale(value->as.integer, 0, precision, scale, ret_unscaled);
	if (value->storage != SQLITE_FLOAT)
		return false;
	if (!find_short_decimal(value->as.real, scale, &unscaled))
		return find_decimal(value->as.real, precision, scale, ret_unscaled);
	*ret_unscaled = unscaled;
	return pawl_decimal_digits(unscaled) <= precision;
}

/* ---- times ----------------------------------------------------------------------------------------------------------- */

/* What DuckDB has no TIMESTAMP for. */
#define MOST_US INT64_C(9223372022400000000)

#define JULIAN_DAY_MS   86400000.0
#define JULIAN_EPOCH_MS INT64_C(210866760000000)
#define MOST_JULIAN_MS  INT64_C(464269060799999) /* of the year 9999, the last that SQLite knows */

/* SQLite's own reading of it, which is to the millisecond. */
static bool read_julian_day(double day, int64_t *ret_us)
{
	if (!(day >= 0 && day < (double) MOST_JULIAN_MS / JULIAN_DAY_MS))
		return false;
	*ret_us = ((int64_t) (day * JULIAN_DAY_MS + 0.5) - JULIAN_EPOCH_MS) * 1000;
	return true;
}

static bool read_iso8601(const char *text, size_t length, int64_t *ret_us)
{
	pawl_time_parts parts;
	const char *reason;

	if (!pawl_time_parse(text, length, &parts, &reason))
		return false;
	*ret_us = parts.utc_us;
	return true;
}

/* A number of seconds or milliseconds, of which `scale` digits after the point are still whole microseconds. */
static bool read_unix(const pawl_sqlite_kept *value, const char *bytes, int scale, int64_t *ret_us)
{
	pawl_int128 unscaled, us;
	const char *reason;
	int own_scale;
	bool is_number = value->storage == SQLITE_TEXT
	                         ? pawl_decimal_parse(bytes, value->length, &unscaled, &own_scale, &reason) &&
	                                   pawl_decimal_rescale(unscaled, own_scale, PAWL_DECIMAL_MAX_PRECISION, scale, &us)
	                         : pawl_sqlite_exact_decimal(value, PAWL_DECIMAL_MAX_PRECISION, scale, &us);
	if (!is_number || us >= MOST_US || us <= -MOST_US)
		return false;
	*ret_us = (int64_t) us;
	return true;
}

static bool is_number(const pawl_sqlite_kept *value)
{
	return value->storage == SQLITE_INTEGER || value->storage == SQLITE_FLOAT;
}

bool pawl_sqlite_exact_time(const pawl_sqlite_kept *value, const char *bytes, pawl_key_format format, int64_t *ret_us)
{
	if (value->storage == SQLITE_BLOB)
		return false;
	switch (format) {
	case PAWL_FORMAT_UNIX_S:
		return read_unix(value, bytes, 6, ret_us);
	case PAWL_FORMAT_UNIX_MS:
		return read_unix(value, bytes, 3, ret_us);
	case PAWL_FORMAT_ISO8601:
		return value->storage == SQLITE_TEXT && read_iso8601(bytes, value->length, ret_us);
	case PAWL_FORMAT_JULIAN_DAY:
		return is_number(value) &&
		       read_julian_day(value->storage == SQLITE_FLOAT ? value->as.real : (double) value->as.integer, ret_us);
	case PAWL_FORMAT_NONE:
		break;
	}
	return false;
}
