#include "source/sqlite/reading.h"

#include "base/time.h"

#define FIRST_CAPACITY ((size_t) 64 * 1024)

/* ---- batches --------------------------------------------------------------------------------------------------------- */

static pawl_sqlite_batch *new_batch(pawl_sqlite_reading *reading)
{
	pawl_sqlite_batch *batch = pawl_allocate(sizeof(*batch));
	if (batch == NULL)
		return NULL;
	batch->reading = reading;
	batch->kept = pawl_allocate_array(reading->kept_count * reading->rows_at_most, sizeof(*batch->kept));
	if (batch->kept == NULL) {
		pawl_free(batch);
		return NULL;
	}
	return batch;
}

void pawl_sqlite_free_batch(void *thread_state)
{
	pawl_sqlite_batch *batch = thread_state;
	pawl_free(batch->kept);
	pawl_free(batch->bytes);
	pawl_free(batch);
}

static bool grow_bytes(pawl_sqlite_batch *batch, size_t needed)
{
	size_t capacity = batch->capacity == 0 ? FIRST_CAPACITY : batch->capacity * 2;
	while (capacity < needed)
		capacity *= 2;
	char *bytes = pawl_reallocate(batch->bytes, capacity);
	if (bytes == NULL)
		return false;
	batch->bytes = bytes;
	batch->capacity = capacity;
	return true;
}

/* ---- one value ------------------------------------------------------------------------------------------------------- */

/* Text in another encoding than UTF-8 is converted here, by SQLite. */
static const char *bytes_of(sqlite3_value *value, int storage)
{
	return storage == SQLITE_TEXT ? (const char *) sqlite3_value_text(value) : sqlite3_value_blob(value);
}

static pawl_status keep_bytes(pawl_sqlite_batch *batch, sqlite3_value *value, pawl_sqlite_kept *kept, pawl_error *error)
{
	const char *bytes = bytes_of(value, kept->storage);
	size_t length = (size_t) sqlite3_value_bytes(value);

	if (bytes == NULL && (length > 0 || kept->storage == SQLITE_TEXT))
		return pawl_error_out_of_memory(error);
	if (length > batch->capacity - batch->length && !grow_bytes(batch, batch->length + length))
		return pawl_error_out_of_memory(error);
	kept->as.offset = batch->length;
	kept->length = (uint32_t) length;
	if (length > 0)
		memcpy(batch->bytes + batch->length, bytes, length);
	batch->length += length;
	return PAWL_OK;
}

static pawl_status keep_value(pawl_sqlite_batch *batch, sqlite3_value *value, size_t column, pawl_error *error)
{
	size_t row = batch->row_count;
	pawl_sqlite_kept *kept = pawl_sqlite_kept_of(batch, &batch->reading->columns[column], row);

	kept->length = 0;
	switch (kept->storage = sqlite3_value_type(value)) {
	case SQLITE_INTEGER:
		kept->as.integer = sqlite3_value_int64(value);
		return PAWL_OK;
	case SQLITE_FLOAT:
		kept->as.real = sqlite3_value_double(value);
		return PAWL_OK;
	case SQLITE_NULL:
		return PAWL_OK;
	default:
		break;
	}
	size_t length = (size_t) sqlite3_value_bytes(value); /* as it is stored: nothing is copied for this */
	if (length <= PAWL_SQLITE_VALUE_BYTES)
		return keep_bytes(batch, value, kept, error);
	kept->as.offset = batch->length;
	kept->length = (uint32_t) length;
	pawl_sqlite_note_problem(batch, PAWL_SQLITE_TOO_LARGE, row, column, kept, NULL);
	kept->length = 0;
	return PAWL_OK;
}

/* A number goes straight into its cell. */
static void put_value(pawl_sqlite_batch *batch, sqlite3_value *value, size_t column, pawl_stream_vector *vector)
{
	pawl_sqlite_kept taken = {.storage = sqlite3_value_type(value)};

	if (taken.storage == SQLITE_INTEGER)
		taken.as.integer = sqlite3_value_int64(value);
	else if (taken.storage == SQLITE_FLOAT)
		taken.as.real = sqlite3_value_double(value);
	if (pawl_sqlite_put_number(batch->reading->columns[column].type.kind, vector, batch->row_count, &taken))
		return;
	bool has_bytes = taken.storage == SQLITE_TEXT || taken.storage == SQLITE_BLOB;
	const char *bytes = has_bytes ? bytes_of(value, taken.storage) : NULL;
	taken.length = has_bytes && bytes != NULL ? (uint32_t) sqlite3_value_bytes(value) : 0;
	pawl_sqlite_note_problem(batch, PAWL_SQLITE_MISFIT, batch->row_count, column, &taken, bytes);
}

/* ---- one row --------------------------------------------------------------------------------------------------------- */

/*
 * SQLite calls a value of a row "unprotected": whoever uses it must keep other threads off the connection. The read's lock
 * does, and these functions are faster than those that look the column up for each question.
 */
