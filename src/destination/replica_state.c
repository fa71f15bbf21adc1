/* States and runs of a replica, in memory. */
#include "destination/replica_driver.h"

#include "base/memory.h"
#include "base/text.h"

/* ---- fields ---------------------------------------------------------------------------------------------------------- */

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
	TEXT(pawl_replica_state, source_version), TEXT(pawl_replica_state, source_history), TEXT(pawl_replica_state, tail_hash),
	INTEGER(pawl_replica_state, tail_rows), INTEGER(pawl_replica_state, rows_written), TEXT(pawl_replica_state, guarantee),
	TEXT(pawl_replica_state, new_columns), TEXT(pawl_replica_state, key_class),
	TEXT(pawl_replica_state, ripening), INTEGER(pawl_replica_state, text_bytes),
	TIME(pawl_replica_state, source_now), TIME(pawl_replica_state, host_now), TIME(pawl_replica_state, synced_at),
	{0},
};

const pawl_replica_field pawl_replica_run_fields[] = {
	TIME(pawl_replica_run, started_at), TIME(pawl_replica_run, ended_at), TEXT(pawl_replica_run, schema_name),
	TEXT(pawl_replica_run, table_name), TEXT(pawl_replica_run, phase), TEXT(pawl_replica_run, outcome),
	INTEGER(pawl_replica_run, rows_read), INTEGER(pawl_replica_run, rows_written), TEXT(pawl_replica_run, cursor_from),
	TEXT(pawl_replica_run, cursor_to), TEXT(pawl_replica_run, guarantee), TEXT(pawl_replica_run, error),
	{0},
};

enum { STATE_FIELDS = sizeof(pawl_replica_state_fields) / sizeof(pawl_replica_state_fields[0]) - 1 };

void pawl_replica_clear_texts(const pawl_replica_field *fields, void *record)
{
	for (; fields->kind != 0; fields++)
		if (fields->kind == PAWL_REPLICA_TEXT)
			pawl_free(*pawl_replica_text_of(fields, record));
}

/* ---- states ---------------------------------------------------------------------------------------------------------- */

void pawl_replica_state_clear(pawl_replica_state *state)
{
	pawl_replica_clear_texts(pawl_replica_state_fields, state);
	*state = (pawl_replica_state) {0};
}

pawl_status pawl_replica_state_copy(const pawl_replica_state *state, pawl_replica_state *ret_copy, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_state_clear) pawl_replica_state copy = *state;

	for (size_t i = 0; i < STATE_FIELDS; i++)
		if (pawl_replica_state_fields[i].kind == PAWL_REPLICA_TEXT)
			*pawl_replica_text_of(&pawl_replica_state_fields[i], &copy) = NULL;
	for (size_t i = 0; i < STATE_FIELDS; i++) {
		const pawl_replica_field *field = &pawl_replica_state_fields[i];
		void *from = (void *) (uintptr_t) state;
		if (field->kind == PAWL_REPLICA_TEXT)
			PAWL_TRY(pawl_replica_set_text(pawl_replica_text_of(field, &copy), *pawl_replica_text_of(field, from), error));
	}
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
		if (pawl_replica_is_called(states->items[i].schema_name, schema, states->is_case_sensitive) &&
		    pawl_replica_is_called(states->items[i].table_name, name, states->is_case_sensitive))
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

pawl_replica_state *pawl_replica_states_add(pawl_replica_states *states)
{
	pawl_replica_state *items = pawl_reallocate(states->items, (states->count + 1) * sizeof(*items));

	if (items == NULL)
		return NULL;
	states->items = items;
	items[states->count] = (pawl_replica_state) {0};
	return &items[states->count++];
}

/* ---- runs ------------------------------------------------------------------------------------------------------------ */

void pawl_replica_runs_clear(pawl_replica_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		pawl_replica_clear_texts(pawl_replica_run_fields, &runs->items[i]);
	pawl_free(runs->items);
	*runs = (pawl_replica_runs) {0};
}

static bool is_later(const pawl_replica_run *run, const pawl_replica_run *other)
{
	return run->started_at_us != other->started_at_us ? run->started_at_us > other->started_at_us
	                                                  : run->ended_at_us > other->ended_at_us;
}

const pawl_replica_run *pawl_replica_runs_find(const pawl_replica_runs *runs, const char *schema, const char *name)
{
	const pawl_replica_run *last = NULL;

	for (size_t i = 0; i < runs->count; i++) {
		const pawl_replica_run *run = &runs->items[i];
		if (pawl_text_equal_ignore_case(run->schema_name, schema) && pawl_text_equal_ignore_case(run->table_name, name) &&
		    (last == NULL || is_later(run, last)))
			last = run;
	}
	return last;
}
