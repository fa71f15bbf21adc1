#include "destination/duckdb/replica.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What _pawl.state and _pawl.runs hold, and how. A Pawl refuses files of a higher number than its own. */
#define STATE_FORMAT 1

/* ---- fields ---------------------------------------------------------------------------------------------------------- */

typedef enum field_kind { FIELD_TEXT, FIELD_INTEGER, FIELD_TIME } field_kind;

/* A column of a table of ours, and the member of a struct that it keeps. Times are TIMESTAMPTZ there; 0 is NULL. */
typedef struct field {
	const char *name;
	field_kind kind;
	size_t offset;
} field;

static const char *const sql_types[] = {
	[FIELD_TEXT] = "VARCHAR", [FIELD_INTEGER] = "BIGINT", [FIELD_TIME] = "TIMESTAMPTZ",
};

#define STATE(member, kind) {#member, kind, offsetof(pawl_replica_state, member)}
static const field state_fields[] = {
	STATE(schema_name, FIELD_TEXT), STATE(table_name, FIELD_TEXT), STATE(source, FIELD_TEXT), STATE(source_schema, FIELD_TEXT),
	STATE(source_table, FIELD_TEXT), STATE(mode, FIELD_TEXT), STATE(replication_key, FIELD_TEXT), STATE(key_settings, FIELD_TEXT),
	STATE(primary_key, FIELD_TEXT), STATE(where_clause, FIELD_TEXT), STATE(columns, FIELD_TEXT), STATE(start, FIELD_TEXT),
	STATE(phase, FIELD_TEXT), STATE(key_type, FIELD_TEXT), STATE(cursor, FIELD_TEXT), STATE(position, FIELD_TEXT),
	STATE(next_cursor, FIELD_TEXT), STATE(newest_key, FIELD_TEXT), STATE(horizon, FIELD_TEXT), STATE(source_version, FIELD_TEXT),
	STATE(tail_hash, FIELD_TEXT), STATE(tail_rows, FIELD_INTEGER), STATE(rows_written, FIELD_INTEGER),
	STATE(guarantee, FIELD_TEXT), STATE(new_columns, FIELD_TEXT),
	STATE(key_class, FIELD_TEXT),
	{"source_now", FIELD_TIME, offsetof(pawl_replica_state, source_now_us)},
	{"host_now", FIELD_TIME, offsetof(pawl_replica_state, host_now_us)},
	{"synced_at", FIELD_TIME, offsetof(pawl_replica_state, synced_at_us)},
};

#define RUN(member, kind) {#member, kind, offsetof(pawl_replica_run, member)}
static const field run_fields[] = {
	{"started_at", FIELD_TIME, offsetof(pawl_replica_run, started_at_us)},
	{"ended_at", FIELD_TIME, offsetof(pawl_replica_run, ended_at_us)},
	RUN(schema_name, FIELD_TEXT), RUN(table_name, FIELD_TEXT), RUN(phase, FIELD_TEXT), RUN(outcome, FIELD_TEXT),
	RUN(rows_read, FIELD_INTEGER), RUN(rows_written, FIELD_INTEGER), RUN(cursor_from, FIELD_TEXT), RUN(cursor_to, FIELD_TEXT),
	RUN(guarantee, FIELD_TEXT), RUN(error, FIELD_TEXT),
};

enum {
	STATE_FIELDS = sizeof(state_fields) / sizeof(state_fields[0]),
	RUN_FIELDS = sizeof(run_fields) / sizeof(run_fields[0]),
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

void pawl_replica_state_clear(pawl_replica_state *state)
{
	for (size_t i = 0; i < STATE_FIELDS; i++)
		if (state_fields[i].kind == FIELD_TEXT)
			pawl_free(*text_of(&state_fields[i], state));
	*state = (pawl_replica_state) {0};
}

pawl_status pawl_replica_state_copy(const pawl_replica_state *state, pawl_replica_state *ret_copy, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_state_clear) pawl_replica_state copy = *state;

	for (size_t i = 0; i < STATE_FIELDS; i++)
		if (state_fields[i].kind == FIELD_TEXT)
			*text_of(&state_fields[i], &copy) = NULL;
	for (size_t i = 0; i < STATE_FIELDS; i++)
		if (state_fields[i].kind == FIELD_TEXT)
			PAWL_TRY(pawl_replica_set_text(text_of(&state_fields[i], &copy),
			                               *text_of(&state_fields[i], (void *) (uintptr_t) state), error));
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
		if (fields[i].kind == FIELD_TEXT) {
			parameters[parameter_count++] = *text_of(&fields[i], unconst);
			pawl_buffer_appendf(&sql, "$%zu", parameter_count);
		} else if (fields[i].kind == FIELD_INTEGER) {
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
	append_definition(&sql, replica, "state", state_fields, STATE_FIELDS);
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
	if (pawl_duck_rows_integer(rows, 0) <= STATE_FORMAT)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "the warehouse was written by a newer Pawl: the format of its state is %lld, this one knows %d",
	               (long long) pawl_duck_rows_integer(rows, 0), STATE_FORMAT);
	return pawl_error_hint(error, "use that newer Pawl, or another warehouse");
}

static pawl_status read_state(pawl_replica_states *states, pawl_duck_rows *rows, pawl_error *error)
{
	pawl_replica_state *items = pawl_reallocate(states->items, (states->count + 1) * sizeof(*items));
	if (items == NULL)
		return pawl_error_out_of_memory(error);
	states->items = items;
	pawl_replica_state *state = &items[states->count++];
	*state = (pawl_replica_state) {0};
	for (size_t i = 0; i < STATE_FIELDS; i++) {
		if (state_fields[i].kind == FIELD_TEXT)
			PAWL_TRY(pawl_replica_set_text(text_of(&state_fields[i], state), pawl_duck_rows_text(rows, i, NULL), error));
		else
			*integer_of(&state_fields[i], state) = pawl_duck_rows_integer(rows, i);
	}
	return PAWL_OK;
}

static pawl_status read_states(pawl_replica *replica, pawl_replica_states *states, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	for (size_t i = 0; i < STATE_FIELDS; i++)
		pawl_buffer_appendf(&sql, state_fields[i].kind == FIELD_TIME ? "%sepoch_us(%s)" : "%s%s", i == 0 ? "SELECT " : ", ",
		                    state_fields[i].name);
	pawl_buffer_append(&sql, " FROM ");
	append_table(&sql, replica, "state");
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
	PAWL_TRY(insert(replica, "state", state_fields, STATE_FIELDS, state, error));
	PAWL_STEP("replica: new state inserted");
	return PAWL_OK;
}

pawl_status pawl_replica_add_run(pawl_replica *replica, const pawl_replica_run *run, pawl_error *error)
{
	assert(replica->is_in_transaction);
	return insert(replica, "runs", run_fields, RUN_FIELDS, run, error);
}
