#include "types/cell.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "types/cell_error.h"
#include "types/cell_text.h"

/* ---- text ------------------------------------------------------------------------------------------------------------ */

static pawl_cell bytes_cell(const pawl_value *value)
{
	return (pawl_cell){.length = value->length, .as.bytes = value->as.bytes};
}

static pawl_status convert_text(const pawl_value *value, pawl_type type, pawl_cell *ret_cell, pawl_error *error)
{
	const char *text = value->as.bytes;
	size_t valid_bytes = pawl_text_valid_utf8(text, value->length);
	if (valid_bytes != value->length)
		return pawl_cell_refuse(value, type, error, "it is not valid UTF-8 at byte %zu", valid_bytes + 1);
	const char *nul = memchr(text, '\0', value->length);
	if (nul != NULL)
		return pawl_cell_refuse(value, type, error, "it holds a NUL at byte %zu", (size_t) (nul - text) + 1);
	*ret_cell = bytes_cell(value);
	return PAWL_OK;
}

/* The text of a value that is not text. A decimal of more digits than Pawl calculates with stays as it is written. */
static pawl_status convert_to_new_text(const pawl_value *value, pawl_type type, pawl_buffer *scratch, pawl_cell *ret_cell,
                                       pawl_error *error)
{
	char text[PAWL_CELL_TEXT_BYTES];
	pawl_int128 unscaled;
	int scale;
	const char *reason;
	if (value->kind != PAWL_VALUE_DECIMAL) {
		pawl_cell_format_value(value, text);
	} else if (pawl_decimal_parse(value->as.bytes, value->length, &unscaled, &scale, &reason)) {
		pawl_decimal_format(unscaled, scale, text);
	} else if (pawl_decimal_is_number(value->as.bytes, value->length)) {
		*ret_cell = bytes_cell(value);
		return PAWL_OK;
	} else {
		pawl_cell_refuse(value, type, error, "%s", reason);
		return pawl_error_hint(error, "pass text as a STRING, and numbers alone as a DECIMAL");
	}
	pawl_buffer_clear(scratch);
	pawl_buffer_append(scratch, text);
	PAWL_TRY(pawl_buffer_status(scratch, error));
	*ret_cell = (pawl_cell){.length = scratch->length, .as.bytes = pawl_buffer_text(scratch)};
	return PAWL_OK;
}

static pawl_status convert_to_string(const pawl_value *value, pawl_buffer *scratch, pawl_cell *ret_cell, pawl_error *error)
{
	if (value->kind == PAWL_VALUE_STRING || value->kind == PAWL_VALUE_JSON || value->kind == PAWL_VALUE_XML)
		return convert_text(value, PAWL_STRING, ret_cell, error);
	if (value->kind == PAWL_VALUE_BINARY)
		return pawl_cell_refuse_kind(value, PAWL_STRING, error);
	return convert_to_new_text(value, PAWL_STRING, scratch, ret_cell, error);
}

static bool is_json_scalar(const pawl_value *value)
{
	return value->kind == PAWL_VALUE_BOOLEAN || value->kind == PAWL_VALUE_INTEGER || value->kind == PAWL_VALUE_UNSIGNED
	       || value->kind == PAWL_VALUE_FLOAT || value->kind == PAWL_VALUE_DOUBLE || value->kind == PAWL_VALUE_DECIMAL;
}

static pawl_status convert_to_json(const pawl_value *value, pawl_buffer *scratch, pawl_cell *ret_cell, pawl_error *error)
{
	pawl_cell cell = {0};
	pawl_error why;
	if (value->kind == PAWL_VALUE_STRING || value->kind == PAWL_VALUE_JSON)
		PAWL_TRY(convert_text(value, PAWL_JSON, &cell, error));
	else if (is_json_scalar(value))
		PAWL_TRY(convert_to_new_text(value, PAWL_JSON, scratch, &cell, error));
	else
		return pawl_cell_refuse_kind(value, PAWL_JSON, error);
	if (pawl_json_check(cell.as.bytes, cell.length, &why) != PAWL_OK)
		return pawl_cell_refuse(value, PAWL_JSON, error, "%s", why.message);
	*ret_cell = cell;
	return PAWL_OK;
}

