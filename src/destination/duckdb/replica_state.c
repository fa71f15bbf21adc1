#include "destination/duckdb/replica.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What _pawl.state and _pawl.runs hold, and how. A Pawl refuses files of a higher number than its own. */
#define STATE_FORMAT 4

/* ---- fields ---------------------------------------------------------------------------------------------------------- */

typedef pawl_replica_field field;

static const char *const sql_types[] = {
	[PAWL_REPLICA_TEXT] = "VARCHAR", [PAWL_REPLICA_INTEGER] = "BIGINT", [PAWL_REPLICA_TIME] = "TIMESTAMPTZ",
};

/* Of a record, at most. */
enum { MOST_FIELDS = 64 };

/* ---- statements ------------------------------------------------------------------------------------------------------ */

static void append_table(pawl_buffer *sql, const pawl_replica *replica, const char *name)
{
	pawl_duckdb_replica_append_name(sql, replica, "_pawl", name);
}

static void append_definition(pawl_buffer *sql, const pawl_replica *replica, const char *name, const field *fields)
{
	pawl_buffer_append(sql, "CREATE TABLE IF NOT EXISTS ");
	append_table(sql, replica, name);
	for (size_t i = 0; fields[i].kind != 0; i++)
		pawl_buffer_appendf(sql, "%s%s %s", i == 0 ? " (" : ", ", fields[i].name, sql_types[fields[i].kind]);
	pawl_buffer_append(sql, "); ");
}

/* Runs a statement of which nobody wants the rows. */
static pawl_status execute(pawl_replica *replica, const pawl_buffer *sql, const char *const *parameters, size_t count,
                           pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row = true;

	PAWL_TRY(pawl_buffer_status(sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(sql), parameters, count, &rows, error));
	while (has_row)
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	return PAWL_OK;
}

/* INSERT INTO _pawl.name VALUES (...): numbers in the statement, texts as parameters. */
static pawl_status insert(pawl_replica *replica, const char *name, const field *fields, const void *record,
                          pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *parameters[MOST_FIELDS];
	size_t parameter_count = 0;

	pawl_buffer_append(&sql, "INSERT INTO ");
	append_table(&sql, replica, name);
	for (size_t i = 0; fields[i].kind != 0; i++) {
		void *unconst = (void *) (uintptr_t) record;
		pawl_buffer_append(&sql, i == 0 ? " VALUES (" : ", ");
		if (fields[i].kind == PAWL_REPLICA_TEXT) {
			parameters[parameter_count++] = *pawl_replica_text_of(&fields[i], unconst);
			pawl_buffer_appendf(&sql, "$%zu", parameter_count);
		} else if (fields[i].kind == PAWL_REPLICA_INTEGER) {
			pawl_buffer_appendf(&sql, "%lld", (long long) *pawl_replica_integer_of(&fields[i], unconst));
		} else {
			pawl_buffer_appendf(&sql, "make_timestamptz(nullif(%lld, 0))",
			                    (long long) *pawl_replica_integer_of(&fields[i], unconst));
		}
	}
	pawl_buffer_append_character(&sql, ')');
	return execute(replica, &sql, parameters, parameter_count, error);
}

/* ---- making ---------------------------------------------------------------------------------------------------------- */

static pawl_status make(pawl_replica *replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "CREATE SCHEMA IF NOT EXISTS ");
	pawl_buffer_append_identifier(&sql, pawl_duckdb_replica_of(replica)->catalog);
	pawl_buffer_append(&sql, "._pawl; CREATE TABLE IF NOT EXISTS ");
	append_table(&sql, replica, "format");
	pawl_buffer_append(&sql, " (format INTEGER); INSERT INTO ");
	append_table(&sql, replica, "format");
	pawl_buffer_appendf(&sql, " VALUES (%d); ", STATE_FORMAT);
	append_definition(&sql, replica, "runs", pawl_replica_run_fields);
	append_definition(&sql, replica, "state", pawl_replica_state_fields);
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error));
	PAWL_STEP("replica: records made");
	return PAWL_OK;
}

pawl_status pawl_duckdb_replica_prepare(pawl_replica *replica, pawl_error *error)
{
	pawl_duckdb_replica *file = pawl_duckdb_replica_of(replica->first);

	if (file->has_records)
		return PAWL_OK;
	PAWL_TRY(pawl_replica_begin(replica, error));
	PAWL_TRY(make(replica, error));
	PAWL_TRY(pawl_replica_commit(replica, error));
	file->has_records = true;
	return PAWL_OK;
}

/* ---- states ---------------------------------------------------------------------------------------------------------- */

static pawl_status check_format(pawl_replica *replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	pawl_buffer_append(&sql, "SELECT max(format)::BIGINT FROM ");
	append_table(&sql, replica, "format");
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	int64_t format = pawl_duck_rows_integer(rows, 0);
	if (format == STATE_FORMAT)
		return PAWL_OK;
	bool is_newer = format > STATE_FORMAT;
	pawl_error_set(error, PAWL_INVALID, "the warehouse was written by %s Pawl: the format of its state is %lld, this one knows %d",
	               is_newer ? "a newer" : "an older", (long long) format, STATE_FORMAT);
	return pawl_error_hint(error, "use that %s Pawl, or another warehouse", is_newer ? "newer" : "older");
}

