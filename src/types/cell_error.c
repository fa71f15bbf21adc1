#include "types/cell_error.h"

#include <stdio.h>

#include "base/text.h"
#include "types/cell_text.h"

/* How messages speak of a column's type, by kind. */
static const struct {
	const char *article;
	const char *hint;
} types[] = {
	[PAWL_BOOLEAN] = {"a ", "pass a BOOLEAN: true or false; in C a comparison is an int"},
	[PAWL_SHORT] = {"a ", "pass an integer, such as 42"},
	[PAWL_INT] = {"an ", "pass an integer, such as 42"},
	[PAWL_LONG] = {"a ", "pass an integer, such as 42"},
	[PAWL_KIND_DECIMAL] = {"a ", "pass decimal text, such as '12.50'"},
	[PAWL_FLOAT] = {"a ", "pass a number, such as 3.5"},
	[PAWL_DOUBLE] = {"a ", "pass a number, such as 3.5"},
	[PAWL_NAIVE_DATE] = {"a ", "pass a NAIVE_DATE, or text such as '2024-03-16'"},
	[PAWL_NAIVE_DATETIME] = {"a ", "pass a NAIVE_DATETIME, or text such as '2024-03-16T16:40:29.5'"},
	[PAWL_UTC_DATETIME] = {"a ", "pass a UTC_DATETIME, or text such as '2024-03-16T16:40:29.5Z'"},
	[PAWL_BINARY] = {"", "pass bytes, as BINARY"},
	[PAWL_XML] = {"", "pass UTF-8 text, or declare the column as BINARY"},
	[PAWL_STRING] = {"a ", "pass UTF-8 text, or declare the column as BINARY"},
	[PAWL_JSON] = {"", "pass JSON text; a JSON string has double quotes of its own"},
};

static const char *const kinds[] = {
	[PAWL_VALUE_NULL] = "NULL",
	[PAWL_VALUE_BOOLEAN] = "a BOOLEAN",
	[PAWL_VALUE_INTEGER] = "an integer",
	[PAWL_VALUE_UNSIGNED] = "an integer",
	[PAWL_VALUE_FLOAT] = "a FLOAT",
	[PAWL_VALUE_DOUBLE] = "a DOUBLE",
	[PAWL_VALUE_DECIMAL] = "a DECIMAL",
	[PAWL_VALUE_NAIVE_DATE] = "a NAIVE_DATE",
	[PAWL_VALUE_NAIVE_DATETIME] = "a NAIVE_DATETIME",
	[PAWL_VALUE_UTC_DATETIME] = "a UTC_DATETIME",
	[PAWL_VALUE_STRING] = "text",
	[PAWL_VALUE_BINARY] = "BINARY",
	[PAWL_VALUE_XML] = "XML",
	[PAWL_VALUE_JSON] = "JSON",
};

static bool is_integer(const pawl_value *value)
{
	return value->kind == PAWL_VALUE_INTEGER || value->kind == PAWL_VALUE_UNSIGNED;
}

static bool has_bytes(const pawl_value *value)
{
	return pawl_type_storage(pawl_type_infer(value)) == PAWL_STORAGE_BYTES || value->kind == PAWL_VALUE_DECIMAL;
}

static void describe(const pawl_value *value, char out[PAWL_TEXT_EXCERPT_BYTES])
{
	_Static_assert(PAWL_CELL_TEXT_BYTES <= PAWL_TEXT_EXCERPT_BYTES, "a value's text must fit into an excerpt");
	if (has_bytes(value))
		pawl_text_excerpt(value->as.bytes, value->length, out);
	else
		pawl_cell_format_value(value, out);
}

pawl_status pawl_cell_refuse(const pawl_value *value, pawl_type type, pawl_error *error, const char *format, ...)
{
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];
	char type_text[PAWL_TYPE_TEXT_BYTES];
	char reason[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	describe(value, excerpt);
	pawl_type_format(type, type_text);
	pawl_type kind = pawl_type_kind(type);
	pawl_error_set(error, PAWL_INVALID, "'%s' is not %s%s: %s", excerpt, types[kind].article, type_text, reason);
	return pawl_error_hint(error, "%s", types[kind].hint);
}

pawl_status pawl_cell_refuse_kind(const pawl_value *value, pawl_type type, pawl_error *error)
{
	return pawl_cell_refuse(value, type, error, "it is %s", kinds[value->kind]);
}

/* The narrowest type that keeps the integer. */
static pawl_status hint_integer_type(const pawl_value *value, pawl_error *error)
{
	char type_text[PAWL_TYPE_TEXT_BYTES];
	bool is_int = value->kind == PAWL_VALUE_INTEGER && value->as.integer == (int32_t) value->as.integer;
	pawl_type_format(is_int ? PAWL_INT : pawl_type_infer(value), type_text);
	return pawl_error_hint(error, "declare the column as %s", type_text);
}

pawl_status pawl_cell_refuse_integer(const pawl_value *value, pawl_type type, pawl_error *error)
{
	if (!is_integer(value))
		return pawl_cell_refuse_kind(value, type, error);
	const char *range = type == PAWL_SHORT ? "-32768 to 32767"
	                    : type == PAWL_INT ? "-2147483648 to 2147483647"
	                                       : "-9223372036854775808 to 9223372036854775807";
	pawl_cell_refuse(value, type, error, "it is beyond %s", range);
	return hint_integer_type(value, error);
}

pawl_status pawl_cell_refuse_real(const pawl_value *value, pawl_type type, pawl_error *error)
{
	char type_text[PAWL_TYPE_TEXT_BYTES];
	if (!is_integer(value) && value->kind != PAWL_VALUE_DOUBLE)
		return pawl_cell_refuse_kind(value, type, error);
	pawl_type_format(type, type_text);
	pawl_cell_refuse(value, type, error, "a %s would round it", type_text);
	if (is_integer(value))
		return hint_integer_type(value, error);
	return pawl_error_hint(error, "declare the column as DOUBLE, or round it yourself, to a FLOAT");
}

/* Takes away zeros at the end of the fraction: they are not what does not fit. */
static void strip_zeros(pawl_int128 *unscaled, int *scale)
{
	while (*scale > 0 && *unscaled % 10 == 0) {
		*unscaled /= 10;
		--*scale;
	}
}

pawl_status pawl_cell_refuse_digits(const pawl_value *value, pawl_type type, pawl_int128 unscaled, int scale,
                                    pawl_error *error)
{
	strip_zeros(&unscaled, &scale);
	int most_before = pawl_type_precision(type) - pawl_type_scale(type);
	int most_after = pawl_type_scale(type);
	int digits = pawl_decimal_digits(unscaled);
	int before = digits > scale ? digits - scale : 0;
	if (scale > most_after)
		pawl_cell_refuse(value, type, error, "it has %d digit%s after the point", scale, scale == 1 ? "" : "s");
	else
		pawl_cell_refuse(value, type, error, "it has %d digit%s before the point", before, before == 1 ? "" : "s");
	most_before = before > most_before ? before : most_before;
	most_after = scale > most_after ? scale : most_after;
	if (most_before + most_after > PAWL_DECIMAL_MAX_PRECISION)
		return pawl_error_hint(error, "declare the column as STRING");
	return pawl_error_hint(error, "declare the column as DECIMAL(%d,%d)", most_before + most_after, most_after);
}