static pawl_status convert_to_xml(const pawl_value *value, pawl_cell *ret_cell, pawl_error *error)
{
	if (value->kind == PAWL_VALUE_XML || value->kind == PAWL_VALUE_STRING)
		return convert_text(value, PAWL_XML, ret_cell, error);
	return pawl_cell_refuse_kind(value, PAWL_XML, error);
}

static pawl_status convert_to_binary(const pawl_value *value, pawl_cell *ret_cell, pawl_error *error)
{
	if (value->kind != PAWL_VALUE_BINARY && value->kind != PAWL_VALUE_STRING)
		return pawl_cell_refuse_kind(value, PAWL_BINARY, error);
	*ret_cell = bytes_cell(value);
	return PAWL_OK;
}

/* ---- numbers --------------------------------------------------------------------------------------------------------- */

static inline bool is_integer_within(const pawl_value *value, int64_t minimum, int64_t maximum)
{
	return value->kind == PAWL_VALUE_INTEGER && value->as.integer >= minimum && value->as.integer <= maximum;
}

/* The number as a double; false when it is none, or would be rounded. The powers of two keep the casts back defined. */
static bool get_double(const pawl_value *value, double *ret_real)
{
	if (value->kind == PAWL_VALUE_FLOAT || value->kind == PAWL_VALUE_DOUBLE) {
		*ret_real = value->as.real;
		return true;
	}
	if (value->kind == PAWL_VALUE_INTEGER) {
		*ret_real = (double) value->as.integer;
		return *ret_real < 0x1p63 && (int64_t) *ret_real == value->as.integer;
	}
	if (value->kind == PAWL_VALUE_UNSIGNED) {
		*ret_real = (double) value->as.unsigned_integer;
		return *ret_real < 0x1p64 && (uint64_t) *ret_real == value->as.unsigned_integer;
	}
	return false;
}

static pawl_status convert_to_float(const pawl_value *value, pawl_cell *ret_cell, pawl_error *error)
{
	double real;
	if (!get_double(value, &real) || ((double) (float) real != real && !isnan(real)))
		return pawl_cell_refuse_real(value, PAWL_FLOAT, error);
	*ret_cell = (pawl_cell){.as.float32 = (float) real};
	return PAWL_OK;
}

static pawl_status convert_to_double(const pawl_value *value, pawl_cell *ret_cell, pawl_error *error)
{
	double real;
	if (!get_double(value, &real))
		return pawl_cell_refuse_real(value, PAWL_DOUBLE, error);
	*ret_cell = (pawl_cell){.as.float64 = real};
	return PAWL_OK;
}

static pawl_cell decimal_cell(pawl_int128 unscaled, pawl_type type)
{
	pawl_storage storage = pawl_type_storage(type);
	if (storage == PAWL_STORAGE_INT16)
		return (pawl_cell){.as.int16 = (int16_t) unscaled};
	if (storage == PAWL_STORAGE_INT32)
		return (pawl_cell){.as.int32 = (int32_t) unscaled};
	if (storage == PAWL_STORAGE_INT64)
		return (pawl_cell){.as.int64 = (int64_t) unscaled};
	return (pawl_cell){.as.int128 = unscaled};
}

