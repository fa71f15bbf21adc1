#include "source/sqlite/internal.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* One entry takes at least so many bytes of its page; a table cannot have more rows than that gives. */
#define LEAST_ROW_BYTES 4

/* What is known of a table while its columns are read. */
typedef struct facts {
	bool is_rowid_table;
	bool has_key_index; /* the primary key has an index of its own, so it is not the rowid */
} facts;

static const char *text_of(sqlite3_stmt *statement, int column)
{
	return (const char *) sqlite3_column_text(statement, column);
}

static pawl_status copy_text(const char *text, char **ret_copy, pawl_error *error)
{
	*ret_copy = pawl_duplicate(text == NULL ? "" : text);
	return *ret_copy == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

static pawl_status prepare_for(pawl_sqlite_source *sqlite, const char *sql, const char *name, sqlite3_stmt **ret_statement,
                               pawl_error *error)
{
	PAWL_TRY(pawl_sqlite_prepare(sqlite, sql, ret_statement, error));
	return pawl_sqlite_bind_text(sqlite, *ret_statement, 1, name, error);
}

/* ---- columns --------------------------------------------------------------------------------------------------------- */

static pawl_status fill_column(pawl_source_column *column, sqlite3_stmt *statement, pawl_error *error)
{
	char type_name[PAWL_SQLITE_TYPE_BYTES];
	const char *default_text = text_of(statement, 3);

	PAWL_TRY(copy_text(text_of(statement, 0), &column->name, error));
	PAWL_TRY(copy_text(text_of(statement, 1), &column->native_type, error));
	pawl_sqlite_type type = pawl_sqlite_type_of(column->native_type);
	pawl_sqlite_type_name(&type, type_name);
	PAWL_TRY(copy_text(type_name, &column->type, error));
	if (default_text != NULL)
		PAWL_TRY(copy_text(default_text, &column->default_text, error));
	column->is_nullable = sqlite3_column_int(statement, 2) == 0;
	column->key_rank = sqlite3_column_int(statement, 4);
	column->key_class = type.key_class;
	column->is_set_by_default = pawl_sqlite_is_clock(column->default_text);
	return PAWL_OK;
}

/* Columns that a virtual table hides are arguments and the like. */
static pawl_status read_columns(pawl_sqlite_source *sqlite, pawl_source_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	PAWL_TRY(prepare_for(sqlite, "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?1, 'main') "
	                             "WHERE hidden <> 1 ORDER BY cid",
	                     table->name, &statement, error));
	for (;;) {
		PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		pawl_source_column *column = pawl_source_table_add(table);
		if (column == NULL)
			return pawl_error_out_of_memory(error);
		PAWL_TRY(fill_column(column, statement, error));
		table->has_primary_key = table->has_primary_key || column->key_rank > 0;
	}
}

/* ---- indexes --------------------------------------------------------------------------------------------------------- */

/* An index of another collation is of no use to a comparison by the column's own. */
static bool has_collation(pawl_sqlite_source *sqlite, const pawl_source_table *table, const char *name, const char *collation)
{
	const char *own = NULL;
	int code = sqlite3_table_column_metadata(sqlite->database, "main", table->name, name, NULL, &own, NULL, NULL, NULL);
	return code == SQLITE_OK && own != NULL && strcasecmp(own, collation) == 0;
}

static void note_index(pawl_sqlite_source *sqlite, pawl_source_table *table, const char *name, const char *collation)
{
	ptrdiff_t index = pawl_source_table_find(table, name);

	if (index >= 0 && has_collation(sqlite, table, table->columns[index].name, collation))
		table->columns[index].is_indexed = true;
}

static pawl_status read_indexes(pawl_sqlite_source *sqlite, pawl_source_table *table, facts *known, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	PAWL_TRY(prepare_for(sqlite, "SELECT l.origin, x.name, x.coll FROM pragma_index_list(?1, 'main') l, "
	                             "pragma_index_xinfo(l.name, 'main') x WHERE l.partial = 0 AND x.seqno = 0 AND x.cid >= 0",
	                     table->name, &statement, error));
	for (;;) {
		PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		known->has_key_index = known->has_key_index || strcmp(text_of(statement, 0), "pk") == 0;
		note_index(sqlite, table, text_of(statement, 1), text_of(statement, 2));
	}
}

/* ---- triggers -------------------------------------------------------------------------------------------------------- */

static pawl_status read_triggers(pawl_sqlite_source *sqlite, pawl_source_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	PAWL_TRY(prepare_for(sqlite,
	                     "SELECT sql FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE",
	                     table->name, &statement, error));
	for (;;) {
		PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		for (size_t i = 0; i < table->column_count; i++)
			if (pawl_sqlite_sets_column(text_of(statement, 0), table->columns[i].name))
				table->columns[i].is_set_by_trigger = true;
	}
}

/* ---- the rowid ------------------------------------------------------------------------------------------------------- */

static const char *name_rowid(const pawl_source_table *table)
{
	static const char *const names[] = {"rowid", "_rowid_", "oid", NULL};

	for (size_t i = 0; names[i] != NULL; i++)
		if (pawl_source_table_find(table, names[i]) < 0)
			return names[i];
	return NULL;
}

pawl_status pawl_sqlite_find_rowid(pawl_sqlite_source *sqlite, const pawl_source_table *table, const char **ret_name,
                                   pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	PAWL_TRY(prepare_for(sqlite, "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE "
	                             "AND type = 'table' AND wr = 0",
	                     table->name, &statement, error));
	PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
	*ret_name = has_row ? name_rowid(table) : NULL;
	return PAWL_OK;
}

/*
 * INTEGER PRIMARY KEY is another name of the rowid: never NULL, counted up by SQLite, the order of storage. A primary key of
 * any other kind may hold NULLs, unless the table is WITHOUT ROWID or STRICT; SQLite then says so itself.
 */
static void note_rowid(pawl_source_table *table, const facts *known)
{
	for (size_t i = 0; known->is_rowid_table && !known->has_key_index && i < table->column_count; i++) {
		pawl_source_column *column = &table->columns[i];
		if (column->key_rank == 0)
			continue;
		column->is_nullable = false;
		column->is_indexed = true;
		column->is_sequence = true;
	}
}

/* ---- how many rows --------------------------------------------------------------------------------------------------- */

/* What ANALYZE found: "1000 1 1" for each index, of which the first number is the table's rows, unless the index is partial. */
static pawl_status estimate_by_statistics(pawl_sqlite_source *sqlite, pawl_source_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	int code = sqlite3_table_column_metadata(sqlite->database, "main", "sqlite_stat1", NULL, NULL, NULL, NULL, NULL, NULL);
	if (code != SQLITE_OK) /* nobody has ever run it */
		return PAWL_OK;
	PAWL_TRY(prepare_for(sqlite, "SELECT max(CAST(stat AS INTEGER)) FROM main.sqlite_stat1 WHERE tbl = ?1 COLLATE NOCASE",
	                     table->name, &statement, error));
	PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
	if (has_row && sqlite3_column_type(statement, 0) == SQLITE_INTEGER)
		table->estimated_rows = sqlite3_column_int64(statement, 0);
	return PAWL_OK;
}

/* Rowids are mostly given out one after the other. Where they are not, the size of the file bounds them. */
static pawl_status estimate_by_rowid(pawl_sqlite_source *sqlite, pawl_source_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *rowid = name_rowid(table);
	bool has_row;

	if (rowid == NULL)
		return PAWL_OK;
	pawl_buffer_appendf(&sql, "SELECT min(coalesce((SELECT max(%s) FROM main.", rowid);
	pawl_buffer_append_identifier(&sql, table->name);
	pawl_buffer_appendf(&sql, ") - (SELECT min(%s) FROM main.", rowid);
	pawl_buffer_append_identifier(&sql, table->name);
	pawl_buffer_appendf(&sql, ") + 1, 0), (SELECT page_count * page_size / %d FROM pragma_page_count, pragma_page_size))",
	                    LEAST_ROW_BYTES);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_sqlite_prepare(sqlite, pawl_buffer_text(&sql), &statement, error));
	PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
	table->estimated_rows = sqlite3_column_int64(statement, 0);
	return PAWL_OK;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

static pawl_status describe_table(pawl_sqlite_source *sqlite, pawl_source_table *table, bool is_rowid_table, pawl_error *error)
{
	facts known = {.is_rowid_table = is_rowid_table};

	PAWL_TRY(read_columns(sqlite, table, error));
	if (table->is_view)
		return PAWL_OK;
	PAWL_TRY(read_indexes(sqlite, table, &known, error));
	PAWL_TRY(read_triggers(sqlite, table, error));
	note_rowid(table, &known);
	PAWL_TRY(estimate_by_statistics(sqlite, table, error));
	if (table->estimated_rows < 0 && is_rowid_table)
		PAWL_TRY(estimate_by_rowid(sqlite, table, error));
	return PAWL_OK;
}

/*
 * False of a view of what is gone, and of a virtual table whose module is not here: nobody can read them, and they must not
 * be in the way of others.
 */
static pawl_status can_be_read(pawl_sqlite_source *sqlite, const char *name, bool *ret_can, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "SELECT * FROM main.");
	pawl_buffer_append_identifier(&sql, name);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	pawl_status status = pawl_sqlite_prepare(sqlite, pawl_buffer_text(&sql), &statement, error);
	*ret_can = status == PAWL_OK;
	return (sqlite3_errcode(sqlite->database) & 0xff) == SQLITE_ERROR ? PAWL_OK : status;
}

