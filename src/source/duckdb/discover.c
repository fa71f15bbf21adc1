#include "source/duckdb/internal.h"

#include <string.h>

#include "base/text.h"

/* Types by the first word of their names. What is not here has no order that a key could have. */
static const struct key_type {
	const char *name;
	pawl_key_class class;
} key_types[] = {
	{"TIMESTAMP WITH TIME ZONE", PAWL_KEY_TIMESTAMPTZ},
	{"TIMESTAMP", PAWL_KEY_TIMESTAMP}, {"TIMESTAMP_S", PAWL_KEY_TIMESTAMP}, {"TIMESTAMP_MS", PAWL_KEY_TIMESTAMP},
	{"TIMESTAMP_NS", PAWL_KEY_TIMESTAMP},
	{"DATE", PAWL_KEY_DATE},
	{"TINYINT", PAWL_KEY_NUMBER}, {"SMALLINT", PAWL_KEY_NUMBER}, {"INTEGER", PAWL_KEY_NUMBER}, {"BIGINT", PAWL_KEY_NUMBER},
	{"HUGEINT", PAWL_KEY_NUMBER}, {"UTINYINT", PAWL_KEY_NUMBER}, {"USMALLINT", PAWL_KEY_NUMBER}, {"UINTEGER", PAWL_KEY_NUMBER},
	{"UBIGINT", PAWL_KEY_NUMBER}, {"UHUGEINT", PAWL_KEY_NUMBER}, {"FLOAT", PAWL_KEY_NUMBER}, {"DOUBLE", PAWL_KEY_NUMBER},
	{"VARCHAR", PAWL_KEY_TEXT}, {"UUID", PAWL_KEY_TEXT},
};

static pawl_key_class class_of(const char *type)
{
	size_t length = strlen(type);

	if (strncmp(type, "DECIMAL(", strlen("DECIMAL(")) == 0 && type[length - 1] == ')')
		return PAWL_KEY_NUMBER;
	for (size_t i = 0; i < sizeof(key_types) / sizeof(key_types[0]); i++)
		if (strcmp(type, key_types[i].name) == 0)
			return key_types[i].class;
	return PAWL_KEY_NONE;
}

static bool is_clock(const char *expression)
{
	static const char *const clocks[] = {"now()", "current_timestamp", "get_current_timestamp()", "transaction_timestamp()",
	                                     "current_date", "today()", "current_localtimestamp()", NULL};
	for (size_t i = 0; expression != NULL && clocks[i] != NULL; i++)
		if (strcasestr(expression, clocks[i]) != NULL)
			return true;
	return false;
}

static pawl_status fill_column(pawl_source_column *column, pawl_duck_rows *rows, pawl_error *error)
{
	const char *type = pawl_duck_rows_text(rows, 5, NULL);
	const char *default_text = pawl_duck_rows_text(rows, 7, NULL);

	column->name = pawl_duplicate(pawl_duck_rows_text(rows, 4, NULL));
	column->native_type = pawl_duplicate(type);
	column->type = pawl_duplicate(type);
	if (column->name == NULL || column->native_type == NULL || column->type == NULL)
		return pawl_error_out_of_memory(error);
	if (default_text != NULL) {
		column->default_text = pawl_duplicate(default_text);
		if (column->default_text == NULL)
			return pawl_error_out_of_memory(error);
	}
	column->is_nullable = pawl_duck_rows_integer(rows, 6) != 0;
	column->key_rank = (int) pawl_duck_rows_integer(rows, 8);
	column->key_class = class_of(type);
	column->is_indexed = true; /* the smallest and largest value of each row group are known: there is no need of one */
	column->is_set_by_default = is_clock(default_text);
	column->is_sequence = default_text != NULL && strcasestr(default_text, "nextval(") != NULL;
	return PAWL_OK;
}

static bool is_of(const pawl_source_table *table, const char *schema, const char *name)
{
	return strcmp(table->schema, schema) == 0 && strcmp(table->name, name) == 0;
}

static pawl_status add_table(pawl_source_catalog *catalog, pawl_duck_rows *rows, pawl_error *error)
{
	pawl_source_table *table = pawl_source_catalog_add(catalog);

	if (table == NULL)
		return pawl_error_out_of_memory(error);
	table->schema = pawl_duplicate(pawl_duck_rows_text(rows, 0, NULL));
	table->name = pawl_duplicate(pawl_duck_rows_text(rows, 1, NULL));
	if (table->schema == NULL || table->name == NULL)
		return pawl_error_out_of_memory(error);
	table->is_view = pawl_duck_rows_integer(rows, 2) != 0;
	table->estimated_rows = table->is_view ? -1 : pawl_duck_rows_integer(rows, 3);
	return PAWL_OK;
}

static pawl_status add_column(pawl_source_catalog *catalog, pawl_duck_rows *rows, pawl_error *error)
{
	pawl_source_table *table = catalog->table_count == 0 ? NULL : &catalog->tables[catalog->table_count - 1];

	if (table == NULL || !is_of(table, pawl_duck_rows_text(rows, 0, NULL), pawl_duck_rows_text(rows, 1, NULL))) {
		PAWL_TRY(add_table(catalog, rows, error));
		table = &catalog->tables[catalog->table_count - 1];
	}
	pawl_source_column *column = pawl_source_table_add(table);
	if (column == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(fill_column(column, rows, error));
	table->has_primary_key = table->has_primary_key || column->key_rank > 0;
	return PAWL_OK;
}

/* Names tell tables and views apart as ids do: a schema has each of them once. */
static pawl_status append_catalog(pawl_buffer *sql, pawl_duck *engine, pawl_error *error)
{
	pawl_buffer_append(sql, "SELECT c.schema_name, c.table_name, v.view_name IS NOT NULL, t.estimated_size::BIGINT, "
	                        "c.column_name, c.data_type, c.is_nullable, c.column_default, "
	                        "list_position(k.constraint_column_names, c.column_name)::BIGINT FROM ");
	PAWL_TRY(pawl_duck_append_columns(sql, engine, PAWL_DUCKDB_ALIAS, error));
	pawl_buffer_append(sql, " AS c LEFT JOIN duckdb_tables() AS t ON t.database_name = '" PAWL_DUCKDB_ALIAS "' "
	                        "AND t.schema_name = c.schema_name AND t.table_name = c.table_name "
	                        "LEFT JOIN duckdb_views() AS v ON v.database_name = '" PAWL_DUCKDB_ALIAS "' "
	                        "AND v.schema_name = c.schema_name AND v.view_name = c.table_name "
	                        "LEFT JOIN duckdb_constraints() AS k ON k.database_name = '" PAWL_DUCKDB_ALIAS "' "
	                        "AND k.schema_name = c.schema_name AND k.table_name = c.table_name "
	                        "AND k.constraint_type = 'PRIMARY KEY' "
	                        "WHERE c.schema_name <> '_pawl' ORDER BY c.schema_name, c.table_name, c.column_index");
	return pawl_buffer_status(sql, error);
}

pawl_status pawl_duckdb_discover(pawl_source *source, pawl_source_catalog *ret_catalog, pawl_error *error)
{
	PAWL_CLEANUP(pawl_source_catalog_clear) pawl_source_catalog catalog = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	pawl_duck *engine = pawl_duckdb_source_of(source)->engine;
	bool has_row;

	PAWL_TRY(append_catalog(&sql, engine, error));
	PAWL_TRY(pawl_duck_query(engine, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			break;
		PAWL_TRY(add_column(&catalog, rows, error));
	}
	*ret_catalog = catalog;
	catalog = (pawl_source_catalog) {0};
	return PAWL_OK;
}
