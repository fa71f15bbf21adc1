#include "report/line.h"

#include <string.h>

#include "report/format.h"

void pawl_line_begin(FILE *out, const pawl_terminal *terminal, int64_t utc_us, const char *level, pawl_color color)
{
	char clock[PAWL_FORMAT_BYTES];
	const char *begin = "", *end = "";
	if (color != PAWL_COLOR_NONE) {
		begin = pawl_terminal_color(terminal, color);
		end = pawl_terminal_color(terminal, PAWL_COLOR_NONE);
	}
	pawl_format_clock(utc_us, clock);
	fprintf(out, "%s %s%-8s%s ", clock, begin, level, end);
}

void pawl_line_print(FILE *out, const char *text)
{
	pawl_format_print(out, text, strlen(text));
}

void pawl_line_end(FILE *out)
{
	fputc('\n', out);
	fflush(out);
}