static pawl_status take_row(pawl_sqlite_batch *batch, sqlite3_stmt *statement, pawl_stream_chunk *chunk, pawl_error *error)
{
	const pawl_sqlite_reading *reading = batch->reading;

	for (size_t i = 0; i < reading->column_count; i++) {
		const pawl_sqlite_column *column = &reading->columns[i];
		bool is_wanted = i < reading->output_count && chunk->columns[i].cells != NULL;
		if (!is_wanted && !column->is_mark)
			continue;
		sqlite3_value *value = sqlite3_column_value(statement, (int) i);
		if (column->is_kept)
			PAWL_TRY(keep_value(batch, value, i, error));
		else
			put_value(batch, value, i, &chunk->columns[i]);
	}
	return PAWL_OK;
}

/* Brings the statement to a row that was not taken yet, if there is one. */
static pawl_status find_row(pawl_sqlite_reading *reading, pawl_error *error)
{
	while (!reading->has_row && !reading->is_done) {
		sqlite3_stmt *statement = reading->statements[reading->phase];
		int code = statement == NULL ? SQLITE_DONE : sqlite3_step(statement);
		if (code == SQLITE_ROW)
			reading->has_row = true;
		else if (code != SQLITE_DONE)
			return pawl_sqlite_fail(reading->sqlite, error);
		else if (++reading->phase == PAWL_SQLITE_PHASES)
			reading->is_done = true;
	}
	return PAWL_OK;
}

/* ---- groups of equal keys -------------------------------------------------------------------------------------------- */

static sqlite3_value *current_key(const pawl_sqlite_reading *reading)
{
	return sqlite3_column_value(reading->statements[reading->phase], (int) reading->plan.marks[0].statement_column);
}

