#include "source/duckdb/internal.h"

#include <inttypes.h>
#include <string.h>

void pawl_duckdb_append_table(pawl_buffer *sql, const pawl_source_table *table)
{
	pawl_buffer_append(sql, PAWL_DUCKDB_ALIAS ".");
	pawl_buffer_append_identifier(sql, table->schema);
	pawl_buffer_append_character(sql, '.');
	pawl_buffer_append_identifier(sql, table->name);
}

/* Both functions skip NULLs. */
void pawl_duckdb_append_key(pawl_buffer *sql, const pawl_read *read)
{
	const pawl_source_key *key = read->key;

	if (key->kind != PAWL_KEY_COLUMN)
		pawl_buffer_append(sql, key->kind == PAWL_KEY_GREATEST ? "greatest(" : "coalesce(");
	for (size_t i = 0; i < key->column_count; i++) {
		pawl_buffer_append(sql, i == 0 ? "" : ", ");
		pawl_buffer_append_identifier(sql, read->table->columns[key->columns[i]].name);
	}
	if (key->kind != PAWL_KEY_COLUMN)
		pawl_buffer_append_character(sql, ')');
}

const char *pawl_duckdb_key_type(const pawl_read *read)
{
	return read->table->columns[read->key->columns[0]].type;
}

void pawl_duckdb_append_value(pawl_buffer *sql, const pawl_key_value *value)
{
	pawl_buffer_append_literal(sql, value->text);
	pawl_buffer_appendf(sql, "::%s", value->type);
}

/* ---- conditions ------------------------------------------------------------------------------------------------------ */

static void append_comparison(pawl_buffer *sql, const pawl_read *read, const char *comparison, const pawl_key_value *value)
{
	pawl_duckdb_append_key(sql, read);
	pawl_buffer_append(sql, comparison);
	pawl_duckdb_append_value(sql, &(pawl_key_value) {value->text, value->type == NULL ? (char *) (uintptr_t) pawl_duckdb_key_type(read)
	                                                                                   : value->type});
}

/* What the read says of keys: "(key >= from AND key < before)". */
static void append_limits(pawl_buffer *sql, const pawl_read *read)
{
	bool has_from = read->from.text != NULL, has_before = read->before.text != NULL;

	pawl_buffer_append_character(sql, '(');
	if (has_from)
		append_comparison(sql, read, " >= ", &read->from);
	if (has_before) {
		pawl_buffer_append(sql, has_from ? " AND " : "");
		append_comparison(sql, read, " < ", &read->before);
	}
	pawl_buffer_append_character(sql, ')');
}

static bool has_limits(const pawl_read *read)
{
	return read->key != NULL && (read->from.text != NULL || read->before.text != NULL);
}

/* For a condition with OR, DuckDB would not skip row groups by their smallest and largest keys, as it does for each of these. */
static void append_limited_table(pawl_buffer *sql, const pawl_read *read)
{
	pawl_buffer_append(sql, "(SELECT * FROM ");
	pawl_duckdb_append_table(sql, read->table);
	pawl_buffer_append(sql, " WHERE ");
	append_limits(sql, read);
	pawl_buffer_append(sql, " UNION ALL SELECT * FROM ");
	pawl_duckdb_append_table(sql, read->table);
	pawl_buffer_append(sql, " WHERE ");
	pawl_duckdb_append_key(sql, read);
	pawl_buffer_append(sql, " IS NULL) AS ");
	pawl_buffer_append_identifier(sql, read->table->name);
}

/* Row ids are those of a table alone. */
static bool is_limited_by_from(const pawl_read *read)
{
	return has_limits(read) && read->has_null_keys && read->order == PAWL_ORDER_KEY;
}

void pawl_duckdb_append_from(pawl_buffer *sql, const pawl_read *read)
{
	if (is_limited_by_from(read))
		append_limited_table(sql, read);
	else
		pawl_duckdb_append_table(sql, read->table);
}