static pawl_status convert_to_decimal(const pawl_value *value, pawl_type type, pawl_cell *ret_cell, pawl_error *error)
{
	pawl_int128 unscaled;
	pawl_int128 stored;
	int scale = 0;
	const char *reason;
	if (value->kind == PAWL_VALUE_INTEGER) {
		unscaled = value->as.integer;
	} else if (value->kind == PAWL_VALUE_UNSIGNED) {
		unscaled = value->as.unsigned_integer;
	} else if (value->kind == PAWL_VALUE_DECIMAL || value->kind == PAWL_VALUE_STRING) {
		if (!pawl_decimal_parse(value->as.bytes, value->length, &unscaled, &scale, &reason))
			return pawl_cell_refuse(value, type, error, "%s", reason);
	} else {
		return pawl_cell_refuse_kind(value, type, error);
	}
	if (!pawl_decimal_rescale(unscaled, scale, pawl_type_precision(type), pawl_type_scale(type), &stored))
		return pawl_cell_refuse_digits(value, type, unscaled, scale, error);
	*ret_cell = decimal_cell(stored, type);
	return PAWL_OK;
}

/* ---- dates and times ------------------------------------------------------------------------------------------------- */

#define DAY_US INT64_C(86400000000)

/*
 * What DuckDB can keep (src/include/duckdb/common/types/date.hpp and timestamp.hpp): the largest number and its negative stand
 * for infinity, the smallest for nothing, and timestamps begin on 290309-12-22 BC.
 */
#define MINIMUM_DAYS (INT32_MIN + 2)
#define MAXIMUM_DAYS (INT32_MAX - 1)
#define MINIMUM_US   INT64_C(-9223372022400000000)
#define MAXIMUM_US   (INT64_MAX - 1)

static pawl_status parse_time(const pawl_value *value, pawl_type type, pawl_time_parts *ret_parts, pawl_error *error)
{
	const char *reason;
	if (!pawl_time_parse(value->as.bytes, value->length, ret_parts, &reason))
		return pawl_cell_refuse(value, type, error, "%s", reason);
	return PAWL_OK;
}

static pawl_status datetime_cell(const pawl_value *value, pawl_type type, int64_t us, pawl_cell *ret_cell, pawl_error *error)
{
	if (us < MINIMUM_US || us > MAXIMUM_US)
		return pawl_cell_refuse(value, type, error, "it is beyond the times that can be kept");
	*ret_cell = (pawl_cell){.as.int64 = us};
	return PAWL_OK;
}

static pawl_status convert_to_date(const pawl_value *value, pawl_cell *ret_cell, pawl_error *error)
{
	pawl_time_parts parts;
	int64_t days;
	if (value->kind == PAWL_VALUE_NAIVE_DATE) {
		days = value->as.integer;
		if (days < MINIMUM_DAYS || days > MAXIMUM_DAYS)
			return pawl_cell_refuse(value, PAWL_NAIVE_DATE, error, "it is beyond the days that can be kept");
	} else if (value->kind == PAWL_VALUE_STRING) {
		PAWL_TRY(parse_time(value, PAWL_NAIVE_DATE, &parts, error));
		if (parts.has_zone)
			return pawl_cell_refuse(value, PAWL_NAIVE_DATE, error, "it has a time zone");
		if (parts.local_us % DAY_US != 0)
			return pawl_cell_refuse(value, PAWL_NAIVE_DATE, error, "it has a time of day");
		days = parts.local_us / DAY_US;
	} else {
		return pawl_cell_refuse_kind(value, PAWL_NAIVE_DATE, error);
	}
	*ret_cell = (pawl_cell){.as.int32 = (int32_t) days};
	return PAWL_OK;
}

static pawl_status convert_to_naive_datetime(const pawl_value *value, pawl_cell *ret_cell, pawl_error *error)
{
	pawl_time_parts parts;
	int64_t us;
	if (value->kind == PAWL_VALUE_NAIVE_DATETIME) {
		us = value->as.integer;
	} else if (value->kind == PAWL_VALUE_NAIVE_DATE) {
		if (__builtin_mul_overflow(value->as.integer, DAY_US, &us))
			us = INT64_MAX; /* refused below */
	} else if (value->kind == PAWL_VALUE_STRING) {
		PAWL_TRY(parse_time(value, PAWL_NAIVE_DATETIME, &parts, error));
		if (parts.has_zone) {
			pawl_cell_refuse(value, PAWL_NAIVE_DATETIME, error, "it has a time zone");
			return pawl_error_hint(error, "declare the column as UTC_DATETIME");
		}
		us = parts.local_us;
	} else {
		return pawl_cell_refuse_kind(value, PAWL_NAIVE_DATETIME, error);
	}
	return datetime_cell(value, PAWL_NAIVE_DATETIME, us, ret_cell, error);
}

