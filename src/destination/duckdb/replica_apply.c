#include "destination/duckdb/replica.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* Staged rows whose predecessors one statement deletes: it keeps their keys in memory. */
#define DELETED_ROWS INT64_C(250000)

const char pawl_replica_staged[] = "temp.main.pawl_stage";

/* ---- staging --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_replica_stage(pawl_replica *replica, const char *relation, int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	assert(!replica->is_in_transaction);
	PAWL_TRY(pawl_replica_unstage(replica, error));
	pawl_buffer_appendf(&sql, "CREATE TEMP TABLE %s AS SELECT * FROM %s", pawl_replica_staged, relation);
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error)); /* which does not tell how many rows there are */
	replica->is_staged = true;
	PAWL_STEP("replica: rows staged");
	PAWL_TRY(pawl_replica_count(replica, pawl_replica_staged, &replica->staged_rows, error));
	*ret_rows = replica->staged_rows;
	return PAWL_OK;
}

pawl_status pawl_replica_unstage(pawl_replica *replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	if (!replica->is_staged)
		return PAWL_OK;
	pawl_buffer_appendf(&sql, "DROP TABLE %s", pawl_replica_staged);
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error));
	replica->is_staged = false;
	return PAWL_OK;
}

/* ---- looking at rows ------------------------------------------------------------------------------------------------- */

/* The columns of the primary key. */
static void append_key(pawl_buffer *sql, const pawl_replica_table *table, const char *separator)
{
	const char *before = "";

	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].key_rank == 0)
			continue;
		pawl_buffer_append(sql, before);
		pawl_buffer_append_identifier(sql, table->columns[i].name);
		before = separator;
	}
}

/* Rows that have a text of its own for each key are slow to make, so that an example is looked for only when there is one. */
static pawl_status find_duplicate(pawl_replica *replica, const pawl_replica_table *table, const char *relation, char **ret_example,
                                  pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	pawl_buffer_append(&sql, "SELECT coalesce(CAST(");
	append_key(&sql, table, " AS VARCHAR), 'NULL') || ', ' || coalesce(CAST(");
	pawl_buffer_appendf(&sql, " AS VARCHAR), 'NULL') FROM %s GROUP BY ", relation);
	append_key(&sql, table, ", ");
	pawl_buffer_append(&sql, " HAVING count(*) > 1 LIMIT 1");
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	*ret_example = pawl_duplicate(has_row ? pawl_duck_rows_text(rows, 0, NULL) : "");
	return *ret_example == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

pawl_status pawl_replica_count_duplicates(pawl_replica *replica, const pawl_replica_table *table, const char *relation,
                                          int64_t *ret_rows, char **ret_example, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	int64_t keys, rows;

	pawl_buffer_append(&sql, "(SELECT DISTINCT ");
	append_key(&sql, table, ", ");
	pawl_buffer_appendf(&sql, " FROM %s)", relation);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_replica_count(replica, pawl_buffer_text(&sql), &keys, error));
	PAWL_TRY(pawl_replica_count(replica, relation, &rows, error));
	if (rows > keys)
		PAWL_TRY(find_duplicate(replica, table, relation, ret_example, error));
	*ret_rows = rows - keys;
	return PAWL_OK;
}

/* Of such values, some that differ have one hash: 0 and -0, 1 month and 30 days, an empty list and none, a struct that is NULL
 * and one of NULLs. */
static bool has_alike_hashes(const char *type)
{
	static const char *const names[] = {"FLOAT", "DOUBLE", "INTERVAL", "VARIANT"};
	static const char *const nested[] = {"STRUCT(", "MAP(", "UNION("};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(type, names[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(nested) / sizeof(nested[0]); i++)
		if (strncmp(type, nested[i], strlen(nested[i])) == 0)
			return true;
	return type[strlen(type) - 1] == ']';
}

/* Their texts tell them apart, and the name of a union's member. */
static void append_texts(pawl_buffer *sql, const pawl_replica_table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_replica_column *column = &table->columns[i];
		if (!has_alike_hashes(column->type))
			continue;
		pawl_buffer_append(sql, ", CAST(");
		pawl_buffer_append_identifier(sql, column->name);
		pawl_buffer_append(sql, " AS VARCHAR)");
		if (strncmp(column->type, "UNION(", strlen("UNION(")) != 0)
			continue;
		pawl_buffer_append(sql, ", union_tag(");
		pawl_buffer_append_identifier(sql, column->name);
		pawl_buffer_append_character(sql, ')');
	}
}