static pawl_status add_table(pawl_sqlite_source *sqlite, pawl_source_catalog *catalog, sqlite3_stmt *statement,
                             pawl_error *error)
{
	const char *name = text_of(statement, 0), *kind = text_of(statement, 1);
	bool is_table = strcmp(kind, "table") == 0;
	bool can = true;

	if (!is_table)
		PAWL_TRY(can_be_read(sqlite, name, &can, error));
	if (!can)
		return PAWL_OK;
	pawl_source_table *table = pawl_source_catalog_add(catalog);
	if (table == NULL)
		return pawl_error_out_of_memory(error);
	table->is_view = strcmp(kind, "view") == 0;
	PAWL_TRY(copy_text("main", &table->schema, error));
	PAWL_TRY(copy_text(name, &table->name, error));
	if (describe_table(sqlite, table, is_table && sqlite3_column_int(statement, 2) == 0, error) != PAWL_OK)
		return pawl_error_prefix(error, "table 'main.%s': ", table->name);
	return PAWL_OK;
}

static pawl_status read_tables(pawl_sqlite_source *sqlite, pawl_source_catalog *catalog, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	PAWL_TRY(pawl_sqlite_prepare(sqlite, "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' "
	                                     "AND type <> 'shadow' AND lower(substr(name, 1, 7)) <> 'sqlite_' ORDER BY name",
	                             &statement, error));
	for (;;) {
		PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		PAWL_TRY(add_table(sqlite, catalog, statement, error));
	}
}

/* In one transaction, so that all is of one schema. */
pawl_status pawl_sqlite_discover(pawl_source *source, pawl_source_catalog *ret_catalog, pawl_error *error)
{
	PAWL_CLEANUP(pawl_source_catalog_clear) pawl_source_catalog catalog = {0};
	pawl_sqlite_source *sqlite = pawl_sqlite_source_of(source);
	pawl_error ignored;

	if (!sqlite->has_snapshot)
		PAWL_TRY(pawl_sqlite_run(sqlite, "BEGIN", error));
	pawl_status status = read_tables(sqlite, &catalog, error);
	if (!sqlite->has_snapshot)
		(void) pawl_sqlite_run(sqlite, "ROLLBACK", &ignored); /* nothing was written */
	PAWL_TRY(status);
	*ret_catalog = catalog;
	catalog = (pawl_source_catalog) {0};
	return PAWL_OK;
}
