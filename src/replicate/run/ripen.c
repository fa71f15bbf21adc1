#include "replicate/run/ripen.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "replicate/run/sync.h"

/* ---- notes ----------------------------------------------------------------------------------------------------------- */

void pawl_ripening_clear(pawl_ripening *ripening)
{
	for (size_t i = 0; i < ripening->count; i++)
		pawl_key_value_clear(&ripening->notes[i].newest);
	*ripening = (pawl_ripening) {0};
}

pawl_status pawl_ripening_add(pawl_ripening *ripening, const pawl_key_value *newest, int64_t seen_us, pawl_error *error)
{
	PAWL_CLEANUP(pawl_key_value_clear) pawl_key_value copy = {0};

	if (ripening->count > 0 && pawl_key_value_equal(&ripening->notes[ripening->count - 1].newest, newest))
		return PAWL_OK;
	PAWL_TRY(pawl_key_value_copy(newest, &copy, error));
	if (ripening->count == PAWL_RIPENING_NOTES)
		pawl_key_value_clear(&ripening->notes[--ripening->count].newest);
	ripening->notes[ripening->count++] = (pawl_ripening_note) {copy, seen_us};
	copy = (pawl_key_value) {0};
	return PAWL_OK;
}

static size_t count_ripe(const pawl_ripening *ripening, int64_t before_us)
{
	size_t count = ripening->count;
	while (count > 0 && ripening->notes[count - 1].seen_us >= before_us)
		count--;
	return count;
}

const pawl_key_value *pawl_ripening_find(const pawl_ripening *ripening, int64_t before_us)
{
	size_t count = count_ripe(ripening, before_us);
	return count == 0 ? NULL : &ripening->notes[count - 1].newest;
}

void pawl_ripening_drop(pawl_ripening *ripening, int64_t before_us)
{
	size_t count = count_ripe(ripening, before_us);

	for (size_t i = 0; i < count; i++)
		pawl_key_value_clear(&ripening->notes[i].newest);
	ripening->count -= count;
	memmove(ripening->notes, ripening->notes + count, ripening->count * sizeof(ripening->notes[0]));
	memset(ripening->notes + ripening->count, 0, count * sizeof(ripening->notes[0]));
}

/* ---- notes as text --------------------------------------------------------------------------------------------------- */

static void append_member(pawl_buffer *text, const char *name, const char *value)
{
	pawl_buffer_appendf(text, "\"%s\": ", name);
	pawl_buffer_append_json(text, value, strlen(value));
	pawl_buffer_append(text, ", ");
}

pawl_status pawl_ripening_format(const pawl_ripening *ripening, char **ret_text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	if (ripening->count == 0) {
		*ret_text = NULL;
		return PAWL_OK;
	}
	for (size_t i = 0; i < ripening->count; i++) {
		const pawl_ripening_note *note = &ripening->notes[i];
		pawl_buffer_append(&text, i == 0 ? "{\"seen\": [{" : ", {");
		append_member(&text, "key", note->newest.text);
		append_member(&text, "type", note->newest.type);
		pawl_buffer_appendf(&text, "\"at_us\": %" PRId64 "}", note->seen_us);
	}
	pawl_buffer_append(&text, "]}");
	PAWL_TRY(pawl_buffer_status(&text, error));
	*ret_text = pawl_buffer_take(&text);
	return PAWL_OK;
}

pawl_status pawl_ripening_parse(const char *text, pawl_ripening *ret_ripening, pawl_error *error)
{
	PAWL_CLEANUP(pawl_ripening_clear) pawl_ripening ripening = {0};
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
	size_t index;
	json_t *note;

	if (text != NULL)
		PAWL_TRY(pawl_json_parse_object("ripening", text, strlen(text), &root, error));
	json_array_foreach(json_object_get(root, "seen"), index, note) {
		const char *key = json_string_value(json_object_get(note, "key")), *type = json_string_value(json_object_get(note, "type"));
		if (key == NULL || type == NULL || !json_is_integer(json_object_get(note, "at_us")))
			return pawl_error_set(error, PAWL_INVALID, "the state's 'ripening' is none: '%s'", text);
		const pawl_key_value newest = {(char *) (uintptr_t) key, (char *) (uintptr_t) type};
		PAWL_TRY(pawl_ripening_add(&ripening, &newest, json_integer_value(json_object_get(note, "at_us")), error));
	}
	*ret_ripening = ripening;
	ripening = (pawl_ripening) {0};
	return PAWL_OK;
}

/* ---- the cursor ------------------------------------------------------------------------------------------------------ */

