/*
 * report/grid.h: cells in aligned columns.
 *
 *     PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
 *     pawl_grid_append_column(&grid, "name", PAWL_GRID_LEFT);
 *     pawl_grid_append_column(&grid, "age", PAWL_GRID_RIGHT);
 *     pawl_grid_append(&grid, "Ada");
 *     pawl_grid_append(&grid, "36");
 *     PAWL_TRY(pawl_grid_status(&grid, error));
 *     pawl_grid_print(&grid, stdout, &terminal);
 *
 *         name | age
 *         ---- + ---
 *         Ada  |  36
 *
 * (Called a grid, since a table is what a database has.) Widths are those of UTF-8 on a terminal; control characters and bytes
 * that are no UTF-8 are shown as escapes. Failure is kept, as in base/buffer.h: one check after a run of appends.
 */
#ifndef PAWL_REPORT_GRID_H
#define PAWL_REPORT_GRID_H

#include <stddef.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "report/terminal.h"

typedef enum pawl_grid_alignment { PAWL_GRID_LEFT, PAWL_GRID_RIGHT } pawl_grid_alignment;

typedef struct pawl_grid_column pawl_grid_column;

/* A zeroed one is empty. */
typedef struct pawl_grid {
	pawl_grid_column *columns;
	size_t column_count;
	const char **cells; /* row by row; NULL for NULL */
	size_t cell_count, cell_capacity;
	pawl_arena texts;
	pawl_buffer scratch; /* a text on its way there */
	bool has_failed;
} pawl_grid;

/* All columns come before the first cell. The name is copied. */
void pawl_grid_append_column(pawl_grid *grid, const char *name, pawl_grid_alignment alignment);

/* The next cell, row by row; text is copied, NULL is shown as NULL. */
void pawl_grid_append(pawl_grid *grid, const char *text);
void pawl_grid_append_bytes(pawl_grid *grid, const char *text, size_t length);

/* PAWL_OK, or PAWL_OUT_OF_MEMORY when any append failed. */
pawl_status pawl_grid_status(const pawl_grid *grid, pawl_error *error);

/*
 * Heading, rule and rows; nothing when there are no columns. On a terminal, text is shortened where its rows would not fit: the
 * widest columns first, never numbers. True when that was done.
 */
bool pawl_grid_print(const pawl_grid *grid, FILE *out, const pawl_terminal *terminal);
void pawl_grid_free(pawl_grid *grid);

#endif
