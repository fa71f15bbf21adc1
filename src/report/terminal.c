#include "report/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ASSUMED_COLUMNS 80

/* SGR sequences, ECMA-48. */
static const char *const color_codes[] = {
	[PAWL_COLOR_NONE] = "\x1b[0m",   [PAWL_COLOR_DIM] = "\x1b[2m",     [PAWL_COLOR_RED] = "\x1b[31m",
	[PAWL_COLOR_GREEN] = "\x1b[32m", [PAWL_COLOR_YELLOW] = "\x1b[33m",
};

pawl_terminal pawl_terminal_decide(bool is_tty, int columns, const char *term, const char *no_color)
{
	pawl_terminal terminal = {0};
	bool is_dumb = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
	if (!is_tty || is_dumb)
		return terminal;
	terminal.is_live = true;
	terminal.has_colors = no_color == NULL || *no_color == '\0';
	terminal.width = columns > 0 ? columns : ASSUMED_COLUMNS;
	return terminal;
}

pawl_terminal pawl_terminal_detect(FILE *stream)
{
	int descriptor = fileno(stream);
	struct winsize size = {0};
	bool is_tty = descriptor >= 0 && isatty(descriptor) == 1;
	if (is_tty && ioctl(descriptor, TIOCGWINSZ, &size) != 0)
		size.ws_col = 0;
	return pawl_terminal_decide(is_tty, size.ws_col, getenv("TERM"), getenv("NO_COLOR"));
}

const char *pawl_terminal_color(const pawl_terminal *terminal, pawl_color color)
{
	return terminal->has_colors ? color_codes[color] : "";
}
