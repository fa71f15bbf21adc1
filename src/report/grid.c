#include "report/grid.h"

#include <string.h>

#include "base/text.h"
#include "report/format.h"

#define NULL_TEXT "NULL"

struct pawl_grid_column {
	const char *name;
	size_t width;
	pawl_grid_alignment alignment;
};

/* The text as it will be shown, in the grid's own memory; NULL when there is none. */
static const char *keep_visible(pawl_grid *grid, const char *text, size_t length)
{
	char escape[PAWL_FORMAT_ESCAPE_BYTES];
	size_t needed = 1;
	for (size_t at = 0; at < length;) {
		size_t visible = pawl_format_visible(text + at, length - at, escape);
		needed += visible > 0 ? visible : strlen(escape);
		at += visible > 0 ? visible : 1;
	}
	char *kept = pawl_arena_allocate(&grid->texts, needed);
	if (kept == NULL)
		return NULL;
	char *end = kept;
	for (size_t at = 0; at < length;) {
		size_t visible = pawl_format_visible(text + at, length - at, escape);
		if (visible > 0)
			end = mempcpy(end, text + at, visible);
		else
			end = stpcpy(end, escape);
		at += visible > 0 ? visible : 1;
	}
	*end = '\0';
	return kept;
}

void pawl_grid_append_column(pawl_grid *grid, const char *name, pawl_grid_alignment alignment)
{
	pawl_grid_column *columns = pawl_reallocate(grid->columns, (grid->column_count + 1) * sizeof(*columns));
	if (columns == NULL) {
		grid->has_failed = true;
		return;
	}
	grid->columns = columns;
	const char *kept = keep_visible(grid, name, strlen(name));
	if (kept == NULL) {
		grid->has_failed = true;
		return;
	}
	columns[grid->column_count++] =
		(pawl_grid_column){.name = kept, .width = pawl_text_width(kept), .alignment = alignment};
}

static bool make_room(pawl_grid *grid)
{
	if (grid->cell_count < grid->cell_capacity)
		return true;
	size_t capacity = grid->cell_capacity == 0 ? 64 : grid->cell_capacity * 2;
	const char **cells = pawl_reallocate(grid->cells, capacity * sizeof(*cells));
	if (cells == NULL)
		return false;
	grid->cells = cells;
	grid->cell_capacity = capacity;
	return true;
}

void pawl_grid_append_bytes(pawl_grid *grid, const char *text, size_t length)
{
	if (grid->has_failed || !make_room(grid)) {
		grid->has_failed = true;
		return;
	}
	const char *kept = NULL;
	if (text != NULL) {
		kept = keep_visible(grid, text, length);
		grid->has_failed = kept == NULL;
		if (grid->has_failed)
			return;
	}
	pawl_grid_column *column = &grid->columns[grid->cell_count % grid->column_count];
	size_t width = pawl_text_width(kept != NULL ? kept : NULL_TEXT);
	if (column->width < width)
		column->width = width;
	grid->cells[grid->cell_count++] = kept;
}

void pawl_grid_append(pawl_grid *grid, const char *text)
{
	pawl_grid_append_bytes(grid, text, text != NULL ? strlen(text) : 0);
}

pawl_status pawl_grid_status(const pawl_grid *grid, pawl_error *error)
{
	return grid->has_failed ? pawl_error_out_of_memory(error) : PAWL_OK;
}

static void print_repeated(FILE *out, char character, size_t count)
{
	while (count-- > 0)
		fputc(character, out);
}

/* No line ends in blanks: the last column is not padded when it stands left, and an empty cell there is nothing at all. */
static void print_cell(const pawl_grid *grid, size_t column, const char *text, FILE *out, const pawl_terminal *terminal)
{
	const pawl_grid_column *layout = &grid->columns[column];
	const char *shown = text != NULL ? text : NULL_TEXT;
	size_t padding = layout->width - pawl_text_width(shown);
	bool is_last_left = layout->alignment == PAWL_GRID_LEFT && column + 1 == grid->column_count;
	if (column > 0)
		fputs(is_last_left && *shown == '\0' ? " |" : " | ", out);
	if (layout->alignment == PAWL_GRID_RIGHT)
		print_repeated(out, ' ', padding);
	if (text != NULL)
		fputs(text, out);
	else
		fprintf(out, "%s" NULL_TEXT "%s", pawl_terminal_color(terminal, PAWL_COLOR_DIM),
		        pawl_terminal_color(terminal, PAWL_COLOR_NONE));
	if (layout->alignment == PAWL_GRID_LEFT && !is_last_left)
		print_repeated(out, ' ', padding);
}

void pawl_grid_print(const pawl_grid *grid, FILE *out, const pawl_terminal *terminal)
{
	if (grid->column_count == 0)
		return;
	for (size_t i = 0; i < grid->column_count; i++)
		print_cell(grid, i, grid->columns[i].name, out, terminal);
	fputc('\n', out);
	for (size_t i = 0; i < grid->column_count; i++) {
		fputs(i > 0 ? " + " : "", out);
		print_repeated(out, '-', grid->columns[i].width);
	}
	fputc('\n', out);
	for (size_t i = 0; i < grid->cell_count; i++) {
		size_t column = i % grid->column_count;
		print_cell(grid, column, grid->cells[i], out, terminal);
		if (column + 1 == grid->column_count)
			fputc('\n', out);
	}
}

void pawl_grid_free(pawl_grid *grid)
{
	pawl_free(grid->columns);
	pawl_free(grid->cells);
	pawl_arena_free(&grid->texts);
	*grid = (pawl_grid){0};
}
