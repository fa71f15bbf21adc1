#include "replicate/records.h"

#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "replicate/run.h"

void pawl_records_close(pawl_records *records)
{
	pawl_replica_states_clear(&records->states);
	pawl_replica_close(records->replica);
	pawl_lock_release(records->lock);
	*records = (pawl_records) {0};
}

pawl_status pawl_records_open(const char *warehouse, pawl_records_purpose purpose, pawl_records *ret_records,
                              pawl_error *error)
{
	PAWL_CLEANUP(pawl_records_close) pawl_records records = {0};
	const pawl_replica_options options = {.path = warehouse, .is_read_only = purpose == PAWL_RECORDS_LOOK};

	if (!pawl_file_exists(warehouse))
		return pawl_error_set(error, PAWL_NOT_FOUND, "there is no warehouse '%s'", warehouse);
	if (purpose == PAWL_RECORDS_CHANGE)
		PAWL_TRY(pawl_lock_take(warehouse, &records.lock, error));
	PAWL_TRY(pawl_replica_open(&options, &records.replica, error));
	PAWL_TRY(pawl_replica_load_states(records.replica, &records.states, error));
	*ret_records = records;
	records = (pawl_records) {0};
	return PAWL_OK;
}

/* ---- finding --------------------------------------------------------------------------------------------------------- */

/* "main.orders" or "orders", of a table of that schema and name. */
static bool is_called(const pawl_replica_state *state, const char *name)
{
	size_t length = strlen(state->schema_name);

	if (pawl_text_equal_ignore_case(name, state->table_name))
		return true;
	return strncasecmp(name, state->schema_name, length) == 0 && name[length] == '.' &&
	       pawl_text_equal_ignore_case(name + length + 1, state->table_name);
}

static pawl_status suggest(const pawl_records *records, const char *name, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) const char **names = pawl_allocate_array(2 * records->states.count + 1, sizeof(*names));
	PAWL_CLEANUP(pawl_arena_free) pawl_arena arena = {0};

	if (names == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < records->states.count; i++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer full = {0};
		pawl_buffer_appendf(&full, "%s.%s", records->states.items[i].schema_name, records->states.items[i].table_name);
		names[2 * i] = pawl_arena_duplicate(&arena, pawl_buffer_text(&full));
		names[2 * i + 1] = records->states.items[i].table_name;
		if (full.has_failed || names[2 * i] == NULL)
			return pawl_error_out_of_memory(error);
	}
	const char *closest = pawl_text_closest(name, names);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	return pawl_error_hint(error, "'pawl status' lists the tables");
}

pawl_status pawl_records_find(const pawl_records *records, const char *name, pawl_replica_state **ret_state, pawl_error *error)
{
	pawl_replica_state *found = NULL;

	for (size_t i = 0; i < records->states.count; i++) {
		pawl_replica_state *state = &records->states.items[i];
		if (!is_called(state, name))
			continue;
		if (found != NULL) {
			pawl_error_set(error, PAWL_INVALID, "'%s' may be '%s.%s' or '%s.%s'", name, found->schema_name,
			               found->table_name, state->schema_name, state->table_name);
			return pawl_error_hint(error, "name it with its schema");
		}
		found = state;
	}
	if (found == NULL) {
		pawl_error_set(error, PAWL_NOT_FOUND, "the warehouse knows no table '%s'", name);
		return suggest(records, name, error);
	}
	*ret_state = found;
	return PAWL_OK;
}

/* ---- the cursor ------------------------------------------------------------------------------------------------------ */

static bool is_time(const char *text)
{
	pawl_time_parts parts;
	const char *reason;

	return pawl_time_parse(text, strlen(text), &parts, &reason);
}

static bool is_number(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && strspn(text, "0123456789.-+eE") == length && strpbrk(text, "0123456789") != NULL;
}

/* What a value is, as far as it shows. */
static const char *kind_of(const char *text)
{
	return is_time(text) ? "time" : is_number(text) ? "number" : "text";
}

/* The source alone knows what its keys may be; but where they are times, a word is none. */
static pawl_status check_kind(const pawl_replica_state *state, const char *cursor, pawl_error *error)
{
	const char *known = state->cursor != NULL ? state->cursor : state->newest_key;

	if (known == NULL || strcmp(kind_of(known), "text") == 0 || strcmp(kind_of(known), kind_of(cursor)) == 0)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "the cursor '%s' is no %s", cursor, kind_of(known));
	return pawl_error_hint(error, "write it as the one that is there: '%s'", known);
}

static pawl_status check_cursor(const pawl_replica_state *state, const char *cursor, pawl_error *error)
{
	if (state->replication_key == NULL) {
		pawl_error_set(error, PAWL_INVALID, "'%s.%s' has no cursor: it is copied whole every time", state->schema_name,
		               state->table_name);
		return pawl_error_hint(error, "only tables with a replication key have one");
	}
	if (state->phase == NULL || strcmp(state->phase, pawl_phase_names[PAWL_PHASE_INCREMENTAL]) != 0) {
		pawl_error_set(error, PAWL_INVALID, "the first copy of '%s.%s' is not finished", state->schema_name,
		               state->table_name);
		return pawl_error_hint(error, "run 'pawl sync' until it is; a cursor would leave out what is not copied yet");
	}
	return check_kind(state, cursor, error);
}

static pawl_status move_cursor(pawl_replica_state *state, const char *cursor, pawl_error *error)
{
	PAWL_TRY(pawl_replica_set_text(&state->cursor, cursor, error));
	if (state->cursor_type == NULL)
		PAWL_TRY(pawl_replica_set_text(&state->cursor_type, state->newest_type, error));
	PAWL_TRY(pawl_replica_set_text(&state->position, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->next_cursor, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->ripening, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->source_version, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->tail_hash, NULL, error));
	state->tail_rows = -1;
	return PAWL_OK;
}

static pawl_status save(pawl_records *records, const pawl_replica_state *state, pawl_error *error)
{
	PAWL_TRY(pawl_replica_begin(records->replica, error));
	PAWL_TRY(pawl_replica_save_state(records->replica, state, error));
	return pawl_replica_commit(records->replica, error);
}

pawl_status pawl_records_set_cursor(pawl_records *records, pawl_replica_state *state, const char *cursor, pawl_error *error)
{
	PAWL_TRY(check_cursor(state, cursor, error));
	PAWL_TRY(move_cursor(state, cursor, error));
	pawl_status status = save(records, state, error);
	pawl_replica_rollback(records->replica);
	return status;
}

/* ---- reset ----------------------------------------------------------------------------------------------------------- */

static pawl_status forget(pawl_records *records, pawl_replica_state *const *states, size_t count, pawl_error *error)
{
	PAWL_TRY(pawl_replica_begin(records->replica, error));
	for (size_t i = 0; i < count; i++) {
		PAWL_TRY(pawl_replica_drop(records->replica, states[i]->schema_name, states[i]->table_name, error));
		PAWL_TRY(pawl_replica_forget_state(records->replica, states[i]->schema_name, states[i]->table_name, error));
	}
	return pawl_replica_commit(records->replica, error);
}

pawl_status pawl_records_reset(pawl_records *records, pawl_replica_state *const *states, size_t count, pawl_error *error)
{
	pawl_status status = forget(records, states, count, error);
	pawl_replica_rollback(records->replica);
	return status;
}
