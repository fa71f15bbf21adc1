/* An update of a database: pawl sync, with the client in the warehouse's place. */
#include "protocol/fivetran/database/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "protocol/fivetran/numbers.h"
#include "protocol/fivetran/outgoing.h"
#include "protocol/fivetran/record.h"

typedef struct database_update {
	pawl_outgoing outgoing;
	const FivetranSdk__V2__TablesWithSchema *selection; /* NULL: all */
} database_update;

static void clear_update(database_update *update)
{
	pawl_outgoing_clear(&update->outgoing);
}

/* ---- what is wanted ---------------------------------------------------------------------------------------------------- */

static bool wants_table(void *context, const char *schema, const char *table)
{
	const database_update *update = context;
	return pawl_fivetran_selects_table_in(update->selection, schema, table);
}

static bool wants_column(void *context, const char *schema, const char *table, const char *column)
{
	const database_update *update = context;
	return pawl_fivetran_selects_column_in(update->selection, schema, table, column);
}

/* NULL, and no error, when all is. */
static pawl_status find_selection(const FivetranSdk__V2__UpdateRequest *request,
                                  const FivetranSdk__V2__TablesWithSchema **ret_selection, pawl_error *error)
{
	bool has_selection = request->selection_presence_case == FIVETRAN_SDK__V2__UPDATE_REQUEST__SELECTION_PRESENCE_SELECTION;

	*ret_selection = NULL;
	if (!has_selection || request->selection->selection_case == FIVETRAN_SDK__V2__SELECTION__SELECTION__NOT_SET)
		return PAWL_OK;
	if (request->selection->selection_case != FIVETRAN_SDK__V2__SELECTION__SELECTION_WITH_SCHEMA)
		return pawl_error_set(error, PAWL_INVALID,
		                      "the selection is of tables without schemas, but the database's tables are in some");
	*ret_selection = request->selection->with_schema;
	return PAWL_OK;
}

/* ---- the receiver ------------------------------------------------------------------------------------------------------ */

static pawl_status take_change(void *context, const pawl_received_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer change = {0};
	database_update *update = context;

	PAWL_TRY(pawl_database_schema_change(table, &change, error));
	return pawl_outgoing_member(&update->outgoing, PAWL_UPDATE_SCHEMA_CHANGE, &change, error);
}

static pawl_status take_truncation(void *context, const pawl_received_table *table, pawl_error *error)
{
	database_update *update = context;

	pawl_record_begin_in(&update->outgoing.record, table->schema, table->name, PAWL_OPERATION_TRUNCATE);
	return pawl_outgoing_end_record(&update->outgoing, error);
}

static pawl_status append_cell(pawl_buffer *record, const pawl_received_column *column, const pawl_cell *cell, pawl_error *error)
{
	pawl_status status = column->type.is_nanoseconds
	                             ? pawl_record_append_nanoseconds(record, column->name, column->type.type, cell, error)
	                             : pawl_record_append(record, column->name, column->type.type, cell, error);
	if (status == PAWL_OK)
		return PAWL_OK;
	if (status == PAWL_INVALID) /* a time */
		pawl_error_hint(error, "leave these rows out with 'where', or the column with 'columns.exclude'");
	return pawl_error_prefix(error, "column '%s': ", column->name);
}

static pawl_status take_row(void *context, const pawl_received_table *table, const pawl_cell *cells, pawl_error *error)
{
	database_update *update = context;
	pawl_buffer *record = &update->outgoing.record;

	pawl_record_begin_in(record, table->schema, table->name, PAWL_OPERATION_UPSERT);
	for (size_t i = 0; i < table->column_count; i++)
		PAWL_TRY(append_cell(record, &table->columns[i], &cells[i], error));
	return pawl_outgoing_end_record(&update->outgoing, error);
}

static pawl_status take_checkpoint(void *context, const char *state, pawl_error *error)
{
	database_update *update = context;
	return pawl_outgoing_checkpoint(&update->outgoing, state, error);
}

/* ---- the observer ------------------------------------------------------------------------------------------------------ */

static bool is_wanted(void *context)
{
	const database_update *update = context;
	return pawl_grpc_is_wanted(update->outgoing.call);
}

