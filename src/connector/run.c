#include "connector/run.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/step.h"
#include "base/time.h"
#include "connector/sync.h"

#define DEFAULT_WAREHOUSE    "files/warehouse.db"
#define DEFAULT_STATE        "files/state.json"
#define DESTINATION_SCHEMA   "tester" /* as the Fivetran Connector SDK's local runner names it */
#define DEFAULT_MEMORY_BYTES ((int64_t) 256 * 1024 * 1024)

/*
 * Of the memory for the process the engine may use three eighths and the batches one; the rest is for the program itself, for what
 * the engine does not account for, and for the connector (bench/connector_ops.py measures about 200 MiB of 256 at the peak).
 */
static int64_t engine_share(int64_t memory_bytes)
{
	return memory_bytes / 8 * 3;
}

static int64_t batch_share(int64_t memory_bytes)
{
	return memory_bytes / 8;
}

/* All that one run holds; released by clear_run whatever happened. */
typedef struct connector_run {
	const pawl_connector *connector;
	const pawl_run_options *options;
	const pawl_destination_driver *driver;
	pawl_destination *destination;
	pawl_configuration configuration;
	pawl_schema schema;
	pawl_state state;
	pawl_state_choice choice;
	pawl_sync sync;
	pawl_error failure; /* the first error of the connector's calls */
} connector_run;

static void clear_run(connector_run *run)
{
	pawl_sync_clear(&run->sync);
	pawl_schema_clear(&run->schema);
	pawl_state_clear(&run->state);
	pawl_free(run->choice.text);
	pawl_free(run->choice.warning);
	run->driver->close(run->destination);
	pawl_configuration_clear(&run->configuration);
}

static pawl_status check_connector(const pawl_connector *connector, pawl_error *error)
{
	const char *name = connector->name;
	if (name == NULL || name[0] == '\0' ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] != '\0')
		return pawl_error_set(error, PAWL_INVALID, "the connector's name '%s' is not letters, digits, '-' and '_'",
		                      name == NULL ? "" : name);
	if (connector->update == NULL)
		return pawl_error_set(error, PAWL_INVALID, "connector '%s' has no update function", name);
	return PAWL_OK;
}

static const char *state_path(const pawl_run_options *options)
{
	return options->state_path == NULL ? DEFAULT_STATE : options->state_path;
}

static const char *warehouse_path(const pawl_run_options *options)
{
	return options->warehouse_path == NULL ? DEFAULT_WAREHOUSE : options->warehouse_path;
}

static pawl_status open_destination(connector_run *run, int64_t memory_bytes, pawl_error *error)
{
	const char *path = warehouse_path(run->options);
	PAWL_TRY(pawl_file_make_parents(path, error));
	pawl_destination_options options = {
	    .target = path,
	    .schema = DESTINATION_SCHEMA,
	    .owner = run->connector->name,
	    .memory_limit_bytes = engine_share(memory_bytes),
	    .threads = run->options->threads,
	};
	PAWL_TRY(run->driver->open(&options, &run->destination, error));
	if (run->options->is_reset)
		PAWL_TRY(run->driver->reset(run->destination, error));
	PAWL_STEP("run: warehouse open");
	return PAWL_OK;
}

