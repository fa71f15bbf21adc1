#include "destination/duckdb/internal.h"

#include <stdio.h>

#include "base/text.h"

/*
 * Why a temporary table, filled outside any transaction: changing again what a transaction of DuckDB has inserted itself is slow
 * and takes memory, while temporary tables spill to the disk, and one transaction at the end inserts each row once.
 */

#define MERGED "temp.main.pawl_merged"

/* ---- what is staged -------------------------------------------------------------------------------------------------- */

pawl_duckdb_staged *pawl_duckdb_staged_find(pawl_destination *destination, const char *name)
{
	for (size_t i = 0; i < destination->staged_count; i++)
		if (pawl_text_equal_ignore_case(destination->staged[i].layout.name, name))
			return &destination->staged[i];
	return NULL;
}

pawl_status pawl_duckdb_staged_add(pawl_destination *destination, const char *name, pawl_duckdb_staged **ret_staged,
                                   pawl_error *error)
{
	size_t count = destination->staged_count;

	*ret_staged = pawl_duckdb_staged_find(destination, name);
	if (*ret_staged != NULL)
		return PAWL_OK;
	pawl_duckdb_staged *staged = pawl_reallocate(destination->staged, (count + 1) * sizeof(*staged));
	if (staged == NULL)
		return pawl_error_out_of_memory(error);
	destination->staged = staged;
	staged[count] = (pawl_duckdb_staged) {.layout.name = pawl_duplicate(name)};
	if (staged[count].layout.name == NULL)
		return pawl_error_out_of_memory(error);
	snprintf(staged[count].relation, sizeof(staged[count].relation), "temp.main.pawl_staged_%zu", count);
	destination->staged_count = count + 1;
	*ret_staged = &staged[count];
	return PAWL_OK;
}

pawl_status pawl_duckdb_staged_drop(pawl_destination *destination, pawl_error *error)
{
	char sql[80];

	for (size_t i = 0; i < destination->staged_count; i++) {
		if (destination->staged[i].layout.column_count == 0)
			continue;
		snprintf(sql, sizeof(sql), "DROP TABLE %s", destination->staged[i].relation);
		PAWL_TRY(pawl_duck_run(destination->duck, sql, error));
	}
	return PAWL_OK;
}

void pawl_duckdb_staged_clear(pawl_destination *destination)
{
	for (size_t i = 0; i < destination->staged_count; i++)
		pawl_destination_table_clear(&destination->staged[i].layout);
	pawl_free(destination->staged);
	destination->staged = NULL;
	destination->staged_count = 0;
}

/* ---- layout ---------------------------------------------------------------------------------------------------------- */

static pawl_status create(pawl_destination *destination, pawl_duckdb_staged *staged, const pawl_destination_table *table,
                          pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_appendf(&sql, "CREATE TEMP TABLE %s (", staged->relation);
	pawl_duckdb_sql_definitions(&sql, table);
	pawl_buffer_append(&sql, PAWL_COLUMN_IS_FULL " BOOLEAN, " PAWL_COLUMN_IS_DELETED " BOOLEAN");
	for (size_t i = 0; i < pawl_duckdb_sql_given_words(table->column_count); i++)
		pawl_buffer_appendf(&sql, ", " PAWL_COLUMN_GIVEN "%zu BIGINT", i);
	pawl_buffer_append_character(&sql, ')');

	pawl_destination_table layout;
	PAWL_TRY(pawl_duck_run_buffer(destination->duck, &sql, error));
	PAWL_TRY(pawl_destination_table_copy(table, &layout, error));
	pawl_destination_table_clear(&staged->layout);
	staged->layout = layout;
	return PAWL_OK;
}

static pawl_status add_column(pawl_destination *destination, pawl_duckdb_staged *staged, const pawl_destination_column *column,
                              pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	size_t count = staged->layout.column_count;
	size_t words = pawl_duckdb_sql_given_words(count);

	pawl_buffer_appendf(&sql, "ALTER TABLE %s", staged->relation);
	pawl_duckdb_sql_add_column(&sql, column->name, column->type);
	if (pawl_duckdb_sql_given_words(count + 1) > words)
		pawl_buffer_appendf(&sql, "; ALTER TABLE %s ADD COLUMN " PAWL_COLUMN_GIVEN "%zu BIGINT DEFAULT 0", staged->relation,
		                    words);
	PAWL_TRY(pawl_duck_run_buffer(destination->duck, &sql, error));
	return pawl_destination_table_add(&staged->layout, column->name, column->type, column->is_key, error);
}

