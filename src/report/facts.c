#include "report/facts.h"

#include <stdarg.h>
#include <string.h>

#include "report/format.h"
#include "report/line.h"

#define LABEL_WIDTH 15
#define TEXT_BYTES  1024

void pawl_facts_print(FILE *out, const pawl_terminal *terminal, pawl_color color, const char *label, const char *text)
{
	const char *begin = color == PAWL_COLOR_NONE ? "" : pawl_terminal_color(terminal, color);
	const char *end = color == PAWL_COLOR_NONE ? "" : pawl_terminal_color(terminal, PAWL_COLOR_NONE);
	fprintf(out, "  %s%-*s%s ", begin, LABEL_WIDTH, label, end);
	pawl_line_print(out, text);
	fputc('\n', out);
}

void pawl_facts_print_bytes(FILE *out, const char *label, const char *text, size_t length)
{
	fprintf(out, "  %-*s ", LABEL_WIDTH, label);
	pawl_format_print(out, text, length);
	fputc('\n', out);
}

void pawl_facts_printf(FILE *out, const char *label, const char *format, ...)
{
	char text[TEXT_BYTES];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	pawl_facts_print_bytes(out, label, text, strlen(text));
}