/* The state to start from, and the sync that will go on from it. */
static pawl_status start_sync(connector_run *run, int64_t memory_bytes, const pawl_run_observer *observer, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *in_warehouse = NULL;
	PAWL_TRY(run->driver->load_state(run->destination, &in_warehouse, error));
	if (run->options->is_reset)
		run->choice.text = pawl_duplicate("{}");
	else
		PAWL_TRY(pawl_state_choose(in_warehouse, state_path(run->options), run->options->state_path != NULL, &run->choice, error));
	if (run->choice.text == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(pawl_state_parse("state", run->choice.text, &run->failure, &run->state, error));

	char *state = pawl_duplicate(run->choice.text);
	if (state == NULL)
		return pawl_error_out_of_memory(error);
	run->sync = (pawl_sync){
	    .connector = run->connector,
	    .schema = &run->schema,
	    .target = {run->driver, run->destination, run->options->naming},
	    .destination_schema = DESTINATION_SCHEMA,
	    .state_path = state_path(run->options),
	    .memory_budget_bytes = batch_share(memory_bytes),
	    .batch_rows = run->options->batch_rows == 0 ? PAWL_BATCH_ROWS : run->options->batch_rows,
	    .secrets = &run->configuration.secrets,
	    .observer = observer,
	    .failure = &run->failure,
	    .state = state,
	    .is_state_saved = in_warehouse != NULL && strcmp(in_warehouse, state) == 0,
	    .is_file_same = run->choice.is_file_same,
	};
	PAWL_CLEANUP(pawl_free_pointer) char *shown = pawl_sync_mask(&run->sync, state);
	if (shown == NULL)
		return pawl_error_out_of_memory(error);
	if (observer->started != NULL)
		observer->started(observer->context, run->connector->name, warehouse_path(run->options), DESTINATION_SCHEMA, shown);
	if (run->choice.warning != NULL)
		pawl_sync_notice(&run->sync, PAWL_LOG_WARNING, "%s", run->choice.warning);
	return PAWL_OK;
}

static pawl_status prepare(connector_run *run, const pawl_run_observer *observer, pawl_error *error)
{
	int64_t memory_bytes = run->options->memory_limit_bytes == 0 ? DEFAULT_MEMORY_BYTES : run->options->memory_limit_bytes;
	if (memory_bytes < PAWL_RUN_LEAST_MEMORY_BYTES)
		return pawl_error_set(error, PAWL_INVALID, "the memory limit of %lld bytes is less than the least, 192 MiB",
		                      (long long) memory_bytes);
	PAWL_TRY(check_connector(run->connector, error));
	PAWL_TRY(pawl_configuration_load(run->options->configuration_path, &run->failure, &run->configuration, error));
	PAWL_TRY(open_destination(run, memory_bytes, error));
	return start_sync(run, memory_bytes, observer, error);
}

/* schema, update, and the commit at the end. The first error is in run->failure. */
static pawl_status execute(connector_run *run)
{
	PAWL_TRY(pawl_schema_collect(run->connector, &run->configuration, &run->failure, &run->schema));
	PAWL_TRY(pawl_sync_create_tables(&run->sync));
	pawl_status status = run->connector->update(&run->sync, &run->configuration, &run->state);
	if (run->failure.status == PAWL_OK && status != PAWL_OK)
		pawl_error_set(&run->failure, PAWL_CONNECTOR, "update of connector '%s' failed without an error (status '%s')",
		               run->connector->name, pawl_status_name(status));
	PAWL_TRY(run->failure.status);
	return pawl_sync_finish(&run->sync);
}

static void fill_result(connector_run *run, int64_t started_us, pawl_run_result *result)
{
	result->counts = run->sync.counts;
	result->committed_rows = run->sync.committed_rows;
	result->discarded_rows = run->sync.pending_rows;
	result->elapsed_us = pawl_time_monotonic_us() - started_us;
	result->peak_memory_bytes = pawl_memory_peak_bytes();
	result->state = PAWL_TAKE(run->sync.state);
	if (result->state != NULL)
		pawl_redaction_apply(&run->configuration.secrets, result->state);
}

pawl_status pawl_run(const pawl_connector *connector, const pawl_run_options *options, const pawl_run_observer *observer,
                     pawl_run_result *ret_result, pawl_error *error)
{
	int64_t started_us = pawl_time_monotonic_us();
	static const pawl_run_observer nobody = {0};
	connector_run run = {.connector = connector, .options = options, .driver = &pawl_destination_duckdb};
	pawl_error_clear(&run.failure);
	pawl_status status = prepare(&run, observer == NULL ? &nobody : observer, error);
	if (status == PAWL_OK) {
		status = execute(&run);
		if (status != PAWL_OK)
			*error = run.failure;
	}
	if (status == PAWL_OK)
		pawl_error_clear(error); /* what was tried and came to nothing, such as to read a state file that is not there */
	else
		pawl_redaction_apply_error(&run.configuration.secrets, error);
	*ret_result = (pawl_run_result){0};
	fill_result(&run, started_us, ret_result);
	clear_run(&run);
	return status;
}

void pawl_run_result_clear(pawl_run_result *result)
{
	pawl_free_pointer(&result->state);
}

/* ---- schema alone ---------------------------------------------------------------------------------------------------- */

static pawl_status visit_tables(const pawl_schema *schema, pawl_naming naming, pawl_table_visitor visit, void *context,
                                pawl_error *error)
{
	for (size_t i = 0; i < schema->count; i++) {
		const pawl_declaration *table = &schema->tables[i];
		PAWL_CLEANUP(pawl_free_pointer) char *name = NULL;
		if (pawl_naming_apply(naming, PAWL_NAME_TABLE, table->name, &name, error) != PAWL_OK)
			return pawl_error_prefix(error, "table '%s': ", table->name);
		visit(context, &(pawl_declared_table){table->name, name, table->primary_key, table->columns});
	}
	return PAWL_OK;
}

pawl_status pawl_run_schema(const pawl_connector *connector, const pawl_run_options *options, pawl_table_visitor visit,
                            void *context, bool *ret_has_schema, pawl_error *error)
{
	PAWL_TRY(check_connector(connector, error));
	PAWL_CLEANUP(pawl_configuration_clear) pawl_configuration configuration = {0};
	PAWL_CLEANUP(pawl_schema_clear) pawl_schema schema = {0};
	pawl_error failure;
	pawl_error_clear(&failure);
	PAWL_TRY(pawl_configuration_load(options->configuration_path, &failure, &configuration, error));
	pawl_status status = pawl_schema_collect(connector, &configuration, &failure, &schema);
	if (status != PAWL_OK)
		*error = failure;
	else
		status = visit_tables(&schema, options->naming, visit, context, error);
	if (status != PAWL_OK)
		return pawl_redaction_apply_error(&configuration.secrets, error);
	*ret_has_schema = connector->schema != NULL;
	return PAWL_OK;
}

const char *pawl_version(void)
{
	return PAWL_VERSION;
}
