#include "base/buffer.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define SMALLEST_CAPACITY ((size_t) 64)

/* Room for `extra` bytes and the NUL; false, and failed from then on, when there is none. */
static bool reserve(pawl_buffer *buffer, size_t extra)
{
	size_t needed, capacity;
	char *text;

	if (buffer->has_failed)
		return false;
	if (__builtin_add_overflow(buffer->length + 1, extra, &needed)) {
		buffer->has_failed = true;
		return false;
	}
	if (needed <= buffer->capacity)
		return true;

	capacity = buffer->capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : buffer->capacity + buffer->capacity / 2;
	if (capacity < needed)
		capacity = needed;
	text = pawl_reallocate(buffer->text, capacity);
	if (text == NULL) {
		buffer->has_failed = true;
		return false;
	}
	buffer->text = text;
	buffer->capacity = capacity;
	return true;
}

void pawl_buffer_append_bytes(pawl_buffer *buffer, const char *bytes, size_t length)
{
	if (!reserve(buffer, length))
		return;
	if (length > 0) /* nothing may be a NULL pointer, which memcpy must not see */
		memcpy(buffer->text + buffer->length, bytes, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

char *pawl_buffer_reserve(pawl_buffer *buffer, size_t bytes)
{
	return reserve(buffer, bytes) ? buffer->text + buffer->length : NULL;
}

void pawl_buffer_extend(pawl_buffer *buffer, size_t bytes)
{
	buffer->length += bytes;
	buffer->text[buffer->length] = '\0';
}

void pawl_buffer_append(pawl_buffer *buffer, const char *text)
{
	pawl_buffer_append_bytes(buffer, text, strlen(text));
}

void pawl_buffer_append_character(pawl_buffer *buffer, char character)
{
	pawl_buffer_append_bytes(buffer, &character, 1);
}

void pawl_buffer_append_va(pawl_buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	if (length < 0)
		buffer->has_failed = true;
	else if (reserve(buffer, (size_t) length))
		buffer->length += (size_t) vsnprintf(buffer->text + buffer->length, (size_t) length + 1, format, again);
	va_end(again);
}

void pawl_buffer_appendf(pawl_buffer *buffer, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	pawl_buffer_append_va(buffer, format, arguments);
	va_end(arguments);
}

static void append_quoted(pawl_buffer *buffer, const char *text, char quote)
{
	const char *end;

	pawl_buffer_append_character(buffer, quote);
	while ((end = strchr(text, quote)) != NULL) {
		pawl_buffer_append_bytes(buffer, text, (size_t) (end + 1 - text));
		pawl_buffer_append_character(buffer, quote);
		text = end + 1;
	}
	pawl_buffer_append(buffer, text);
	pawl_buffer_append_character(buffer, quote);
}

void pawl_buffer_append_identifier(pawl_buffer *buffer, const char *name)
{
	append_quoted(buffer, name, '"');
}

void pawl_buffer_append_literal(pawl_buffer *buffer, const char *text)
{
	append_quoted(buffer, text, '\'');
}

static bool is_plain_in_json(char character)
{
	return (unsigned char) character >= 0x20 && character != '"' && character != '\\';
}

static void append_json_escape(pawl_buffer *buffer, char character)
{
	switch (character) {
	case '"':
		pawl_buffer_append(buffer, "\\\"");
		break;
	case '\\':
		pawl_buffer_append(buffer, "\\\\");
		break;
	case '\n':
		pawl_buffer_append(buffer, "\\n");
		break;
	case '\r':
		pawl_buffer_append(buffer, "\\r");
		break;
	case '\t':
		pawl_buffer_append(buffer, "\\t");
		break;
	default:
		pawl_buffer_appendf(buffer, "\\u%04x", (unsigned int) (unsigned char) character);
		break;
	}
}

/* Valid UTF-8, in runs of what needs no escape. */
static void append_json_text(pawl_buffer *buffer, const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t run = at;

		while (at < length && is_plain_in_json(text[at]))
			at++;
		pawl_buffer_append_bytes(buffer, text + run, at - run);
		if (at < length)
			append_json_escape(buffer, text[at++]);
	}
}

void pawl_buffer_append_json(pawl_buffer *buffer, const char *text, size_t length)
{
	size_t valid;

	pawl_buffer_append_character(buffer, '"');
	while ((valid = pawl_text_valid_utf8(text, length)) < length) {
		append_json_text(buffer, text, valid);
		pawl_buffer_append(buffer, "\xef\xbf\xbd"); /* U+FFFD */
		text += valid + 1;
		length -= valid + 1;
	}
	append_json_text(buffer, text, length);
	pawl_buffer_append_character(buffer, '"');
}

void pawl_buffer_clear(pawl_buffer *buffer)
{
	buffer->length = 0;
	buffer->has_failed = false;
	if (buffer->text != NULL)
		buffer->text[0] = '\0';
}

const char *pawl_buffer_text(const pawl_buffer *buffer)
{
	return buffer->text == NULL ? "" : buffer->text;
}

pawl_status pawl_buffer_status(const pawl_buffer *buffer, pawl_error *error)
{
	return buffer->has_failed ? pawl_error_out_of_memory(error) : PAWL_OK;
}

char *pawl_buffer_take(pawl_buffer *buffer)
{
	char *text = NULL;

	if (reserve(buffer, 0)) {
		text = PAWL_TAKE(buffer->text);
		text[buffer->length] = '\0'; /* missing when nothing was ever appended */
	}
	pawl_buffer_free(buffer);
	return text;
}

void pawl_buffer_free(pawl_buffer *buffer)
{
	pawl_free(buffer->text);
	*buffer = (pawl_buffer){0};
}
