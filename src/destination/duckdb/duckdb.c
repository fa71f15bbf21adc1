#include "destination/duckdb/internal.h"

#include <assert.h>

#include "base/file.h"
#include "base/time.h"

/* ---- open and close -------------------------------------------------------------------------------------------------- */

static void destination_close(pawl_destination *destination)
{
	pawl_error ignored;

	if (destination == NULL)
		return;
	if (destination->duck != NULL)
		(void) pawl_duckdb_memory_fit_merge(destination, &ignored);
	pawl_duck_close(destination->duck); /* which rolls back, and drops temporary tables */
	pawl_duckdb_catalog_clear(destination);
	pawl_duckdb_staged_clear(destination);
	pawl_free(destination->schema);
	pawl_free(destination->owner);
	pawl_free(destination->catalog);
	pawl_free(destination->table_prefix);
	pawl_free(destination->records_prefix);
	pawl_free(destination);
}

static void destination_close_pointer(pawl_destination **destination)
{
	destination_close(*destination);
}

static pawl_status make_prefix(const pawl_destination *destination, const char *schema, char **ret_prefix, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer prefix = {0};

	pawl_buffer_append_identifier(&prefix, destination->catalog);
	pawl_buffer_append_character(&prefix, '.');
	pawl_buffer_append_identifier(&prefix, schema);
	pawl_buffer_append_character(&prefix, '.');
	PAWL_TRY(pawl_buffer_status(&prefix, error));
	*ret_prefix = pawl_buffer_take(&prefix);
	return PAWL_OK;
}

