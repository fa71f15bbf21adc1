/*
 * report/progress.h: how far a run has come: one line that is drawn over on a terminal, a line now and then in a pipe.
 *
 *     pawl_progress_begin(&progress, stdout, &terminal, pawl_time_monotonic_us());
 *     if (pawl_progress_is_due(&progress, now_us))
 *         pawl_progress_draw(&progress, rows, now_us);     // a terminal: at most 10 times a second
 *     pawl_progress_erase(&progress);                      // before anything else is written
 *
 * The caller brings the clock (microseconds, monotonic), so that tests need no waiting.
 */
#ifndef PAWL_REPORT_PROGRESS_H
#define PAWL_REPORT_PROGRESS_H

#include <stdint.h>

#include "report/board.h"

typedef struct pawl_progress {
	pawl_board board;
	int64_t started_us;
	int64_t due_us;
} pawl_progress;

void pawl_progress_begin(pawl_progress *progress, FILE *out, const pawl_terminal *terminal, int64_t now_us);

/* True when the time has come to draw (terminal: every 100 ms) or to write a line (pipe: every 10 s). */
bool pawl_progress_is_due(const pawl_progress *progress, int64_t now_us);

/* "1,234,567 rows, 812,345 rows/s, 1.52 s" */
#define PAWL_PROGRESS_BYTES 160
void pawl_progress_format(const pawl_progress *progress, int64_t rows, int64_t now_us, char out[PAWL_PROGRESS_BYTES]);

/* Draws on a terminal, in columns that stay where they are, cut to its width; in a pipe it writes nothing, since there the
 * caller words the line. Either way the next is due later. */
void pawl_progress_draw(pawl_progress *progress, int64_t rows, int64_t now_us);

/* Takes the drawn line away; nothing when there is none. */
void pawl_progress_erase(pawl_progress *progress);

#endif