static void append_limits_or_null(pawl_buffer *sql, const pawl_read *read)
{
	pawl_buffer_append(sql, read->has_null_keys ? "(" : "");
	append_limits(sql, read);
	if (!read->has_null_keys)
		return;
	pawl_buffer_append(sql, " OR ");
	pawl_duckdb_append_key(sql, read);
	pawl_buffer_append(sql, " IS NULL)");
}

void pawl_duckdb_append_where(pawl_buffer *sql, const pawl_read *read, const char **ret_separator)
{
	const char *separator = " WHERE ";

	if (read->where != NULL) {
		pawl_buffer_appendf(sql, "%s(%s\n)", separator, read->where); /* which may end in a comment */
		separator = " AND ";
	}
	if (has_limits(read) && !is_limited_by_from(read)) {
		pawl_buffer_append(sql, separator);
		append_limits_or_null(sql, read);
		separator = " AND ";
	}
	if (read->key != NULL && read->has_no_null_keys) {
		pawl_buffer_append(sql, separator);
		pawl_duckdb_append_key(sql, read);
		pawl_buffer_append(sql, " IS NOT NULL");
		separator = " AND ";
	}
	*ret_separator = separator;
}

/* ---- columns --------------------------------------------------------------------------------------------------------- */

/* Numbers and texts that are times, with $ for the column. Halves of a microsecond are the source's own rounding. */
static const char *const format_expressions[] = {
	[PAWL_FORMAT_NONE] = "$",
	[PAWL_FORMAT_UNIX_S] = "make_timestamp((($)::DECIMAL(38,6) * 1000000)::BIGINT)",
	[PAWL_FORMAT_UNIX_MS] = "make_timestamp((($)::DECIMAL(38,6) * 1000)::BIGINT)",
	[PAWL_FORMAT_ISO8601] = "($)::TIMESTAMPTZ::TIMESTAMP",
	[PAWL_FORMAT_JULIAN_DAY] = "make_timestamp(((($)::DOUBLE - 2440587.5) * 86400000)::BIGINT * 1000)",
};

static void append_column(pawl_buffer *sql, const pawl_read *read, const pawl_read_column *column)
{
	const char *name = read->table->columns[column->index].name;

	pawl_buffer_append(sql, column->as_text ? "CAST(" : "");
	for (const char *c = format_expressions[column->as_text ? PAWL_FORMAT_NONE : column->format]; *c != '\0'; c++)
		if (*c == '$')
			pawl_buffer_append_identifier(sql, name);
		else
			pawl_buffer_append_character(sql, *c);
	pawl_buffer_append(sql, column->as_text ? " AS VARCHAR) AS " : " AS ");
	pawl_buffer_append_identifier(sql, column->name);
}

void pawl_duckdb_append_select(pawl_buffer *sql, const pawl_read *read)
{
	pawl_buffer_append(sql, "SELECT ");
	for (size_t i = 0; i < read->column_count; i++) {
		pawl_buffer_append(sql, i == 0 ? "" : ", ");
		append_column(sql, read, &read->columns[i]);
	}
	if (read->tail_from.text != NULL) {
		pawl_buffer_append(sql, ", coalesce(");
		append_comparison(sql, read, " >= ", &read->tail_from);
		pawl_buffer_append(sql, ", true) AS " PAWL_COLUMN_IS_TAIL);
	}
	pawl_buffer_append(sql, " FROM ");
	pawl_duckdb_append_from(sql, read);
}

/* ---- instants -------------------------------------------------------------------------------------------------------- */

/*
 * The smallest local time of any instant at or after that one: clocks that will be put back within the next hours show it
 * again. They are put back on a quarter of an hour.
 */
