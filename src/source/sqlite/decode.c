#include "source/sqlite/reading.h"

#include "base/text.h"

/* A column of a batch, on its way into the cells. */
typedef struct task {
	pawl_sqlite_batch *batch;
	const pawl_sqlite_column *column;
	size_t index; /* of the column */
	pawl_stream_vector *vector;
	size_t row_count; /* those before the first problem */
} task;

static inline const pawl_sqlite_kept *kept_of(const task *work)
{
	return pawl_sqlite_kept_of(work->batch, work->column, 0);
}

static inline const char *bytes_of(const task *work, const pawl_sqlite_kept *value)
{
	bool has_bytes = value->storage == SQLITE_TEXT || value->storage == SQLITE_BLOB;
	return has_bytes ? work->batch->bytes + value->as.offset : NULL;
}

/* What comes behind it is of no interest any more. */
static void stop_at(task *work, pawl_sqlite_problem_kind kind, size_t row)
{
	const pawl_sqlite_kept *value = &kept_of(work)[row];
	pawl_sqlite_note_problem(work->batch, kind, row, work->index, value, bytes_of(work, value));
	work->row_count = row;
}

/* ---- numbers and times ----------------------------------------------------------------------------------------------- */

static void decode_numbers(task *work)
{
	const pawl_sqlite_kept *values = kept_of(work);

	for (size_t row = 0; row < work->row_count; row++)
		if (!pawl_sqlite_put_number(work->column->type.kind, work->vector, row, &values[row]))
			stop_at(work, PAWL_SQLITE_MISFIT, row);
}

static void decode_times(task *work)
{
	const pawl_sqlite_kept *values = kept_of(work);
	int64_t *cells = work->vector->cells;

	for (size_t row = 0; row < work->row_count; row++)
		if (values[row].storage == SQLITE_NULL)
			pawl_stream_set_null(work->vector, row);
		else if (!pawl_sqlite_exact_time(&values[row], bytes_of(work, &values[row]), work->column->format, &cells[row]))
			stop_at(work, PAWL_SQLITE_MISFIT, row);
}

/* DuckDB keeps a decimal in an integer that is as wide as its precision asks. */
static void put_decimal(pawl_stream_vector *vector, size_t row, int precision, pawl_int128 unscaled)
{
	if (precision <= 4)
		((int16_t *) vector->cells)[row] = (int16_t) unscaled;
	else if (precision <= 9)
		((int32_t *) vector->cells)[row] = (int32_t) unscaled;
	else if (precision <= 18)
		((int64_t *) vector->cells)[row] = (int64_t) unscaled;
	else
		memcpy((char *) vector->cells + row * sizeof(unscaled), &unscaled, sizeof(unscaled));
}

static void decode_decimals(task *work)
{
	const pawl_sqlite_kept *values = kept_of(work);
	int precision = work->column->type.precision, scale = work->column->type.scale;
	pawl_int128 unscaled;

	for (size_t row = 0; row < work->row_count; row++)
		if (values[row].storage == SQLITE_NULL)
			pawl_stream_set_null(work->vector, row);
		else if (pawl_sqlite_exact_decimal(&values[row], precision, scale, &unscaled))
			put_decimal(work->vector, row, precision, unscaled);
		else
			stop_at(work, PAWL_SQLITE_MISFIT, row);
}

/* ---- text and blobs -------------------------------------------------------------------------------------------------- */

static void put_integer(pawl_stream_vector *vector, size_t row, int64_t integer)
{
	char text[PAWL_DECIMAL_TEXT_BYTES];
	pawl_decimal_format(integer, 0, text);
	pawl_stream_set_bytes(vector, row, text, strlen(text));
}

static void put_real(pawl_stream_vector *vector, size_t row, double real)
{
	char text[PAWL_SQLITE_REAL_BYTES];
	pawl_sqlite_format_real(real, text);
	pawl_stream_set_bytes(vector, row, text, strlen(text));
}

