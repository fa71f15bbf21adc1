#include "destination/duckdb/replica.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What _pawl.state and _pawl.runs hold, and how. A Pawl refuses files of a higher number than its own. */
#define STATE_FORMAT 3

/* ---- fields ---------------------------------------------------------------------------------------------------------- */

typedef pawl_replica_field field;

static const char *const sql_types[] = {
	[PAWL_REPLICA_TEXT] = "VARCHAR", [PAWL_REPLICA_INTEGER] = "BIGINT", [PAWL_REPLICA_TIME] = "TIMESTAMPTZ",
};

#define TEXT(record, member)    {#member, PAWL_REPLICA_TEXT, offsetof(record, member)}
#define INTEGER(record, member) {#member, PAWL_REPLICA_INTEGER, offsetof(record, member)}
#define TIME(record, member)    {#member, PAWL_REPLICA_TIME, offsetof(record, member##_us)}

const pawl_replica_field pawl_replica_state_fields[] = {
	TEXT(pawl_replica_state, schema_name), TEXT(pawl_replica_state, table_name), TEXT(pawl_replica_state, source),
	TEXT(pawl_replica_state, source_schema), TEXT(pawl_replica_state, source_table), TEXT(pawl_replica_state, mode),
	TEXT(pawl_replica_state, replication_key), TEXT(pawl_replica_state, key_settings), TEXT(pawl_replica_state, primary_key),
	TEXT(pawl_replica_state, where_clause), TEXT(pawl_replica_state, columns), TEXT(pawl_replica_state, start),
	TEXT(pawl_replica_state, phase), TEXT(pawl_replica_state, cursor), TEXT(pawl_replica_state, cursor_type),
	TEXT(pawl_replica_state, position), TEXT(pawl_replica_state, next_cursor), TEXT(pawl_replica_state, next_type),
	TEXT(pawl_replica_state, newest_key), TEXT(pawl_replica_state, newest_type), TEXT(pawl_replica_state, horizon),
	TEXT(pawl_replica_state, source_version), TEXT(pawl_replica_state, tail_hash),
	INTEGER(pawl_replica_state, tail_rows), INTEGER(pawl_replica_state, rows_written), TEXT(pawl_replica_state, guarantee),
	TEXT(pawl_replica_state, new_columns), TEXT(pawl_replica_state, key_class),
	TEXT(pawl_replica_state, ripening), INTEGER(pawl_replica_state, text_bytes),
	TIME(pawl_replica_state, source_now), TIME(pawl_replica_state, host_now), TIME(pawl_replica_state, synced_at),
	{0},
};

static const field run_fields[] = {
	TIME(pawl_replica_run, started_at), TIME(pawl_replica_run, ended_at), TEXT(pawl_replica_run, schema_name),
	TEXT(pawl_replica_run, table_name), TEXT(pawl_replica_run, phase), TEXT(pawl_replica_run, outcome),
	INTEGER(pawl_replica_run, rows_read), INTEGER(pawl_replica_run, rows_written), TEXT(pawl_replica_run, cursor_from),
	TEXT(pawl_replica_run, cursor_to), TEXT(pawl_replica_run, guarantee), TEXT(pawl_replica_run, error),
	{0},
};

enum {
	STATE_FIELDS = sizeof(pawl_replica_state_fields) / sizeof(pawl_replica_state_fields[0]) - 1,
	RUN_FIELDS = sizeof(run_fields) / sizeof(run_fields[0]) - 1,
	MOST_FIELDS = STATE_FIELDS
};

static char **text_of(const field *of, void *record)
{
	return (char **) (void *) ((char *) record + of->offset);
}

static int64_t *integer_of(const field *of, void *record)
{
	return (int64_t *) (void *) ((char *) record + of->offset);
}

/* ---- states in memory ------------------------------------------------------------------------------------------------ */

static void clear_texts(const field *fields, void *record)
{
	for (; fields->kind != 0; fields++)
		if (fields->kind == PAWL_REPLICA_TEXT)
			pawl_free(*text_of(fields, record));
}

void pawl_replica_state_clear(pawl_replica_state *state)
{
	clear_texts(pawl_replica_state_fields, state);
	*state = (pawl_replica_state) {0};
}

pawl_status pawl_replica_state_copy(const pawl_replica_state *state, pawl_replica_state *ret_copy, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_state_clear) pawl_replica_state copy = *state;

	for (size_t i = 0; i < STATE_FIELDS; i++)
		if (pawl_replica_state_fields[i].kind == PAWL_REPLICA_TEXT)
			*text_of(&pawl_replica_state_fields[i], &copy) = NULL;
	for (size_t i = 0; i < STATE_FIELDS; i++)
		if (pawl_replica_state_fields[i].kind == PAWL_REPLICA_TEXT)
			PAWL_TRY(pawl_replica_set_text(text_of(&pawl_replica_state_fields[i], &copy),
			                               *text_of(&pawl_replica_state_fields[i], (void *) (uintptr_t) state), error));
	*ret_copy = copy;
	copy = (pawl_replica_state) {0};
	return PAWL_OK;
}

