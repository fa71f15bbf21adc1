#include "report/catalog_report.h"

#include "base/memory.h"
#include "replicate/plan.h"
#include "report/fields.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/line.h"

static const struct {
	const char *words; /* for people */
	const char *name;  /* for programs */
} classes[] = {
	[PAWL_KEY_NONE] = {"", "none"},
	[PAWL_KEY_TIMESTAMPTZ] = {"instant", "timestamptz"},
	[PAWL_KEY_TIMESTAMP] = {"time", "timestamp"},
	[PAWL_KEY_DATE] = {"date", "date"},
	[PAWL_KEY_NUMBER] = {"number", "number"},
	[PAWL_KEY_TEXT] = {"text", "text"},
};

/* ---- for people ------------------------------------------------------------------------------------------------------ */

/* "main.orders, about 1,234 rows", "main.recent, a view" */
static void print_heading(FILE *out, const pawl_source_table *table)
{
	char rows[PAWL_FORMAT_BYTES];
	pawl_line_print(out, table->schema);
	fputc('.', out);
	pawl_line_print(out, table->name);
	if (table->is_view)
		fputs(", a view: copied only when it is named", out);
	if (table->estimated_rows >= 0) {
		pawl_format_rows(table->estimated_rows, rows);
		fprintf(out, ", about %s", rows);
	}
	fputs("\n\n", out);
}

static void append_column(pawl_grid *grid, const pawl_source_column *column)
{
	char rank[PAWL_FORMAT_BYTES] = "";
	if (column->key_rank > 0)
		snprintf(rank, sizeof(rank), "%d", column->key_rank);
	pawl_grid_append(grid, column->name);
	pawl_grid_append(grid, column->native_type);
	pawl_grid_append(grid, column->type);
	pawl_grid_append(grid, column->is_nullable ? "yes" : "no");
	pawl_grid_append(grid, rank);
	pawl_grid_append(grid, classes[column->key_class].words);
}

static pawl_status print_columns(FILE *out, const pawl_terminal *terminal, const pawl_source_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	pawl_grid_append_column(&grid, "column", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "type", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "DuckDB type", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "NULL", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "primary key", PAWL_GRID_RIGHT);
	pawl_grid_append_column(&grid, "as a key", PAWL_GRID_LEFT);
	PAWL_TRY(pawl_grid_status(&grid, error));
	for (size_t i = 0; i < table->column_count; i++)
		append_column(&grid, &table->columns[i]);
	PAWL_TRY(pawl_grid_status(&grid, error));
	pawl_grid_print(&grid, out, terminal);
	return PAWL_OK;
}

static void print_key(FILE *out, const pawl_source_table *table)
{
	char reason[PAWL_PLAN_TEXT_BYTES];
	ptrdiff_t key = pawl_key_choose(table, reason);
	fputs("\nreplication key ", out);
	pawl_line_print(out, key < 0 ? "none" : table->columns[key].name);
	fputs(": ", out);
	pawl_line_print(out, reason);
	fputc('\n', out);
}

pawl_status pawl_catalog_print(FILE *out, const pawl_terminal *terminal, const pawl_source_table *const *tables, size_t count,
                               pawl_error *error)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc('\n', out);
		print_heading(out, tables[i]);
		PAWL_TRY(print_columns(out, terminal, tables[i], error));
		print_key(out, tables[i]);
	}
	return PAWL_OK;
}

/* ---- for programs ---------------------------------------------------------------------------------------------------- */

static void append_json_column(pawl_buffer *json, const pawl_source_column *column)
{
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "name", column->name);
	pawl_fields_append_text(json, "native_type", column->native_type);
	pawl_fields_append_text(json, "type", column->type);
	pawl_fields_append_boolean(json, "is_nullable", column->is_nullable);
	pawl_fields_append_known(json, "key_rank", column->key_rank > 0 ? column->key_rank : -1);
	pawl_fields_append_text(json, "key_class", classes[column->key_class].name);
	pawl_fields_append_text(json, "default", column->default_text);
	pawl_fields_append_boolean(json, "is_indexed", column->is_indexed);
	pawl_fields_append_boolean(json, "is_sequence", column->is_sequence);
	pawl_fields_append_boolean(json, "is_set_by_trigger", column->is_set_by_trigger);
	pawl_fields_append_boolean(json, "is_set_by_default", column->is_set_by_default);
	pawl_buffer_append(json, "}");
}

static void append_json_table(pawl_buffer *json, const pawl_source_table *table)
{
	char reason[PAWL_PLAN_TEXT_BYTES];
	ptrdiff_t key = pawl_key_choose(table, reason);
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "schema", table->schema);
	pawl_fields_append_text(json, "name", table->name);
	pawl_fields_append_boolean(json, "is_view", table->is_view);
	pawl_fields_append_known(json, "estimated_rows", table->estimated_rows);
	pawl_fields_append_text(json, "key", key < 0 ? NULL : table->columns[key].name);
	pawl_fields_append_text(json, "key_reason", reason);
	pawl_fields_append_name(json, "columns");
	pawl_buffer_append(json, "[");
	for (size_t i = 0; i < table->column_count; i++) {
		pawl_buffer_append(json, i == 0 ? "" : ",");
		append_json_column(json, &table->columns[i]);
	}
	pawl_buffer_append(json, "]}");
}

pawl_status pawl_catalog_print_json(FILE *out, const char *source, const pawl_source_table *const *tables, size_t count,
                                    pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_buffer_append(&json, "{");
	pawl_fields_append_text(&json, "source", source);
	pawl_fields_append_name(&json, "tables");
	pawl_buffer_append(&json, "[");
	for (size_t i = 0; i < count; i++) {
		pawl_buffer_append(&json, i == 0 ? "" : ",");
		append_json_table(&json, tables[i]);
	}
	pawl_buffer_append(&json, "]}\n");
	PAWL_TRY(pawl_buffer_status(&json, error));
	fwrite(json.text, 1, json.length, out);
	return PAWL_OK;
}
