#include "destination/duckdb/internal.h"

#include <assert.h>
#include <stdio.h>

#include "base/time.h"

/* What _pawl holds, and how. A Pawl refuses files of a higher number than its own. */
#define RECORDS_FORMAT 1

/* ---- open and close -------------------------------------------------------------------------------------------------- */

static void destination_close(pawl_destination *destination)
{
	if (destination == NULL)
		return;
	pawl_duck_close(destination->duck); /* which rolls back, and drops temporary tables */
	pawl_duckdb_catalog_clear(destination);
	pawl_duckdb_staged_clear(destination);
	pawl_free(destination->schema);
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

	PAWL_TRY(pawl_duck_query(destination->duck,
	                         "SELECT current_database(), EXISTS (FROM duckdb_tables() WHERE "
	                         "database_name = current_database() AND schema_name = '_pawl' AND table_name = 'version')",
	                         NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	assert(has_row);
	destination->has_records = pawl_duck_rows_integer(rows, 1) != 0;
	destination->catalog = pawl_duplicate(pawl_duck_rows_text(rows, 0, NULL));
	if (destination->catalog == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(make_prefix(destination, destination->schema, &destination->table_prefix, error));
	return make_prefix(destination, "_pawl", &destination->records_prefix, error);
}

static pawl_status check_format(pawl_destination *destination, const char *path, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	bool has_row;

	if (!destination->has_records)
		return PAWL_OK;
	pawl_buffer_appendf(&sql, "SELECT max(format)::BIGINT FROM %sversion", destination->records_prefix);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(destination->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	int64_t format = pawl_duck_rows_integer(rows, 0);
	if (format <= RECORDS_FORMAT)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "warehouse '%s' was written by a newer Pawl: its format is %lld, this one knows %d",
	               path == NULL ? "in memory" : path, (long long) format, RECORDS_FORMAT);
	return pawl_error_hint(error, "use that newer Pawl, or another warehouse");
}

static pawl_status destination_open(const pawl_destination_options *options, pawl_destination **ret_destination,
                                    pawl_error *error)
{
	PAWL_CLEANUP(destination_close_pointer) pawl_destination *destination = pawl_allocate(sizeof(*destination));
	pawl_duck_options duck_options = {
		.path = options->target,
		.is_isolated = true,
		.memory_limit_bytes = options->memory_limit_bytes,
		.threads = options->threads,
	};

	if (destination == NULL)
		return pawl_error_out_of_memory(error);
	destination->schema = pawl_duplicate(options->schema);
	if (destination->schema == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(pawl_duck_open(&duck_options, &destination->duck, error));
	PAWL_TRY(look_around(destination, error));
	PAWL_TRY(check_format(destination, options->target, error));
	*ret_destination = PAWL_TAKE(destination);
	return PAWL_OK;
}

static pawl_duck *destination_engine(pawl_destination *destination)
{
	return destination->duck;
}

static void destination_interrupt(pawl_destination *destination)
{
	pawl_duck_interrupt(destination->duck);
}

/* ---- records --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_ensure_records(pawl_destination *destination, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *prefix = destination->records_prefix;

	if (destination->has_records)
		return PAWL_OK;
	pawl_buffer_append(&sql, "CREATE SCHEMA IF NOT EXISTS ");
	pawl_buffer_append_identifier(&sql, destination->catalog);
	pawl_buffer_append(&sql, "._pawl; ");
	pawl_buffer_appendf(&sql, "CREATE TABLE %sversion (format INTEGER); INSERT INTO %sversion VALUES (%d); ", prefix, prefix,
	                    RECORDS_FORMAT);
	pawl_buffer_appendf(&sql, "CREATE TABLE %sconnector_state (schema_name VARCHAR, state VARCHAR, saved_at TIMESTAMPTZ); ",
	                    prefix);
	pawl_buffer_appendf(&sql, "CREATE TABLE %sconnector_tables (schema_name VARCHAR, table_name VARCHAR, primary_key VARCHAR[])",
	                    prefix);
	PAWL_TRY(pawl_duck_run_buffer(destination->duck, &sql, error));
	PAWL_STEP("records: made");
	destination->has_records = true;
	return PAWL_OK;
}

/* Runs a statement of which nobody wants the rows, with parameters ($1, ...). */
static pawl_status execute(pawl_destination *destination, const char *sql, const char *const *parameters,
                           size_t parameter_count, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row = true;

	PAWL_TRY(pawl_duck_query(destination->duck, sql, parameters, parameter_count, &rows, error));
	while (has_row)
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	return PAWL_OK;
}

/* ---- state ----------------------------------------------------------------------------------------------------------- */

static pawl_status load_state(pawl_destination *destination, char **ret_state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	char *state = NULL;
	bool has_row;

	if (destination->has_records) {
		pawl_buffer_appendf(&sql, "SELECT state FROM %sconnector_state WHERE schema_name = $1", destination->records_prefix);
		PAWL_TRY(pawl_buffer_status(&sql, error));
		PAWL_TRY(pawl_duck_query(destination->duck, pawl_buffer_text(&sql), (const char *const[]) {destination->schema}, 1,
		                         &rows, error));
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (has_row && !pawl_duck_rows_is_null(rows, 0)) {
			state = pawl_duplicate(pawl_duck_rows_text(rows, 0, NULL));
			if (state == NULL)
				return pawl_error_out_of_memory(error);
		}
	}
	*ret_state = state;
	return PAWL_OK;
}

static pawl_status forget_records(pawl_destination *destination, const char *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_appendf(&sql, "DELETE FROM %s%s WHERE schema_name = $1", destination->records_prefix, table);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	return execute(destination, pawl_buffer_text(&sql), (const char *const[]) {destination->schema}, 1, error);
}

static pawl_status save_state(pawl_destination *destination, const char *state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	assert(destination->is_in_transaction);
	PAWL_TRY(pawl_duckdb_ensure_records(destination, error));
	PAWL_TRY(forget_records(destination, "connector_state", error));
	PAWL_STEP("state: old one deleted");
	pawl_buffer_appendf(&sql, "INSERT INTO %sconnector_state VALUES ($1, $2, make_timestamptz(%lld))", destination->records_prefix,
	                    (long long) destination->synced_us);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(execute(destination, pawl_buffer_text(&sql), (const char *const[]) {destination->schema, state}, 2, error));
	PAWL_STEP("state: new one inserted");
	return PAWL_OK;
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
	PAWL_STEP("commit: before");
	PAWL_TRY(pawl_duck_run(destination->duck, "COMMIT", error));
	PAWL_STEP("commit: after");
	destination->is_in_transaction = false;
	pawl_duckdb_staged_clear(destination);
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
		if (!destination->tables[i].is_ours)
			continue;
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
		pawl_buffer_append(&sql, "DROP TABLE ");
		pawl_duckdb_sql_table(&sql, destination, destination->tables[i].table.name);
		PAWL_TRY(pawl_duck_run_buffer(destination->duck, &sql, error));
		PAWL_STEP("reset: table dropped");
	}
	return PAWL_OK;
}

static pawl_status reset(pawl_destination *destination, pawl_error *error)
{
	if (!destination->has_records)
		return PAWL_OK;
	PAWL_TRY(pawl_duckdb_catalog_load(destination, error));
	PAWL_TRY(begin(destination, error));
	PAWL_TRY(drop_tables(destination, error));
	PAWL_TRY(forget_records(destination, "connector_tables", error));
	PAWL_TRY(forget_records(destination, "connector_state", error));
	PAWL_STEP("reset: records deleted");
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
	.load_state = load_state,
	.describe_table = pawl_duckdb_describe_table,
	.stage = pawl_duckdb_stage,
	.truncate = pawl_duckdb_truncate,
	.begin = begin,
	.ensure_table = pawl_duckdb_ensure_table,
	.apply = pawl_duckdb_apply,
	.save_state = save_state,
	.commit = commit,
	.rollback = rollback,
	.interrupt = destination_interrupt,
};