static pawl_status widen_column(pawl_destination *destination, const pawl_duckdb_staged *staged, pawl_destination_column *column,
                                pawl_type wanted, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_type type;

	if (!pawl_type_widen(column->type, wanted, &type))
		return pawl_error_set(error, PAWL_INTERNAL, "column '%s' changed its type since the last commit", column->name);
	if (pawl_duckdb_sql_is_other_type(column->type, type)) {
		pawl_buffer_appendf(&sql, "ALTER TABLE %s", staged->relation);
		pawl_duckdb_sql_alter_type(&sql, column->name, column->type, type);
		PAWL_TRY(pawl_duck_run_buffer(destination->duck, &sql, error));
	}
	column->type = type;
	return PAWL_OK;
}

/* A connector's columns become known, and wider, as it goes. Their places stay, which is what the given-bits count on. */
static pawl_status extend(pawl_destination *destination, pawl_duckdb_staged *staged, const pawl_destination_table *table,
                          pawl_error *error)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_destination_column *wanted = &table->columns[i];
		if (i == staged->layout.column_count) {
			PAWL_TRY(add_column(destination, staged, wanted, error));
			continue;
		}
		pawl_destination_column *column = &staged->layout.columns[i];
		if (!pawl_text_equal_ignore_case(column->name, wanted->name))
			return pawl_error_set(error, PAWL_INTERNAL, "column '%s' stands where '%s' stood since the last commit",
			                      wanted->name, column->name);
		PAWL_TRY(widen_column(destination, staged, column, wanted->type, error));
	}
	return PAWL_OK;
}

/* ---- fold ------------------------------------------------------------------------------------------------------------ */

/* Partial rows x over the staged rows t of the same key. */
static pawl_status merge(pawl_destination *destination, const pawl_duckdb_staged *staged, const pawl_destination_table *table,
                         const char *relation, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "CREATE TEMP TABLE " MERGED " AS SELECT ");
	pawl_duckdb_sql_patches(&sql, &staged->layout, table);
	pawl_buffer_append(&sql, "t." PAWL_COLUMN_IS_FULL ", t." PAWL_COLUMN_IS_DELETED " OR x." PAWL_COLUMN_IS_DELETED
	                         " AS " PAWL_COLUMN_IS_DELETED);
	for (size_t i = 0; i < pawl_duckdb_sql_given_words(table->column_count); i++)
		pawl_buffer_appendf(&sql, ", t." PAWL_COLUMN_GIVEN "%zu | x." PAWL_COLUMN_GIVEN "%zu AS " PAWL_COLUMN_GIVEN "%zu", i,
		                    i, i);
	pawl_buffer_appendf(&sql, " FROM %s AS t JOIN %s AS x ON ", staged->relation, relation);
	pawl_duckdb_sql_same_key(&sql, "t", &staged->layout, "x", table);
	pawl_buffer_append(&sql, " WHERE NOT x." PAWL_COLUMN_IS_FULL);
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

/* The names of a relation's columns that follow those of the table. */
static void append_marks(pawl_buffer *sql, const pawl_destination_table *table)
{
	pawl_buffer_append(sql, PAWL_COLUMN_IS_FULL ", " PAWL_COLUMN_IS_DELETED);
	for (size_t i = 0; i < pawl_duckdb_sql_given_words(table->column_count); i++)
		pawl_buffer_appendf(sql, ", " PAWL_COLUMN_GIVEN "%zu", i);
}

/* INSERT INTO staged (all columns) SELECT */
static void append_insert(pawl_buffer *sql, const pawl_duckdb_staged *staged, const pawl_destination_table *table)
{
	pawl_buffer_appendf(sql, "INSERT INTO %s (", staged->relation);
	pawl_duckdb_sql_names(sql, table);
	append_marks(sql, table);
	pawl_buffer_append(sql, ") SELECT ");
}

