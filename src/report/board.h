/*
 * report/board.h: the lines at the end of a terminal that are drawn over, again and again.
 *
 *     pawl_board_begin(&board, stdout, &terminal);
 *     pawl_board_draw(&board, "orders  1,234 rows\n1 of 2 tables");
 *     pawl_board_erase(&board);                                     // before anything else is written
 *
 * Lines that are too long for the terminal are cut, and those that are too many for it left out: what had wrapped, or had been
 * scrolled away, could not be drawn over.
 */
#ifndef PAWL_REPORT_BOARD_H
#define PAWL_REPORT_BOARD_H

#include <stddef.h>

#include "report/terminal.h"

/* On what is not live, nothing is ever drawn. */
typedef struct pawl_board {
	FILE *out;
	pawl_terminal terminal;
	size_t line_count; /* on the terminal now */
} pawl_board;

void pawl_board_begin(pawl_board *board, FILE *out, const pawl_terminal *terminal);

/* The room for lines, and in a line: at least 1. The last line and column of the terminal stay free. */
size_t pawl_board_height(const pawl_board *board);
size_t pawl_board_width(const pawl_board *board);

/* Lines of visible text (pawl_format_append), with a '\n' between them. What memory is too short for is not drawn. */
void pawl_board_draw(pawl_board *board, const char *text);

/* Takes the lines away; nothing when there are none. */
void pawl_board_erase(pawl_board *board);

#endif
