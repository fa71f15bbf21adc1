#include "types/type.h"

#include <stdio.h>

#include "base/decimal.h"

static const struct {
	const char *name;
	pawl_storage storage;
} kinds[] = {
	[PAWL_UNSPECIFIED] = {"UNSPECIFIED", PAWL_STORAGE_BYTES},
	[PAWL_BOOLEAN] = {"BOOLEAN", PAWL_STORAGE_BOOLEAN},
	[PAWL_SHORT] = {"SHORT", PAWL_STORAGE_INT16},
	[PAWL_INT] = {"INT", PAWL_STORAGE_INT32},
	[PAWL_LONG] = {"LONG", PAWL_STORAGE_INT64},
	[PAWL_KIND_DECIMAL] = {"DECIMAL", PAWL_STORAGE_INT128}, /* of more than 18 digits */
	[PAWL_FLOAT] = {"FLOAT", PAWL_STORAGE_FLOAT},
	[PAWL_DOUBLE] = {"DOUBLE", PAWL_STORAGE_DOUBLE},
	[PAWL_NAIVE_DATE] = {"NAIVE_DATE", PAWL_STORAGE_INT32},
	[PAWL_NAIVE_DATETIME] = {"NAIVE_DATETIME", PAWL_STORAGE_INT64},
	[PAWL_UTC_DATETIME] = {"UTC_DATETIME", PAWL_STORAGE_INT64},
	[PAWL_BINARY] = {"BINARY", PAWL_STORAGE_BYTES},
	[PAWL_XML] = {"XML", PAWL_STORAGE_BYTES},
	[PAWL_STRING] = {"STRING", PAWL_STORAGE_BYTES},
	[PAWL_JSON] = {"JSON", PAWL_STORAGE_BYTES},
};

static bool is_decimal(pawl_type type)
{
	return pawl_type_kind(type) == PAWL_KIND_DECIMAL;
}

static bool is_known_kind(pawl_type type)
{
	return pawl_type_kind(type) < sizeof(kinds) / sizeof(kinds[0]);
}

pawl_storage pawl_type_storage(pawl_type type)
{
	if (is_decimal(type) && pawl_type_precision(type) <= 4)
		return PAWL_STORAGE_INT16;
	if (is_decimal(type) && pawl_type_precision(type) <= 9)
		return PAWL_STORAGE_INT32;
	if (is_decimal(type) && pawl_type_precision(type) <= 18)
		return PAWL_STORAGE_INT64;
	return kinds[pawl_type_kind(type)].storage;
}

pawl_status pawl_type_check(pawl_type type, pawl_error *error)
{
	int precision = pawl_type_precision(type);
	int scale = pawl_type_scale(type);
	bool has_extra_bits = is_decimal(type) ? type >> 24 != 0 : type != pawl_type_kind(type);
	if (!is_known_kind(type) || has_extra_bits) {
		pawl_error_set(error, PAWL_INVALID, "'%u' is not a type", (unsigned) type);
		return pawl_error_hint(error,
		                       "use one of the PAWL_... types of pawl/value.h, or PAWL_DECIMAL(precision, scale)");
	}
	if (!is_decimal(type))
		return PAWL_OK;
	if (precision < 1 || precision > PAWL_DECIMAL_MAX_PRECISION) {
		pawl_error_set(error, PAWL_INVALID, "'DECIMAL(%d,%d)' is not a type: its precision is not 1 to %d", precision,
		               scale, PAWL_DECIMAL_MAX_PRECISION);
		return pawl_error_hint(error, "the precision counts all digits; declare the column as STRING to keep more");
	}
	if (scale > precision) {
		pawl_error_set(error, PAWL_INVALID, "'DECIMAL(%d,%d)' is not a type: its scale is above its precision", precision,
		               scale);
		return pawl_error_hint(error, "the precision counts all digits, those after the point too");
	}
	return PAWL_OK;
}

void pawl_type_format(pawl_type type, char out[PAWL_TYPE_TEXT_BYTES])
{
	if (is_decimal(type))
		snprintf(out, PAWL_TYPE_TEXT_BYTES, "DECIMAL(%d,%d)", pawl_type_precision(type), pawl_type_scale(type));
	else if (is_known_kind(type))
		snprintf(out, PAWL_TYPE_TEXT_BYTES, "%s", kinds[type & 0xffu].name);
	else
		snprintf(out, PAWL_TYPE_TEXT_BYTES, "type %u", (unsigned) type);
}

/* ---- inferring ------------------------------------------------------------------------------------------------------- */

/*
 * As many digits after the point as are written, and 18 in all, or 28, or 38: so that the next value most likely fits, and there is
 * room to widen when it has more digits after the point. More digits than a DECIMAL has, or no number: STRING, which keeps the one
 * and lets the conversion refuse the other.
 */
