#include "base/memory.h"
#include "report/fields.h"
#include "report/status_report.h"

/* ---- a run in flight ------------------------------------------------------------------------------------------------- */

static void append_running_table(pawl_buffer *json, const pawl_running_table *table)
{
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "name", table->name);
	pawl_fields_append_text(json, "phase", table->phase);
	pawl_fields_append_text(json, "outcome", table->outcome);
	pawl_fields_append_integer(json, "rows_read", table->rows_read);
	pawl_fields_append_integer(json, "rows_written", table->rows_written);
	pawl_buffer_append(json, "}");
}

static void append_running(pawl_buffer *json, const pawl_warehouse_status *status)
{
	const pawl_running *run = &status->run;
	pawl_fields_append_boolean(json, "is_running", status->is_running);
	if (!status->is_running) {
		pawl_fields_append_text(json, "run", NULL);
		return;
	}
	pawl_fields_append_name(json, "run");
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "host", run->host);
	pawl_fields_append_integer(json, "pid", run->pid);
	pawl_fields_append_text(json, "started_at", run->started_at);
	pawl_fields_append_name(json, "tables");
	pawl_buffer_append(json, "[");
	for (size_t i = 0; i < run->table_count; i++) {
		pawl_buffer_append(json, i == 0 ? "" : ",");
		append_running_table(json, &run->tables[i]);
	}
	pawl_buffer_append(json, "]}");
}

/* ---- a table --------------------------------------------------------------------------------------------------------- */

static void append_last_run(pawl_buffer *json, const pawl_replica_run *run)
{
	if (run == NULL) {
		pawl_fields_append_text(json, "last_run", NULL);
		return;
	}
	pawl_fields_append_name(json, "last_run");
	pawl_buffer_append(json, "{");
	pawl_fields_append_time(json, "started_at", run->started_at_us);
	pawl_fields_append_time(json, "ended_at", run->ended_at_us);
	pawl_fields_append_text(json, "phase", run->phase);
	pawl_fields_append_text(json, "outcome", run->outcome);
	pawl_fields_append_integer(json, "rows_read", run->rows_read);
	pawl_fields_append_integer(json, "rows_written", run->rows_written);
	pawl_fields_append_text(json, "cursor_from", run->cursor_from);
	pawl_fields_append_text(json, "cursor_to", run->cursor_to);
	pawl_fields_append_text(json, "error", run->error);
	pawl_buffer_append(json, "}");
}

static void append_names(pawl_buffer *json, const char *name, const char *schema, const char *table)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer full = {0};
	if (schema != NULL && table != NULL)
		pawl_buffer_appendf(&full, "%s.%s", schema, table);
	json->has_failed = json->has_failed || full.has_failed;
	pawl_fields_append_text(json, name, full.length == 0 ? NULL : pawl_buffer_text(&full));
}

static void append_state(pawl_buffer *json, const pawl_replica_state *state)
{
	pawl_fields_append_text(json, "source", state->source);
	append_names(json, "source_name", state->source_schema, state->source_table);
	pawl_fields_append_text(json, "mode", state->mode);
	pawl_fields_append_text(json, "key", state->replication_key);
	pawl_fields_append_text(json, "cursor", state->cursor);
	pawl_fields_append_text(json, "newest_key", state->newest_key);
	pawl_fields_append_text(json, "horizon", state->horizon);
	pawl_fields_append_integer(json, "rows_written", state->rows_written);
	pawl_fields_append_time(json, "synced_at", state->synced_at_us);
}

static void append_freshness(pawl_buffer *json, int64_t as_of_us, int64_t now_us)
{
	pawl_fields_append_time(json, "up_to_date_at", as_of_us);
	if (as_of_us != 0)
		pawl_fields_append_seconds(json, "behind_seconds", now_us > as_of_us ? now_us - as_of_us : 0);
	else
		pawl_fields_append_text(json, "behind_seconds", NULL);
}

static void append_table(pawl_buffer *json, const pawl_table_status *table, int64_t now_us)
{
	static const pawl_replica_state unknown = {0};
	pawl_buffer_append(json, "{");
	append_names(json, "name", table->schema, table->name);
	pawl_fields_append_known(json, "rows", table->rows);
	append_state(json, table->state == NULL ? &unknown : table->state);
	pawl_fields_append_text(json, "guarantee", table->guarantee);
	pawl_fields_append_boolean(json, "is_unfinished", table->is_unfinished);
	append_freshness(json, table->as_of_us, now_us);
	append_last_run(json, table->run);
	pawl_buffer_append(json, "}");
}

pawl_status pawl_status_print_json(FILE *out, const char *warehouse, const pawl_warehouse_status *status, int64_t now_us,
                                   pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_buffer_append(&json, "{");
	pawl_fields_append_text(&json, "warehouse", warehouse);
	pawl_fields_append_time(&json, "now", now_us);
	append_running(&json, status);
	pawl_fields_append_name(&json, "tables");
	pawl_buffer_append(&json, "[");
	for (size_t i = 0; i < status->table_count; i++) {
		pawl_buffer_append(&json, i == 0 ? "" : ",");
		append_table(&json, &status->tables[i], now_us);
	}
	pawl_buffer_append(&json, "]}\n");
	PAWL_TRY(pawl_buffer_status(&json, error));
	fwrite(json.text, 1, json.length, out);
	return PAWL_OK;
}
