/* Text of others in a file of YAML. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/propose.h"

#define COMMENT_BYTES 1024
#define LETTERS       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/" /* that a plain text may begin with */

/* How many bytes of a character that YAML takes for a line end, or refuses: C0, DEL, C1, U+2028, U+2029; 0: it is another. */
static size_t control_length(const unsigned char *text)
{
	if (text[0] < 0x20 || text[0] == 0x7f)
		return 1;
	if (text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0)
		return 2;
	return text[0] == 0xe2 && text[1] == 0x80 && (text[2] == 0xa8 || text[2] == 0xa9) ? 3 : 0;
}

static unsigned code_of(const unsigned char *text, size_t length)
{
	return length == 1 ? text[0] : length == 2 ? text[1] : 0x2000u + (text[2] & 0x3fu);
}

/* Without quotes, what nobody can misread. */
static bool is_plain(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && strspn(text, LETTERS) > 0 && strspn(text, LETTERS "0123456789.:-") == length &&
	       text[length - 1] != ':' && !pawl_text_equal_ignore_case(text, "null");
}

/* YAML's double quotes take the escapes of JSON. */
static void append_quoted(pawl_buffer *yaml, const char *text, bool has_variables)
{
	pawl_buffer_append_character(yaml, '"');
	while (*text != '\0') {
		size_t control = control_length((const unsigned char *) text);
		if (control > 0) {
			pawl_buffer_appendf(yaml, "\\u%04x", code_of((const unsigned char *) text, control));
			text += control;
			continue;
		}
		if (*text == '"' || *text == '\\')
			pawl_buffer_append_character(yaml, '\\');
		if (has_variables && strncmp(text, "${", 2) == 0)
			pawl_buffer_append_character(yaml, '$');
		pawl_buffer_append_character(yaml, *text++);
	}
	pawl_buffer_append_character(yaml, '"');
}

void pawl_propose_name(pawl_buffer *yaml, const char *text)
{
	if (is_plain(text))
		pawl_buffer_append(yaml, text);
	else
		append_quoted(yaml, text, false);
}

void pawl_propose_value(pawl_buffer *yaml, const char *text)
{
	if (is_plain(text))
		pawl_buffer_append(yaml, text);
	else
		append_quoted(yaml, text, true);
}

void pawl_propose_comment(pawl_buffer *yaml, const char *indent, const char *format, ...)
{
	char text[COMMENT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text[pawl_text_valid_utf8(text, strlen(text))] = '\0'; /* it may have been cut within a character */
	pawl_buffer_appendf(yaml, "%s# ", indent);
	for (const char *c = text; *c != '\0';) {
		size_t control = control_length((const unsigned char *) c);
		pawl_buffer_append_character(yaml, control > 0 ? '?' : *c);
		c += control > 0 ? control : 1;
	}
	pawl_buffer_append_character(yaml, '\n');
}