void pawl_replica_states_clear(pawl_replica_states *states)
{
	for (size_t i = 0; i < states->count; i++)
		pawl_replica_state_clear(&states->items[i]);
	pawl_free(states->items);
	*states = (pawl_replica_states) {0};
}

pawl_replica_state *pawl_replica_states_find(const pawl_replica_states *states, const char *schema, const char *name)
{
	for (size_t i = 0; i < states->count; i++)
		if (pawl_text_equal_ignore_case(states->items[i].schema_name, schema) &&
		    pawl_text_equal_ignore_case(states->items[i].table_name, name))
			return &states->items[i];
	return NULL;
}

pawl_status pawl_replica_set_text(char **text, const char *value, pawl_error *error)
{
	char *copy = value == NULL ? NULL : pawl_duplicate(value);
	if (value != NULL && copy == NULL)
		return pawl_error_out_of_memory(error);
	pawl_free(*text);
	*text = copy;
	return PAWL_OK;
}

/* ---- statements ------------------------------------------------------------------------------------------------------ */

static void append_table(pawl_buffer *sql, const pawl_replica *replica, const char *name)
{
	pawl_replica_append_name(sql, replica, "_pawl", name);
}

static void append_definition(pawl_buffer *sql, const pawl_replica *replica, const char *name, const field *fields, size_t count)
{
	pawl_buffer_append(sql, "CREATE TABLE IF NOT EXISTS ");
	append_table(sql, replica, name);
	for (size_t i = 0; i < count; i++)
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
static pawl_status insert(pawl_replica *replica, const char *name, const field *fields, size_t count, const void *record,
                          pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *parameters[MOST_FIELDS];
	size_t parameter_count = 0;

	pawl_buffer_append(&sql, "INSERT INTO ");
	append_table(&sql, replica, name);
	for (size_t i = 0; i < count; i++) {
		void *unconst = (void *) (uintptr_t) record;
		pawl_buffer_append(&sql, i == 0 ? " VALUES (" : ", ");
		if (fields[i].kind == PAWL_REPLICA_TEXT) {
			parameters[parameter_count++] = *text_of(&fields[i], unconst);
			pawl_buffer_appendf(&sql, "$%zu", parameter_count);
		} else if (fields[i].kind == PAWL_REPLICA_INTEGER) {
			pawl_buffer_appendf(&sql, "%lld", (long long) *integer_of(&fields[i], unconst));
		} else {
			pawl_buffer_appendf(&sql, "make_timestamptz(nullif(%lld, 0))", (long long) *integer_of(&fields[i], unconst));
		}
	}
	pawl_buffer_append_character(&sql, ')');
	return execute(replica, &sql, parameters, parameter_count, error);
}

/* ---- making ---------------------------------------------------------------------------------------------------------- */

static pawl_status has_table(pawl_replica *replica, const char *name, bool *ret_has_table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;

	PAWL_TRY(pawl_duck_query(replica->duck,
	                         "SELECT 1 FROM duckdb_tables() WHERE database_name = $1 AND schema_name = '_pawl' AND table_name = $2",
	                         (const char *const[]) {replica->catalog, name}, 2, &rows, error));
	return pawl_duck_rows_next(rows, ret_has_table, error);
}

static pawl_status make(pawl_replica *replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "CREATE SCHEMA IF NOT EXISTS ");
	pawl_buffer_append_identifier(&sql, replica->catalog);
	pawl_buffer_append(&sql, "._pawl; CREATE TABLE IF NOT EXISTS ");
	append_table(&sql, replica, "format");
	pawl_buffer_append(&sql, " (format INTEGER); INSERT INTO ");
	append_table(&sql, replica, "format");
	pawl_buffer_appendf(&sql, " VALUES (%d); ", STATE_FORMAT);
	append_definition(&sql, replica, "runs", run_fields, RUN_FIELDS);
	append_definition(&sql, replica, "state", pawl_replica_state_fields, STATE_FIELDS);
	PAWL_TRY(pawl_duck_run_buffer(replica->duck, &sql, error));
	PAWL_STEP("replica: records made");
	return PAWL_OK;
}

