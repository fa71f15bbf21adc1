#include "report/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ASSUMED_COLUMNS 80
#define ASSUMED_LINES   24

/* SGR sequences, ECMA-48. */
static const char *const color_codes[] = {
	[PAWL_COLOR_NONE] = "\x1b[0m",   [PAWL_COLOR_DIM] = "\x1b[2m",     [PAWL_COLOR_RED] = "\x1b[31m",
	[PAWL_COLOR_GREEN] = "\x1b[32m", [PAWL_COLOR_YELLOW] = "\x1b[33m",
};

pawl_terminal pawl_terminal_decide(bool is_tty, int columns, int lines, const char *term, const char *no_color)
{
	pawl_terminal terminal = {0};
	bool is_dumb = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
	if (!is_tty || is_dumb)
		return terminal;
	terminal.is_live = true;
	terminal.has_colors = no_color == NULL || *no_color == '\0';
	terminal.width = columns > 0 ? columns : ASSUMED_COLUMNS;
	terminal.height = lines > 0 ? lines : ASSUMED_LINES;
	return terminal;
}

pawl_terminal pawl_terminal_detect(FILE *stream)
{
	int descriptor = fileno(stream);
	bool is_tty = descriptor >= 0 && isatty(descriptor) == 1;
	pawl_terminal terminal = pawl_terminal_decide(is_tty, 0, 0, getenv("TERM"), getenv("NO_COLOR"));
	pawl_terminal_measure(&terminal, stream);
	return terminal;
}

pawl_terminal pawl_terminal_assume(void)
{
	return (pawl_terminal){.is_live = true, .width = ASSUMED_COLUMNS, .height = ASSUMED_LINES};
}

void pawl_terminal_measure(pawl_terminal *terminal, FILE *stream)
{
	struct winsize size = {0};
	if (!terminal->is_live || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0)
		return;
	if (size.ws_col > 0)
		terminal->width = size.ws_col;
	if (size.ws_row > 0)
		terminal->height = size.ws_row;
}

const char *pawl_terminal_color(const pawl_terminal *terminal, pawl_color color)
{
	return terminal->has_colors ? color_codes[color] : "";
}
