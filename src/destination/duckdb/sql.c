#include "destination/duckdb/internal.h"

#include <stdio.h>
#include <string.h>

/* The first row of a DuckDB type is how it is read back. */
static const struct type_name {
	pawl_type type;
	const char *name;      /* in statements */
	const char *read_name; /* in duckdb_columns() */
} type_names[] = {
	{PAWL_BOOLEAN, "BOOLEAN", "BOOLEAN"},
	{PAWL_SHORT, "SMALLINT", "SMALLINT"},
	{PAWL_INT, "INTEGER", "INTEGER"},
	{PAWL_LONG, "BIGINT", "BIGINT"},
	{PAWL_FLOAT, "FLOAT", "FLOAT"},
	{PAWL_DOUBLE, "DOUBLE", "DOUBLE"},
	{PAWL_NAIVE_DATE, "DATE", "DATE"},
	{PAWL_NAIVE_DATETIME, "TIMESTAMP", "TIMESTAMP"},
	{PAWL_UTC_DATETIME, "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"},
	{PAWL_BINARY, "BLOB", "BLOB"},
	{PAWL_STRING, "VARCHAR", "VARCHAR"},
	{PAWL_XML, "VARCHAR", "VARCHAR"},
	{PAWL_JSON, "VARCHAR", "VARCHAR"},
};

#define TYPE_COUNT (sizeof(type_names) / sizeof(type_names[0]))

void pawl_duckdb_sql_table(pawl_buffer *sql, const pawl_destination *destination, const char *name)
{
	pawl_buffer_append(sql, destination->table_prefix);
	pawl_buffer_append_identifier(sql, name);
}

void pawl_duckdb_sql_type(pawl_buffer *sql, pawl_type type)
{
	if (pawl_type_kind(type) == PAWL_KIND_DECIMAL)
		pawl_buffer_appendf(sql, "DECIMAL(%d,%d)", pawl_type_precision(type), pawl_type_scale(type));
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (type_names[i].type == type)
			pawl_buffer_append(sql, type_names[i].name);
}

static bool is_text(pawl_type type)
{
	return type == PAWL_STRING || type == PAWL_XML || type == PAWL_JSON;
}

bool pawl_duckdb_sql_is_other_type(pawl_type left, pawl_type right)
{
	return left != right && !(is_text(left) && is_text(right));
}

pawl_type pawl_duckdb_sql_read_type(const char *duckdb_type)
{
	int precision, scale;

	if (sscanf(duckdb_type, "DECIMAL(%d,%d)", &precision, &scale) == 2)
		return PAWL_DECIMAL(precision, scale);
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (strcmp(type_names[i].read_name, duckdb_type) == 0)
			return type_names[i].type;
	return PAWL_UNSPECIFIED;
}

void pawl_duckdb_sql_column(pawl_buffer *sql, const char *alias, const char *name)
{
	if (alias != NULL)
		pawl_buffer_appendf(sql, "%s.", alias);
	pawl_buffer_append_identifier(sql, name);
}

void pawl_duckdb_sql_cast(pawl_buffer *sql, const char *alias, const char *name, pawl_type from, pawl_type to)
{
	if (!pawl_duckdb_sql_is_other_type(from, to)) {
		pawl_duckdb_sql_column(sql, alias, name);
		return;
	}
	if (is_text(to) && pawl_duckdb_text_append(sql, alias, name, from))
		return;
	pawl_buffer_append(sql, "CAST(");
	pawl_duckdb_sql_column(sql, alias, name);
	pawl_buffer_append(sql, " AS ");
	pawl_duckdb_sql_type(sql, to);
	pawl_buffer_append_character(sql, ')');
}

void pawl_duckdb_sql_add_column(pawl_buffer *sql, const char *name, pawl_type type)
{
	pawl_buffer_append(sql, " ADD COLUMN ");
	pawl_duckdb_sql_column(sql, NULL, name);
	pawl_buffer_append_character(sql, ' ');
	pawl_duckdb_sql_type(sql, type);
}

