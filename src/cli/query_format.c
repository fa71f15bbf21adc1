#include "cli/query_format.h"

#include <string.h>

#include "base/json.h"
#include "report/format.h"

#define TABLE_ROWS 1000 /* a table is kept in memory, since its widths depend on all rows */

static bool begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

pawl_query_kind pawl_query_kind_of(const char *type_name)
{
	static const struct {
		const char *name;
		pawl_query_kind kind;
	} beginnings[] = {
		{"STRUCT(", PAWL_QUERY_NESTED},   {"MAP(", PAWL_QUERY_NESTED},      {"UNION(", PAWL_QUERY_NESTED},
		{"VARIANT", PAWL_QUERY_NESTED},   {"DECIMAL(", PAWL_QUERY_NUMBER},  {"TINYINT", PAWL_QUERY_NUMBER},
		{"SMALLINT", PAWL_QUERY_NUMBER},  {"INTEGER", PAWL_QUERY_NUMBER},   {"BIGINT", PAWL_QUERY_NUMBER},
		{"HUGEINT", PAWL_QUERY_NUMBER},   {"UTINYINT", PAWL_QUERY_NUMBER},  {"USMALLINT", PAWL_QUERY_NUMBER},
		{"UINTEGER", PAWL_QUERY_NUMBER},  {"UBIGINT", PAWL_QUERY_NUMBER},   {"UHUGEINT", PAWL_QUERY_NUMBER},
		{"BIGNUM", PAWL_QUERY_NUMBER},    {"FLOAT", PAWL_QUERY_FLOATING},   {"DOUBLE", PAWL_QUERY_FLOATING},
		{"BOOLEAN", PAWL_QUERY_BOOLEAN},  {"JSON", PAWL_QUERY_JSON},
	};
	size_t length = strlen(type_name);
	if (length > 0 && type_name[length - 1] == ']')
		return PAWL_QUERY_NESTED;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (begins_with(type_name, beginnings[i].name))
			return beginnings[i].kind;
	return PAWL_QUERY_TEXT;
}

static pawl_status write_line(pawl_query_writer *writer, pawl_error *error)
{
	PAWL_TRY(pawl_buffer_status(&writer->line, error));
	fwrite(writer->line.text, 1, writer->line.length, writer->out);
	return PAWL_OK;
}

/* ---- table ----------------------------------------------------------------------------------------------------------- */

static void begin_table(pawl_query_writer *writer)
{
	for (size_t i = 0; i < writer->column_count; i++) {
		pawl_query_kind kind = writer->columns[i].kind;
		bool is_number = kind == PAWL_QUERY_NUMBER || kind == PAWL_QUERY_FLOATING;
		pawl_grid_append_column(&writer->grid, writer->columns[i].name, is_number ? PAWL_GRID_RIGHT : PAWL_GRID_LEFT);
	}
}

static pawl_status append_table_row(pawl_query_writer *writer, pawl_duck_rows *rows, pawl_error *error)
{
	for (size_t i = 0; i < writer->column_count; i++) {
		size_t length = 0;
		const char *text = pawl_duck_rows_text(rows, i, &length);
		pawl_grid_append_bytes(&writer->grid, text, length);
	}
	writer->rows++;
	return pawl_grid_status(&writer->grid, error);
}

static pawl_status end_table(pawl_query_writer *writer, pawl_error *error)
{
	char count[PAWL_FORMAT_BYTES];
	pawl_terminal terminal = pawl_terminal_detect(writer->out);
	PAWL_TRY(pawl_grid_status(&writer->grid, error));
	bool is_shortened = pawl_grid_print(&writer->grid, writer->out, &terminal);
	pawl_format_rows(writer->rows, count);
	fprintf(writer->out, is_shortened ? "(%s, shortened to fit: --format csv shows all)\n" : "(%s)\n", count);
	return PAWL_OK;
}

/* ---- CSV (RFC 4180, with a line feed as the end of a line) -------------------------------------------------------- */

/* NULL is nothing at all, so that an empty text needs quotes. */
static void append_csv(pawl_buffer *line, const char *text, size_t length)
{
	if (text == NULL)
		return;
	bool is_plain = length > 0;
	for (size_t i = 0; i < length && is_plain; i++)
		is_plain = text[i] != ',' && text[i] != '"' && text[i] != '\n' && text[i] != '\r';
	if (is_plain) {
		pawl_buffer_append_bytes(line, text, length);
		return;
	}
	pawl_buffer_append_character(line, '"');
	for (const char *end = text + length; text < end;) {
		const char *quote = memchr(text, '"', (size_t) (end - text));
		const char *stop = quote != NULL ? quote + 1 : end;
		pawl_buffer_append_bytes(line, text, (size_t) (stop - text));
		if (quote != NULL)
			pawl_buffer_append_character(line, '"');
		text = stop;
	}
	pawl_buffer_append_character(line, '"');
}