/* What was seen before is ripe. Where the horizon is not known, the lag has to do. */
static int64_t find_limit(const pawl_table_sync *sync)
{
	const pawl_snapshot *snapshot = &sync->snapshot;
	return (sync->plan->is_lag_of_clock ? snapshot->now_us : snapshot->settled_us) - sync->plan->lag_us;
}

/* Keys are compared by the source alone: so a note is taken or not by its time, whatever it says. */
pawl_status pawl_replicate_ripe_cursor(const pawl_table_sync *sync, pawl_key_value *ret_cursor, pawl_error *error)
{
	PAWL_CLEANUP(pawl_ripening_clear) pawl_ripening ripening = {0};
	const pawl_replica_state *state = &sync->plan->state;
	const pawl_key_value cursor = {state->cursor, state->cursor_type};

	PAWL_TRY(pawl_ripening_parse(state->ripening, &ripening, error));
	const pawl_key_value *ripe = pawl_ripening_find(&ripening, find_limit(sync));
	return pawl_key_value_copy(ripe == NULL ? &cursor : ripe, ret_cursor, error);
}

pawl_status pawl_replicate_note_newest(pawl_table_sync *sync, const pawl_key_value *newest, pawl_error *error)
{
	PAWL_CLEANUP(pawl_ripening_clear) pawl_ripening ripening = {0};
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	pawl_replica_state *state = &sync->plan->state;
	const pawl_key_value next = {state->next_cursor, state->next_type};

	PAWL_TRY(pawl_ripening_parse(state->ripening, &ripening, error));
	if (!sync->plan->is_held)
		pawl_ripening_drop(&ripening, find_limit(sync));
	if (newest->text != NULL && !(ripening.count == 0 && pawl_key_value_equal(newest, &next)))
		PAWL_TRY(pawl_ripening_add(&ripening, newest, sync->snapshot.taken_us, error));
	PAWL_TRY(pawl_ripening_format(&ripening, &text, error));
	return pawl_replica_set_text(&state->ripening, text, error);
}

/* ---- the first sync -------------------------------------------------------------------------------------------------- */

#define FIRST_WAIT_US INT64_C(5000000)
#define PAUSE_NS      50000000L

static void pause_a_little(void)
{
	nanosleep(&(struct timespec) {.tv_nsec = PAUSE_NS}, NULL);
}

static pawl_status has_ripe(const pawl_table_sync *sync, bool *ret_has_ripe, pawl_error *error)
{
	PAWL_CLEANUP(pawl_key_value_clear) pawl_key_value cursor = {0};

	PAWL_TRY(pawl_replicate_ripe_cursor(sync, &cursor, error));
	*ret_has_ripe = cursor.text != NULL;
	return PAWL_OK;
}

static pawl_status wait_until_ripe(pawl_table_sync *sync, pawl_error *error)
{
	int64_t deadline_us = pawl_time_monotonic_us() + FIRST_WAIT_US;
	bool is_ripe = false;

	while (sync->plan->guarantee == PAWL_GUARANTEE_EXACT && pawl_time_monotonic_us() < deadline_us &&
	       !sync->hooks->is_stopping(sync->hooks->context)) {
		sync->source->driver->snapshot_end(sync->source);
		pause_a_little();
		PAWL_TRY(pawl_replicate_snapshot(sync, error));
		PAWL_TRY(has_ripe(sync, &is_ripe, error));
		if (is_ripe)
			return PAWL_OK;
	}
	pawl_replicate_tell(sync, PAWL_NOTICE_INFO, "", "the next sync reads the whole table once more: numbers of the sequence that "
	                    "were handed out may not be committed yet");
	return PAWL_OK;
}

/*
 * The first copy has no older note to set the cursor from. So a moment is waited, until what its own would be is ripe: transactions
 * are short, mostly. The copy is of the snapshot that comes last.
 */
pawl_status pawl_replicate_ripen_first(pawl_table_sync *sync, const pawl_read *read, pawl_error *error)
{
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	pawl_replica_state *state = &sync->plan->state;

	if (!sync->plan->is_ripening)
		return PAWL_OK;
	PAWL_TRY(pawl_replica_set_text(&state->cursor, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->ripening, NULL, error));
	PAWL_TRY(pawl_replicate_bounds(sync, read, &bounds, error));
	PAWL_TRY(pawl_replicate_note_newest(sync, &bounds.newest, error));
	return bounds.newest.text == NULL ? PAWL_OK : wait_until_ripe(sync, error);
}
