#include "source/sqlite/reading.h"

#include "base/time.h"

/* One steps SQLite at a time; with more, all but one would wait for it most of the time. */
#define THREADS 4

/* Of the values that one thread keeps, beside their text: a wide table's batches have fewer rows. */
#define KEPT_BYTES ((size_t) 2 << 20)

/* ---- columns --------------------------------------------------------------------------------------------------------- */

static pawl_sqlite_type type_of(const pawl_read *read, const pawl_read_column *column)
{
	pawl_sqlite_type type = pawl_sqlite_type_of(read->table->columns[column->index].native_type);

	if (column->as_text)
		type.kind = PAWL_SQLITE_ANY;
	else if (column->format != PAWL_FORMAT_NONE)
		type.kind = PAWL_SQLITE_TIME;
	return type;
}

static bool is_number(pawl_sqlite_kind kind)
{
	return kind == PAWL_SQLITE_INTEGER || kind == PAWL_SQLITE_BOOLEAN || kind == PAWL_SQLITE_REAL;
}

static void describe_outputs(pawl_sqlite_reading *reading)
{
	const pawl_read *read = reading->plan.read;

	for (size_t i = 0; i < read->column_count; i++)
		reading->columns[i] = (pawl_sqlite_column) {
			.name = read->table->columns[read->columns[i].index].name,
			.type = type_of(read, &read->columns[i]),
			.format = read->columns[i].format,
		};
	reading->output_count = read->column_count;
	if (read->tail_from.text != NULL)
		reading->columns[reading->output_count++] =
			(pawl_sqlite_column) {.name = PAWL_COLUMN_IS_TAIL, .type.kind = PAWL_SQLITE_BOOLEAN};
}

static pawl_status describe_columns(pawl_sqlite_reading *reading, pawl_error *error)
{
	const pawl_sqlite_plan *plan = &reading->plan;

	reading->column_count = plan->statement_columns;
	reading->columns = pawl_allocate_array(reading->column_count, sizeof(*reading->columns));
	if (reading->columns == NULL)
		return pawl_error_out_of_memory(error);
	describe_outputs(reading);
	for (size_t i = 0; i < plan->mark_count; i++)
		reading->columns[plan->marks[i].statement_column].is_mark = true;
	for (size_t i = 0; i < reading->column_count; i++) {
		pawl_sqlite_column *column = &reading->columns[i];
		pawl_sqlite_type_name(&column->type, column->type_name);
		column->is_kept = column->is_mark || !is_number(column->type.kind);
		reading->number_count += i < reading->output_count && is_number(column->type.kind);
		if (column->is_kept)
			column->kept = reading->kept_count++;
	}
	size_t rows = KEPT_BYTES / sizeof(pawl_sqlite_kept) / (reading->kept_count == 0 ? 1 : reading->kept_count);
	reading->rows_at_most = rows == 0 ? 1 : rows > PAWL_STREAM_ROWS ? PAWL_STREAM_ROWS : rows;
	return PAWL_OK;
}

/* ---- begin and end --------------------------------------------------------------------------------------------------- */

static pawl_status prepare_statements(pawl_sqlite_reading *reading, pawl_error *error)
{
	for (int phase = 0; phase < PAWL_SQLITE_PHASES; phase++) {
		PAWL_CLEANUP(pawl_sqlite_query_free) pawl_sqlite_query query = {0};
		if (!reading->plan.has_phase[phase])
			continue;
		pawl_sqlite_append_phase(&query, &reading->plan, (pawl_sqlite_phase) phase);
		PAWL_TRY(pawl_sqlite_query_prepare(reading->sqlite, &query, &reading->statements[phase], error));
	}
	if (reading->plan.ends_anywhere)
		return PAWL_OK;
	return pawl_sqlite_prepare(reading->sqlite, "SELECT ?1 = ?2 COLLATE NOCASE OR ?1 = ?2 COLLATE RTRIM",
	                           &reading->comparison, error);
}

static pawl_status make_stream(pawl_sqlite_reading *reading, pawl_error *error)
{
	const pawl_read *read = reading->plan.read;
	const pawl_stream_producer producer = {
		.context = reading, .fill = pawl_sqlite_fill, .rows_left = pawl_sqlite_rows_left,
		.free_thread_state = pawl_sqlite_free_batch, .threads = THREADS};
	size_t count = reading->output_count;
	PAWL_CLEANUP(pawl_free_pointer) pawl_stream_column *columns = pawl_allocate_array(count, sizeof(*columns));

	if (columns == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < count; i++)
		columns[i] = (pawl_stream_column) {i < read->column_count ? read->columns[i].name : PAWL_COLUMN_IS_TAIL,
		                                   reading->columns[i].type_name};
	return pawl_stream_new(reading->sqlite->engine, columns, count, &producer, &reading->stream, error);
}