pawl_status pawl_replica_prepare(pawl_replica *replica, pawl_error *error)
{
	bool is_there;

	PAWL_TRY(has_table(replica, "state", &is_there, error));
	if (is_there)
		return PAWL_OK;
	PAWL_TRY(pawl_replica_begin(replica, error));
	PAWL_TRY(make(replica, error));
	return pawl_replica_commit(replica, error);
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

/* "SELECT" and the fields, as read_record takes them. */
static void append_select(pawl_buffer *sql, const pawl_replica *replica, const char *name, const field *fields)
{
	for (const field *of = fields; of->kind != 0; of++)
		pawl_buffer_appendf(sql, of->kind == PAWL_REPLICA_TIME ? "%sepoch_us(%s)" : "%s%s", of == fields ? "SELECT " : ", ",
		                    of->name);
	pawl_buffer_append(sql, " FROM ");
	append_table(sql, replica, name);
}

static pawl_status read_record(pawl_duck_rows *rows, const field *fields, void *record, pawl_error *error)
{
	for (size_t i = 0; fields[i].kind != 0; i++) {
		if (fields[i].kind == PAWL_REPLICA_TEXT)
			PAWL_TRY(pawl_replica_set_text(text_of(&fields[i], record), pawl_duck_rows_text(rows, i, NULL), error));
		else
			*integer_of(&fields[i], record) = pawl_duck_rows_integer(rows, i);
	}
	return PAWL_OK;
}

static pawl_status read_state(pawl_replica_states *states, pawl_duck_rows *rows, pawl_error *error)
{
	pawl_replica_state *items = pawl_reallocate(states->items, (states->count + 1) * sizeof(*items));
	if (items == NULL)
		return pawl_error_out_of_memory(error);
	states->items = items;
	items[states->count] = (pawl_replica_state) {0};
	return read_record(rows, pawl_replica_state_fields, &items[states->count++], error);
}

static pawl_status read_states(pawl_replica *replica, pawl_replica_states *states, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	append_select(&sql, replica, "state", pawl_replica_state_fields);
	pawl_buffer_append(&sql, " ORDER BY schema_name, table_name");
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		PAWL_TRY(read_state(states, rows, error));
	}
}

pawl_status pawl_replica_load_states(pawl_replica *replica, pawl_replica_states *ret_states, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_states_clear) pawl_replica_states states = {0};
	bool is_there;

	PAWL_TRY(has_table(replica, "state", &is_there, error));
	if (is_there) {
		PAWL_TRY(check_format(replica, error));
		PAWL_TRY(read_states(replica, &states, error));
	}
	*ret_states = states;
	states = (pawl_replica_states) {0};
	return PAWL_OK;
}

pawl_status pawl_replica_forget_state(pawl_replica *replica, const char *schema, const char *name, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	assert(replica->is_in_transaction);
	pawl_buffer_append(&sql, "DELETE FROM ");
	append_table(&sql, replica, "state");
	pawl_buffer_append(&sql, " WHERE schema_name = $1 AND table_name = $2");
	return execute(replica, &sql, (const char *const[]) {schema, name}, 2, error);
}

pawl_status pawl_replica_save_state(pawl_replica *replica, const pawl_replica_state *state, pawl_error *error)
{
	PAWL_TRY(pawl_replica_forget_state(replica, state->schema_name, state->table_name, error));
	PAWL_STEP("replica: old state deleted");
	PAWL_TRY(insert(replica, "state", pawl_replica_state_fields, STATE_FIELDS, state, error));
	PAWL_STEP("replica: new state inserted");
	return PAWL_OK;
}

/* ---- runs ------------------------------------------------------------------------------------------------------------ */

pawl_status pawl_replica_add_run(pawl_replica *replica, const pawl_replica_run *run, pawl_error *error)
{
	assert(replica->is_in_transaction);
	return insert(replica, "runs", run_fields, RUN_FIELDS, run, error);
}

void pawl_replica_runs_clear(pawl_replica_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		clear_texts(run_fields, &runs->items[i]);
	pawl_free(runs->items);
	*runs = (pawl_replica_runs) {0};
}

static pawl_status read_run(pawl_replica_runs *runs, pawl_duck_rows *rows, pawl_error *error)
{
	pawl_replica_run *items = pawl_reallocate(runs->items, (runs->count + 1) * sizeof(*items));
	if (items == NULL)
		return pawl_error_out_of_memory(error);
	runs->items = items;
	items[runs->count] = (pawl_replica_run) {0};
	return read_record(rows, run_fields, &items[runs->count++], error);
}

static pawl_status read_last_runs(pawl_replica *replica, int64_t since_us, pawl_replica_runs *runs, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	append_select(&sql, replica, "runs", run_fields);
	pawl_buffer_appendf(&sql, " WHERE table_name IS NOT NULL AND started_at >= make_timestamptz(%lld)"
	                          " QUALIFY row_number() OVER (PARTITION BY schema_name, table_name"
	                          " ORDER BY started_at DESC, ended_at DESC) = 1 ORDER BY schema_name, table_name",
	                    (long long) since_us);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(replica->duck, pawl_buffer_text(&sql), NULL, 0, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		PAWL_TRY(read_run(runs, rows, error));
	}
}

const pawl_replica_run *pawl_replica_runs_find(const pawl_replica_runs *runs, const char *schema, const char *name)
{
	for (size_t i = 0; i < runs->count; i++)
		if (pawl_text_equal_ignore_case(runs->items[i].schema_name, schema) &&
		    pawl_text_equal_ignore_case(runs->items[i].table_name, name))
			return &runs->items[i];
	return NULL;
}

pawl_status pawl_replica_load_last_runs(pawl_replica *replica, int64_t since_us, pawl_replica_runs *ret_runs, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_runs_clear) pawl_replica_runs runs = {0};
	bool is_there;

	PAWL_TRY(has_table(replica, "runs", &is_there, error));
	if (is_there)
		PAWL_TRY(read_last_runs(replica, since_us, &runs, error));
	*ret_runs = runs;
	runs = (pawl_replica_runs) {0};
	return PAWL_OK;
}
