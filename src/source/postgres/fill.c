#include "source/postgres/reading.h"

#include "base/time.h"

/* ---- batches --------------------------------------------------------------------------------------------------------- */

static void clear_batch(pawl_postgres_batch *batch)
{
	for (size_t i = 0; i < batch->row_count; i++)
		pawl_pq.freemem(batch->rows[i].memory);
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

static pawl_status is_same_group(pawl_postgres_lane *lane, bool *ret_is_same, pawl_error *error)
{
	const pawl_postgres_reading *reading = lane->reading;
	int64_t group;

	*ret_is_same = false;
	if (lane->part.phase != reading->group_phase)
		return PAWL_OK;
	PAWL_TRY(find_group(reading, &lane->row, &group, error));
	*ret_is_same = group == reading->group;
	return PAWL_OK;
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

static bool is_limit_reached(const pawl_postgres_reading *reading)
{
	const pawl_window_limit *limit = &reading->limit;

	return reading->window_rows >= limit->rows || atomic_load(&reading->postgres->source.is_stopping) ||
	       (limit->us > 0 && pawl_time_monotonic_us() - reading->window_started_us >= limit->us);
}

/* How many rows may be taken; 0: the window is over. */
static size_t find_room(pawl_postgres_reading *reading)
{
	pthread_mutex_lock(&reading->mutex);
	int64_t left = reading->limit.rows - reading->window_rows;
	size_t room = reading->is_ending || left > PAWL_STREAM_ROWS ? PAWL_STREAM_ROWS : left < 1 ? 1 : (size_t) left;
	if (reading->is_window_over || reading->has_failed)
		room = 0;
	pthread_mutex_unlock(&reading->mutex);
	return room;
}

static void end_window(pawl_postgres_reading *reading, bool *ret_is_full)
{
	pthread_mutex_lock(&reading->mutex);
	reading->is_window_over = true;
	*ret_is_full = reading->window_rows >= reading->limit.rows;
	pthread_mutex_unlock(&reading->mutex);
}

/* Counts the batch's rows; true when the window has enough of them. */
static bool count_rows(pawl_postgres_batch *batch)
{
	pawl_postgres_reading *reading = batch->reading;

	pthread_mutex_lock(&reading->mutex);
	batch->first_row = reading->rows_taken + 1;
	reading->rows_taken += (int64_t) batch->row_count;
	batch->failed_row = reading->rows_taken + 1; /* if taking failed: behind what was taken */
	reading->window_rows += (int64_t) batch->row_count;
	reading->window_bytes += (int64_t) batch->length;
	bool is_enough = batch->row_count > 0 && is_limit_reached(reading);
	pthread_mutex_unlock(&reading->mutex);
	return is_enough;
}

/* A window that is cut by its number of rows may have been the last one; by time, it is not worth a look. */
static pawl_status reach_limit(pawl_postgres_lane *lane, const pawl_postgres_batch *batch, pawl_error *error)
{
	pawl_postgres_reading *reading = lane->reading;
	bool is_full;

	if (reading->plan.has_group) {
		reading->is_ending = true;
		reading->group_phase = lane->part.phase;
		return find_group(reading, &batch->rows[batch->row_count - 1], &reading->group, error);
	}
	end_window(reading, &is_full);
	return is_full ? pawl_postgres_find_row(lane, error) : PAWL_OK;
}

/* ---- taking ---------------------------------------------------------------------------------------------------------- */

static pawl_status take_rows(pawl_postgres_lane *lane, pawl_postgres_batch *batch, size_t room, pawl_error *error)
{
	pawl_postgres_reading *reading = lane->reading;
	bool is_same = true, is_full;

	while (batch->row_count < room && batch->length < PAWL_POSTGRES_VALUE_BYTES) {
		PAWL_TRY(pawl_postgres_find_row(lane, error));
		if (reading->is_ending && !lane->is_done)
			PAWL_TRY(is_same_group(lane, &is_same, error));
		if (!is_same)
			end_window(reading, &is_full);
		if (lane->is_done || !is_same)
			return PAWL_OK;
		batch->rows[batch->row_count++] = lane->row;
		batch->length += lane->row.length;
		lane->row = (pawl_postgres_row) {0};
	}
	return PAWL_OK;
}

static pawl_status take_batch(pawl_postgres_lane *lane, pawl_postgres_batch *batch, pawl_error *error)
{
	pawl_postgres_reading *reading = lane->reading;

	pawl_status status = take_rows(lane, batch, find_room(reading), error);
	bool is_enough = count_rows(batch);
	PAWL_TRY(status);
	PAWL_TRY(note_position(reading, batch, error));
	return is_enough && !reading->is_ending ? reach_limit(lane, batch, error) : PAWL_OK;
}

static bool lock_lane(pawl_postgres_lane *lane, bool may_wait)
{
	if (may_wait)
		pthread_mutex_lock(&lane->mutex);
	else if (pthread_mutex_trylock(&lane->mutex) != 0)
		return false;
	if (!lane->is_done)
		return true;
	pthread_mutex_unlock(&lane->mutex);
	return false;
}

/* Locked: the thread's own lane, or one that nobody reads; if all are read, whichever is free next. NULL: all are done. */
static pawl_postgres_lane *choose_lane(const pawl_postgres_batch *batch)
{
	pawl_postgres_reading *reading = batch->reading;

	for (int may_wait = 0; may_wait <= 1; may_wait++)
		for (size_t i = 0; i < reading->lane_count; i++) {
			pawl_postgres_lane *lane = &reading->lanes[(batch->lane + i) % reading->lane_count];
			if (lock_lane(lane, may_wait != 0))
				return lane;
		}
	return NULL;
}

/* ---- the producer ---------------------------------------------------------------------------------------------------- */

/* Of several failures, the one of the first row: so it is the same each time, but where several lanes have each their own. */
static pawl_status note_failure(const pawl_postgres_batch *batch, const pawl_error *error)
{
	pawl_postgres_reading *reading = batch->reading;

	pthread_mutex_lock(&reading->mutex);
	if (!reading->has_failed || batch->failed_row < reading->failed_row) {
		reading->has_failed = true;
		reading->failed_row = batch->failed_row;
		reading->failure = *error;
		reading->misfit = (pawl_misfit) {batch->is_misfit, batch->failed_column};
	}
	pthread_mutex_unlock(&reading->mutex);
	return error->status;
}

/* Noted before another thread can go on where this one could not. */
static pawl_status take(pawl_postgres_batch *batch, pawl_error *error)
{
	pawl_postgres_lane *lane;

	clear_batch(batch);
	batch->is_misfit = false;
	while ((lane = choose_lane(batch)) != NULL) {
		pawl_status status = take_batch(lane, batch, error);
		if (status != PAWL_OK)
			note_failure(batch, error);
		bool is_done = lane->is_done;
		pthread_mutex_unlock(&lane->mutex);
		if (status != PAWL_OK || batch->row_count > 0 || !is_done)
			return status;
	}
	return PAWL_OK;
}

static pawl_postgres_batch *make_batch(pawl_postgres_reading *reading)
{
	pawl_postgres_batch *made = pawl_allocate(sizeof(*made));

	if (made == NULL)
		return NULL;
	made->reading = reading;
	made->lane = atomic_fetch_add(&reading->thread_count, 1);
	return made;
}

pawl_status pawl_postgres_fill(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *error)
{
	if (*thread_state == NULL)
		*thread_state = make_batch(context);
	pawl_postgres_batch *batch = *thread_state;
	if (batch == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(take(batch, error));
	if (pawl_postgres_decode(batch, chunk, error) != PAWL_OK)
		return note_failure(batch, error);
	chunk->row_count = batch->row_count;
	return PAWL_OK;
}

/* Of the table, whose ranges are half read on average. */
static int64_t rows_of_blocks(const pawl_postgres_reading *reading)
{
	int64_t taken = reading->next_block < reading->blocks ? reading->next_block : reading->blocks;
	int64_t left = reading->blocks - taken + (int64_t) reading->lane_count * PAWL_POSTGRES_RANGE_BLOCKS / 2;

	return taken == 0 ? INT64_MAX : (int64_t) ((double) reading->rows_taken / (double) taken * (double) left);
}

int64_t pawl_postgres_rows_left(void *context)
{
	pawl_postgres_reading *reading = context;

	pthread_mutex_lock(&reading->mutex);
	int64_t of_window = reading->limit.rows - reading->window_rows;
	int64_t of_table = rows_of_blocks(reading);
	pthread_mutex_unlock(&reading->mutex);
	return of_window < of_table ? of_window : of_table;
}