static void take_notice(void *context, pawl_notice_level level, const char *table, const char *message, const char *hint)
{
	database_update *update = context;
	pawl_error told;

	pawl_error_set(&told, PAWL_INVALID, "%s", message);
	pawl_error_hint(&told, "%s", hint);
	pawl_database_adapt_hint(&told);
	if (table != NULL)
		pawl_plan_name_table(table, &told);
	pawl_fivetran_join_hint(&told);
	if (level == PAWL_NOTICE_WARNING)
		pawl_outgoing_warning(&update->outgoing, told.message);
	else
		pawl_fivetran_log(update->outgoing.log, PAWL_LOG_INFO, told.message);
}

/* Of several tables that failed, the call's own error is but one. */
static void take_end(void *context, const pawl_table_report *tables, size_t count, size_t index)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer line = {0};
	const database_update *update = context;
	const pawl_table_report *table = &tables[index];

	(void) count;
	if (table->outcome == PAWL_TABLE_FAILED)
		take_notice(context, PAWL_NOTICE_WARNING, table->source_name, table->error->message, table->error->hint);
	if (table->outcome != PAWL_TABLE_DONE)
		return;
	pawl_buffer_appendf(&line, "table '%s': %" PRId64 " rows, %s, guarantee %s", table->source_name, table->rows_written,
	                    pawl_phase_names[table->phase], table->guarantee);
	if (!line.has_failed)
		pawl_fivetran_log(update->outgoing.log, PAWL_LOG_INFO, pawl_buffer_text(&line));
}

/* ---- where to spill to -------------------------------------------------------------------------------------------------- */

/* A folder for this update alone: names of DuckDB's files are the same in each engine. */
static pawl_status make_folder(const pawl_fivetran_database_options *options, char **ret_folder, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer path = {0};
	const char *parent = options->temp_directory != NULL ? options->temp_directory : getenv("TMPDIR");

	pawl_buffer_appendf(&path, "%s/pawl-XXXXXX", parent == NULL || *parent == '\0' ? "/tmp" : parent);
	PAWL_TRY(pawl_buffer_status(&path, error));
	if (mkdtemp(path.text) == NULL) {
		pawl_error_set(error, PAWL_IO, "cannot make the folder '%s': %m", path.text);
		return pawl_error_hint(error, "--temp-directory names another place");
	}
	*ret_folder = pawl_buffer_take(&path);
	return PAWL_OK;
}

/* ---- the call ---------------------------------------------------------------------------------------------------------- */

static pawl_status run(pawl_job *job, database_update *update, pawl_error *error)
{
	pawl_sync_result result = {0};
	const pawl_sync_observer observer = {
		.context = update, .table_changed = take_end, .notice = take_notice, .is_wanted = is_wanted};

	pawl_status status = pawl_sync_run(job, &observer, &result, error);
	pawl_sync_result_clear(&result);
	return status;
}

pawl_status pawl_database_update(const pawl_fivetran_database_options *options, pawl_job *job,
                                 const FivetranSdk__V2__UpdateRequest *request, pawl_grpc_call *call, FILE *log, pawl_error *error)
{
	PAWL_CLEANUP(clear_update) database_update update = {.outgoing = {.call = call, .log = log}};
	const pawl_selection selection = {&update, wants_table, wants_column};
	bool has_state = request->state_json_presence_case == FIVETRAN_SDK__V2__UPDATE_REQUEST__STATE_JSON_PRESENCE_STATE_JSON;
	const pawl_replica_receiver receiver = {
		.context = &update,
		.state = has_state ? request->state_json : "",
		.change = take_change,
		.truncate = take_truncation,
		.row = take_row,
		.checkpoint = take_checkpoint,
	};

	PAWL_TRY(find_selection(request, &update.selection, error));
	PAWL_TRY(make_folder(options, &job->temp_directory, error));
	job->receiver = &receiver;
	job->selection = update.selection == NULL ? NULL : &selection;
	pawl_status status = run(job, &update, error);
	job->receiver = NULL;
	job->selection = NULL;
	rmdir(job->temp_directory);
	return status;
}