pawl_status pawl_replica_fingerprint(pawl_replica *replica, const pawl_replica_table *table, const char *relation,
                                     const char *condition, int64_t *ret_rows, char **ret_hash, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	pawl_buffer_append(&sql, "SELECT count(*), CAST(coalesce(sum(hash(");
	pawl_replica_append_columns(&sql, table, NULL);
	append_texts(&sql, table);
	pawl_buffer_appendf(&sql, ")), 0) AS VARCHAR) FROM %s", relation);
	if (condition != NULL)
		pawl_buffer_appendf(&sql, " WHERE %s", condition);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	*ret_hash = pawl_duplicate(pawl_duck_rows_text(rows, 1, NULL));
	if (*ret_hash == NULL)
		return pawl_error_out_of_memory(error);
	*ret_rows = pawl_duck_rows_integer(rows, 0);
	return PAWL_OK;
}

pawl_status pawl_replica_count(pawl_replica *replica, const char *relation, int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	pawl_buffer_appendf(&sql, "SELECT count(*) FROM %s", relation);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	*ret_rows = pawl_duck_rows_integer(rows, 0);
	return PAWL_OK;
}

/* ---- applying -------------------------------------------------------------------------------------------------------- */

/* INSERT INTO table (its columns) */
static void append_insert(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table)
{
	pawl_buffer_append(sql, "INSERT INTO ");
	pawl_replica_append_table(sql, replica, table);
	pawl_buffer_append(sql, " (");
	pawl_replica_append_columns(sql, table, NULL);
	pawl_buffer_append(sql, ") ");
}

pawl_status pawl_replica_insert(pawl_replica *replica, const pawl_replica_table *table, const char *relation, int64_t *ret_rows,
                                pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	assert(replica->is_in_transaction);
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
	pawl_replica_append_table(&sql, replica, table);
	pawl_buffer_appendf(&sql, " AS t USING %s AS x WHERE ", pawl_replica_staged);
	append_same_key(&sql, table);
	if (replica->staged_rows > DELETED_ROWS)
		pawl_buffer_appendf(&sql, " AND x.rowid >= %" PRId64 " AND x.rowid < %" PRId64, from, from + DELETED_ROWS);
	return pawl_duck_run_buffer(replica->duck, &sql, error);
}

pawl_status pawl_replica_upsert(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error)
{
	assert(replica->is_staged);
	PAWL_TRY(pawl_replica_fit_deletions(replica, table, error));
	for (int64_t from = 0; from < replica->staged_rows; from += DELETED_ROWS)
		PAWL_TRY(delete_replaced(replica, table, from, error));
	PAWL_STEP("replica: replaced rows deleted");
	return pawl_replica_insert(replica, table, pawl_replica_staged, ret_rows, error);
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

static bool has_line(const char *lines, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = lines; at != NULL && *at != '\0'; at += *at == '\n') {
		size_t found = strcspn(at, "\n");
		if (found == length && memcmp(at, line, length) == 0)
			return true;
		at += found;
	}
	return false;
}

/* The columns that are not new: before"a"second"a"between..., and second may be NULL. */
static void append_older(pawl_buffer *sql, const pawl_replica_table *table, const char *new_columns, const char *before,
                         const char *between, const char *second)
{
	const char *separator = "";

	for (size_t i = 0; i < table->column_count; i++) {
		if (has_line(new_columns, table->columns[i].name))
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
	pawl_replica_append_table(sql, replica, table);
	append_sharing(sql, table, columns);
	pawl_buffer_append(sql, " GROUP BY ");
	append_older(sql, table, new_columns, "", ", ", NULL);
	pawl_buffer_append(sql, ") AS h ON ");
	append_older(sql, table, new_columns, "s.", " AND ", " IS NOT DISTINCT FROM h.");
	pawl_buffer_append(sql, " WHERE s._pawl_number > coalesce(h._pawl_count, 0)");
}

pawl_status pawl_replica_append(pawl_replica *replica, const pawl_replica_table *table, uint64_t columns, const char *new_columns,
                                int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	assert(replica->is_in_transaction && replica->is_staged);
	append_insert(&sql, replica, table);
	pawl_buffer_append(&sql, "SELECT ");
	if (new_columns != NULL) {
		append_difference(&sql, replica, table, columns, new_columns);
	} else {
		pawl_replica_append_columns(&sql, table, NULL);
		pawl_buffer_appendf(&sql, " FROM %s EXCEPT ALL SELECT ", pawl_replica_staged);
		pawl_replica_append_columns(&sql, table, NULL);
		pawl_buffer_append(&sql, " FROM ");
		pawl_replica_append_table(&sql, replica, table);
		append_sharing(&sql, table, columns);
	}
	PAWL_TRY(pawl_duck_change(replica->duck, &sql, ret_rows, error));
	PAWL_STEP("replica: rows appended");
	return PAWL_OK;
}
