/*
 * duck/columns.c: whether a catalog has a table, and the columns of all that it has, without those of DuckDB's own views.
 * duckdb_columns() binds each of these first, 10 ms in which a sync that finds nothing new could be done.
 */
#include "duck/internal.h"

#include <string.h>

/* With more tables duckdb_columns() is faster. */
enum { TABLES_MOST = 32 };

/*
 * Tables, and a NULL for what is left to duckdb_columns(): views, of which a broken one must be no error of others, and names
 * with a quotation mark, which pragma_table_info() does not understand.
 */
static const char tables_sql[] =
	"SELECT schema_name, CASE WHEN contains(schema_name || table_name, '\"') THEN NULL ELSE table_name END "
	"FROM duckdb_tables() WHERE database_name = $1 AND NOT internal UNION ALL "
	"SELECT schema_name, NULL FROM duckdb_views() WHERE database_name = $1 AND NOT internal";

static void append_table(pawl_buffer *sql, const char *catalog, const char *schema, const char *name)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer full = {0};

	pawl_buffer_append_identifier(&full, catalog);
	pawl_buffer_append_character(&full, '.');
	pawl_buffer_append_identifier(&full, schema);
	pawl_buffer_append_character(&full, '.');
	pawl_buffer_append_identifier(&full, name);
	pawl_buffer_append(sql, "SELECT ");
	pawl_buffer_append_literal(sql, schema);
	pawl_buffer_append(sql, " AS schema_name, ");
	pawl_buffer_append_literal(sql, name);
	pawl_buffer_append(sql, " AS table_name, cid AS column_index, name AS column_name, type AS data_type, "
	                        "NOT \"notnull\" AS is_nullable, dflt_value AS column_default FROM pragma_table_info(");
	pawl_buffer_append_literal(sql, pawl_buffer_text(&full));
	pawl_buffer_append_character(sql, ')');
	sql->has_failed = sql->has_failed || full.has_failed;
}

/* *ret_is_done is false, and the text of no use, when there are such, no tables, or many. */
static pawl_status append_tables(pawl_buffer *sql, pawl_duck *duck, const char *catalog, bool *ret_is_done, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	*ret_is_done = false;
	PAWL_TRY(pawl_duck_query(duck, tables_sql, (const char *const[]) {catalog}, 1, &rows, error));
	for (int count = 0; count <= TABLES_MOST; count++) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		*ret_is_done = !has_row && count > 0;
		if (!has_row || pawl_duck_rows_is_null(rows, 1))
			return PAWL_OK;
		pawl_buffer_append(sql, count == 0 ? "" : " UNION ALL ");
		append_table(sql, catalog, pawl_duck_rows_text(rows, 0, NULL), pawl_duck_rows_text(rows, 1, NULL));
	}
	return PAWL_OK;
}

pawl_status pawl_duck_append_columns(pawl_buffer *sql, pawl_duck *duck, const char *catalog, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer tables = {0};
	bool is_done = false;

	if (strchr(catalog, '"') == NULL)
		PAWL_TRY(append_tables(&tables, duck, catalog, &is_done, error));
	PAWL_TRY(pawl_buffer_status(&tables, error));
	if (is_done) {
		pawl_buffer_appendf(sql, "(%s)", pawl_buffer_text(&tables));
		return pawl_buffer_status(sql, error);
	}
	pawl_buffer_append(sql, "(SELECT schema_name, table_name, column_index, column_name, data_type, is_nullable, "
	                        "column_default FROM duckdb_columns() WHERE NOT internal AND database_name = ");
	pawl_buffer_append_literal(sql, catalog);
	pawl_buffer_append_character(sql, ')');
	return pawl_buffer_status(sql, error);
}

bool pawl_duck_has_table(pawl_duck *duck, const char *catalog, const char *schema, const char *name)
{
	duckdb_table_description description = NULL;
	bool is_there = duckdb_table_description_create_ext(duck->connection, catalog, schema, name, &description) == DuckDBSuccess;

	duckdb_table_description_destroy(&description);
	return is_there;
}
