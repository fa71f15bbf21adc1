#include "source/postgres/reading.h"

#include "base/time.h"

/* One reads the connection at a time; with more, all but one would wait for it most of the time. */
#define THREADS 4

/* ---- begin and end --------------------------------------------------------------------------------------------------- */

static pawl_status describe_outputs(pawl_postgres_reading *reading, pawl_error *error)
{
	const pawl_read *read = reading->plan.read;

	reading->outputs = pawl_allocate_array(reading->plan.output_count, sizeof(*reading->outputs));
	if (reading->outputs == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < read->column_count; i++) {
		const pawl_read_column *wanted = &read->columns[i];
		const pawl_source_column *column = &read->table->columns[wanted->index];
		pawl_postgres_type type = pawl_postgres_type_of(column, wanted);
		reading->outputs[i] = (pawl_postgres_output) {.name = column->name, .type = type, .format = wanted->format,
		                                              .type_name = column->type};
		if (wanted->as_text)
			reading->outputs[i].type_name = "VARCHAR";
		else if (wanted->format != PAWL_FORMAT_NONE)
			reading->outputs[i].type_name = "TIMESTAMP";
	}
	if (read->tail_from.text != NULL)
		reading->outputs[read->column_count] = (pawl_postgres_output) {
			.name = PAWL_COLUMN_IS_TAIL, .type.kind = PAWL_POSTGRES_BOOLEAN, .type_name = "BOOLEAN"};
	return PAWL_OK;
}

static pawl_status make_stream(pawl_postgres_reading *reading, pawl_error *error)
{
	const pawl_read *read = reading->plan.read;
	const pawl_stream_producer producer = {
		.context = reading, .fill = pawl_postgres_fill, .rows_left = pawl_postgres_rows_left,
		.free_thread_state = pawl_postgres_free_batch, .threads = THREADS};
	size_t count = reading->plan.output_count;
	PAWL_CLEANUP(pawl_free_pointer) pawl_stream_column *columns = pawl_allocate_array(count, sizeof(*columns));

	if (columns == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < count; i++)
		columns[i] = (pawl_stream_column) {i < read->column_count ? read->columns[i].name : PAWL_COLUMN_IS_TAIL,
		                                   reading->outputs[i].type_name};
	return pawl_stream_new(reading->postgres->engine, columns, count, &producer, &reading->stream, error);
}

static pawl_status begin(pawl_postgres_reading *reading, const pawl_read *read, pawl_error *error)
{
	pawl_postgres_plan *plan = &reading->plan;

	PAWL_TRY(pawl_postgres_plan_make(read, plan, error));
	reading->column_count = pawl_postgres_plan_columns(plan);
	reading->position = pawl_allocate_array(plan->position_count, sizeof(*reading->position));
	if (reading->position == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; plan->after != NULL && i < plan->position_count; i++) {
		if (plan->after[i] == NULL)
			continue;
		reading->position[i] = pawl_duplicate(plan->after[i]);
		if (reading->position[i] == NULL)
			return pawl_error_out_of_memory(error);
	}
	PAWL_TRY(describe_outputs(reading, error));
	return make_stream(reading, error);
}

static pawl_status prefix_table(const pawl_read *read, pawl_error *error)
{
	return pawl_error_prefix(error, "table '%s.%s': ", read->table->schema, read->table->name);
}

/*
 * What is read by the primary key is read in short snapshots, each of which goes on where the last one ended: by the key's index, since
 * to sort what is left would take each of them longer than it may last.
 */
static pawl_status forbid_sorts(pawl_postgres_source *postgres, const pawl_read *read, pawl_error *error)
{
	if (read->order != PAWL_ORDER_PRIMARY_KEY || !pawl_read_is_unique(read))
		return PAWL_OK;
	return pawl_postgres_run(postgres, "SET LOCAL enable_sort = off", error);
}

