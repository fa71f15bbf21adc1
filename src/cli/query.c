#include "cli/query.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/query_format.h"
#include "cli/query_statement.h"
#include "report/format.h"

/* Rows beyond the limit are counted only so far: a table may be large, and its reader has seen enough. */
#define COUNTED_ROWS INT64_C(100000)

struct settings {
	const char *warehouse, *sql;
	int64_t limit;
	int format;
};

typedef struct column_list {
	pawl_query_column *items;
	size_t count, capacity;
} column_list;

static void free_columns(column_list *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		pawl_free(columns->items[i].name);
	pawl_free(columns->items);
}

/* ---- the statement --------------------------------------------------------------------------------------------------- */

static pawl_status check_statement(pawl_duck *duck, const char *sql, pawl_error *error)
{
	bool is_select = false;
	if (*sql == '\0')
		return pawl_error_set(error, PAWL_INVALID, "the statement is empty");
	PAWL_TRY(pawl_duck_is_select(duck, sql, &is_select, error));
	if (is_select)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "the statement is none that reads rows");
	return pawl_error_hint(error, "'query' changes nothing: use SELECT, FROM, VALUES, WITH, DESCRIBE, SHOW or SUMMARIZE");
}

static pawl_status append_column(column_list *columns, const char *name, const char *type, pawl_error *error)
{
	if (columns->count == columns->capacity) {
		size_t capacity = columns->capacity == 0 ? 16 : columns->capacity * 2;
		pawl_query_column *items = pawl_reallocate(columns->items, capacity * sizeof(*items));
		if (items == NULL)
			return pawl_error_out_of_memory(error);
		columns->items = items;
		columns->capacity = capacity;
	}
	char *copy = pawl_duplicate(name);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	columns->items[columns->count++] = (pawl_query_column){.name = copy, .kind = pawl_query_kind_of(type)};
	return PAWL_OK;
}

/* DESCRIBE keeps the names as they are, also where two are the same. */
static pawl_status describe(pawl_duck *duck, const char *sql, column_list *columns, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row = false;
	pawl_buffer_appendf(&text, "DESCRIBE (%s)", sql);
	PAWL_TRY(pawl_buffer_status(&text, error));
	pawl_status status = pawl_duck_query(duck, pawl_buffer_text(&text), NULL, 0, &rows, error);
	if (status == PAWL_DATABASE) { /* a SELECT to DuckDB, but none that is written like one */
		pawl_error_set(error, PAWL_INVALID, "the statement cannot stand in a FROM clause, as 'query' needs it");
		return pawl_error_hint(error, "instead of PRAGMA name, write FROM pragma_name()");
	}
	PAWL_TRY(status);
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		PAWL_TRY(append_column(columns, pawl_duck_rows_text(rows, 0, NULL), pawl_duck_rows_text(rows, 1, NULL), error));
	}
}

static pawl_status check_names(const column_list *columns, pawl_error *error)
{
	for (size_t i = 0; i < columns->count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(columns->items[i].name, columns->items[k].name) == 0) {
				pawl_error_set(error, PAWL_INVALID,
				               "two columns are called '%s': a JSON object holds one of them",
				               columns->items[i].name);
				return pawl_error_hint(error, "give one of them another name with AS");
			}
	return PAWL_OK;
}

/* Columns are named by their place (#1, #2), which works for any name; all as text. */
static pawl_status build_statement(pawl_buffer *out, const char *sql, const column_list *columns, bool is_json,
                                   pawl_error *error)
{
	pawl_buffer_append(out, "SELECT ");
	for (size_t i = 0; i < columns->count; i++) {
		bool needs_json = is_json && columns->items[i].kind == PAWL_QUERY_NESTED;
		pawl_buffer_appendf(out, needs_json ? "%sCAST(to_json(#%zu) AS VARCHAR)" : "%sCAST(#%zu AS VARCHAR)",
		                    i > 0 ? ", " : "", i + 1);
	}
	pawl_buffer_appendf(out, " FROM (%s)", sql);
	return pawl_buffer_status(out, error);
}

/* ---- the result ------------------------------------------------------------------------------------------------------ */

static pawl_status count_rest(pawl_duck_rows *rows, int64_t *ret_count, pawl_error *error)
{
	bool has_row = true;
	int64_t count = 0;
	while (count < COUNTED_ROWS) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			break;
		count++;
	}
	*ret_count = count;
	return PAWL_OK;
}

static void print_rest(FILE *out, int64_t rest)
{
	char count[PAWL_FORMAT_BYTES];
	pawl_format_count(rest, count);
	if (rest < COUNTED_ROWS)
		fprintf(out, "... %s more: --limit N, or --format csv\n", count);
	else
		fputs("... more rows: --limit N, or --format csv\n", out);
}