static pawl_status convert_to_utc_datetime(const pawl_value *value, pawl_cell *ret_cell, pawl_error *error)
{
	pawl_time_parts parts;
	if (value->kind == PAWL_VALUE_UTC_DATETIME)
		return datetime_cell(value, PAWL_UTC_DATETIME, value->as.integer, ret_cell, error);
	if (value->kind != PAWL_VALUE_STRING)
		return pawl_cell_refuse_kind(value, PAWL_UTC_DATETIME, error);
	PAWL_TRY(parse_time(value, PAWL_UTC_DATETIME, &parts, error));
	if (!parts.has_zone) {
		pawl_cell_refuse(value, PAWL_UTC_DATETIME, error, "it has no time zone");
		return pawl_error_hint(error, "end it with 'Z' if it is in UTC, or declare the column as NAIVE_DATETIME");
	}
	return datetime_cell(value, PAWL_UTC_DATETIME, parts.utc_us, ret_cell, error);
}

/* ---- the door -------------------------------------------------------------------------------------------------------- */

pawl_status pawl_cell_convert(const pawl_value *value, pawl_type type, pawl_buffer *scratch, pawl_cell *ret_cell,
                              pawl_error *error)
{
	if (value->kind == PAWL_VALUE_NULL) {
		*ret_cell = (pawl_cell){.is_null = true};
		return PAWL_OK;
	}
	switch (pawl_type_kind(type)) {
	case PAWL_BOOLEAN:
		if (value->kind != PAWL_VALUE_BOOLEAN)
			return pawl_cell_refuse_kind(value, type, error);
		*ret_cell = (pawl_cell){.as.boolean = value->as.boolean};
		return PAWL_OK;
	case PAWL_SHORT:
		if (!is_integer_within(value, INT16_MIN, INT16_MAX))
			return pawl_cell_refuse_integer(value, type, error);
		*ret_cell = (pawl_cell){.as.int16 = (int16_t) value->as.integer};
		return PAWL_OK;
	case PAWL_INT:
		if (!is_integer_within(value, INT32_MIN, INT32_MAX))
			return pawl_cell_refuse_integer(value, type, error);
		*ret_cell = (pawl_cell){.as.int32 = (int32_t) value->as.integer};
		return PAWL_OK;
	case PAWL_LONG:
		if (value->kind != PAWL_VALUE_INTEGER)
			return pawl_cell_refuse_integer(value, type, error);
		*ret_cell = (pawl_cell){.as.int64 = value->as.integer};
		return PAWL_OK;
	case PAWL_KIND_DECIMAL:
		return convert_to_decimal(value, type, ret_cell, error);
	case PAWL_FLOAT:
		return convert_to_float(value, ret_cell, error);
	case PAWL_DOUBLE:
		return convert_to_double(value, ret_cell, error);
	case PAWL_NAIVE_DATE:
		return convert_to_date(value, ret_cell, error);
	case PAWL_NAIVE_DATETIME:
		return convert_to_naive_datetime(value, ret_cell, error);
	case PAWL_UTC_DATETIME:
		return convert_to_utc_datetime(value, ret_cell, error);
	case PAWL_BINARY:
		return convert_to_binary(value, ret_cell, error);
	case PAWL_XML:
		return convert_to_xml(value, ret_cell, error);
	case PAWL_STRING:
		return convert_to_string(value, scratch, ret_cell, error);
	case PAWL_JSON:
		return convert_to_json(value, scratch, ret_cell, error);
	default:
		return pawl_error_set(error, PAWL_INTERNAL, "type %u has no cells", (unsigned) type);
	}
}