static void append_local(pawl_buffer *sql, const char *zone, int64_t us)
{
	const int64_t quarter_us = INT64_C(900000000);

	if (zone == NULL) {
		pawl_buffer_appendf(sql, "make_timestamp(%" PRId64 ")", us);
		return;
	}
	pawl_buffer_append(sql, "least(timezone(");
	pawl_buffer_append_literal(sql, zone);
	pawl_buffer_appendf(sql, ", make_timestamptz(%" PRId64 ")), list_min([timezone(", us);
	pawl_buffer_append_literal(sql, zone);
	pawl_buffer_appendf(sql, ", make_timestamptz(%" PRId64 " + q * %" PRId64 ")) FOR q IN range(1, 100)]))",
	                    us / quarter_us * quarter_us, quarter_us);
}

/* A text is compared character by character, so the instant is written as the newest key is, down to the second. */
static void append_text(pawl_buffer *sql, const char *zone, int64_t us, const char *newest)
{
	pawl_buffer_append(sql, "replace(strftime("); /* which takes a constant alone */
	append_local(sql, zone, us);
	pawl_buffer_appendf(sql, ", '%%Y-%%m-%%d %%H:%%M:%%S'), ' ', CASE WHEN substr(%s, 11, 1) = 'T' THEN 'T' ELSE ' ' END)", newest);
}

static int64_t floor_divide(int64_t dividend, int64_t divisor)
{
	return dividend / divisor - (dividend % divisor < 0);
}

static void append_number(pawl_buffer *sql, const pawl_source_key *key, int64_t us)
{
	switch (key->format) {
	case PAWL_FORMAT_UNIX_S:
		pawl_buffer_appendf(sql, "%" PRId64, floor_divide(us, 1000000));
		return;
	case PAWL_FORMAT_UNIX_MS:
		pawl_buffer_appendf(sql, "%" PRId64, floor_divide(us, 1000));
		return;
	case PAWL_FORMAT_JULIAN_DAY:
		pawl_buffer_appendf(sql, "(%" PRId64 " / 86400.0 + 2440587.5)", floor_divide(us, 1000000));
		return;
	case PAWL_FORMAT_NONE:
	case PAWL_FORMAT_ISO8601:
		pawl_buffer_append(sql, "NULL::VARCHAR");
	}
}

/* The instant in the form of the key's class; NULL when it is no clock. */
static void append_instant(pawl_buffer *sql, const pawl_source_key *key, int64_t us, const char *newest)
{
	switch (key->key_class) {
	case PAWL_KEY_TIMESTAMPTZ:
		pawl_buffer_appendf(sql, "make_timestamptz(%" PRId64 ")", us);
		return;
	case PAWL_KEY_TIMESTAMP:
		append_local(sql, key->zone, us);
		return;
	case PAWL_KEY_DATE:
		append_local(sql, key->zone, us);
		return;
	case PAWL_KEY_NUMBER:
		append_number(sql, key, us);
		return;
	case PAWL_KEY_TEXT:
		if (key->format == PAWL_FORMAT_ISO8601) {
			append_text(sql, key->zone, us, newest);
			return;
		}
		break;
	case PAWL_KEY_NONE:
		break;
	}
	pawl_buffer_append(sql, "NULL::VARCHAR");
}

/* Casts to a coarser type round, except to DATE. */
static const char *find_precision(const char *type)
{
	return strcmp(type, "TIMESTAMP_S") == 0 ? "second" : strcmp(type, "TIMESTAMP_MS") == 0 ? "millisecond" : NULL;
}

void pawl_duckdb_append_instant(pawl_buffer *sql, const pawl_read *read, int64_t us, const char *newest)
{
	const char *type = pawl_duckdb_key_type(read);
	const char *precision = find_precision(type);

	pawl_buffer_append(sql, "CAST(");
	if (precision != NULL)
		pawl_buffer_appendf(sql, "date_trunc('%s', ", precision);
	append_instant(sql, read->key, us, newest);
	pawl_buffer_appendf(sql, "%s AS %s)", precision == NULL ? "" : ")", type);
}
