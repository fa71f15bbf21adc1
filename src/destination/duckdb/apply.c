#include "destination/duckdb/internal.h"

#include <inttypes.h>

#define PATCHED "temp.main.pawl_patched"

/* Where changes come from: a relation, and the types of its columns. */
typedef struct changes_source {
	const char *relation;
	const pawl_destination_table *layout;
	bool has_partial_rows;
} changes_source;

/* A truncate says nothing of single rows, so their time of synchronisation stays. */
static pawl_status mark_deleted(pawl_destination *destination, const pawl_destination_table *target, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "UPDATE ");
	pawl_duckdb_sql_table(&sql, destination, target->name);
	pawl_buffer_append(&sql, " SET " PAWL_COLUMN_DELETED " = true WHERE " PAWL_COLUMN_DELETED " IS DISTINCT FROM true");
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

static pawl_status has_row(pawl_destination *destination, const pawl_buffer *sql, bool *ret_has_row, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;

	PAWL_TRY(pawl_buffer_status(sql, error));
	PAWL_TRY(pawl_duck_query(destination->duck, pawl_buffer_text(sql), NULL, 0, &rows, error));
	return pawl_duck_rows_next(rows, ret_has_row, error);
}

static pawl_status has_rows(pawl_destination *destination, const pawl_destination_table *target, bool *ret_has_rows,
                            pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "SELECT 1 FROM ");
	pawl_duckdb_sql_table(&sql, destination, target->name);
	pawl_buffer_append(&sql, " LIMIT 1");
	return has_row(destination, &sql, ret_has_rows, error);
}

/* The rows t that partial rows x change, as they are to be. Those of which there is no t are ignored. */
static pawl_status patch_rows(pawl_destination *destination, const pawl_destination_table *target, const changes_source *source,
                              pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "CREATE TEMP TABLE " PATCHED " AS SELECT ");
	pawl_duckdb_sql_patches(&sql, target, source->layout);
	pawl_buffer_append(&sql, "t." PAWL_COLUMN_DELETED " OR x." PAWL_COLUMN_IS_DELETED " AS " PAWL_COLUMN_DELETED " FROM ");
	pawl_duckdb_sql_table(&sql, destination, target->name);
	pawl_buffer_appendf(&sql, " AS t JOIN %s AS x ON ", source->relation);
	pawl_duckdb_sql_same_key(&sql, "t", target, "x", source->layout);
	pawl_buffer_append(&sql, " WHERE NOT x." PAWL_COLUMN_IS_FULL);
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

static pawl_status has_replaced(pawl_destination *destination, const char *target, const pawl_destination_table *table,
                                const char *relation, const pawl_destination_table *layout, bool *ret_has_replaced,
                                pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_appendf(&sql, "SELECT 1 FROM %s AS t SEMI JOIN %s AS x ON ", target, relation);
	pawl_duckdb_sql_same_key(&sql, "t", table, "x", layout);
	pawl_buffer_append(&sql, " LIMIT 1");
	return has_row(destination, &sql, ret_has_replaced, error);
}