static pawl_status look_around(pawl_destination *destination, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	PAWL_TRY(pawl_duck_query(destination->duck, "SELECT current_database(), current_setting('threads')::BIGINT", NULL, 0, &rows,
	                         error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	assert(has_row);
	destination->memory.most_threads = destination->memory.threads = pawl_duck_rows_integer(rows, 1);
	destination->catalog = pawl_duplicate(pawl_duck_rows_text(rows, 0, NULL));
	if (destination->catalog == NULL)
		return pawl_error_out_of_memory(error);
	pawl_duck_rows_close(&rows);
	destination->has_records = pawl_duck_has_table(destination->duck, destination->catalog, "_pawl", "version");
	PAWL_TRY(make_prefix(destination, destination->schema, &destination->table_prefix, error));
	return make_prefix(destination, "_pawl", &destination->records_prefix, error);
}

static pawl_status find_log(const char *path, bool *ret_has_log, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer log = {0};

	pawl_buffer_appendf(&log, "%s.wal", path);
	PAWL_TRY(pawl_buffer_status(&log, error));
	*ret_has_log = pawl_file_exists(pawl_buffer_text(&log));
	return PAWL_OK;
}

static pawl_status destination_open(const pawl_destination_options *options, pawl_destination **ret_destination,
                                    pawl_error *error)
{
	PAWL_CLEANUP(destination_close_pointer) pawl_destination *destination = pawl_allocate(sizeof(*destination));
	pawl_duck_options duck_options = {
		.path = options->target,
		.is_isolated = true,
		.memory_limit_bytes = options->memory_limit_bytes,
		.log_limit_bytes = options->memory_limit_bytes / 2, /* whoever opens the file after a crash replays it in memory */
		.threads = options->threads,
	};

	bool has_log;

	if (destination == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(find_log(options->target, &has_log, error));
	destination->schema = pawl_duplicate(options->schema);
	destination->owner = pawl_duplicate(options->owner);
	if (destination->schema == NULL || destination->owner == NULL)
		return pawl_error_out_of_memory(error);
	destination->memory.share_bytes = destination->memory.limit_bytes = options->memory_limit_bytes;
	PAWL_TRY(pawl_duck_open(&duck_options, &destination->duck, error));
	PAWL_TRY(look_around(destination, error));
	PAWL_TRY(pawl_duckdb_check_format(destination, options->target, error));
	pawl_duckdb_memory_begin(destination, has_log);
	*ret_destination = PAWL_TAKE(destination);
	return PAWL_OK;
}

static pawl_duck *destination_engine(pawl_destination *destination)
{
	return destination->duck;
}

/* ---- transactions ---------------------------------------------------------------------------------------------------- */

static pawl_status begin(pawl_destination *destination, pawl_error *error)
{
	assert(!destination->is_in_transaction);
	PAWL_STEP("begin");
	PAWL_TRY(pawl_duck_run(destination->duck, "BEGIN TRANSACTION", error));
	destination->is_in_transaction = true;
	destination->synced_us = pawl_time_now_us();
	return PAWL_OK;
}

static pawl_status commit(pawl_destination *destination, pawl_error *error)
{
	assert(destination->is_in_transaction);
	/* Within the transaction: once it is committed nothing may fail any more. */
	PAWL_TRY(pawl_duckdb_staged_drop(destination, error));
	PAWL_TRY(pawl_duckdb_memory_fit_merge(destination, error));
	PAWL_STEP("commit: before");
	PAWL_TRY(pawl_duck_run(destination->duck, "COMMIT", error));
	PAWL_STEP("commit: after");
	destination->is_in_transaction = false;
	pawl_duckdb_staged_clear(destination);
	pawl_duckdb_memory_release(destination);
	return PAWL_OK;
}

/* An error is of no use to anybody: closing the file rolls back as well. */
static void rollback(pawl_destination *destination)
{
	pawl_error ignored;

	if (destination->is_in_transaction)
		(void) pawl_duck_run(destination->duck, "ROLLBACK", &ignored);
	destination->is_in_transaction = false;
}

/* ---- reset ----------------------------------------------------------------------------------------------------------- */

static pawl_status drop_tables(pawl_destination *destination, pawl_error *error)
{
	for (size_t i = 0; i < destination->table_count; i++) {
		if (!destination->tables[i].is_ours || destination->tables[i].is_gone)
			continue;
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
		pawl_buffer_append(&sql, "DROP TABLE ");
		pawl_duckdb_sql_table(&sql, destination, destination->tables[i].table.name);
		PAWL_TRY(pawl_duck_run_buffer(destination->duck, &sql, error));
		PAWL_STEP("reset: table dropped");
	}
	return PAWL_OK;
}

/* A state is there afterwards in any case: without one, the next run might start from an old copy, on empty tables. */
static pawl_status reset(pawl_destination *destination, pawl_error *error)
{
	PAWL_TRY(pawl_duckdb_catalog_load(destination, error));
	PAWL_TRY(begin(destination, error));
	PAWL_TRY(pawl_duckdb_ensure_records(destination, error));
	PAWL_TRY(drop_tables(destination, error));
	PAWL_TRY(pawl_duckdb_forget_records(destination, error));
	PAWL_STEP("reset: records deleted");
	PAWL_TRY(pawl_duckdb_save_state(destination, "{}", error));
	PAWL_TRY(commit(destination, error));
	pawl_duckdb_catalog_clear(destination);
	return PAWL_OK;
}

const pawl_destination_driver pawl_destination_duckdb = {
	.abi = PAWL_DESTINATION_ABI,
	.size = sizeof(pawl_destination_driver),
	.name = "duckdb",
	.open = destination_open,
	.close = destination_close,
	.engine = destination_engine,
	.reset = reset,
	.load_state = pawl_duckdb_load_state,
	.describe_table = pawl_duckdb_describe_table,
	.stage = pawl_duckdb_stage,
	.truncate = pawl_duckdb_truncate,
	.begin = begin,
	.ensure_table = pawl_duckdb_ensure_table,
	.apply = pawl_duckdb_apply,
	.save_state = pawl_duckdb_save_state,
	.commit = commit,
	.rollback = rollback,
};
