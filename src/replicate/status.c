#include "replicate/status.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "replicate/lock.h"
#include "replicate/run.h"

void pawl_warehouse_status_clear(pawl_warehouse_status *status)
{
	json_t *root = status->run.owned;

	pawl_json_free(&root);
	pawl_free(status->run.tables);
	pawl_free(status->tables);
	pawl_replica_states_clear(&status->states);
	pawl_replica_runs_clear(&status->runs);
	*status = (pawl_warehouse_status) {0};
}

/* ---- the run in flight ----------------------------------------------------------------------------------------------- */

/* Another version may have written it: what is missing is "" or 0. */
static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text == NULL ? "" : text;
}

static int64_t integer_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static pawl_status read_running_tables(const json_t *tables, pawl_running *run, pawl_error *error)
{
	run->tables = pawl_allocate_array(json_array_size(tables) + 1, sizeof(*run->tables));
	if (run->tables == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < json_array_size(tables); i++) {
		const json_t *table = json_array_get(tables, i);
		run->tables[run->table_count++] = (pawl_running_table) {
			.name = text_of(table, "table"),
			.phase = text_of(table, "phase"),
			.outcome = text_of(table, "outcome"),
			.rows_read = integer_of(table, "rows_read"),
			.rows_written = integer_of(table, "rows_written"),
		};
	}
	return PAWL_OK;
}

static pawl_status read_running(const char *text, pawl_running *run, pawl_error *error)
{
	json_t *root = NULL;
	pawl_time_parts started;
	const char *reason;

	PAWL_TRY(pawl_json_parse_object("what the run says", text, strlen(text), &root, error));
	run->owned = root;
	run->host = text_of(root, "host");
	run->pid = integer_of(root, "pid");
	run->started_at = text_of(root, "started_at");
	if (pawl_time_parse(run->started_at, strlen(run->started_at), &started, &reason))
		run->started_at_us = started.utc_us;
	return read_running_tables(json_object_get(json_object_get(root, "progress"), "tables"), run, error);
}

static pawl_status look_for_run(const char *warehouse, pawl_warehouse_status *status, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;

	PAWL_TRY(pawl_lock_read(warehouse, &text, error));
	status->is_running = text != NULL;
	return text == NULL ? PAWL_OK : read_running(text, &status->run, error);
}

/* ---- the warehouse --------------------------------------------------------------------------------------------------- */

static pawl_status count_rows(pawl_replica *replica, pawl_table_status *table, pawl_error *error)
{
	const pawl_replica_table named = {.schema = (char *) (uintptr_t) table->schema, .name = (char *) (uintptr_t) table->name};

	return pawl_replica_count_rows(replica, &named, &table->rows, error);
}

static void join_records(pawl_warehouse_status *status)
{
	for (size_t i = 0; i < status->states.count; i++) {
		const pawl_replica_state *state = &status->states.items[i];
		status->tables[status->table_count++] = (pawl_table_status) {
			.schema = state->schema_name,
			.name = state->table_name,
			.state = state,
			.run = pawl_replica_runs_find(&status->runs, state->schema_name, state->table_name),
		};
	}
	for (size_t i = 0; i < status->runs.count; i++) {
		const pawl_replica_run *run = &status->runs.items[i];
		if (pawl_replica_states_find(&status->states, run->schema_name, run->table_name) == NULL)
			status->tables[status->table_count++] =
				(pawl_table_status) {.schema = run->schema_name, .name = run->table_name, .run = run};
	}
}

static int compare(const void *left, const void *right)
{
	const pawl_table_status *one = left, *other = right;
	int schemas = strcmp(one->schema, other->schema);

	return schemas != 0 ? schemas : strcmp(one->name, other->name);
}

/* A run that found nothing new leaves the state as it was, and a word once a minute. */
static int64_t find_time(const pawl_table_status *table)
{
	const pawl_replica_run *run = table->run;

	if (table->state == NULL)
		return 0;
	bool is_done = run != NULL && run->outcome != NULL && strcmp(run->outcome, "done") == 0;
	return is_done && run->started_at_us > table->state->synced_at_us ? run->started_at_us : table->state->synced_at_us;
}

static void describe(pawl_table_status *table)
{
	const pawl_replica_state *state = table->state;

	table->rows = -1;
	table->as_of_us = find_time(table);
	table->guarantee = table->run == NULL ? NULL : table->run->guarantee;
	if (state == NULL)
		return;
	if (table->guarantee == NULL)
		table->guarantee = state->guarantee;
	table->is_unfinished = state->position != NULL ||
	                       (state->phase != NULL && strcmp(state->phase, pawl_phase_names[PAWL_PHASE_BACKFILL]) == 0);
}

static pawl_status read_tables(pawl_replica *replica, pawl_warehouse_status *status, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_tables_clear) pawl_replica_tables described = {0};

	PAWL_TRY(pawl_replica_load_states(replica, &status->states, error));
	PAWL_TRY(pawl_replica_load_last_runs(replica, 0, &status->runs, error));
	PAWL_TRY(pawl_replica_describe(replica, &described, error));
	status->tables = pawl_allocate_array(status->states.count + status->runs.count + 1, sizeof(*status->tables));
	if (status->tables == NULL)
		return pawl_error_out_of_memory(error);
	join_records(status);
	qsort(status->tables, status->table_count, sizeof(*status->tables), compare);
	for (size_t i = 0; i < status->table_count; i++) {
		describe(&status->tables[i]);
		if (pawl_replica_tables_find(&described, status->tables[i].schema, status->tables[i].name) != NULL)
			PAWL_TRY(count_rows(replica, &status->tables[i], error));
	}
	return PAWL_OK;
}

static pawl_status read_warehouse(const char *warehouse, pawl_warehouse_status *status, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_close_pointer) pawl_replica *replica = NULL;
	const pawl_replica_options options = {.path = warehouse, .is_read_only = true};

	PAWL_TRY(pawl_replica_open(&options, &replica, error));
	return read_tables(replica, status, error);
}

pawl_status pawl_warehouse_status_read(const char *warehouse, pawl_warehouse_status *ret_status, pawl_error *error)
{
	PAWL_CLEANUP(pawl_warehouse_status_clear) pawl_warehouse_status status = {0};
	pawl_error lock_error;

	PAWL_TRY(look_for_run(warehouse, &status, error));
	if (!status.is_running && !pawl_file_exists(warehouse))
		return pawl_error_set(error, PAWL_NOT_FOUND, "there is no warehouse '%s'", warehouse);
	/* A run may have begun in between: its word is better than that the file cannot be opened. */
	if (!status.is_running && read_warehouse(warehouse, &status, error) != PAWL_OK &&
	    (look_for_run(warehouse, &status, &lock_error) != PAWL_OK || !status.is_running))
		return error->status;
	*ret_status = status;
	status = (pawl_warehouse_status) {0};
	return PAWL_OK;
}
