#include "source/postgres/reading.h"

#include <locale.h>
#include <stdlib.h>

#include "base/time.h"

/* ---- decimals -------------------------------------------------------------------------------------------------------- */

/* The header of numeric_send() in PostgreSQL's numeric.c: four numbers, then digits of base 10,000. */
#define HEADER_BYTES 8
#define BASE         10000
#define BASE_DIGITS  4

#define SIGN_PLUS  0x0000
#define SIGN_MINUS 0x4000 /* all others are NaN and the infinities */

/* unscaled * factor + digits; false when that is more than any decimal. */
static bool push(pawl_int128 *unscaled, int factor, int digits)
{
	return !__builtin_mul_overflow(*unscaled, factor, unscaled) && !__builtin_add_overflow(*unscaled, digits, unscaled);
}

/*
 * `count` groups of four digits, the first of which is worth 10,000 to the power of `weight`, as an integer with `scale` places.
 * The scale may end within a group. Groups behind the last one are zeros, which PostgreSQL does not write.
 */
static bool collect(const char *groups, int count, int weight, int scale, pawl_int128 *ret_unscaled)
{
	static const int powers[] = {1, 10, 100, 1000};
	int last = weight + (scale + BASE_DIGITS - 1) / BASE_DIGITS;
	int spare = powers[(BASE_DIGITS - scale % BASE_DIGITS) % BASE_DIGITS]; /* what the last group has too much */

	*ret_unscaled = 0;
	for (int i = 0; i <= last; i++) {
		int digits = i < count ? pawl_postgres_read16(groups + 2 * i) : 0;
		int divisor = i == last ? spare : 1;
		if (digits % divisor != 0 || !push(ret_unscaled, BASE / divisor, digits / divisor))
			return false;
	}
	return count <= last + 1;
}

pawl_postgres_problem pawl_postgres_exact_decimal(const pawl_postgres_field *field, int precision, int scale,
                                                  pawl_int128 *ret_unscaled)
{
	if (field->length < HEADER_BYTES)
		return PAWL_POSTGRES_MALFORMED;
	int count = pawl_postgres_read16(field->bytes), weight = (int16_t) pawl_postgres_read16(field->bytes + 2);
	int sign = pawl_postgres_read16(field->bytes + 4);
	if (field->length != HEADER_BYTES + 2 * (size_t) count)
		return PAWL_POSTGRES_MALFORMED;
	if (sign != SIGN_PLUS && sign != SIGN_MINUS)
		return PAWL_POSTGRES_MISFIT;
	*ret_unscaled = 0;
	if (count == 0)
		return PAWL_POSTGRES_NO_PROBLEM;
	if (weight > PAWL_DECIMAL_MAX_PRECISION || !collect(field->bytes + HEADER_BYTES, count, weight, scale, ret_unscaled) ||
	    pawl_decimal_digits(*ret_unscaled) > precision)
		return PAWL_POSTGRES_MISFIT;
	if (sign == SIGN_MINUS)
		*ret_unscaled = -*ret_unscaled;
	return PAWL_POSTGRES_NO_PROBLEM;
}

/* ---- times ----------------------------------------------------------------------------------------------------------- */

#define EPOCH_DAYS 10957 /* from 1970-01-01 to 2000-01-01 */
#define EPOCH_US   (EPOCH_DAYS * INT64_C(86400000000))

/* DuckDB's infinities are the greatest number and its negative; PostgreSQL's the greatest and the least. */
bool pawl_postgres_exact_timestamp(int64_t since_2000_us, int64_t *ret_us)
{
	if (since_2000_us == INT64_MIN || since_2000_us == INT64_MAX) {
		*ret_us = since_2000_us == INT64_MAX ? INT64_MAX : -INT64_MAX;
		return true;
	}
	return !__builtin_add_overflow(since_2000_us, EPOCH_US, ret_us) && *ret_us < INT64_MAX;
}

bool pawl_postgres_exact_date(int32_t since_2000_days, int32_t *ret_days)
{
	if (since_2000_days == INT32_MIN || since_2000_days == INT32_MAX) {
		*ret_days = since_2000_days == INT32_MAX ? INT32_MAX : -INT32_MAX;
		return true;
	}
	return !__builtin_add_overflow(since_2000_days, EPOCH_DAYS, ret_days) && *ret_days < INT32_MAX;
}

/* ---- numbers and texts that are times -------------------------------------------------------------------------------- */

/* What DuckDB has no TIMESTAMP for. */
#define MOST_US INT64_C(9223372022400000000)

#define JULIAN_DAY_MS   86400000.0
#define JULIAN_EPOCH_MS INT64_C(210866760000000)
#define MOST_JULIAN_DAY 5373484.5 /* of the year 9999 */

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
static bool read_unix(const char *text, size_t length, int scale, int64_t *ret_us)
{
	pawl_int128 unscaled, us;
	const char *reason;
	int own_scale;

	if (!pawl_decimal_parse(text, length, &unscaled, &own_scale, &reason) ||
	    !pawl_decimal_rescale(unscaled, own_scale, PAWL_DECIMAL_MAX_PRECISION, scale, &us) || us >= MOST_US || us <= -MOST_US)
		return false;
	*ret_us = (int64_t) us;
	return true;
}

/* To the millisecond, as SQLite's julianday() is. */
static bool read_julian_day(const char *text, size_t length, int64_t *ret_us)
{
	char copy[64];

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	/* The locale of this thread alone; "C" is the C library's own, which nobody frees. */
	locale_t previous = uselocale(newlocale(LC_ALL_MASK, "C", NULL));
	double day = strtod(copy, NULL);
	uselocale(previous);
	if (!(day >= 0 && day < MOST_JULIAN_DAY))
		return false;
	*ret_us = ((int64_t) (day * JULIAN_DAY_MS + 0.5) - JULIAN_EPOCH_MS) * 1000;
	return true;
}

bool pawl_postgres_exact_formatted(const pawl_postgres_field *field, pawl_key_format format, int64_t *ret_us)
{
	switch (format) {
	case PAWL_FORMAT_UNIX_S:
		return read_unix(field->bytes, field->length, 6, ret_us);
	case PAWL_FORMAT_UNIX_MS:
		return read_unix(field->bytes, field->length, 3, ret_us);
	case PAWL_FORMAT_ISO8601:
		return read_iso8601(field->bytes, field->length, ret_us);
	case PAWL_FORMAT_JULIAN_DAY:
		return read_julian_day(field->bytes, field->length, ret_us);
	case PAWL_FORMAT_NONE:
		break;
	}
	return false;
}
