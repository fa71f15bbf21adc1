/*
 * report/line.h: a line of a run, with its time and its level.
 *
 *     pawl_line_begin(stdout, &terminal, pawl_time_now_us(), "WARNING", PAWL_COLOR_YELLOW);
 *     pawl_line_print(stdout, message);
 *     pawl_line_end(stdout);
 *
 *         16:40:29.123 WARNING  the state file differs
 */
#ifndef PAWL_REPORT_LINE_H
#define PAWL_REPORT_LINE_H

#include <stdint.h>
#include <stdio.h>

#include "report/terminal.h"

/* The time of day in UTC and the level, in colour where the terminal has colours. PAWL_COLOR_NONE: as the text. */
void pawl_line_begin(FILE *out, const pawl_terminal *terminal, int64_t utc_us, const char *level, pawl_color color);

/* Text of others: it stays on its line. */
void pawl_line_print(FILE *out, const char *text);

/* Flushes, too: somebody may follow the pipe. */
void pawl_line_end(FILE *out);

#endif
