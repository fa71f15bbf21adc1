#include "destination/duckdb/internal.h"

#include <assert.h>
#include <string.h>

/* What _pawl holds, and how. A Pawl refuses files of a higher number than its own. */
#define RECORDS_FORMAT 1

pawl_status pawl_duckdb_check_format(pawl_destination *destination, const char *path, pawl_error *error)
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
	pawl_buffer_appendf(&sql, "CREATE TABLE %sconnector_state (schema_name VARCHAR, connector VARCHAR, state VARCHAR, "
	                    "saved_at TIMESTAMPTZ); ", prefix);
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

static pawl_status refuse_other_owner(const pawl_destination *destination, const char *owner, pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "the warehouse's schema '%s' belongs to connector '%s'", destination->schema, owner);
	return pawl_error_hint(error, "give this connector a file of its own with --warehouse; --reset would drop the tables of '%s'",
	                       owner);
}

static pawl_status read_state(pawl_destination *destination, char **ret_state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	bool has_row;

	pawl_buffer_appendf(&sql, "SELECT connector, state FROM %sconnector_state WHERE schema_name = $1", destination->records_prefix);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(destination->duck, pawl_buffer_text(&sql), (const char *const[]) {destination->schema}, 1, &rows,
	                         error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	if (!has_row)
		return PAWL_OK;
	const char *owner = pawl_duck_rows_text(rows, 0, NULL);
	if (strcmp(owner, destination->owner) != 0)
		return refuse_other_owner(destination, owner, error);
	*ret_state = pawl_duplicate(pawl_duck_rows_text(rows, 1, NULL));
	return *ret_state == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

pawl_status pawl_duckdb_load_state(pawl_destination *destination, char **ret_state, pawl_error *error)
{
	char *state = NULL;

	if (destination->has_records)
		PAWL_TRY(read_state(destination, &state, error));
	*ret_state = state;
	return PAWL_OK;
}

static pawl_status forget(pawl_destination *destination, const char *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_appendf(&sql, "DELETE FROM %s%s WHERE schema_name = $1", destination->records_prefix, table);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	return execute(destination, pawl_buffer_text(&sql), (const char *const[]) {destination->schema}, 1, error);
}

pawl_status pawl_duckdb_save_state(pawl_destination *destination, const char *state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *const parameters[] = {destination->schema, destination->owner, state};

	assert(destination->is_in_transaction);
	PAWL_TRY(pawl_duckdb_ensure_records(destination, error));
	PAWL_TRY(forget(destination, "connector_state", error));
	PAWL_STEP("state: old one deleted");
	pawl_buffer_appendf(&sql, "INSERT INTO %sconnector_state VALUES ($1, $2, $3, make_timestamptz(%lld))",
	                    destination->records_prefix, (long long) destination->synced_us);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(execute(destination, pawl_buffer_text(&sql), parameters, 3, error));
	PAWL_STEP("state: new one inserted");
	return PAWL_OK;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_record_table(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *separator = "";

	pawl_buffer_appendf(&sql, "INSERT INTO %sconnector_tables VALUES (", destination->records_prefix);
	pawl_buffer_append_literal(&sql, destination->schema);
	pawl_buffer_append(&sql, ", ");
	pawl_buffer_append_literal(&sql, table->name);
	pawl_buffer_append(&sql, ", [");
	for (size_t i = 0; i < table->column_count; i++) {
		if (!table->columns[i].is_key)
			continue;
		pawl_buffer_append(&sql, separator);
		pawl_buffer_append_literal(&sql, table->columns[i].name);
		separator = ", ";
	}
	pawl_buffer_append(&sql, "])");
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

pawl_status pawl_duckdb_forget_records(pawl_destination *destination, pawl_error *error)
{
	PAWL_TRY(forget(destination, "connector_tables", error));
	return forget(destination, "connector_state", error);
}
