#include "destination/duckdb/replica.h"

#include <inttypes.h>

#include "base/text.h"

/* Staged rows whose predecessors one statement deletes: it keeps their keys in memory. */
#define DELETED_ROWS INT64_C(250000)

/* ---- applying -------------------------------------------------------------------------------------------------------- */

/* INSERT INTO table (its columns) */
static void append_insert(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table)
{
	pawl_buffer_append(sql, "INSERT INTO ");
	pawl_duckdb_replica_append_table(sql, replica, table);
	pawl_buffer_append(sql, " (");
	pawl_replica_append_columns(sql, table, NULL);
	pawl_buffer_append(sql, ") ");
}

pawl_status pawl_duckdb_replica_insert(pawl_replica *replica, const pawl_replica_table *table, const char *relation,
                                       int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	append_insert(&sql, replica, table);
	pawl_buffer_append(&sql, "SELECT ");
	pawl_replica_append_columns(&sql, table, NULL);
	pawl_buffer_appendf(&sql, " FROM %s", relation);
	PAWL_TRY(pawl_duck_change(replica->duck, &sql, ret_rows, error));
	PAWL_STEP("replica: rows inserted");
	return PAWL_OK;
}

/*
 * With '=' where NULL cannot be: DuckDB skips the blocks of a table by the smallest and largest key for '=' alone.
 */
static void append_same_key(pawl_buffer *sql, const pawl_replica_table *table)
{
	const char *separator = "";

	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_replica_column *column = &table->columns[i];
		if (column->key_rank == 0)
			continue;
		pawl_buffer_appendf(sql, "%st.", separator);
		pawl_buffer_append_identifier(sql, column->name);
		pawl_buffer_append(sql, column->is_nullable ? " IS NOT DISTINCT FROM x." : " = x.");
		pawl_buffer_append_identifier(sql, column->name);
		separator = " AND ";
	}
}

static pawl_status delete_replaced(pawl_replica *replica, const pawl_replica_table *table, int64_t from, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "DELETE FROM ");
	pawl_duckdb_replica_append_table(&sql, replica, table);
	pawl_buffer_appendf(&sql, " AS t USING %s AS x WHERE ", pawl_replica_staged);
	append_same_key(&sql, table);
	if (replica->staged_rows > DELETED_ROWS)
		pawl_buffer_appendf(&sql, " AND x.rowid >= %" PRId64 " AND x.rowid < %" PRId64, from, from + DELETED_ROWS);
	return pawl_duck_run_buffer(replica->duck, &sql, error);
}

pawl_status pawl_duckdb_replica_upsert(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error)
{
	PAWL_TRY(pawl_duckdb_replica_fit_deletions(replica, table, error));
	for (int64_t from = 0; from < replica->staged_rows; from += DELETED_ROWS)
		PAWL_TRY(delete_replaced(replica, table, from, error));
	PAWL_STEP("replica: replaced rows deleted");
	return pawl_duckdb_replica_insert(replica, table, pawl_replica_staged, ret_rows, error);
}

/* " WHERE EXISTS (...)": rows t that share the values of the columns with a staged one. NULL is a value like others. */
static void append_sharing(pawl_buffer *sql, const pawl_replica_table *table, uint64_t columns)
{
	const char *separator = "";

	if (columns == 0)
		return;
	pawl_buffer_appendf(sql, " AS t WHERE EXISTS (SELECT 1 FROM %s AS x WHERE ", pawl_replica_staged);
	for (size_t i = 0; i < table->column_count && i < 64; i++) {
		if ((columns & UINT64_C(1) << i) == 0)
			continue;
		pawl_buffer_appendf(sql, "%sx.", separator);
		pawl_buffer_append_identifier(sql, table->columns[i].name);
		pawl_buffer_append(sql, " IS NOT DISTINCT FROM t.");
		pawl_buffer_append_identifier(sql, table->columns[i].name);
		separator = " AND ";
	}
	pawl_buffer_append_character(sql, ')');
}

/* The columns that are not new: before"a"second"a"between..., and second may be NULL. */
static void append_older(pawl_buffer *sql, const pawl_replica_table *table, const char *new_columns, const char *before,
                         const char *between, const char *second)
{
	const char *separator = "";

	for (size_t i = 0; i < table->column_count; i++) {
		if (pawl_text_has_line(new_columns, table->columns[i].name))
			continue;
		pawl_buffer_appendf(sql, "%s%s", separator, before);
		pawl_buffer_append_identifier(sql, table->columns[i].name);
		if (second != NULL) {
			pawl_buffer_append(sql, second);
			pawl_buffer_append_identifier(sql, table->columns[i].name);
		}
		separator = between;
	}
}

/* SELECT ... : of the staged rows that are equal but for the new columns, as many as the table has fewer. */
static void append_difference(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table, uint64_t columns,
                              const char *new_columns)
{
	pawl_replica_append_columns(sql, table, "s");
	pawl_buffer_append(sql, " FROM (SELECT *, row_number() OVER (PARTITION BY ");
	append_older(sql, table, new_columns, "", ", ", NULL);
	pawl_buffer_appendf(sql, ") AS _pawl_number FROM %s) AS s LEFT JOIN (SELECT ", pawl_replica_staged);
	append_older(sql, table, new_columns, "", ", ", NULL);
	pawl_buffer_append(sql, ", count(*) AS _pawl_count FROM ");
	pawl_duckdb_replica_append_table(sql, replica, table);
	append_sharing(sql, table, columns);
	pawl_buffer_append(sql, " GROUP BY ");
	append_older(sql, table, new_columns, "", ", ", NULL);
	pawl_buffer_append(sql, ") AS h ON ");
	append_older(sql, table, new_columns, "s.", " AND ", " IS NOT DISTINCT FROM h.");
	pawl_buffer_append(sql, " WHERE s._pawl_number > coalesce(h._pawl_count, 0)");
}

pawl_status pawl_duckdb_replica_append(pawl_replica *replica, const pawl_replica_table *table, uint64_t columns,
                                       const char *new_columns, int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	append_insert(&sql, replica, table);
	pawl_buffer_append(&sql, "SELECT ");
	if (new_columns != NULL) {
		append_difference(&sql, replica, table, columns, new_columns);
	} else {
		pawl_replica_append_columns(&sql, table, NULL);
		pawl_buffer_appendf(&sql, " FROM %s EXCEPT ALL SELECT ", pawl_replica_staged);
		pawl_replica_append_columns(&sql, table, NULL);
		pawl_buffer_append(&sql, " FROM ");
		pawl_duckdb_replica_append_table(&sql, replica, table);
		append_sharing(&sql, table, columns);
	}
	PAWL_TRY(pawl_duck_change(replica->duck, &sql, ret_rows, error));
	PAWL_STEP("replica: rows appended");
	return PAWL_OK;
}
