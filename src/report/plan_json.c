#include "report/plan_json.h"

#include "base/memory.h"
#include "report/fields.h"

static bool is_sound(const pawl_table_plan *table)
{
	return table->error.status == PAWL_OK;
}

static void append_primary_key(pawl_buffer *json, const pawl_table_plan *table)
{
	pawl_fields_append_name(json, "primary_key");
	pawl_buffer_append(json, "[");
	for (size_t i = 0; i < table->primary_key_count; i++) {
		pawl_buffer_append(json, i == 0 ? "" : ",");
		pawl_fields_append_value(json, table->source->columns[table->primary_key[i]].name);
	}
	pawl_buffer_append(json, "]");
}

static void append_notices(pawl_buffer *json, const pawl_table_plan *table)
{
	pawl_fields_append_name(json, "notices");
	pawl_buffer_append(json, "[");
	for (size_t i = 0; i < table->notice_count; i++) {
		const pawl_plan_notice *notice = &table->notices[i];
		pawl_buffer_append(json, i == 0 ? "{" : ",{");
		pawl_fields_append_text(json, "level", notice->level == PAWL_NOTICE_WARNING ? "warning" : "info");
		pawl_fields_append_text(json, "message", notice->message);
		pawl_fields_append_text(json, "hint", *notice->hint == '\0' ? NULL : notice->hint);
		pawl_buffer_append(json, "}");
	}
	pawl_buffer_append(json, "]");
}

static void append_changes(pawl_buffer *json, const pawl_table_plan *table)
{
	pawl_fields_append_name(json, "column_changes");
	pawl_buffer_append(json, "[");
	for (size_t i = 0; i < table->change_count; i++) {
		const pawl_replica_column *column = &table->target.columns[table->changes[i].column];
		pawl_buffer_append(json, i == 0 ? "{" : ",{");
		pawl_fields_append_text(json, "column", column->name);
		pawl_fields_append_text(json, "type", column->type);
		pawl_fields_append_boolean(json, "is_new", table->changes[i].is_new);
		pawl_buffer_append(json, "}");
	}
	pawl_buffer_append(json, "]");
}

static void append_look(pawl_buffer *json, const pawl_table_plan *table, const pawl_look *look)
{
	bool has_cursor = is_sound(table) && table->phase == PAWL_PHASE_INCREMENTAL;
	pawl_fields_append_text(json, "phase", is_sound(table) ? pawl_phase_names[table->phase] : NULL);
	pawl_fields_append_boolean(json, "is_resumed", look->is_resumed);
	pawl_fields_append_text(json, "cursor", has_cursor ? table->state.cursor : NULL);
	pawl_fields_append_known(json, "rows", is_sound(table) ? look->rows : -1);
	pawl_fields_append_boolean(json, "is_estimate", look->is_estimate);
	append_changes(json, table);
	pawl_fields_append_text(json, "sql", look->sql);
}

static void append_table(pawl_buffer *json, const pawl_table_plan *table, const pawl_look *look)
{
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "source_name", table->source_name);
	pawl_fields_append_text(json, "destination_name", table->target_name);
	pawl_fields_append_boolean(json, "is_view", table->source->is_view);
	pawl_fields_append_text(json, "mode", pawl_mode_names[table->mode]);
	pawl_fields_append_text(json, "key", table->has_key ? table->key_text : NULL);
	pawl_fields_append_text(json, "key_reason", *table->key_reason == '\0' ? NULL : table->key_reason);
	append_primary_key(json, table);
	pawl_fields_append_text(json, "guarantee", is_sound(table) ? table->guarantee_text : NULL);
	pawl_fields_append_text(json, "guarantee_reason", is_sound(table) ? table->guarantee_reason : NULL);
	pawl_fields_append_known(json, "estimated_rows", table->source->estimated_rows);
	append_notices(json, table);
	if (look != NULL)
		append_look(json, table, look);
	pawl_fields_append_error(json, "error", is_sound(table) ? NULL : &table->error);
	pawl_buffer_append(json, "}");
}

static void append_missed(pawl_buffer *json, const pawl_plan *plan)
{
	const char *separator = "";

	pawl_fields_append_name(json, "left_out");
	pawl_buffer_append(json, "[");
	for (size_t i = 0; i < plan->catalog.denied_count; i++) {
		const pawl_source_denied *denied = &plan->catalog.denied[i];
		if (!pawl_plan_misses(plan, denied))
			continue;
		pawl_buffer_appendf(json, "%s{", separator);
		pawl_fields_append_text(json, "schema", denied->schema);
		pawl_fields_append_text(json, "name", denied->name);
		pawl_fields_append_text(json, "hint", denied->remedy);
		pawl_buffer_append(json, "}");
		separator = ",";
	}
	pawl_buffer_append(json, "]");
}

pawl_status pawl_plan_json_print(FILE *out, const pawl_plan *plan, const pawl_look *looks, const pawl_error *error_of_all,
                                 pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_look_counts counts = pawl_look_count(plan);
	pawl_buffer_append(&json, "{");
	pawl_fields_append_text(&json, "status", error_of_all != NULL || counts.failed > 0 ? "failed" : "succeeded");
	pawl_fields_append_text(&json, "source", plan->job->source_display);
	pawl_fields_append_text(&json, "destination", plan->job->destination);
	pawl_fields_append_name(&json, "tables");
	pawl_buffer_append(&json, "[");
	for (size_t i = 0; i < plan->table_count; i++) {
		pawl_buffer_append(&json, i == 0 ? "" : ",");
		append_table(&json, &plan->tables[i], looks == NULL ? NULL : &looks[i]);
	}
	pawl_buffer_append(&json, "]");
	append_missed(&json, plan);
	pawl_fields_append_integer(&json, "tables_failed", (int64_t) counts.failed);
	pawl_fields_append_integer(&json, "warnings", (int64_t) counts.warnings);
	pawl_fields_append_error(&json, "error", error_of_all);
	pawl_buffer_append(&json, "}\n");
	PAWL_TRY(pawl_buffer_status(&json, error));
	fwrite(json.text, 1, json.length, out);
	return PAWL_OK;
}