/* Keeps the key of the last row that was taken, which the statement is still at. */
static pawl_status note_ending(pawl_sqlite_reading *reading, pawl_error *error)
{
	reading->is_ending = true;
	reading->ending_phase = reading->phase;
	sqlite3_value_free(reading->ending_key);
	reading->ending_key = sqlite3_value_dup(current_key(reading));
	return reading->ending_key == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

/*
 * Whether the row's key may be the same as that of the row before, by the column's collation. There are but three, since no
 * other can be loaded, and a view does not tell which of them is its column's; what is equal to BINARY is equal to each. It
 * has to be the row before, and not the first of the group: 'A', 'a' and 'a ' may be one to this, and only the last two to
 * the column.
 */
static pawl_status is_same_group(pawl_sqlite_reading *reading, bool *ret_is_same, pawl_error *error)
{
	sqlite3_stmt *comparison = reading->comparison;

	*ret_is_same = reading->phase == reading->ending_phase;
	if (!*ret_is_same || reading->phase == PAWL_SQLITE_NULL_KEYS)
		return PAWL_OK;
	sqlite3_reset(comparison);
	if (sqlite3_bind_value(comparison, 1, reading->ending_key) != SQLITE_OK ||
	    sqlite3_bind_value(comparison, 2, current_key(reading)) != SQLITE_OK || sqlite3_step(comparison) != SQLITE_ROW)
		return pawl_sqlite_fail(reading->sqlite, error);
	*ret_is_same = sqlite3_column_int(comparison, 0) != 0;
	return PAWL_OK;
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

static bool is_limit_reached(const pawl_sqlite_reading *reading)
{
	const pawl_window_limit *limit = &reading->limit;

	if (reading->window_rows == 0)
		return false;
	return reading->window_rows >= limit->rows || atomic_load(&reading->sqlite->source.is_stopping) ||
	       (limit->us > 0 && pawl_time_monotonic_us() - reading->window_started_us >= limit->us);
}

/* A window that is cut by its number of rows may have been the last one; by time, it is not worth a look. */
static pawl_status end_window(pawl_sqlite_reading *reading, pawl_error *error)
{
	if (!reading->plan.ends_anywhere)
		return note_ending(reading, error);
	reading->is_window_over = true;
	return reading->window_rows >= reading->limit.rows ? find_row(reading, error) : PAWL_OK;
}

static pawl_status key_of(const pawl_sqlite_batch *batch, const pawl_sqlite_kept *kept, pawl_key_value *ret_value,
                          pawl_error *error)
{
	switch (kept->storage) {
	case SQLITE_NULL:
		return PAWL_OK;
	case SQLITE_INTEGER:
		return pawl_sqlite_key_of_integer(kept->as.integer, ret_value, error);
	case SQLITE_FLOAT:
		return pawl_sqlite_key_of_real(kept->as.real, ret_value, error);
	default:
		return pawl_sqlite_key_of_bytes(kept->storage, batch->bytes + kept->as.offset, kept->length, ret_value, error);
	}
}

/* Keeps the place behind the batch's last row. */
static pawl_status note_position(pawl_sqlite_reading *reading, const pawl_sqlite_batch *batch, pawl_error *error)
{
	for (size_t i = 0; batch->row_count > 0 && i < reading->plan.position_count; i++) {
		const pawl_sqlite_column *column = &reading->columns[reading->plan.marks[i].statement_column];
		const pawl_sqlite_kept *kept = pawl_sqlite_kept_of(batch, column, batch->row_count - 1);
		pawl_key_value *value = &reading->position[i];
		pawl_key_value_clear(value);
		PAWL_TRY(key_of(batch, kept, value, error));
	}
	return PAWL_OK;
}

static size_t find_room(const pawl_sqlite_reading *reading)
{
	int64_t left = reading->limit.rows - reading->window_rows;
	return reading->is_ending || left > (int64_t) reading->rows_at_most ? reading->rows_at_most : (size_t) left;
}

static pawl_status take_rows(pawl_sqlite_batch *batch, pawl_stream_chunk *chunk, pawl_error *error)
{
	pawl_sqlite_reading *reading = batch->reading;
	size_t room = find_room(reading);
	bool is_same = true;

	while (batch->row_count < room && batch->length < PAWL_SQLITE_VALUE_BYTES) {
		PAWL_TRY(find_row(reading, error));
		if (reading->is_ending && !reading->is_done)
			PAWL_TRY(is_same_group(reading, &is_same, error));
		reading->is_window_over = reading->is_done || !is_same;
		if (reading->is_window_over)
			return PAWL_OK;
		PAWL_TRY(take_row(batch, reading->statements[reading->phase], chunk, error));
		if (batch->problem.kind != PAWL_SQLITE_NO_PROBLEM)
			return PAWL_OK;
		if (reading->is_ending)
			PAWL_TRY(note_ending(reading, error));
		reading->has_row = false;
		batch->row_count++;
	}
	return PAWL_OK;
}

static pawl_status take_batch(pawl_sqlite_batch *batch, pawl_stream_chunk *chunk, pawl_error *error)
{
	pawl_sqlite_reading *reading = batch->reading;

	batch->row_count = batch->length = 0;
	batch->problem = (pawl_sqlite_problem) {0};
	batch->first_row = reading->rows_taken + 1;
	if (reading->is_window_over || reading->has_failed)
		return PAWL_OK;
	atomic_store(&reading->sqlite->stepping_since_us, pawl_time_monotonic_us());
	PAWL_TRY(take_rows(batch, chunk, error));
	reading->rows_taken += (int64_t) batch->row_count;
	reading->window_rows += (int64_t) batch->row_count;
	reading->window_bytes += (int64_t) (batch->length + batch->row_count * reading->number_count * 8);
	PAWL_TRY(note_position(reading, batch, error));
	if (!reading->is_window_over && !reading->is_ending && is_limit_reached(reading))
		return end_window(reading, error);
	return PAWL_OK;
}

/* ---- the producer ---------------------------------------------------------------------------------------------------- */

/* Of several failures, the one of the first row: so it is the same each time. */
static pawl_status note_failure(pawl_sqlite_reading *reading, const pawl_sqlite_batch *batch, const pawl_error *error)
{
	const pawl_sqlite_problem *problem = &batch->problem;
	int64_t row = batch->first_row + (int64_t) problem->row;

	pthread_mutex_lock(&reading->mutex);
	if (!reading->has_failed || row < reading->failed_row) {
		reading->has_failed = true;
		reading->failed_row = row;
		reading->failure = *error;
		reading->misfit = (pawl_misfit) {problem->kind == PAWL_SQLITE_MISFIT, problem->column};
	}
	pthread_mutex_unlock(&reading->mutex);
	return error->status;
}

static pawl_status fill_batch(pawl_sqlite_batch *batch, pawl_stream_chunk *chunk, pawl_error *error)
{
	pthread_mutex_lock(&batch->reading->mutex);
	pawl_status status = take_batch(batch, chunk, error);
	pthread_mutex_unlock(&batch->reading->mutex);
	PAWL_TRY(status);
	PAWL_TRY(pawl_sqlite_decode(batch, chunk, error));
	return batch->problem.kind == PAWL_SQLITE_NO_PROBLEM ? PAWL_OK : pawl_sqlite_tell_problem(batch, error);
}

pawl_status pawl_sqlite_fill(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *error)
{
	if (*thread_state == NULL)
		*thread_state = new_batch(context);
	if (*thread_state == NULL)
		return pawl_error_out_of_memory(error);
	pawl_sqlite_batch *batch = *thread_state;
	if (fill_batch(batch, chunk, error) != PAWL_OK)
		return note_failure(context, batch, error);
	chunk->row_count = batch->row_count;
	return PAWL_OK;
}

/* Of the window, and of the table where all of it is read. */
int64_t pawl_sqlite_rows_left(void *context)
{
	pawl_sqlite_reading *reading = context;
	const pawl_source_table *table = reading->plan.read->table;

	pthread_mutex_lock(&reading->mutex);
	int64_t of_window = reading->limit.rows - reading->window_rows;
	int64_t of_table = table->estimated_rows < 0 ? INT64_MAX : table->estimated_rows - reading->rows_taken;
	pthread_mutex_unlock(&reading->mutex);
	return of_window < of_table ? of_window : of_table;
}
