#include "destination/duckdb/replica.h"

#include <string.h>

/* Of the table that is filled beside another one. */
#define BESIDE_PREFIX "_pawl_new_"

/* ---- SQL ------------------------------------------------------------------------------------------------------------- */

void pawl_duckdb_replica_append_name(pawl_buffer *sql, const pawl_replica *replica, const char *schema, const char *name)
{
	pawl_buffer_append_identifier(sql, pawl_duckdb_replica_of(replica)->catalog);
	pawl_buffer_append_character(sql, '.');
	pawl_buffer_append_identifier(sql, schema);
	pawl_buffer_append_character(sql, '.');
	pawl_buffer_append_identifier(sql, name);
}

void pawl_duckdb_replica_append_table(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table)
{
	pawl_duckdb_replica_append_name(sql, replica, table->schema, table->name);
}

/* ---- describing ------------------------------------------------------------------------------------------------------ */

/* The rows come table by table. */
static pawl_status find_or_add(pawl_replica_tables *tables, const char *schema, const char *name, pawl_replica_table **ret_table,
                               pawl_error *error)
{
	pawl_replica_table *last = tables->count == 0 ? NULL : &tables->items[tables->count - 1];

	if (last == NULL || strcmp(last->schema, schema) != 0 || strcmp(last->name, name) != 0) {
		last = pawl_replica_tables_add(tables);
		if (last == NULL)
			return pawl_error_out_of_memory(error);
		PAWL_TRY(pawl_replica_name_table(last, schema, "", name, error));
	}
	*ret_table = last;
	return PAWL_OK;
}

pawl_status pawl_duckdb_replica_describe(pawl_replica *replica, pawl_replica_tables *ret_tables, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_tables_clear) pawl_replica_tables tables = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	pawl_replica_table *table = NULL;
	bool has_row;

	pawl_buffer_append(&sql, "SELECT schema_name, table_name, column_name, data_type FROM ");
	PAWL_TRY(pawl_duck_append_columns(&sql, replica->duck, pawl_duckdb_replica_of(replica)->catalog, error));
	pawl_buffer_append(&sql, " ORDER BY schema_name, table_name, column_index");
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			break;
		PAWL_TRY(find_or_add(&tables, pawl_duck_rows_text(rows, 0, NULL), pawl_duck_rows_text(rows, 1, NULL), &table, error));
		PAWL_TRY(pawl_replica_table_add(table, pawl_duck_rows_text(rows, 2, NULL), pawl_duck_rows_text(rows, 3, NULL), 0,
		                                true, error));
	}
	*ret_tables = tables;
	tables = (pawl_replica_tables) {0};
	return PAWL_OK;
}

pawl_status pawl_duckdb_replica_count_rows(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows,
                                           pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};

	pawl_duckdb_replica_append_table(&relation, replica, table);
	PAWL_TRY(pawl_buffer_status(&relation, error));
	return pawl_replica_count(replica, pawl_buffer_text(&relation), ret_rows, error);
}

/* ---- changing -------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_replica_create_schema(pawl_replica *replica, const char *name, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "CREATE SCHEMA IF NOT EXISTS ");
	pawl_buffer_append_identifier(&sql, pawl_duckdb_replica_of(replica)->catalog);
	pawl_buffer_append_character(&sql, '.');
	pawl_buffer_append_identifier(&sql, name);
	return pawl_duck_run_buffer(replica->duck, &sql, error);
}

pawl_status pawl_duckdb_replica_create(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "CREATE TABLE ");
	pawl_duckdb_replica_append_table(&sql, replica, table);
	for (size_t i = 0; i < table->column_count; i++) {
		pawl_buffer_append(&sql, i == 0 ? " (" : ", ");
		pawl_buffer_append_identifier(&sql, table->columns[i].name);
		pawl_buffer_appendf(&sql, " %s", table->columns[i].type);
	}
	pawl_buffer_append_character(&sql, ')');
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error));
	PAWL_STEP("replica: table created");
	return PAWL_OK;
}

pawl_status pawl_duckdb_replica_add_column(pawl_replica *replica, const pawl_replica_table *table,
                                           const pawl_replica_column *column, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "ALTER TABLE ");
	pawl_duckdb_replica_append_table(&sql, replica, table);
	pawl_buffer_append(&sql, " ADD COLUMN ");
	pawl_buffer_append_identifier(&sql, column->name);
	pawl_buffer_appendf(&sql, " %s", column->type);
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error));
	PAWL_STEP("replica: column added");
	return PAWL_OK;
}

/* " USING ", and the form with the column in the place of each '#'. */
static void append_form(pawl_buffer *sql, const char *form, const char *column)
{
	pawl_buffer_append(sql, " USING ");
	for (const char *place = form; *place != '\0'; place++)
		if (*place == '#')
			pawl_buffer_append_identifier(sql, column);
		else
			pawl_buffer_append_character(sql, *place);
}

pawl_status pawl_duckdb_replica_change_type(pawl_replica *replica, const pawl_replica_table *table, const char *column,
                                            const char *type, const char *form, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "ALTER TABLE ");
	pawl_duckdb_replica_append_table(&sql, replica, table);
	pawl_buffer_append(&sql, " ALTER COLUMN ");
	pawl_buffer_append_identifier(&sql, column);
	pawl_buffer_appendf(&sql, " SET DATA TYPE %s", type);
	if (form != NULL)
		append_form(&sql, form, column);
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error));
	PAWL_STEP("replica: column widened");
	return PAWL_OK;
}

pawl_status pawl_duckdb_replica_drop(pawl_replica *replica, const char *schema, const char *name, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "DROP TABLE IF EXISTS ");
	pawl_duckdb_replica_append_name(&sql, replica, schema, name);
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error));
	PAWL_STEP("replica: table dropped");
	return PAWL_OK;
}

pawl_status pawl_duckdb_replica_beside(const pawl_replica_table *table, pawl_replica_table *ret_beside, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table beside = {.is_key_unique = table->is_key_unique};

	PAWL_TRY(pawl_replica_name_table(&beside, table->schema, BESIDE_PREFIX, table->name, error));
	PAWL_TRY(pawl_replica_table_add_all(&beside, table, error));
	*ret_beside = beside;
	beside = (pawl_replica_table) {0};
	return PAWL_OK;
}

pawl_status pawl_duckdb_replica_swap(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_table *beside,
                              pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	PAWL_TRY(pawl_duckdb_replica_drop(replica, table->schema, table->name, error));
	pawl_buffer_append(&sql, "ALTER TABLE ");
	pawl_duckdb_replica_append_table(&sql, replica, beside);
	pawl_buffer_append(&sql, " RENAME TO ");
	pawl_buffer_append_identifier(&sql, table->name);
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error));
	PAWL_STEP("replica: table swapped");
	return PAWL_OK;
}
