#include "report/failure.h"

#include <string.h>

#include "report/format.h"
#include "report/terminal.h"

/* A database's message may have several lines: a statement, and a mark below the place where it is wrong. */
static void print_lines(FILE *out, const char *text)
{
	for (;;) {
		size_t length = strcspn(text, "\n");
		pawl_format_print(out, text, length);
		fputc('\n', out);
		if (text[length] == '\0')
			return;
		text += length + 1;
	}
}

static void print_labelled(FILE *out, const pawl_terminal *terminal, pawl_color color, const char *label, const char *text)
{
	fprintf(out, "%s%s%s ", pawl_terminal_color(terminal, color), label, pawl_terminal_color(terminal, PAWL_COLOR_NONE));
	print_lines(out, text);
}

void pawl_failure_print(FILE *out, const pawl_error *error)
{
	pawl_terminal terminal = pawl_terminal_detect(out);
	print_labelled(out, &terminal, PAWL_COLOR_RED, "error:", error->message);
	if (error->hint[0] != '\0')
		print_labelled(out, &terminal, PAWL_COLOR_DIM, "hint:", error->hint);
	fflush(out);
}
