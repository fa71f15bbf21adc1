#include "report/grid.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "report/format.h"

#define NULL_TEXT  "NULL"
#define LEAST_TEXT 8 /* columns that are left of a text */

struct pawl_grid_column {
	const char *name;
	size_t width;
	pawl_grid_alignment alignment;
};

/* The text as it will be shown, in the grid's own memory; NULL when there is none. */
static const char *keep_visible(pawl_grid *grid, const char *text, size_t length)
{
	pawl_buffer_clear(&grid->scratch);
	pawl_format_append(&grid->scratch, text, length);
	return grid->scratch.has_failed ? NULL : pawl_arena_duplicate(&grid->texts, pawl_buffer_text(&grid->scratch));
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

/* ---- shortening ------------------------------------------------------------------------------------------------------ */

static size_t shown_width(const pawl_grid_column *column, size_t text_limit)
{
	bool is_shortened = column->alignment == PAWL_GRID_LEFT && column->width > text_limit;
	return is_shortened ? text_limit : column->width;
}

static size_t row_width(const pawl_grid *grid, size_t text_limit)
{
	size_t width = strlen(" | ") * (grid->column_count - 1);
	for (size_t i = 0; i < grid->column_count; i++)
		width += shown_width(&grid->columns[i], text_limit);
	return width;
}

/* The columns that a text may take, so that a row fits; SIZE_MAX when all of it does. */
static size_t find_text_limit(const pawl_grid *grid, const pawl_terminal *terminal)
{
	size_t room = (size_t) terminal->width;
	if (!terminal->is_live || row_width(grid, SIZE_MAX) <= room)
		return SIZE_MAX;
	size_t limit = room;
	while (limit > LEAST_TEXT && row_width(grid, limit) > room)
		limit--;
	return limit;
}

/* ---- printing -------------------------------------------------------------------------------------------------------- */

static void print_repeated(FILE *out, char character, size_t count)
{
	while (count-- > 0)
		fputc(character, out);
}

/* What fits, and an ellipsis when that is not all. Returns the columns that it takes. */
static size_t print_text(FILE *out, const char *text, size_t width)
{
	size_t whole = pawl_text_width(text), beginning;
	if (whole <= width) {
		fputs(text, out);
		return whole;
	}
	fwrite(text, 1, pawl_format_fit(text, strlen(text), width - 1, &beginning), out);
	fputs(PAWL_FORMAT_ELLIPSIS, out);
	return beginning + 1;
}

/* No line ends in blanks: the last column is not padded when it stands left, and an empty cell there is nothing at all. */
static void print_cell(const pawl_grid *grid, size_t column, size_t width, const char *text, FILE *out,
                       const pawl_terminal *terminal)
{
	bool is_left = grid->columns[column].alignment == PAWL_GRID_LEFT;
	bool is_last_left = is_left && column + 1 == grid->column_count;
	if (column > 0)
		fputs(is_last_left && text != NULL && *text == '\0' ? " |" : " | ", out);
	if (!is_left)
		print_repeated(out, ' ', width - pawl_text_width(text != NULL ? text : NULL_TEXT));
	if (text == NULL)
		fputs(pawl_terminal_color(terminal, PAWL_COLOR_DIM), out);
	size_t used = print_text(out, text != NULL ? text : NULL_TEXT, width);
	if (text == NULL)
		fputs(pawl_terminal_color(terminal, PAWL_COLOR_NONE), out);
	if (is_left && !is_last_left)
		print_repeated(out, ' ', width - used);
}

bool pawl_grid_print(const pawl_grid *grid, FILE *out, const pawl_terminal *terminal)
{
	if (grid->column_count == 0)
		return false;
	size_t limit = find_text_limit(grid, terminal);
	for (size_t i = 0; i < grid->column_count; i++)
		print_cell(grid, i, shown_width(&grid->columns[i], limit), grid->columns[i].name, out, terminal);
	fputc('\n', out);
	for (size_t i = 0; i < grid->column_count; i++) {
		fputs(i > 0 ? " + " : "", out);
		print_repeated(out, '-', shown_width(&grid->columns[i], limit));
	}
	fputc('\n', out);
	for (size_t i = 0; i < grid->cell_count; i++) {
		size_t column = i % grid->column_count;
		print_cell(grid, column, shown_width(&grid->columns[column], limit), grid->cells[i], out, terminal);
		if (column + 1 == grid->column_count)
			fputc('\n', out);
	}
	return limit < SIZE_MAX;
}

void pawl_grid_free(pawl_grid *grid)
{
	pawl_free(grid->columns);
	pawl_free(grid->cells);
	pawl_arena_free(&grid->texts);
	pawl_buffer_free(&grid->scratch);
	*grid = (pawl_grid){0};
}