static pawl_type infer_decimal(const pawl_value *value)
{
	pawl_int128 unscaled;
	int scale;
	const char *reason;
	if (!pawl_decimal_parse(value->as.bytes, value->length, &unscaled, &scale, &reason))
		return PAWL_STRING;
	int digits = pawl_decimal_digits(unscaled);
	int needed = digits > scale ? digits : scale;
	return PAWL_DECIMAL(needed <= 18 ? 18 : needed <= 28 ? 28 : PAWL_DECIMAL_MAX_PRECISION, scale);
}

pawl_status pawl_value_check(const pawl_value *value, pawl_error *error)
{
	if ((int) value->kind < PAWL_VALUE_NULL || value->kind > PAWL_VALUE_JSON)
		return pawl_error_set(error, PAWL_INVALID, "its value has the kind %d, which is none", (int) value->kind);
	bool has_bytes = value->kind == PAWL_VALUE_DECIMAL || value->kind >= PAWL_VALUE_STRING;
	if (!has_bytes && value->length != 0)
		return pawl_error_set(error, PAWL_INVALID, "its value was made by pawl_bytes, of a kind that has no bytes");
	return PAWL_OK;
}

pawl_type pawl_type_infer(const pawl_value *value)
{
	static const pawl_type types[] = {
		[PAWL_VALUE_NULL] = PAWL_UNSPECIFIED,
		[PAWL_VALUE_BOOLEAN] = PAWL_BOOLEAN,
		[PAWL_VALUE_INTEGER] = PAWL_LONG,
		[PAWL_VALUE_UNSIGNED] = PAWL_DECIMAL(20, 0),
		[PAWL_VALUE_FLOAT] = PAWL_FLOAT,
		[PAWL_VALUE_DOUBLE] = PAWL_DOUBLE,
		[PAWL_VALUE_NAIVE_DATE] = PAWL_NAIVE_DATE,
		[PAWL_VALUE_NAIVE_DATETIME] = PAWL_NAIVE_DATETIME,
		[PAWL_VALUE_UTC_DATETIME] = PAWL_UTC_DATETIME,
		[PAWL_VALUE_STRING] = PAWL_STRING,
		[PAWL_VALUE_BINARY] = PAWL_BINARY,
		[PAWL_VALUE_XML] = PAWL_XML,
		[PAWL_VALUE_JSON] = PAWL_JSON,
	};
	return value->kind == PAWL_VALUE_DECIMAL ? infer_decimal(value) : types[value->kind];
}

/* ---- widening -------------------------------------------------------------------------------------------------------- */

/* How many digits before the point an exact number has at most; -1 for a type that is not one. */
static int integer_digits(pawl_type type)
{
	switch (pawl_type_kind(type)) {
	case PAWL_SHORT:
		return 5;
	case PAWL_INT:
		return 10;
	case PAWL_LONG:
		return 19;
	case PAWL_KIND_DECIMAL:
		return pawl_type_precision(type) - pawl_type_scale(type);
	default:
		return -1;
	}
}

static int larger(int left, int right)
{
	return left > right ? left : right;
}

static pawl_type widen_exact(pawl_type left, pawl_type right)
{
	if (!is_decimal(left) && !is_decimal(right))
		return left > right ? left : right; /* the numbers of SHORT, INT and LONG are in the order of their sizes */
	int scale = larger(pawl_type_scale(left), pawl_type_scale(right));
	int precision = larger(integer_digits(left), integer_digits(right)) + scale;
	return precision <= PAWL_DECIMAL_MAX_PRECISION ? PAWL_DECIMAL(precision, scale) : PAWL_STRING;
}

/* A FLOAT keeps integers of 24 bits, a DOUBLE those of 53. */
static bool fits_float(pawl_type type)
{
	return type == PAWL_SHORT || type == PAWL_FLOAT;
}

static bool fits_double(pawl_type type)
{
	return fits_float(type) || type == PAWL_INT || type == PAWL_DOUBLE;
}

static bool is_naive(pawl_type type)
{
	return type == PAWL_NAIVE_DATE || type == PAWL_NAIVE_DATETIME;
}

bool pawl_type_widen(pawl_type left, pawl_type right, pawl_type *ret_type)
{
	if (left == right || right == PAWL_UNSPECIFIED)
		*ret_type = left;
	else if (left == PAWL_UNSPECIFIED)
		*ret_type = right;
	else if (left == PAWL_BINARY || right == PAWL_BINARY)
		return false;
	else if (integer_digits(left) >= 0 && integer_digits(right) >= 0)
		*ret_type = widen_exact(left, right);
	else if (fits_float(left) && fits_float(right))
		*ret_type = PAWL_FLOAT;
	else if (fits_double(left) && fits_double(right))
		*ret_type = PAWL_DOUBLE;
	else if (is_naive(left) && is_naive(right))
		*ret_type = PAWL_NAIVE_DATETIME;
	else
		*ret_type = PAWL_STRING;
	return true;
}