/* The heading waits for the first row or the end, so that its failure can be told. */
static void begin_csv(pawl_query_writer *writer)
{
	for (size_t i = 0; i < writer->column_count; i++) {
		if (i > 0)
			pawl_buffer_append_character(&writer->line, ',');
		append_csv(&writer->line, writer->columns[i].name, strlen(writer->columns[i].name));
	}
	pawl_buffer_append_character(&writer->line, '\n');
}

static pawl_status append_csv_row(pawl_query_writer *writer, pawl_duck_rows *rows, pawl_error *error)
{
	if (writer->rows++ > 0)
		pawl_buffer_clear(&writer->line);
	for (size_t i = 0; i < writer->column_count; i++) {
		size_t length = 0;
		const char *text = pawl_duck_rows_text(rows, i, &length);
		if (i > 0)
			pawl_buffer_append_character(&writer->line, ',');
		append_csv(&writer->line, text, length);
	}
	pawl_buffer_append_character(&writer->line, '\n');
	return write_line(writer, error);
}

static pawl_status end_csv(pawl_query_writer *writer, pawl_error *error)
{
	return writer->rows > 0 ? PAWL_OK : write_line(writer, error);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------ */

/* JSON text on one line: its tokens may be parted by a blank as well as by a line end. */
static void append_json_text(pawl_buffer *line, const char *text, size_t length)
{
	size_t start = line->length;
	pawl_buffer_append_bytes(line, text, length);
	for (size_t i = start; i < line->length; i++)
		if (line->text[i] == '\n' || line->text[i] == '\r')
			line->text[i] = ' ';
}

/* JSON has no NaN and no infinities: they become strings, and a nested value that holds one becomes one as a whole. */
static bool is_json_value(pawl_query_kind kind, const char *text, size_t length)
{
	switch (kind) {
	case PAWL_QUERY_BOOLEAN:
	case PAWL_QUERY_NUMBER:
	case PAWL_QUERY_JSON:
		return true;
	case PAWL_QUERY_FLOATING:
		return text[strspn(text, "-")] <= '9';
	case PAWL_QUERY_NESTED:
		return pawl_json_check(text, length, &(pawl_error){0}) == PAWL_OK;
	case PAWL_QUERY_TEXT:
		break;
	}
	return false;
}

/* DuckDB's text of a DECIMAL(2,2) is ".25", where JSON wants a digit before the point. */
static void append_json_number(pawl_buffer *line, const char *text)
{
	if (*text == '-')
		pawl_buffer_append_character(line, *text++);
	if (*text == '.')
		pawl_buffer_append_character(line, '0');
	pawl_buffer_append(line, text);
}

static void append_json(pawl_buffer *line, pawl_query_kind kind, const char *text, size_t length)
{
	if (text == NULL)
		pawl_buffer_append(line, "null");
	else if (kind == PAWL_QUERY_NUMBER)
		append_json_number(line, text);
	else if (is_json_value(kind, text, length))
		append_json_text(line, text, length);
	else
		pawl_buffer_append_json(line, text, length);
}

static void begin_json(pawl_query_writer *writer)
{
	fputc('[', writer->out);
}

static pawl_status append_json_row(pawl_query_writer *writer, pawl_duck_rows *rows, pawl_error *error)
{
	pawl_buffer_clear(&writer->line);
	pawl_buffer_append(&writer->line, writer->rows++ > 0 ? ",\n{" : "\n{");
	for (size_t i = 0; i < writer->column_count; i++) {
		const pawl_query_column *column = &writer->columns[i];
		size_t length = 0;
		const char *text = pawl_duck_rows_text(rows, i, &length);
		if (i > 0)
			pawl_buffer_append_character(&writer->line, ',');
		pawl_buffer_append_json(&writer->line, column->name, strlen(column->name));
		pawl_buffer_append_character(&writer->line, ':');
		append_json(&writer->line, column->kind, text, length);
	}
	pawl_buffer_append_character(&writer->line, '}');
	return write_line(writer, error);
}

static pawl_status end_json(pawl_query_writer *writer, pawl_error *error)
{
	(void) error;
	fputs(writer->rows > 0 ? "\n]\n" : "]\n", writer->out);
	return PAWL_OK;
}

const char *const pawl_query_format_names[] = {"table", "csv", "json", NULL};

const pawl_query_format pawl_query_formats[] = {
	{begin_table, append_table_row, end_table, TABLE_ROWS, false},
	{begin_csv, append_csv_row, end_csv, INT64_MAX, false},
	{begin_json, append_json_row, end_json, INT64_MAX, true},
};

void pawl_query_writer_free(pawl_query_writer *writer)
{
	pawl_grid_free(&writer->grid);
	pawl_buffer_free(&writer->line);
}