void pawl_duckdb_sql_alter_type(pawl_buffer *sql, const char *name, pawl_type from, pawl_type to)
{
	pawl_buffer_append(sql, " ALTER COLUMN ");
	pawl_duckdb_sql_column(sql, NULL, name);
	pawl_buffer_append(sql, " SET DATA TYPE ");
	pawl_duckdb_sql_type(sql, to);
	pawl_buffer_append(sql, " USING ");
	pawl_duckdb_sql_cast(sql, NULL, name, from, to);
}

/*
 * With '=' and not IS NOT DISTINCT FROM: keys are never NULL here, and DuckDB skips the blocks of a table by the smallest and
 * largest key for '=' alone (ten times as fast for rising keys).
 */
void pawl_duckdb_sql_same_key(pawl_buffer *sql, const char *left_alias, const pawl_destination_table *left,
                              const char *right_alias, const pawl_destination_table *right)
{
	const char *separator = "";

	for (size_t i = 0; i < right->column_count; i++) {
		const pawl_destination_column *column = &right->columns[i];
		ptrdiff_t index = pawl_destination_table_find(left, column->name);
		if (!column->is_key || index < 0)
			continue;
		pawl_buffer_append(sql, separator);
		pawl_duckdb_sql_column(sql, left_alias, column->name);
		pawl_buffer_append(sql, " = ");
		pawl_duckdb_sql_cast(sql, right_alias, column->name, column->type, left->columns[index].type);
		separator = " AND ";
	}
}

/* True where the row of `alias` gives column `index` of its relation. */
static void append_is_given(pawl_buffer *sql, const char *alias, size_t index)
{
	pawl_buffer_appendf(sql, "(%s." PAWL_COLUMN_GIVEN "%zu & %llu) <> 0", alias, index / PAWL_GIVEN_BITS,
	                    1ULL << index % PAWL_GIVEN_BITS);
}

void pawl_duckdb_sql_definitions(pawl_buffer *sql, const pawl_destination_table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		pawl_buffer_append_identifier(sql, table->columns[i].name);
		pawl_buffer_append_character(sql, ' ');
		pawl_duckdb_sql_type(sql, table->columns[i].type);
		pawl_buffer_append(sql, ", ");
	}
}

void pawl_duckdb_sql_names(pawl_buffer *sql, const pawl_destination_table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		pawl_buffer_append_identifier(sql, table->columns[i].name);
		pawl_buffer_append(sql, ", ");
	}
}

void pawl_duckdb_sql_casts(pawl_buffer *sql, const pawl_destination_table *table, const pawl_destination_table *target)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_destination_column *column = &table->columns[i];
		ptrdiff_t index = pawl_destination_table_find(target, column->name);
		pawl_duckdb_sql_cast(sql, "x", column->name, column->type, target->columns[index].type);
		pawl_buffer_append(sql, ", ");
	}
}

void pawl_duckdb_sql_patches(pawl_buffer *sql, const pawl_destination_table *table, const pawl_destination_table *layout)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_destination_column *column = &table->columns[i];
		ptrdiff_t index = pawl_destination_table_find(layout, column->name);
		if (column->is_key || index < 0) {
			pawl_duckdb_sql_column(sql, "t", column->name);
		} else {
			pawl_buffer_append(sql, "CASE WHEN ");
			append_is_given(sql, "x", (size_t) index);
			pawl_buffer_append(sql, " THEN ");
			pawl_duckdb_sql_cast(sql, "x", column->name, layout->columns[index].type, column->type);
			pawl_buffer_append(sql, " ELSE ");
			pawl_duckdb_sql_column(sql, "t", column->name);
			pawl_buffer_append(sql, " END AS ");
			pawl_buffer_append_identifier(sql, column->name);
		}
		pawl_buffer_append(sql, ", ");
	}
}

void pawl_duckdb_sql_delete(pawl_buffer *sql, const char *target, const pawl_destination_table *table, const char *relation,
                            const pawl_destination_table *layout)
{
	pawl_buffer_appendf(sql, "DELETE FROM %s AS t USING %s AS x WHERE ", target, relation);
	pawl_duckdb_sql_same_key(sql, "t", table, "x", layout);
}

size_t pawl_duckdb_sql_given_words(size_t column_count)
{
	return (column_count + PAWL_GIVEN_BITS - 1) / PAWL_GIVEN_BITS;
}