static pawl_status begin(pawl_sqlite_source *sqlite, pawl_sqlite_reading *reading, const pawl_read *read, pawl_error *error)
{
	PAWL_TRY(pawl_sqlite_plan_make(sqlite, read, &reading->plan, error));
	reading->position = pawl_allocate_array(reading->plan.position_count, sizeof(*reading->position));
	if (reading->position == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; reading->plan.after != NULL && i < reading->plan.position_count; i++)
		PAWL_TRY(pawl_key_value_copy(&reading->plan.after[i], &reading->position[i], error));
	PAWL_TRY(describe_columns(reading, error));
	PAWL_TRY(prepare_statements(reading, error));
	return make_stream(reading, error);
}

static pawl_status prefix_table(const pawl_read *read, pawl_error *error)
{
	return pawl_error_prefix(error, "table '%s.%s': ", read->table->schema, read->table->name);
}

pawl_status pawl_sqlite_read_begin(pawl_source *source, const pawl_read *read, pawl_error *error)
{
	pawl_sqlite_source *sqlite = pawl_sqlite_source_of(source);

	pawl_sqlite_read_end(source);
	sqlite->misfit = (pawl_misfit) {0};
	if (!sqlite->has_snapshot)
		return pawl_error_set(error, PAWL_INTERNAL, "a read is of a snapshot");
	sqlite->reading = pawl_allocate(sizeof(*sqlite->reading));
	if (sqlite->reading == NULL)
		return pawl_error_out_of_memory(error);
	sqlite->reading->sqlite = sqlite;
	pthread_mutex_init(&sqlite->reading->mutex, NULL); /* cannot fail on Linux without attributes */
	if (begin(sqlite, sqlite->reading, read, error) == PAWL_OK)
		return PAWL_OK;
	pawl_sqlite_read_end(source);
	return error->status == PAWL_OUT_OF_MEMORY ? error->status : prefix_table(read, error);
}

void pawl_sqlite_read_end(pawl_source *source)
{
	pawl_sqlite_reading *reading = PAWL_TAKE(pawl_sqlite_source_of(source)->reading);

	if (reading == NULL)
		return;
	pawl_stream_free(reading->stream);
	for (int phase = 0; phase < PAWL_SQLITE_PHASES; phase++)
		sqlite3_finalize(reading->statements[phase]);
	sqlite3_finalize(reading->comparison);
	sqlite3_value_free(reading->ending_key);
	for (size_t i = 0; reading->position != NULL && i < reading->plan.position_count; i++)
		pawl_key_value_clear(&reading->position[i]);
	pawl_free(reading->position);
	pawl_free(reading->columns);
	pawl_sqlite_plan_clear(&reading->plan);
	pthread_mutex_destroy(&reading->mutex);
	pawl_free(reading);
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_sqlite_window_begin(pawl_source *source, const pawl_window_limit *limit, const char **ret_relation,
                                     pawl_error *error)
{
	pawl_sqlite_reading *reading = pawl_sqlite_source_of(source)->reading;

	if (reading == NULL || reading->has_failed)
		return pawl_error_set(error, PAWL_INTERNAL, "a window is of a read that goes well");
	reading->limit = *limit;
	if (reading->limit.rows < 1)
		reading->limit.rows = 1;
	reading->window_started_us = pawl_time_monotonic_us();
	reading->window_rows = reading->window_bytes = 0;
	reading->is_window_over = reading->is_done;
	reading->is_ending = false;
	pawl_stream_rearm(reading->stream);
	*ret_relation = pawl_stream_relation(reading->stream);
	return PAWL_OK;
}

/* NULL when there is none: nothing was read yet, or the order has no positions. */
static pawl_status write_position(const pawl_sqlite_reading *reading, char **ret_position, pawl_error *error)
{
	if (reading->plan.position_count == 0 || (reading->rows_taken == 0 && reading->plan.after == NULL))
		return PAWL_OK;
	return pawl_sqlite_position_write(reading->position, reading->plan.position_count, ret_position, error);
}

pawl_status pawl_sqlite_window_end(pawl_source *source, pawl_window *ret_window, pawl_error *error)
{
	pawl_sqlite_source *sqlite = pawl_sqlite_source_of(source);
	pawl_sqlite_reading *reading = sqlite->reading;

	if (reading == NULL)
		return pawl_error_set(error, PAWL_INTERNAL, "no window was begun");
	if (reading->has_failed) {
		sqlite->misfit = (pawl_misfit) {reading->misfit.is_there && sqlite->keeps_misfits, reading->misfit.column};
		*error = reading->failure;
		return error->status == PAWL_OUT_OF_MEMORY ? error->status : prefix_table(reading->plan.read, error);
	}
	PAWL_TRY(pawl_stream_check(reading->stream, error));
	pawl_window window = {.rows = reading->window_rows, .bytes = reading->window_bytes, .is_last = reading->is_done};
	PAWL_TRY(write_position(reading, &window.position, error));
	*ret_window = window;
	return PAWL_OK;
}
