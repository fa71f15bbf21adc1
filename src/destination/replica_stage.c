/* Rows in the engine: staged, counted, compared. */
#include "destination/replica_driver.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/step.h"

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

void pawl_replica_append_key(pawl_buffer *sql, const pawl_replica_table *table, const char *separator)
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
	pawl_replica_append_key(&sql, table, " AS VARCHAR), 'NULL') || ', ' || coalesce(CAST(");
	pawl_buffer_appendf(&sql, " AS VARCHAR), 'NULL') FROM %s GROUP BY ", relation);
	pawl_replica_append_key(&sql, table, ", ");
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
	pawl_replica_append_key(&sql, table, ", ");
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
