#include "types/cell_text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "types/cell.h"

/* ---- real numbers ---------------------------------------------------------------------------------------------------- */

static bool reads_back(const char *text, double real, bool is_float)
{
	return is_float ? (double) strtof(text, NULL) == real : strtod(text, NULL) == real;
}

static void format_real(double real, bool is_float, char out[PAWL_CELL_TEXT_BYTES])
{
	/* So many digits survive the way from text and back, so fewer need not be tried; but numbers near 0 have less. */
	bool is_subnormal = fabs(real) < (is_float ? (double) FLT_MIN : DBL_MIN);
	int digits = is_subnormal ? 1 : is_float ? FLT_DIG : DBL_DIG;
	if (isnan(real)) {
		strcpy(out, "NaN");
		return;
	}
	if (isinf(real)) {
		strcpy(out, real < 0 ? "-Infinity" : "Infinity");
		return;
	}
	/* The locale of this thread alone; "C" is the C library's own, which nobody frees. */
	locale_t previous = uselocale(newlocale(LC_ALL_MASK, "C", NULL));
	do
		snprintf(out, PAWL_CELL_TEXT_BYTES, "%.*g", digits++, real);
	while (digits <= DBL_DECIMAL_DIG && !reads_back(out, real, is_float));
	uselocale(previous);
}

/* ---- values and cells ------------------------------------------------------------------------------------------------ */

void pawl_cell_format_value(const pawl_value *value, char out[PAWL_CELL_TEXT_BYTES])
{
	switch (value->kind) {
	case PAWL_VALUE_BOOLEAN:
		strcpy(out, value->as.boolean ? "true" : "false");
		return;
	case PAWL_VALUE_INTEGER:
		pawl_decimal_format(value->as.integer, 0, out);
		return;
	case PAWL_VALUE_UNSIGNED:
		pawl_decimal_format(value->as.unsigned_integer, 0, out);
		return;
	case PAWL_VALUE_FLOAT:
	case PAWL_VALUE_DOUBLE:
		format_real(value->as.real, value->kind == PAWL_VALUE_FLOAT, out);
		return;
	case PAWL_VALUE_NAIVE_DATE:
		pawl_time_format_date((int32_t) value->as.integer, out);
		return;
	case PAWL_VALUE_NAIVE_DATETIME:
		pawl_time_format_naive(value->as.integer, out);
		return;
	case PAWL_VALUE_UTC_DATETIME:
		pawl_time_format_utc(value->as.integer, out);
		return;
	case PAWL_VALUE_NULL:
	case PAWL_VALUE_DECIMAL:
	case PAWL_VALUE_STRING:
	case PAWL_VALUE_BINARY:
	case PAWL_VALUE_XML:
	case PAWL_VALUE_JSON:
		break;
	}
	*out = '\0';
}

static pawl_int128 unscaled_decimal(const pawl_cell *cell, pawl_type type)
{
	pawl_storage storage = pawl_type_storage(type);
	if (storage == PAWL_STORAGE_INT16)
		return cell->as.int16;
	if (storage == PAWL_STORAGE_INT32)
		return cell->as.int32;
	if (storage == PAWL_STORAGE_INT64)
		return cell->as.int64;
	return cell->as.int128;
}

/* The value that a cell without bytes was made from; NULL for the others. DECIMAL has no such value. */
static pawl_value value_of(const pawl_cell *cell, pawl_type type)
{
	switch (pawl_type_kind(type)) {
	case PAWL_BOOLEAN:
		return pawl_boolean(cell->as.boolean);
	case PAWL_SHORT:
		return pawl_integer(cell->as.int16);
	case PAWL_INT:
		return pawl_integer(cell->as.int32);
	case PAWL_LONG:
		return pawl_integer(cell->as.int64);
	case PAWL_FLOAT:
		return pawl_float(cell->as.float32);
	case PAWL_DOUBLE:
		return pawl_double(cell->as.float64);
	case PAWL_NAIVE_DATE:
		return pawl_naive_date(cell->as.int32);
	case PAWL_NAIVE_DATETIME:
		return pawl_naive_datetime(cell->as.int64);
	case PAWL_UTC_DATETIME:
		return pawl_utc_datetime(cell->as.int64);
	default:
		return pawl_null();
	}
}

void pawl_cell_append_text(const pawl_cell *cell, pawl_type type, pawl_buffer *out)
{
	char text[PAWL_CELL_TEXT_BYTES];
	if (cell->is_null)
		return;
	if (pawl_type_storage(type) == PAWL_STORAGE_BYTES) {
		pawl_buffer_append_bytes(out, cell->as.bytes, cell->length);
		return;
	}
	if (pawl_type_kind(type) == PAWL_KIND_DECIMAL) {
		pawl_decimal_format(unscaled_decimal(cell, type), pawl_type_scale(type), text);
	} else {
		pawl_value value = value_of(cell, type);
		pawl_cell_format_value(&value, text);
	}
	pawl_buffer_append(out, text);
}