/* X'00FF': as SQLite writes a blob in its SQL. */
static pawl_status put_hex(pawl_stream_vector *vector, size_t row, const char *bytes, size_t length, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_buffer_append(&text, "X'");
	pawl_sqlite_append_hex(&text, bytes, length);
	pawl_buffer_append_character(&text, '\'');
	PAWL_TRY(pawl_buffer_status(&text, error));
	pawl_stream_set_bytes(vector, row, pawl_buffer_text(&text), text.length);
	return PAWL_OK;
}

static pawl_status decode_blob_in_text(task *work, size_t row, const pawl_sqlite_kept *value, pawl_error *error)
{
	if (work->column->type.kind != PAWL_SQLITE_ANY)
		stop_at(work, PAWL_SQLITE_MISFIT, row);
	else if (value->length > PAWL_SQLITE_VALUE_BYTES / 2 - 2)
		stop_at(work, PAWL_SQLITE_TOO_LARGE, row);
	else
		return put_hex(work->vector, row, bytes_of(work, value), value->length, error);
	return PAWL_OK;
}

static void decode_text(task *work, size_t row, const pawl_sqlite_kept *value)
{
	const char *bytes = bytes_of(work, value);

	if (pawl_text_valid_utf8(bytes, value->length) == value->length)
		pawl_stream_set_bytes(work->vector, row, bytes, value->length);
	else
		stop_at(work, PAWL_SQLITE_NOT_UTF8, row);
}

static pawl_status decode_texts(task *work, pawl_error *error)
{
	const pawl_sqlite_kept *values = kept_of(work);

	for (size_t row = 0; row < work->row_count; row++)
		switch (values[row].storage) {
		case SQLITE_TEXT:
			decode_text(work, row, &values[row]);
			break;
		case SQLITE_NULL:
			pawl_stream_set_null(work->vector, row);
			break;
		case SQLITE_INTEGER:
			put_integer(work->vector, row, values[row].as.integer);
			break;
		case SQLITE_FLOAT:
			put_real(work->vector, row, values[row].as.real);
			break;
		default:
			PAWL_TRY(decode_blob_in_text(work, row, &values[row], error));
		}
	return PAWL_OK;
}

static void decode_blobs(task *work)
{
	const pawl_sqlite_kept *values = kept_of(work);

	for (size_t row = 0; row < work->row_count; row++)
		if (values[row].storage == SQLITE_NULL)
			pawl_stream_set_null(work->vector, row);
		else if (values[row].storage == SQLITE_BLOB)
			pawl_stream_set_bytes(work->vector, row, bytes_of(work, &values[row]), values[row].length);
		else
			stop_at(work, PAWL_SQLITE_MISFIT, row);
}

/* ---- a batch --------------------------------------------------------------------------------------------------------- */

static pawl_status decode_column(task *work, pawl_error *error)
{
	switch (work->column->type.kind) {
	case PAWL_SQLITE_INTEGER:
	case PAWL_SQLITE_BOOLEAN:
	case PAWL_SQLITE_REAL:
		decode_numbers(work);
		break;
	case PAWL_SQLITE_DECIMAL:
		decode_decimals(work);
		break;
	case PAWL_SQLITE_TEXT:
	case PAWL_SQLITE_ANY:
		return decode_texts(work, error);
	case PAWL_SQLITE_BLOB:
		decode_blobs(work);
		break;
	case PAWL_SQLITE_TIME:
		decode_times(work);
		break;
	}
	return PAWL_OK;
}

pawl_status pawl_sqlite_decode(pawl_sqlite_batch *batch, pawl_stream_chunk *chunk, pawl_error *error)
{
	const pawl_sqlite_reading *reading = batch->reading;
	size_t row_count = batch->row_count;

	for (size_t i = 0; i < reading->output_count; i++) {
		task work = {batch, &reading->columns[i], i, &chunk->columns[i], row_count};
		if (!work.column->is_kept || work.vector->cells == NULL)
			continue;
		PAWL_TRY(decode_column(&work, error));
		row_count = work.row_count;
	}
	return PAWL_OK;
}
