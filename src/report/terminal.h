/*
 * report/terminal.h: what a stream can show: a line that is redrawn, colours, or plain text alone.
 *
 *     pawl_terminal terminal = pawl_terminal_detect(stdout);
 *     fprintf(stdout, "%sFAILED%s", pawl_terminal_color(&terminal, PAWL_COLOR_RED),
 *             pawl_terminal_color(&terminal, PAWL_COLOR_NONE));
 */
#ifndef PAWL_REPORT_TERMINAL_H
#define PAWL_REPORT_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* A zeroed one is a pipe or a file: plain text. */
typedef struct pawl_terminal {
	bool is_live;    /* somebody watches, and a line can be drawn over */
	bool has_colors;
	int width;       /* columns; 0 when it is not live */
	int height;      /* lines; 0 when it is not live */
} pawl_terminal;

typedef enum pawl_color { PAWL_COLOR_NONE, PAWL_COLOR_DIM, PAWL_COLOR_RED, PAWL_COLOR_GREEN, PAWL_COLOR_YELLOW } pawl_color;

/* Looks at the stream and at $TERM and $NO_COLOR (no-color.org). */
pawl_terminal pawl_terminal_detect(FILE *stream);

/* The decision alone. `columns` and `lines` are 0 when not known; `term` and `no_color` are NULL when they are not set. */
pawl_terminal pawl_terminal_decide(bool is_tty, int columns, int lines, const char *term, const char *no_color);

/* For those who ask for a live line where none can be seen: 80 columns, 24 lines, no colours. */
pawl_terminal pawl_terminal_assume(void);

/* Looks again how large a live one is: a window may have been resized. */
void pawl_terminal_measure(pawl_terminal *terminal, FILE *stream);

/* The escape sequence that begins the colour (PAWL_COLOR_NONE ends any); "" when the terminal shows none. */
const char *pawl_terminal_color(const pawl_terminal *terminal, pawl_color color);

#endif