/* The statement itself is not begun before the first window asks for a row. */
pawl_status pawl_postgres_read_begin(pawl_source *source, const pawl_read *read, pawl_error *error)
{
	pawl_postgres_source *postgres = pawl_postgres_source_of(source);

	pawl_postgres_read_end(source);
	postgres->misfit = (pawl_misfit) {0};
	if (!postgres->has_snapshot)
		return pawl_error_set(error, PAWL_INTERNAL, "a read is of a snapshot");
	PAWL_TRY(forbid_sorts(postgres, read, error));
	postgres->reading = pawl_allocate(sizeof(*postgres->reading));
	if (postgres->reading == NULL)
		return pawl_error_out_of_memory(error);
	postgres->reading->postgres = postgres;
	pthread_mutex_init(&postgres->reading->mutex, NULL); /* cannot fail on Linux without attributes */
	pawl_postgres_lanes_init(postgres->reading);
	if (begin(postgres->reading, read, error) == PAWL_OK)
		return PAWL_OK;
	pawl_postgres_read_end(source);
	return error->status == PAWL_OUT_OF_MEMORY ? error->status : prefix_table(read, error);
}

void pawl_postgres_read_end(pawl_source *source)
{
	pawl_postgres_reading *reading = PAWL_TAKE(pawl_postgres_source_of(source)->reading);

	if (reading == NULL)
		return;
	pawl_postgres_lanes_close(reading);
	pawl_stream_free(reading->stream);
	for (size_t i = 0; reading->position != NULL && i < reading->plan.position_count; i++)
		pawl_free(reading->position[i]);
	pawl_free(reading->position);
	pawl_free(reading->outputs);
	pawl_postgres_plan_clear(&reading->plan);
	pthread_mutex_destroy(&reading->mutex);
	pawl_free(reading);
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_postgres_window_begin(pawl_source *source, const pawl_window_limit *limit, const char **ret_relation,
                                       pawl_error *error)
{
	pawl_postgres_reading *reading = pawl_postgres_source_of(source)->reading;

	if (reading == NULL || reading->has_failed)
		return pawl_error_set(error, PAWL_INTERNAL, "a window is of a read that goes well");
	reading->limit = *limit;
	if (reading->limit.rows < 1)
		reading->limit.rows = 1;
	PAWL_TRY(pawl_postgres_lanes_open(reading, error));
	reading->window_started_us = pawl_time_monotonic_us();
	reading->window_rows = reading->window_bytes = 0;
	reading->is_window_over = false;
	reading->is_ending = false;
	pawl_stream_rearm(reading->stream);
	*ret_relation = pawl_stream_relation(reading->stream);
	return PAWL_OK;
}

/* NULL when there is none: nothing was read yet, or the order has no positions. */
static pawl_status write_position(const pawl_postgres_reading *reading, char **ret_position, pawl_error *error)
{
	if (reading->plan.position_count == 0 || (reading->rows_taken == 0 && reading->plan.after == NULL))
		return PAWL_OK;
	return pawl_postgres_position_write(reading->position, reading->plan.position_count, ret_position, error);
}

static bool is_done(const pawl_postgres_reading *reading)
{
	for (size_t i = 0; i < reading->lane_count; i++)
		if (!reading->lanes[i].is_done)
			return false;
	return true;
}

pawl_status pawl_postgres_window_end(pawl_source *source, pawl_window *ret_window, pawl_error *error)
{
	pawl_postgres_source *postgres = pawl_postgres_source_of(source);
	pawl_postgres_reading *reading = postgres->reading;

	if (reading == NULL)
		return pawl_error_set(error, PAWL_INTERNAL, "no window was begun");
	if (reading->has_failed) {
		postgres->misfit = (pawl_misfit) {reading->misfit.is_there && postgres->keeps_misfits, reading->misfit.column};
		*error = reading->failure;
		return error->status == PAWL_OUT_OF_MEMORY ? error->status : prefix_table(reading->plan.read, error);
	}
	PAWL_TRY(pawl_stream_check(reading->stream, error));
	pawl_window window = {.rows = reading->window_rows, .bytes = reading->window_bytes, .is_last = is_done(reading)};
	PAWL_TRY(write_position(reading, &window.position, error));
	*ret_window = window;
	return PAWL_OK;
}
