#include "report/progress.h"

#include "report/format.h"

#define LIVE_INTERVAL_US  INT64_C(100000)
#define PLAIN_INTERVAL_US INT64_C(10000000)

static int64_t interval_us(const pawl_progress *progress)
{
	return progress->board.terminal.is_live ? LIVE_INTERVAL_US : PLAIN_INTERVAL_US;
}

void pawl_progress_begin(pawl_progress *progress, FILE *out, const pawl_terminal *terminal, int64_t now_us)
{
	*progress = (pawl_progress){.started_us = now_us};
	pawl_board_begin(&progress->board, out, terminal);
	progress->due_us = now_us + interval_us(progress);
}

bool pawl_progress_is_due(const pawl_progress *progress, int64_t now_us)
{
	return now_us >= progress->due_us;
}

void pawl_progress_format(const pawl_progress *progress, int64_t rows, int64_t now_us, char out[PAWL_PROGRESS_BYTES])
{
	char count[PAWL_FORMAT_BYTES], rate[PAWL_FORMAT_BYTES], elapsed[PAWL_FORMAT_BYTES];
	int64_t elapsed_us = now_us - progress->started_us;
	pawl_format_rows(rows, count);
	pawl_format_rows(pawl_format_rate(rows, elapsed_us), rate);
	pawl_format_duration(elapsed_us, elapsed);
	snprintf(out, PAWL_PROGRESS_BYTES, "%s, %s/s, %s", count, rate, elapsed);
}

void pawl_progress_draw(pawl_progress *progress, int64_t rows, int64_t now_us)
{
	progress->due_us = now_us + interval_us(progress);
	char count[PAWL_FORMAT_BYTES], rate[PAWL_FORMAT_BYTES], elapsed[PAWL_FORMAT_BYTES], text[PAWL_PROGRESS_BYTES];
	int64_t elapsed_us = now_us - progress->started_us;
	pawl_format_count(rows, count);
	pawl_format_count(pawl_format_rate(rows, elapsed_us), rate);
	pawl_format_duration(elapsed_us, elapsed);
	snprintf(text, sizeof(text), "%13s rows, %11s rows/s, %7s", count, rate, elapsed);
	pawl_board_draw(&progress->board, text);
}

void pawl_progress_erase(pawl_progress *progress)
{
	pawl_board_erase(&progress->board);
}
