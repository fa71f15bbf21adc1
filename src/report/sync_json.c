#include "report/sync_json.h"

#include "base/memory.h"
#include "base/time.h"
#include "report/fields.h"
#include "report/sync_live.h"
#include "report/verdict.h"

static const char *const outcome_names[] = {
	[PAWL_TABLE_WAITING] = "waiting", [PAWL_TABLE_IN_FLIGHT] = "in_flight", [PAWL_TABLE_DONE] = "done",
	[PAWL_TABLE_STOPPED] = "stopped", [PAWL_TABLE_FAILED] = "failed",
};

void pawl_sync_json_append_elapsed(pawl_buffer *json, const pawl_table_report *table, int64_t now_us)
{
	if (table->started_us != 0)
		pawl_fields_append_seconds(json, "elapsed_seconds", pawl_sync_elapsed_us(table, now_us));
	else
		pawl_fields_append_text(json, "elapsed_seconds", NULL);
}

void pawl_sync_json_append_table(pawl_buffer *json, const pawl_table_report *table, int64_t now_us)
{
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "source_name", table->source_name);
	pawl_fields_append_text(json, "destination_name", table->destination_name);
	pawl_fields_append_text(json, "outcome", outcome_names[table->outcome]);
	pawl_fields_append_text(json, "phase", pawl_phase_names[table->phase]);
	pawl_fields_append_text(json, "mode", pawl_mode_names[table->mode]);
	pawl_fields_append_text(json, "key", table->key);
	pawl_fields_append_text(json, "guarantee", table->guarantee);
	pawl_fields_append_text(json, "guarantee_reason", table->guarantee_reason);
	pawl_fields_append_known(json, "estimated_rows", table->estimated_rows);
	pawl_fields_append_integer(json, "rows_read", table->rows_read);
	pawl_fields_append_integer(json, "rows_written", table->rows_written);
	pawl_fields_append_known(json, "bytes_read", table->bytes_read);
	pawl_fields_append_integer(json, "windows", table->windows);
	pawl_fields_append_integer(json, "null_keys_ignored", table->null_keys_ignored);
	pawl_fields_append_text(json, "cursor_from", table->cursor_from);
	pawl_fields_append_text(json, "cursor_to", table->cursor_to);
	pawl_sync_json_append_elapsed(json, table, now_us);
	pawl_fields_append_seconds(json, "applying_seconds", table->applying_us);
	pawl_fields_append_error(json, "error", table->error);
	pawl_buffer_append(json, "}");
}

void pawl_sync_json_append_result(pawl_buffer *json, const pawl_sync_result *result, const pawl_error *run_error,
                                  int64_t now_us)
{
	pawl_fields_append_text(json, "status", pawl_verdict_names[pawl_verdict_of(run_error)]);
	pawl_fields_append_name(json, "tables");
	for (size_t i = 0; i < result->table_count; i++) {
		pawl_buffer_append(json, i == 0 ? "[" : ",");
		pawl_sync_json_append_table(json, &result->tables[i], now_us);
	}
	pawl_buffer_append(json, result->table_count == 0 ? "[]" : "]");
	pawl_fields_append_integer(json, "tables_failed", (int64_t) result->failed_count);
	pawl_fields_append_integer(json, "tables_stopped", (int64_t) result->stopped_count);
	pawl_fields_append_integer(json, "rows_read", result->rows_read);
	pawl_fields_append_integer(json, "rows_written", result->rows_written);
	pawl_fields_append_integer(json, "warnings", result->warnings);
	pawl_fields_append_seconds(json, "elapsed_seconds", result->elapsed_us);
	pawl_fields_append_integer(json, "peak_memory_bytes", result->peak_memory_bytes);
	pawl_fields_append_error(json, "error", run_error);
}

pawl_status pawl_sync_json_print(FILE *out, const pawl_sync_result *result, const pawl_error *run_error, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_buffer_append(&json, "{");
	pawl_sync_json_append_result(&json, result, run_error, pawl_time_monotonic_us());
	pawl_buffer_append(&json, "}\n");
	PAWL_TRY(pawl_buffer_status(&json, error));
	fwrite(json.text, 1, json.length, out);
	return PAWL_OK;
}
