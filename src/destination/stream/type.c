#include "destination/stream/internal.h"

#include <stdio.h>
#include <string.h>

/* How a value becomes a cell. */
typedef enum coming {
	AS_IS,   /* but cast to the type itself: that of the relation may be narrower, and lie in memory otherwise */
	AS_CAST, /* to the type's own in DuckDB */
	AS_DIGITS, /* an integer of at most 38 digits, which has more in DuckDB */
	AS_JSON,
	AS_ODD_JSON /* DuckDB has NaN and Infinity in what it calls JSON, from reals and from its own JSON; it is none */
} coming;

static const struct known {
	const char *name;
	pawl_type type;
	coming coming;
	const char *cast;
} known_types[] = {
	{"BOOLEAN", PAWL_BOOLEAN, AS_IS, NULL},
	{"TINYINT", PAWL_SHORT, AS_CAST, "SMALLINT"},
	{"UTINYINT", PAWL_SHORT, AS_CAST, "SMALLINT"},
	{"SMALLINT", PAWL_SHORT, AS_IS, NULL},
	{"USMALLINT", PAWL_INT, AS_CAST, "INTEGER"},
	{"INTEGER", PAWL_INT, AS_IS, NULL},
	{"UINTEGER", PAWL_LONG, AS_CAST, "BIGINT"},
	{"BIGINT", PAWL_LONG, AS_IS, NULL},
	{"UBIGINT", PAWL_DECIMAL(20, 0), AS_CAST, "DECIMAL(20,0)"},
	{"HUGEINT", PAWL_DECIMAL(38, 0), AS_DIGITS, NULL},
	{"UHUGEINT", PAWL_DECIMAL(38, 0), AS_DIGITS, NULL},
	{"FLOAT", PAWL_FLOAT, AS_IS, NULL},
	{"DOUBLE", PAWL_DOUBLE, AS_IS, NULL},
	{"DATE", PAWL_NAIVE_DATE, AS_IS, NULL},
	{"TIMESTAMP", PAWL_NAIVE_DATETIME, AS_IS, NULL},
	{"TIMESTAMP_S", PAWL_NAIVE_DATETIME, AS_CAST, "TIMESTAMP"},
	{"TIMESTAMP_MS", PAWL_NAIVE_DATETIME, AS_CAST, "TIMESTAMP"},
	{"TIMESTAMP_NS", PAWL_NAIVE_DATETIME, AS_IS, NULL},
	{"TIMESTAMP WITH TIME ZONE", PAWL_UTC_DATETIME, AS_IS, NULL},
	{"BLOB", PAWL_BINARY, AS_IS, NULL},
	{"VARCHAR", PAWL_STRING, AS_IS, NULL},
	{"UUID", PAWL_STRING, AS_CAST, "VARCHAR"},
	{"TIME", PAWL_STRING, AS_CAST, "VARCHAR"},
	{"TIME_NS", PAWL_STRING, AS_CAST, "VARCHAR"},
	{"TIME WITH TIME ZONE", PAWL_STRING, AS_CAST, "VARCHAR"},
	{"INTERVAL", PAWL_STRING, AS_CAST, "VARCHAR"},
	{"BIT", PAWL_STRING, AS_CAST, "VARCHAR"},
	{"BIGNUM", PAWL_STRING, AS_CAST, "VARCHAR"},
	{"JSON", PAWL_JSON, AS_IS, NULL},
	{"VARIANT", PAWL_JSON, AS_ODD_JSON, NULL},
};

static const struct known an_enum = {"ENUM", PAWL_STRING, AS_CAST, "VARCHAR"};
static const struct known nested = {"nested", PAWL_JSON, AS_JSON, NULL};
static const struct known nested_odd = {"nested", PAWL_JSON, AS_ODD_JSON, NULL};

static bool begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* A list or an array of anything ends in a bracket, also one of enums. */
static const struct known *find_nested(const char *name)
{
	bool is_nested = name[0] != '\0' && name[strlen(name) - 1] == ']';

	if (begins_with(name, "ENUM(") && !is_nested)
		return &an_enum;
	if (!is_nested && !begins_with(name, "STRUCT(") && !begins_with(name, "MAP(") && !begins_with(name, "UNION("))
		return NULL;
	static const char *const odd[] = {"FLOAT", "DOUBLE", "JSON", "VARIANT"};
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (strstr(name, odd[i]) != NULL)
			return &nested_odd;
	return &nested;
}

static const struct known *find(const char *name)
{
	for (size_t i = 0; i < sizeof(known_types) / sizeof(known_types[0]); i++)
		if (strcmp(known_types[i].name, name) == 0)
			return &known_types[i];
	return find_nested(name);
}

static bool read_decimal(const char *name, pawl_type *ret_type)
{
	int precision, scale;
	char end;

	if (sscanf(name, "DECIMAL(%d,%d%c", &precision, &scale, &end) != 3 || end != ')')
		return false;
	*ret_type = PAWL_DECIMAL(precision, scale);
	return true;
}

pawl_status pawl_received_type_of(const char *duckdb_type, pawl_received_type *ret_type, pawl_error *error)
{
	pawl_received_type type = {0};
	const struct known *known = find(duckdb_type);

	if (known != NULL)
		type = (pawl_received_type) {known->type, strcmp(known->name, "TIMESTAMP_NS") == 0};
	else if (!read_decimal(duckdb_type, &type.type)) {
		pawl_error_set(error, PAWL_INVALID, "values of the type '%s' cannot be sent", duckdb_type);
		return pawl_error_hint(error, "leave the column out with 'columns.exclude'");
	}
	*ret_type = type;
	return PAWL_OK;
}

/* error() names the column, which an error of DuckDB's cast would not. */
static void append_digits(pawl_buffer *sql, const char *column)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};

	pawl_buffer_appendf(&message, "column '%s': an integer has more than the 38 digits of a DECIMAL", column);
	pawl_buffer_append(sql, "coalesce(TRY_CAST(");
	pawl_buffer_append_identifier(sql, column);
	pawl_buffer_append(sql, " AS DECIMAL(38,0)), CASE WHEN ");
	pawl_buffer_append_identifier(sql, column);
	pawl_buffer_append(sql, " IS NOT NULL THEN error(");
	pawl_buffer_append_literal(sql, pawl_buffer_text(&message));
	pawl_buffer_append(sql, ") END)");
	sql->has_failed |= message.has_failed;
}

void pawl_stream_append_value(pawl_buffer *sql, const char *column, const char *duckdb_type)
{
	const struct known *known = find(duckdb_type);
	coming how = known == NULL ? AS_IS : known->coming;

	if (how == AS_DIGITS) {
		append_digits(sql, column);
		return;
	}
	bool is_nested = how == AS_JSON || how == AS_ODD_JSON;
	pawl_buffer_append(sql, is_nested ? "CAST(to_json(" : "CAST(");
	pawl_buffer_append_identifier(sql, column);
	if (is_nested)
		pawl_buffer_append(sql, ") AS VARCHAR)");
	else
		pawl_buffer_appendf(sql, " AS %s)", how == AS_CAST ? known->cast : duckdb_type);
}

bool pawl_stream_has_odd_json(const char *duckdb_type)
{
	const struct known *known = find(duckdb_type);

	return known != NULL && known->type == PAWL_JSON && known->coming != AS_JSON;
}
