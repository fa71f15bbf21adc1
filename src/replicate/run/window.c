/* A read, window by window. */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "replicate/run/sync.h"

/* A window of a stream ends after this time, however few rows it has by then. */
#define WINDOW_US INT64_C(30000000)

/* Where nothing can go on behind a window, it is not worth a commit; so often at least, it is told how far the read is. */
#define TELLING_US INT64_C(10000000)

/* A window that took less was too small for its commit to be worth it. */
#define SHORT_WINDOW_US INT64_C(1500000)
#define WINDOW_GROWTH   4

/* Of DuckDB: as many are written at once when they come in one transaction. */
#define ROW_GROUP_ROWS 122880

/* ---- reads ----------------------------------------------------------------------------------------------------------- */

pawl_status pawl_replicate_begin_read(pawl_table_sync *sync, pawl_replicate_reading *reading, const char *position, pawl_error *error)
{
	PAWL_TRY(pawl_replica_set_text(&reading->after, position, error));
	reading->read.after = reading->after;
	return sync->source->driver->read_begin(sync->source, &reading->read, error);
}

pawl_status pawl_replicate_renew_snapshot(pawl_table_sync *sync, pawl_replicate_reading *reading, const char *position,
                                          pawl_error *error)
{
	const pawl_source_driver *driver = sync->source->driver;
	int64_t now_us = pawl_time_monotonic_us();

	if (driver->version != NULL || position == NULL || reading->read.order == PAWL_ORDER_NONE ||
	    now_us - reading->begun_us < sync->job->max_snapshot_us / 2)
		return PAWL_OK;
	driver->read_end(sync->source);
	driver->snapshot_end(sync->source);
	PAWL_TRY(pawl_replicate_snapshot(sync, error));
	reading->begun_us = now_us;
	return pawl_replicate_begin_read(sync, reading, position, error);
}

void pawl_replicate_end_read(pawl_table_sync *sync, pawl_replicate_reading *reading)
{
	sync->source->driver->read_end(sync->source);
	pawl_free(PAWL_TAKE(reading->after));
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

/* About what a value takes in memory before it is compressed. */
static int64_t row_bytes(const pawl_table_plan *plan)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < plan->target.column_count; i++)
		bytes += strchr(plan->target.columns[i].type, '(') != NULL || strcmp(plan->target.columns[i].type, "VARCHAR") == 0 ? 32 : 8;
	return bytes;
}

/* Rows of a wide table are committed in smaller windows: what a transaction adds to a row group stays in memory. */
static int64_t fit_rows(const pawl_table_sync *sync, int64_t wanted)
{
	int64_t most_bytes = sync->job->memory_limit_bytes / 8;
	int64_t most_rows = most_bytes / row_bytes(sync->plan);

	return most_rows >= ROW_GROUP_ROWS || wanted <= most_rows ? wanted : most_rows;
}

pawl_window_limit pawl_replicate_limit(const pawl_table_sync *sync, pawl_order order)
{
	const pawl_table_settings *settings = &sync->plan->settings;
	bool has_version = sync->source->driver->version != NULL;
	bool is_given = (settings->given & pawl_field_bit("window_rows")) != 0;
	pawl_window_limit limit = {.rows = fit_rows(sync, settings->window_rows), .us = WINDOW_US};

	if (order == PAWL_ORDER_NONE && !has_version && !is_given)
		limit = (pawl_window_limit) {.rows = INT64_MAX, .us = TELLING_US};
	/* See pawl_replicate_renew_snapshot: the rest is for the window's commit. */
	if (order != PAWL_ORDER_NONE && !has_version && limit.us > sync->job->max_snapshot_us / 4)
		limit.us = sync->job->max_snapshot_us / 4;
	return limit;
}

void pawl_replicate_grow_limit(const pawl_table_sync *sync, int64_t took_us, pawl_window_limit *limit)
{
	bool is_given = (sync->plan->settings.given & pawl_field_bit("window_rows")) != 0;

	if (!is_given && took_us < SHORT_WINDOW_US && limit->rows < INT64_MAX / WINDOW_GROWTH)
		limit->rows = fit_rows(sync, limit->rows * WINDOW_GROWTH);
}

pawl_status pawl_replicate_read_window(pawl_table_sync *sync, const pawl_window_limit *limit, pawl_replicate_consume *consume,
                                       pawl_window *ret_window, pawl_error *error)
{
	const pawl_source_driver *driver = sync->source->driver;
	const char *relation;
	pawl_window window = {0};
	pawl_error end_error;
	int64_t rows = 0;

	PAWL_TRY(driver->window_begin(sync->source, limit, &relation, error));
	pawl_status status = consume(sync, relation, &rows, error);
	pawl_status end_status = driver->window_end(sync->source, &window, &end_error);
	/* That not all was read is a matter of course when the statement failed by itself. */
	if (end_status != PAWL_OK && (status == PAWL_OK || end_status != PAWL_INTERNAL)) {
		*error = end_error;
		return end_status;
	}
	if (status != PAWL_OK) {
		pawl_free(window.position);
		return status;
	}
	if (window.rows < 0)
		window.rows = rows;
	*ret_window = window;
	return PAWL_OK;
}

/* ---- the primary key ------------------------------------------------------------------------------------------------- */

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/* A constraint that lets NULLs in holds them to differ from each other: of the rows without one it keeps the key unique. */
static void append_doubtful(pawl_buffer *sql, const pawl_table_plan *plan, const char *relation)
{
	const char *separator = " WHERE ";

	pawl_buffer_appendf(sql, "(SELECT * FROM %s", relation);
	for (size_t i = 0; plan->is_unique && i < plan->target.column_count; i++) {
		const pawl_replica_column *column = &plan->target.columns[i];
		if (column->key_rank == 0 || !column->is_nullable)
			continue;
		pawl_buffer_append(sql, separator);
		pawl_buffer_append_identifier(sql, column->name);
		pawl_buffer_append(sql, " IS NULL");
		separator = " OR ";
	}
	pawl_buffer_append_character(sql, ')');
}

pawl_status pawl_replicate_check_unique(pawl_table_sync *sync, const char *relation, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *example = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer doubtful = {0};
	const pawl_table_plan *plan = sync->plan;
	int64_t rows;

	if (plan->mode != PAWL_MODE_UPSERT || (plan->is_unique && plan->is_key_not_null))
		return PAWL_OK;
	append_doubtful(&doubtful, plan, relation);
	PAWL_TRY(pawl_buffer_status(&doubtful, error));
	PAWL_TRY(pawl_replica_count_duplicates(sync->replica, &plan->target, pawl_buffer_text(&doubtful), &rows, &example, error));
	if (rows == 0)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "the primary key (%s) is not unique: %" PRId64 " rows share theirs with another one, as (%s)",
	               or_empty(plan->state.primary_key), rows, or_empty(example));
	return pawl_error_hint(error, "name all columns that tell rows apart, or use mode: append or replace");
}
