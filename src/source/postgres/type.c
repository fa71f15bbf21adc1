#include "source/postgres/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

/* Of pg_attribute.atttypmod: what precedes a length or precision in it. */
#define TYPMOD_HEADER 4

/* ---- from PostgreSQL ------------------------------------------------------------------------------------------------- */

/* By pg_type.typname; all that is not here arrives as text. */
static const struct known {
	const char *name, *type;
	pawl_key_class key_class;
} known_types[] = {
	{"bool", "BOOLEAN", PAWL_KEY_NONE},
	{"int2", "SMALLINT", PAWL_KEY_NUMBER},
	{"int4", "INTEGER", PAWL_KEY_NUMBER},
	{"int8", "BIGINT", PAWL_KEY_NUMBER},
	{"oid", "BIGINT", PAWL_KEY_NUMBER},
	{"float4", "FLOAT", PAWL_KEY_NUMBER},
	{"float8", "DOUBLE", PAWL_KEY_NUMBER},
	{"numeric", "VARCHAR", PAWL_KEY_NUMBER}, /* without a precision: see below */
	{"text", "VARCHAR", PAWL_KEY_TEXT},
	{"varchar", "VARCHAR", PAWL_KEY_TEXT},
	{"bpchar", "VARCHAR", PAWL_KEY_TEXT},
	{"name", "VARCHAR", PAWL_KEY_TEXT},
	{"citext", "VARCHAR", PAWL_KEY_TEXT},
	{"json", "JSON", PAWL_KEY_NONE},
	{"jsonb", "JSON", PAWL_KEY_NONE},
	{"uuid", "UUID", PAWL_KEY_NONE},
	{"bytea", "BLOB", PAWL_KEY_NONE},
	{"date", "DATE", PAWL_KEY_DATE},
	{"time", "TIME", PAWL_KEY_NONE},
	{"timestamp", "TIMESTAMP", PAWL_KEY_TIMESTAMP},
	{"timestamptz", "TIMESTAMP WITH TIME ZONE", PAWL_KEY_TIMESTAMPTZ},
	{"interval", "INTERVAL", PAWL_KEY_NONE},
};

/* The precision is in the upper half; the scale in the lower eleven bits, since PostgreSQL 15 with a sign. */
static bool find_decimal(int64_t typmod, int *ret_precision, int *ret_scale)
{
	int64_t bits = typmod - TYPMOD_HEADER;
	int precision = (int) (bits >> 16 & 0xffff), scale = (int) (bits & 0x7ff);

	if (typmod < TYPMOD_HEADER || precision > PAWL_DECIMAL_MAX_PRECISION || scale > precision)
		return false;
	*ret_precision = precision;
	*ret_scale = scale;
	return true;
}

void pawl_postgres_type_name(const char *name, int64_t typmod, char out[PAWL_POSTGRES_TYPE_BYTES], pawl_key_class *ret_class)
{
	const char *type = "VARCHAR";
	int precision, scale;

	*ret_class = PAWL_KEY_NONE;
	for (size_t i = 0; i < sizeof(known_types) / sizeof(known_types[0]); i++) {
		if (strcmp(known_types[i].name, name) != 0)
			continue;
		type = known_types[i].type;
		*ret_class = known_types[i].key_class;
	}
	if (strcmp(name, "numeric") == 0 && find_decimal(typmod, &precision, &scale))
		snprintf(out, PAWL_POSTGRES_TYPE_BYTES, "DECIMAL(%d,%d)", precision, scale);
	else
		snprintf(out, PAWL_POSTGRES_TYPE_BYTES, "%s", type);
}

/* ---- to DuckDB ------------------------------------------------------------------------------------------------------- */

static const struct coming {
	const char *type, *cast;
	pawl_postgres_kind kind;
} comings[] = {
	{"BOOLEAN", "bool", PAWL_POSTGRES_BOOLEAN},
	{"SMALLINT", "int2", PAWL_POSTGRES_SMALLINT},
	{"INTEGER", "int4", PAWL_POSTGRES_INTEGER},
	{"BIGINT", "int8", PAWL_POSTGRES_BIGINT},
	{"FLOAT", "float4", PAWL_POSTGRES_FLOAT},
	{"DOUBLE", "float8", PAWL_POSTGRES_DOUBLE},
	{"UUID", "uuid", PAWL_POSTGRES_UUID},
	{"BLOB", "bytea", PAWL_POSTGRES_BLOB},
	{"DATE", "date", PAWL_POSTGRES_DATE},
	{"TIME", "time", PAWL_POSTGRES_TIME},
	{"TIMESTAMP", "timestamp", PAWL_POSTGRES_TIMESTAMP},
	{"TIMESTAMP WITH TIME ZONE", "timestamptz", PAWL_POSTGRES_TIMESTAMP},
	{"INTERVAL", "interval", PAWL_POSTGRES_INTERVAL},
};

/* character(5): a cast to text would take the blanks at its end away, which PostgreSQL itself shows. */
static bool is_padded(const char *native_type)
{
	size_t length = strlen(native_type);
	return strcmp(native_type, "bpchar") == 0 || strcmp(native_type, "character") == 0 ||
	       (strncmp(native_type, "character(", 10) == 0 && native_type[length - 1] == ')');
}

pawl_postgres_type pawl_postgres_type_of(const pawl_source_column *column, const pawl_read_column *read)
{
	const char *text = is_padded(column->native_type) ? "bpchar" : "text";
	pawl_postgres_type type = {.kind = PAWL_POSTGRES_TEXT, .cast = text};

	if (read->as_text)
		return type;
	if (read->format != PAWL_FORMAT_NONE)
		return (pawl_postgres_type) {.kind = PAWL_POSTGRES_FORMATTED, .cast = text};
	if (sscanf(column->type, "DECIMAL(%d,%d)", &type.precision, &type.scale) == 2) {
		type.kind = PAWL_POSTGRES_DECIMAL;
		type.cast = "numeric";
		return type;
	}
	for (size_t i = 0; i < sizeof(comings) / sizeof(comings[0]); i++)
		if (strcmp(comings[i].type, column->type) == 0)
			return (pawl_postgres_type) {.kind = comings[i].kind, .cast = comings[i].cast};
	return type;
}
