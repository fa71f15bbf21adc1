#include "source/postgres/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/wall.h"

#define SECOND_US INT64_C(1000000)

/* Julian days begin at noon of 24 November 4714 BC. */
#define JULIAN_DAY_MS   86400000.0
#define JULIAN_EPOCH_MS INT64_C(210866760000000)

static int64_t divide_down(int64_t number, int64_t divisor)
{
	return number / divisor - (number % divisor < 0);
}

/*
 * "timestamp(3) with time zone" has steps of a millisecond: PostgreSQL rounds to them what is stored, down too. Of several
 * columns, the coarsest counts.
 */
static int64_t find_step(const pawl_read *read)
{
	int64_t step_us = 1;

	for (size_t i = 0; i < read->key->column_count; i++) {
		const char *digits = strchr(read->table->columns[read->key->columns[i]].native_type, '(');
		int64_t own_us = 1;
		for (long places = digits == NULL ? 6 : strtol(digits + 1, NULL, 10); places < 6; places++)
			own_us *= 10;
		step_us = own_us > step_us ? own_us : step_us;
	}
	return step_us;
}

static void format_time(const pawl_read *read, int64_t us, char out[PAWL_TIME_TEXT_BYTES])
{
	int64_t step_us = find_step(read);

	pawl_time_format_naive(divide_down(us, step_us) * step_us, out);
	if (read->key->key_class == PAWL_KEY_DATE)
		out[10] = '\0';
	else if (read->key->key_class == PAWL_KEY_TIMESTAMPTZ)
		strcat(out, "+00");
	if (read->key->key_class != PAWL_KEY_DATE)
		out[10] = ' ';
}

static void format_number(pawl_key_format format, int64_t us, char out[PAWL_TIME_TEXT_BYTES])
{
	int64_t ms = divide_down(us, 1000);

	if (format == PAWL_FORMAT_JULIAN_DAY)
		snprintf(out, PAWL_TIME_TEXT_BYTES, "%.17g", (double) (ms + JULIAN_EPOCH_MS) / JULIAN_DAY_MS);
	else
		snprintf(out, PAWL_TIME_TEXT_BYTES, "%" PRId64, format == PAWL_FORMAT_UNIX_MS ? ms : divide_down(us, SECOND_US));
}

static pawl_status write_time(pawl_postgres_source *postgres, const pawl_read *read, const pawl_key_value *newest, int64_t us,
                              char out[PAWL_TIME_TEXT_BYTES], bool *ret_is_clock, pawl_error *error)
{
	const pawl_source_key *key = read->key;

	*ret_is_clock = true;
	switch (key->key_class) {
	case PAWL_KEY_TIMESTAMP:
	case PAWL_KEY_DATE:
		if (key->zone != NULL)
			PAWL_TRY(pawl_wall_time(postgres->engine, key->zone, us, &us, error));
		format_time(read, us, out);
		return PAWL_OK;
	case PAWL_KEY_TIMESTAMPTZ:
		format_time(read, us, out);
		return PAWL_OK;
	case PAWL_KEY_NUMBER:
	case PAWL_KEY_TEXT:
	case PAWL_KEY_NONE:
		break;
	}
	*ret_is_clock = key->format != PAWL_FORMAT_NONE;
	if (key->format == PAWL_FORMAT_ISO8601)
		return pawl_wall_text(postgres->engine, key->zone, newest->text, us, out, ret_is_clock, error);
	format_number(key->format, us, out);
	return PAWL_OK;
}

pawl_status pawl_postgres_clock_value(pawl_postgres_source *postgres, const pawl_read *read, const pawl_key_value *newest,
                                      int64_t us, pawl_key_value *ret_value, pawl_error *error)
{
	char text[PAWL_TIME_TEXT_BYTES];
	bool is_clock;

	PAWL_TRY(write_time(postgres, read, newest, us, text, &is_clock, error));
	if (!is_clock)
		return PAWL_OK;
	return pawl_key_value_copy(&(pawl_key_value) {text, newest->type}, ret_value, error);
}
