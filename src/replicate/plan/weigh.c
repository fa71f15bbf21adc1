/* Some rows of a table, looked at before it is synced. */
#include <string.h>

#include "base/memory.h"
#include "replicate/plan/internal.h"

/* So many, from the start of the table, tell how long the others are. */
enum { SOME_ROWS = 2048 };

/* A table of fewer is a row group at most. */
enum { FEW_ROWS = 2048 };

/* ---- reading some ---------------------------------------------------------------------------------------------------- */

static pawl_status read_relation(const pawl_plan *plan, const pawl_read *read, int64_t limit, pawl_plan_consume *consume,
                                 void *context, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};

	pawl_buffer_append(&relation, "(SELECT * FROM ");
	PAWL_TRY(plan->source->driver->relation(plan->source, read, &relation, error));
	pawl_buffer_appendf(&relation, " LIMIT %lld)", (long long) limit);
	PAWL_TRY(pawl_buffer_status(&relation, error));
	return consume(plan, pawl_buffer_text(&relation), context, error);
}

/* The source's own error is better than the engine's. */
static pawl_status read_window(const pawl_plan *plan, const pawl_read *read, int64_t limit, pawl_plan_consume *consume, void *context,
                               pawl_error *error)
{
	const pawl_source_driver *driver = plan->source->driver;
	const pawl_window_limit window_limit = {.rows = limit};
	pawl_window window = {0};
	pawl_error end_error;
	const char *relation;

	PAWL_TRY(driver->read_begin(plan->source, read, error));
	PAWL_TRY(driver->window_begin(plan->source, &window_limit, &relation, error));
	pawl_status status = consume(plan, relation, context, error);
	if (driver->window_end(plan->source, &window, &end_error) != PAWL_OK) {
		*error = end_error;
		return end_error.status;
	}
	pawl_free(window.position);
	return status;
}

pawl_status pawl_plan_read_some(const pawl_plan *plan, const pawl_read *read, int64_t limit, pawl_plan_consume *consume,
                                void *context, pawl_error *error)
{
	const pawl_source_driver *driver = plan->source->driver;
	pawl_snapshot snapshot;

	PAWL_TRY(driver->snapshot_begin(plan->source, &snapshot, error));
	pawl_status status = driver->relation != NULL ? read_relation(plan, read, limit, consume, context, error)
	                                              : read_window(plan, read, limit, consume, context, error);
	driver->read_end(plan->source);
	driver->snapshot_end(plan->source);
	return status;
}

/* ---- weighing -------------------------------------------------------------------------------------------------------- */

static bool is_long(const char *type)
{
	return strcmp(type, "VARCHAR") == 0 || strcmp(type, "JSON") == 0 || strcmp(type, "BLOB") == 0 || strpbrk(type, "([") != NULL;
}

/* The average of a row; false when no column of the table is long. */
static bool append_average(pawl_buffer *sql, const pawl_table_plan *table)
{
	bool has_any = false;

	for (size_t i = 0; i < table->target.column_count; i++) {
		const char *type = table->target.columns[i].type;
		bool is_blob = strcmp(type, "BLOB") == 0;
		if (!is_long(type))
			continue;
		pawl_buffer_append(sql, has_any ? " + " : "SELECT coalesce(avg(");
		pawl_buffer_append(sql, is_blob ? "coalesce(octet_length(" : "coalesce(strlen(");
		pawl_buffer_append_identifier(sql, table->columns[i].name);
		pawl_buffer_append(sql, is_blob ? "), 0)" : "::VARCHAR), 0)");
		has_any = true;
	}
	pawl_buffer_append(sql, "), 0)::BIGINT FROM ");
	return has_any;
}

typedef struct weight {
	const pawl_table_plan *table;
	int64_t text_bytes;
} weight;

static pawl_status weigh(const pawl_plan *plan, const char *relation, void *context, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	weight *found = context;
	bool has_row;

	if (!append_average(&sql, found->table))
		return PAWL_OK;
	pawl_buffer_append(&sql, relation);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(pawl_replica_engine(plan->replica), pawl_buffer_text(&sql), NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	found->text_bytes = pawl_duck_rows_integer(rows, 0);
	return PAWL_OK;
}

pawl_status pawl_plan_weigh(const pawl_plan *plan, pawl_table_plan *table, pawl_error *error)
{
	const pawl_source_table *source = table->source;
	bool is_copied = table->phase == PAWL_PHASE_BACKFILL || table->phase == PAWL_PHASE_REFRESH;
	bool is_small = source->estimated_rows >= 0 && source->estimated_rows < FEW_ROWS;
	pawl_read read = pawl_plan_read(table);
	weight found = {table, 0};
	pawl_error failure;

	if (!is_copied || source->is_view || is_small || table->state.text_bytes > 0)
		return PAWL_OK;
	read.where = NULL; /* the rows that it lets through may be far */
	read.has_no_null_keys = false;
	if (pawl_plan_read_some(plan, &read, SOME_ROWS, weigh, &found, &failure) == PAWL_OUT_OF_MEMORY) {
		*error = failure;
		return error->status;
	}
	table->state.text_bytes = found.text_bytes;
	return PAWL_OK;
}