/* The relation's rows as they are, but for those that were merged. */
static pawl_status insert_rows(pawl_destination *destination, const pawl_duckdb_staged *staged,
                               const pawl_destination_table *table, const char *relation, bool has_merged, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	append_insert(&sql, staged, table);
	pawl_duckdb_sql_casts(&sql, table, &staged->layout);
	append_marks(&sql, table);
	pawl_buffer_appendf(&sql, " FROM %s AS x", relation);
	if (has_merged) {
		pawl_buffer_append(&sql, " ANTI JOIN " MERGED " AS m ON ");
		pawl_duckdb_sql_same_key(&sql, "m", &staged->layout, "x", table);
	}
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

static pawl_status insert_merged(pawl_destination *destination, const pawl_duckdb_staged *staged,
                                 const pawl_destination_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	append_insert(&sql, staged, table);
	pawl_buffer_append(&sql, "* FROM " MERGED "; DROP TABLE " MERGED);
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

static pawl_status fold(pawl_destination *destination, pawl_duckdb_staged *staged, const pawl_destination_table *table,
                        const pawl_changes *changes, pawl_error *error)
{
	PAWL_TRY(extend(destination, staged, table, error));
	PAWL_STEP("stage: columns extended");
	if (changes->has_partial_rows)
		PAWL_TRY(merge(destination, staged, table, changes->relation, error));
	PAWL_STEP("stage: partial rows merged");
	PAWL_TRY(pawl_duckdb_delete_replaced(destination, staged->relation, &staged->layout, changes->relation, table, error));
	PAWL_STEP("stage: replaced rows deleted");
	PAWL_TRY(insert_rows(destination, staged, table, changes->relation, changes->has_partial_rows, error));
	PAWL_STEP("stage: rows inserted");
	if (changes->has_partial_rows)
		PAWL_TRY(insert_merged(destination, staged, table, error));
	PAWL_STEP("stage: merged rows inserted");
	return PAWL_OK;
}

pawl_status pawl_duckdb_stage(pawl_destination *destination, const pawl_destination_table *table, const pawl_changes *changes,
                              pawl_error *error)
{
	pawl_duckdb_staged *staged;

	PAWL_TRY(pawl_duckdb_check_table(table, error));
	PAWL_TRY(pawl_duckdb_memory_fit(destination, table, error));
	PAWL_TRY(pawl_duckdb_memory_fit_changes(destination, changes, error));
	PAWL_TRY(pawl_duckdb_staged_add(destination, table->name, &staged, error));
	if (staged->layout.column_count > 0) {
		PAWL_TRY(fold(destination, staged, table, changes, error));
	} else {
		PAWL_TRY(create(destination, staged, table, error));
		PAWL_STEP("stage: temporary table created");
		PAWL_TRY(insert_rows(destination, staged, table, changes->relation, false, error));
		PAWL_STEP("stage: first rows inserted");
	}
	staged->has_partial_rows = staged->has_partial_rows || changes->has_partial_rows;
	return PAWL_OK;
}

/* ---- truncate -------------------------------------------------------------------------------------------------------- */

static pawl_status truncate_staged(pawl_destination *destination, const char *name, pawl_error *error)
{
	pawl_duckdb_staged *staged;
	char sql[120];

	PAWL_TRY(pawl_duckdb_staged_add(destination, name, &staged, error));
	staged->is_truncated = true;
	if (staged->layout.column_count == 0)
		return PAWL_OK;
	PAWL_TRY(pawl_duckdb_memory_loosen(destination, error));
	snprintf(sql, sizeof(sql), "UPDATE %s SET " PAWL_COLUMN_IS_DELETED " = true", staged->relation);
	return pawl_duck_run(destination->duck, sql, error);
}

pawl_status pawl_duckdb_truncate(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error)
{
	PAWL_TRY(truncate_staged(destination, table->name, error));
	PAWL_STEP("truncate: staged rows marked");
	return PAWL_OK;
}