/* "SELECT", the fields of a record `of`, as read_record takes them, and "FROM". */
static void append_select(pawl_buffer *sql, const char *of, const field *fields)
{
	for (const field *next = fields; next->kind != 0; next++)
		pawl_buffer_appendf(sql, next->kind == PAWL_REPLICA_TIME ? "%sepoch_us(%s.%s)" : "%s%s.%s",
		                    next == fields ? "SELECT " : ", ", of, next->name);
	pawl_buffer_append(sql, " FROM ");
}

static pawl_status read_record(pawl_duck_rows *rows, const field *fields, void *record, pawl_error *error)
{
	for (size_t i = 0; fields[i].kind != 0; i++) {
		if (fields[i].kind == PAWL_REPLICA_TEXT)
			PAWL_TRY(pawl_replica_set_text(pawl_replica_text_of(&fields[i], record),
			                               pawl_duck_rows_text(rows, i, NULL), error));
		else
			*pawl_replica_integer_of(&fields[i], record) = pawl_duck_rows_integer(rows, i);
	}
	return PAWL_OK;
}

static pawl_status read_state(pawl_replica_states *states, pawl_duck_rows *rows, pawl_error *error)
{
	pawl_replica_state *state = pawl_replica_states_add(states);

	return state == NULL ? pawl_error_out_of_memory(error) : read_record(rows, pawl_replica_state_fields, state, error);
}

static pawl_status read_states(pawl_replica *replica, pawl_replica_states *states, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	append_select(&sql, "state", pawl_replica_state_fields);
	append_table(&sql, replica, "state");
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		PAWL_TRY(read_state(states, rows, error));
	}
}

pawl_status pawl_duckdb_replica_load_states(pawl_replica *replica, pawl_replica_states *ret_states, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_states_clear) pawl_replica_states states = {0};

	if (pawl_duckdb_replica_of(replica->first)->has_records) {
		PAWL_TRY(check_format(replica, error));
		PAWL_TRY(read_states(replica, &states, error));
	}
	*ret_states = states;
	states = (pawl_replica_states) {0};
	return PAWL_OK;
}

pawl_status pawl_duckdb_replica_forget_state(pawl_replica *replica, const char *schema, const char *name, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "DELETE FROM ");
	append_table(&sql, replica, "state");
	pawl_buffer_append(&sql, " WHERE schema_name = $1 AND table_name = $2");
	return execute(replica, &sql, (const char *const[]) {schema, name}, 2, error);
}

pawl_status pawl_duckdb_replica_save_state(pawl_replica *replica, const pawl_replica_state *state, pawl_error *error)
{
	PAWL_TRY(pawl_duckdb_replica_forget_state(replica, state->schema_name, state->table_name, error));
	PAWL_STEP("replica: old state deleted");
	PAWL_TRY(insert(replica, "state", pawl_replica_state_fields, state, error));
	PAWL_STEP("replica: new state inserted");
	return PAWL_OK;
}

/* ---- runs ------------------------------------------------------------------------------------------------------------ */

pawl_status pawl_duckdb_replica_add_run(pawl_replica *replica, const pawl_replica_run *run, pawl_error *error)
{
	return insert(replica, "runs", pawl_replica_run_fields, run, error);
}

static pawl_status read_run(pawl_replica_runs *runs, pawl_duck_rows *rows, pawl_error *error)
{
	pawl_replica_run *items = pawl_reallocate(runs->items, (runs->count + 1) * sizeof(*items));
	if (items == NULL)
		return pawl_error_out_of_memory(error);
	runs->items = items;
	items[runs->count] = (pawl_replica_run) {0};
	return read_record(rows, pawl_replica_run_fields, &items[runs->count++], error);
}

/* Of a short time there are few, which are read sooner than grouped. */
static void append_runs(pawl_buffer *sql, const pawl_replica *replica, int64_t since_us)
{
	append_select(sql, "run", pawl_replica_run_fields);
	if (since_us > 0) {
		append_table(sql, replica, "runs");
		pawl_buffer_appendf(sql, " AS run WHERE table_name IS NOT NULL AND started_at >= make_timestamptz(%lld)",
		                    (long long) since_us);
	} else {
		pawl_buffer_append(sql, "(SELECT arg_max(runs, (started_at, ended_at)) AS run FROM ");
		append_table(sql, replica, "runs");
		pawl_buffer_append(sql, " WHERE table_name IS NOT NULL GROUP BY schema_name, table_name)");
	}
}

static pawl_status read_last_runs(pawl_replica *replica, int64_t since_us, pawl_replica_runs *runs, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	append_runs(&sql, replica, since_us);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		PAWL_TRY(read_run(runs, rows, error));
	}
}

pawl_status pawl_duckdb_replica_load_last_runs(pawl_replica *replica, int64_t since_us, pawl_replica_runs *ret_runs,
                                               pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_runs_clear) pawl_replica_runs runs = {0};

	if (pawl_duckdb_replica_of(replica->first)->has_records)
		PAWL_TRY(read_last_runs(replica, since_us, &runs, error));
	*ret_runs = runs;
	runs = (pawl_replica_runs) {0};
	return PAWL_OK;
}
