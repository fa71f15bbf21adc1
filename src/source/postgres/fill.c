#include "source/postgres/reading.h"

#include "base/time.h"

/* ---- batches --------------------------------------------------------------------------------------------------------- */

static void clear_batch(pawl_postgres_batch *batch)
{
	for (size_t i = 0; i < batch->row_count; i++)
		PQfreemem(batch->rows[i].memory);
	batch->row_count = batch->length = 0;
}

void pawl_postgres_free_batch(void *thread_state)
{
	clear_batch(thread_state);
	pawl_free(thread_state);
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

/* The fields behind those of the relation. */
static bool find_places(const pawl_postgres_reading *reading, const pawl_postgres_row *row, pawl_postgres_cursor *ret_cursor)
{
	pawl_postgres_field field;

	*ret_cursor = (pawl_postgres_cursor) {row->fields, row->length};
	for (size_t i = 0; i < reading->plan.output_count; i++)
		if (!pawl_postgres_next(ret_cursor, &field))
			return false;
	return true;
}

static pawl_status fail_cut(pawl_error *error)
{
	return pawl_error_set(error, PAWL_DATABASE, "the server's rows are not in the format that was asked for: a row is cut");
}

static pawl_status keep_place(const pawl_postgres_field *field, char **place, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_free(PAWL_TAKE(*place));
	if (field->bytes == NULL)
		return PAWL_OK;
	pawl_buffer_append_bytes(&text, field->bytes, field->length);
	PAWL_TRY(pawl_buffer_status(&text, error));
	*place = text.length == 0 ? pawl_duplicate("") : pawl_buffer_take(&text);
	return *place == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

/* Keeps the place behind the batch's last row. */
static pawl_status note_position(pawl_postgres_reading *reading, const pawl_postgres_batch *batch, pawl_error *error)
{
	pawl_postgres_cursor cursor;
	pawl_postgres_field field;

	if (batch->row_count == 0 || reading->plan.position_count == 0)
		return PAWL_OK;
	if (!find_places(reading, &batch->rows[batch->row_count - 1], &cursor))
		return fail_cut(error);
	for (size_t i = 0; i < reading->plan.position_count; i++) {
		if (!pawl_postgres_next(&cursor, &field))
			return fail_cut(error);
		PAWL_TRY(keep_place(&field, &reading->position[i], error));
	}
	return PAWL_OK;
}

/* ---- groups of equal keys -------------------------------------------------------------------------------------------- */

static pawl_status find_group(const pawl_postgres_reading *reading, const pawl_postgres_row *row, int64_t *ret_group,
                              pawl_error *error)
{
	pawl_postgres_cursor cursor;
	pawl_postgres_field field = {0};

	if (!find_places(reading, row, &cursor))
		return fail_cut(error);
	for (size_t i = 0; i <= reading->plan.position_count; i++)
		if (!pawl_postgres_next(&cursor, &field))
			return fail_cut(error);
	if (field.bytes == NULL || field.length != 8)
		return fail_cut(error);
	*ret_group = (int64_t) pawl_postgres_read64(field.bytes);
	return PAWL_OK;
}

static pawl_status is_same_group(const pawl_postgres_reading *reading, bool *ret_is_same, pawl_error *error)
{
	int64_t group;

	*ret_is_same = false;
	if (reading->phase != reading->group_phase)
		return PAWL_OK;
	PAWL_TRY(find_group(reading, &reading->row, &group, error));
	*ret_is_same = group == reading->group;
	return PAWL_OK;
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

static bool is_limit_reached(const pawl_postgres_reading *reading)
{
	const pawl_window_limit *limit = &reading->limit;

	if (reading->window_rows == 0)
		return false;
	return reading->window_rows >= limit->rows || atomic_load(&reading->postgres->source.is_stopping) ||
	       (limit->us > 0 && pawl_time_monotonic_us() - reading->window_started_us >= limit->us);
}

/* A window that is cut by its number of rows may have been the last one; by time, it is not worth a look. */
static pawl_status end_window(pawl_postgres_reading *reading, const pawl_postgres_batch *batch, pawl_error *error)
{
	if (reading->plan.has_group) {
		reading->is_ending = true;
		return find_group(reading, &batch->rows[batch->row_count - 1], &reading->group, error);
	}
	reading->is_window_over = true;
	return reading->window_rows >= reading->limit.rows ? pawl_postgres_find_row(reading, error) : PAWL_OK;
}

static size_t find_room(const pawl_postgres_reading *reading)
{
	int64_t left = reading->limit.rows - reading->window_rows;
	return reading->is_ending || left > PAWL_STREAM_ROWS ? PAWL_STREAM_ROWS : (size_t) left;
}

static pawl_status take_rows(pawl_postgres_batch *batch, pawl_error *error)
{
	pawl_postgres_reading *reading = batch->reading;
	size_t room = find_room(reading);
	bool is_same = true;

	while (batch->row_count < room && batch->length < PAWL_POSTGRES_VALUE_BYTES) {
		PAWL_TRY(pawl_postgres_find_row(reading, error));
		if (reading->is_ending && !reading->is_done)
			PAWL_TRY(is_same_group(reading, &is_same, error));
		reading->is_window_over = reading->is_done || !is_same;
		if (reading->is_window_over)
			return PAWL_OK;
		batch->rows[batch->row_count++] = reading->row;
		batch->length += reading->row.length;
		reading->row = (pawl_postgres_row) {0};
		reading->group_phase = reading->phase;
	}
	return PAWL_OK;
}

static pawl_status take_batch(pawl_postgres_batch *batch, pawl_error *error)
{
	pawl_postgres_reading *reading = batch->reading;

	clear_batch(batch);
	batch->is_misfit = false;
	batch->first_row = batch->failed_row = reading->rows_taken + 1;
	if (reading->is_window_over || reading->has_failed)
		return PAWL_OK;
	pawl_status status = take_rows(batch, error);
	batch->failed_row += (int64_t) batch->row_count; /* if it failed: behind what was taken */
	PAWL_TRY(status);
	reading->rows_taken += (int64_t) batch->row_count;
	reading->window_rows += (int64_t) batch->row_count;
	reading->window_bytes += (int64_t) batch->length;
	PAWL_TRY(note_position(reading, batch, error));
	if (batch->row_count > 0 && !reading->is_window_over && !reading->is_ending && is_limit_reached(reading))
		return end_window(reading, batch, error);
	return PAWL_OK;
}

/* ---- the producer ---------------------------------------------------------------------------------------------------- */

/* Under the lock. Of several failures, the one of the first row: so it is the same each time. */
static void note_failure(pawl_postgres_reading *reading, const pawl_postgres_batch *batch, const pawl_error *error)
{
	if (!reading->has_failed || batch->failed_row < reading->failed_row) {
		reading->has_failed = true;
		reading->failed_row = batch->failed_row;
		reading->failure = *error;
		reading->misfit = (pawl_misfit) {batch->is_misfit, batch->failed_column};
	}
}

/* No other thread goes on where this one could not. */
static pawl_status take(pawl_postgres_batch *batch, pawl_error *error)
{
	pawl_postgres_reading *reading = batch->reading;

	pthread_mutex_lock(&reading->mutex);
	pawl_status status = take_batch(batch, error);
	if (status != PAWL_OK)
		note_failure(reading, batch, error);
	pthread_mutex_unlock(&reading->mutex);
	return status;
}

static pawl_status decode(pawl_postgres_batch *batch, pawl_stream_chunk *chunk, pawl_error *error)
{
	pawl_postgres_reading *reading = batch->reading;

	if (pawl_postgres_decode(batch, chunk, error) == PAWL_OK)
		return PAWL_OK;
	pthread_mutex_lock(&reading->mutex);
	note_failure(reading, batch, error);
	pthread_mutex_unlock(&reading->mutex);
	return error->status;
}

pawl_status pawl_postgres_fill(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *error)
{
	if (*thread_state == NULL) {
		pawl_postgres_batch *made = pawl_allocate(sizeof(*made));
		if (made == NULL)
			return pawl_error_out_of_memory(error);
		made->reading = context;
		*thread_state = made;
	}
	pawl_postgres_batch *batch = *thread_state;
	PAWL_TRY(take(batch, error));
	PAWL_TRY(decode(batch, chunk, error));
	chunk->row_count = batch->row_count;
	return PAWL_OK;
}
