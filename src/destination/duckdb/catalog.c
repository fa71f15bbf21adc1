#include "destination/duckdb/internal.h"

#include "base/text.h"

void pawl_duckdb_catalog_clear(pawl_destination *destination)
{
	for (size_t i = 0; i < destination->table_count; i++) {
		pawl_destination_table_clear(&destination->tables[i].table);
		pawl_free(destination->tables[i].foreign_column);
		pawl_free(destination->tables[i].foreign_type);
	}
	pawl_free(destination->tables);
	destination->tables = NULL;
	destination->table_count = 0;
	destination->is_catalog_loaded = false;
}

static pawl_status add_table(pawl_destination *destination, const char *name, pawl_error *error)
{
	size_t count = destination->table_count;
	pawl_duckdb_table *tables = pawl_reallocate(destination->tables, (count + 1) * sizeof(*tables));
	if (tables == NULL)
		return pawl_error_out_of_memory(error);
	destination->tables = tables;
	tables[count] = (pawl_duckdb_table) {.table.name = pawl_duplicate(name)};
	if (tables[count].table.name == NULL)
		return pawl_error_out_of_memory(error);
	destination->table_count = count + 1;
	return PAWL_OK;
}

static pawl_duckdb_table *find(pawl_destination *destination, const char *name)
{
	for (size_t i = 0; i < destination->table_count; i++)
		if (pawl_text_equal_ignore_case(destination->tables[i].table.name, name))
			return &destination->tables[i];
	return NULL;
}

static pawl_status note_foreign_column(pawl_duckdb_table *table, const char *name, const char *type, pawl_error *error)
{
	if (table->foreign_column != NULL)
		return PAWL_OK;
	table->foreign_type = pawl_duplicate(type);
	table->foreign_column = table->foreign_type == NULL ? NULL : pawl_duplicate(name);
	return table->foreign_column == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

static pawl_status read_column(pawl_destination *destination, const char *table_name, const char *name, const char *type_name,
                               pawl_error *error)
{
	/* The rows come table by table. */
	pawl_duckdb_table *table = find(destination, table_name);
	if (table == NULL) {
		PAWL_TRY(add_table(destination, table_name, error));
		table = &destination->tables[destination->table_count - 1];
	}
	if (pawl_text_equal_ignore_case(name, PAWL_COLUMN_DELETED) || pawl_text_equal_ignore_case(name, PAWL_COLUMN_SYNCED))
		return PAWL_OK;
	pawl_type type = pawl_duckdb_sql_read_type(type_name);
	if (type == PAWL_UNSPECIFIED)
		PAWL_TRY(note_foreign_column(table, name, type_name, error));
	return pawl_destination_table_add(&table->table, name, type, false, error);
}

/* Names are compared here, since SQL's lower() also changes letters that DuckDB's catalog tells apart. */
static pawl_status read_columns(pawl_destination *destination, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	PAWL_TRY(pawl_duck_query(destination->duck,
	                         "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
	                         "WHERE database_name = $1 ORDER BY table_oid, column_index",
	                         (const char *const[]) {destination->catalog}, 1, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		if (pawl_text_equal_ignore_case(pawl_duck_rows_text(rows, 0, NULL), destination->schema))
			PAWL_TRY(read_column(destination, pawl_duck_rows_text(rows, 1, NULL), pawl_duck_rows_text(rows, 2, NULL),
			                     pawl_duck_rows_text(rows, 3, NULL), error));
	}
}

static pawl_status read_key(pawl_destination *destination, const char *table_name, const char *name, pawl_error *error)
{
	pawl_duckdb_table *table = find(destination, table_name);
	if (table == NULL) {
		PAWL_TRY(add_table(destination, table_name, error));
		table = &destination->tables[destination->table_count - 1];
		table->is_gone = true;
	}
	table->is_ours = true;
	ptrdiff_t column = pawl_destination_table_find(&table->table, name);
	if (column >= 0)
		table->table.columns[column].is_key = true;
	return PAWL_OK;
}

/* Without a constraint, which would slow down every change, DuckDB does not know the primary keys. */
static pawl_status read_keys(pawl_destination *destination, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	bool has_row;

	pawl_buffer_appendf(&sql, "SELECT table_name, unnest(primary_key) FROM %sconnector_tables WHERE schema_name = $1",
	                    destination->records_prefix);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(destination->duck, pawl_buffer_text(&sql), (const char *const[]) {destination->schema}, 1, &rows,
	                         error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		PAWL_TRY(read_key(destination, pawl_duck_rows_text(rows, 0, NULL), pawl_duck_rows_text(rows, 1, NULL), error));
	}
}

/* Nobody else can change the file while it is open, so that once is enough. */
pawl_status pawl_duckdb_catalog_load(pawl_destination *destination, pawl_error *error)
{
	if (destination->is_catalog_loaded)
		return PAWL_OK;
	pawl_duckdb_catalog_clear(destination);
	PAWL_TRY(read_columns(destination, error));
	if (destination->has_records)
		PAWL_TRY(read_keys(destination, error));
	destination->is_catalog_loaded = true;
	return PAWL_OK;
}

pawl_status pawl_duckdb_catalog_find(pawl_destination *destination, const char *name, pawl_duckdb_table **ret_table,
                                     pawl_error *error)
{
	PAWL_TRY(pawl_duckdb_catalog_load(destination, error));
	pawl_duckdb_table *table = find(destination, name);
	if (table != NULL && !table->is_ours) {
		pawl_error_set(error, PAWL_INVALID, "the schema '%s' has a table of this name that Pawl did not make",
		               destination->schema);
		return pawl_error_hint(error, "rename or drop that table, or use another warehouse");
	}
	if (table != NULL && table->is_gone) {
		pawl_error_set(error, PAWL_INVALID, "it was synced before, and is gone from the warehouse");
		return pawl_error_hint(error, "--reset starts again from nothing");
	}
	if (table != NULL && table->foreign_column != NULL) {
		pawl_error_set(error, PAWL_INVALID, "column '%s' has the type '%s', which Pawl does not write", table->foreign_column,
		               table->foreign_type);
		return pawl_error_hint(error, "drop the column, or start anew with --reset");
	}
	*ret_table = table;
	return PAWL_OK;
}

pawl_status pawl_duckdb_catalog_add(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_destination_table_clear) pawl_destination_table copy = {0};

	PAWL_TRY(pawl_duckdb_catalog_load(destination, error));
	PAWL_TRY(pawl_destination_table_copy(table, &copy, error));
	PAWL_TRY(add_table(destination, table->name, error));
	pawl_duckdb_table *added = &destination->tables[destination->table_count - 1];
	pawl_destination_table_clear(&added->table);
	*added = (pawl_duckdb_table) {.table = copy, .is_ours = true};
	copy = (pawl_destination_table) {0};
	return PAWL_OK;
}