/* Where memory is tight, a look whether there is anything to delete is worth it: mostly all keys are new. */
pawl_status pawl_duckdb_delete_replaced(pawl_destination *destination, const char *target, const pawl_destination_table *table,
                                        const char *relation, const pawl_destination_table *layout, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	if (pawl_duckdb_memory_is_tight(destination)) {
		bool is_needed;
		PAWL_TRY(has_replaced(destination, target, table, relation, layout, &is_needed, error));
		if (!is_needed)
			return PAWL_OK;
		PAWL_TRY(pawl_duckdb_memory_loosen(destination, error));
	}
	pawl_duckdb_sql_delete(&sql, target, table, relation, layout);
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

static pawl_status delete_replaced(pawl_destination *destination, const pawl_destination_table *target,
                                   const changes_source *source, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer name = {0};

	pawl_duckdb_sql_table(&name, destination, target->name);
	PAWL_TRY(pawl_buffer_status(&name, error));
	return pawl_duckdb_delete_replaced(destination, pawl_buffer_text(&name), target, source->relation, source->layout, error);
}

/* INSERT INTO target (the columns of `table`, and Pawl's) SELECT */
static void append_insert(pawl_buffer *sql, const pawl_destination *destination, const pawl_destination_table *target,
                          const pawl_destination_table *table)
{
	pawl_buffer_append(sql, "INSERT INTO ");
	pawl_duckdb_sql_table(sql, destination, target->name);
	pawl_buffer_append(sql, " (");
	pawl_duckdb_sql_names(sql, table);
	pawl_buffer_append(sql, PAWL_COLUMN_DELETED ", " PAWL_COLUMN_SYNCED ") SELECT ");
}

/* Columns of the target that the source does not have become NULL. */
static pawl_status insert_full(pawl_destination *destination, const pawl_destination_table *target, const changes_source *source,
                               pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	append_insert(&sql, destination, target, source->layout);
	pawl_duckdb_sql_casts(&sql, source->layout, target);
	pawl_buffer_appendf(&sql, "x." PAWL_COLUMN_IS_DELETED ", make_timestamptz(%" PRId64 ") FROM %s AS x", destination->synced_us,
	                    source->relation);
	if (source->has_partial_rows)
		pawl_buffer_append(&sql, " WHERE x." PAWL_COLUMN_IS_FULL);
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

static pawl_status insert_patched(pawl_destination *destination, const pawl_destination_table *target, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	append_insert(&sql, destination, target, target);
	pawl_buffer_appendf(&sql, "*, make_timestamptz(%" PRId64 ") FROM " PATCHED "; DROP TABLE " PATCHED, destination->synced_us);
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

static pawl_status apply_source(pawl_destination *destination, const pawl_destination_table *target, const changes_source *source,
                                pawl_error *error)
{
	bool is_filled;

	PAWL_TRY(has_rows(destination, target, &is_filled, error));
	bool has_patches = is_filled && source->has_partial_rows;
	if (has_patches)
		PAWL_TRY(patch_rows(destination, target, source, error));
	PAWL_STEP("apply: rows patched");
	if (is_filled)
		PAWL_TRY(delete_replaced(destination, target, source, error));
	PAWL_STEP("apply: replaced rows deleted");
	PAWL_TRY(insert_full(destination, target, source, error));
	PAWL_STEP("apply: full rows inserted");
	if (has_patches)
		PAWL_TRY(insert_patched(destination, target, error));
	PAWL_STEP("apply: patched rows inserted");
	return PAWL_OK;
}

/* `changes` are there only when nothing is staged. */
static pawl_status apply(pawl_destination *destination, const pawl_destination_table *table, const pawl_duckdb_staged *staged,
                         const pawl_changes *changes, pawl_error *error)
{
	pawl_duckdb_table *target;
	changes_source source;

	PAWL_TRY(pawl_duckdb_catalog_find(destination, table->name, &target, error));
	if (target == NULL)
		return pawl_error_set(error, PAWL_INTERNAL, "changes are applied to a table that was not ensured");
	if (staged != NULL && staged->is_truncated) {
		PAWL_TRY(pawl_duckdb_memory_loosen(destination, error));
		PAWL_TRY(mark_deleted(destination, &target->table, error));
		PAWL_STEP("apply: rows marked as deleted");
	}
	if (changes != NULL)
		source = (changes_source) {changes->relation, table, changes->has_partial_rows};
	else if (staged != NULL && staged->layout.column_count > 0)
		source = (changes_source) {staged->relation, &staged->layout, staged->has_partial_rows};
	else
		return PAWL_OK;
	return apply_source(destination, &target->table, &source, error);
}

pawl_status pawl_duckdb_apply(pawl_destination *destination, const pawl_destination_table *table, const pawl_changes *changes,
                              pawl_error *error)
{
	PAWL_TRY(pawl_duckdb_memory_fit(destination, table, error));
	if (changes != NULL)
		PAWL_TRY(pawl_duckdb_memory_fit_changes(destination, changes, error));
	const pawl_duckdb_staged *staged = pawl_duckdb_staged_find(destination, table->name);

	/* Changes go straight to the table unless there are earlier ones, which they are folded into. */
	if (changes != NULL && staged != NULL && staged->layout.column_count > 0) {
		PAWL_TRY(pawl_duckdb_stage(destination, table, changes, error));
		changes = NULL;
	}
	return apply(destination, table, staged, changes, error);
}