/* Stops when nobody takes the output any more; the caller of the verb looks after that. */
static pawl_status write_rows(const pawl_query_format *format, pawl_query_writer *writer, pawl_duck_rows *rows, int64_t limit,
                              pawl_error *error)
{
	bool has_row = true;
	int64_t rest = 0;
	format->begin(writer);
	while (writer->rows < limit && ferror(writer->out) == 0) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			break;
		PAWL_TRY(format->row(writer, rows, error));
	}
	bool is_table = format->default_limit < INT64_MAX;
	if (has_row && is_table)
		PAWL_TRY(count_rest(rows, &rest, error));
	PAWL_TRY(format->end(writer, error));
	if (rest > 0)
		print_rest(writer->out, rest);
	return PAWL_OK;
}

static pawl_status print_result(pawl_duck *duck, const char *sql, const struct settings *query, FILE *out, pawl_error *error)
{
	const pawl_query_format *format = &pawl_query_formats[query->format];
	PAWL_CLEANUP(free_columns) column_list columns = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer statement = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;

	PAWL_TRY(describe(duck, sql, &columns, error));
	if (format->is_json)
		PAWL_TRY(check_names(&columns, error));
	PAWL_TRY(build_statement(&statement, sql, &columns, format->is_json, error));
	PAWL_TRY(pawl_duck_query(duck, pawl_buffer_text(&statement), NULL, 0, &rows, error));

	PAWL_CLEANUP(pawl_query_writer_free) pawl_query_writer writer = {
		.out = out,
		.columns = columns.items,
		.column_count = columns.count,
	};
	return write_rows(format, &writer, rows, query->limit > 0 ? query->limit : format->default_limit, error);
}

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

/* "main", and the other schemas by their names but Pawl's own, as SET search_path takes them. */
static pawl_status list_schemas(pawl_duck *duck, pawl_buffer *out, pawl_error *error)
{
	static const char sql[] = "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database()"
	                          " AND NOT internal AND schema_name <> '_pawl' ORDER BY schema_name";
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row = false;
	pawl_buffer_append(out, "main");
	PAWL_TRY(pawl_duck_query(duck, sql, NULL, 0, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return pawl_buffer_status(out, error);
		pawl_buffer_append_character(out, ',');
		pawl_buffer_append_identifier(out, pawl_duck_rows_text(rows, 0, NULL));
	}
}

/* SHOW TABLES tells of the tables that connectors filled, which stand in no schema that DuckDB looks into by itself. */
static pawl_status search_all_schemas(pawl_duck *duck, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer schemas = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer statement = {0};
	PAWL_TRY(list_schemas(duck, &schemas, error));
	pawl_buffer_append(&statement, "SET search_path = ");
	pawl_buffer_append_literal(&statement, pawl_buffer_text(&schemas));
	return pawl_duck_run_buffer(duck, &statement, error);
}

static pawl_status run_query(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *query = settings;
	PAWL_CLEANUP(pawl_free_pointer) char *sql = pawl_query_trim(query->sql);
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
	if (sql == NULL)
		return pawl_error_out_of_memory(error);
	if (!pawl_file_exists(query->warehouse))
		return pawl_error_set(error, PAWL_NOT_FOUND, "there is no warehouse '%s'", query->warehouse);
	const pawl_duck_options duck_options = {.path = query->warehouse, .is_read_only = true, .is_isolated = true};
	PAWL_TRY(pawl_duck_open(&duck_options, &duck, error));
	/* Without ORDER BY, rows come as they lie in the table: the same each time, which is worth more here than speed. */
	PAWL_TRY(pawl_duck_run(duck, "SET preserve_insertion_order = true", error));
	PAWL_TRY(search_all_schemas(duck, error));
	PAWL_TRY(check_statement(duck, sql, error));
	return print_result(duck, sql, query, program->out, error);
}

static const pawl_option options[] = {
	{PAWL_OPTION_OPERAND, "WAREHOUSE", NULL, "a DuckDB file; it is only read", offsetof(struct settings, warehouse), 0, 0,
	 NULL},
	{PAWL_OPTION_OPERAND, "SQL", NULL, "one statement that gives rows", offsetof(struct settings, sql), 0, 0, NULL},
	{PAWL_OPTION_CHOICE, "format", "table|csv|json", "an aligned table (default), CSV, or a JSON array with a row a line",
	 offsetof(struct settings, format), 0, 0, pawl_query_format_names},
	{PAWL_OPTION_INTEGER, "limit", "N", "rows at most (table: 1000, CSV and JSON: all)",
	 offsetof(struct settings, limit), 1, INT64_MAX, NULL},
	{0},
};

const pawl_command pawl_query = {
	.name = "query",
	.summary = "print the rows that a SQL statement gives from a warehouse",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_query,
};
