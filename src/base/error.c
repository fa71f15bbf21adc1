#include "base/error.h"

#include <stdio.h>
#include <string.h>

static const char *const status_names[] = {
	[PAWL_OK] = "ok",
	[PAWL_INVALID] = "invalid",
	[PAWL_NOT_FOUND] = "not found",
	[PAWL_OUT_OF_MEMORY] = "out of memory",
	[PAWL_IO] = "input or output",
	[PAWL_DATABASE] = "database",
	[PAWL_CONNECTOR] = "connector",
	[PAWL_INTERRUPTED] = "interrupted",
	[PAWL_INTERNAL] = "internal",
};

const char *pawl_status_name(pawl_status status)
{
	size_t index = (size_t) status;

	return index < sizeof(status_names) / sizeof(status_names[0]) ? status_names[index] : "unknown";
}

/* Drops the last character when only the first of its bytes are there, as a cut leaves it. */
static void drop_incomplete_character(char *text, size_t length)
{
	size_t start = length;
	size_t wanted;
	unsigned char lead;

	do {
		if (start == 0 || length - start == 3)
			return;
		lead = (unsigned char) text[--start];
	} while ((lead & 0xc0) == 0x80);

	wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	if (length - start < wanted)
		text[start] = '\0';
}

/* `out` must not be part of the arguments. */
static void format_cut(char *out, size_t out_bytes, const char *format, va_list arguments) PAWL_PRINTF(3, 0);
static void format_cut(char *out, size_t out_bytes, const char *format, va_list arguments)
{
	int length = vsnprintf(out, out_bytes, format, arguments);

	if (length < 0) /* an argument that cannot be printed: the format alone still says where */
		length = snprintf(out, out_bytes, "%s", format);
	if ((size_t) length >= out_bytes)
		drop_incomplete_character(out, out_bytes - 1);
}

void pawl_error_clear(pawl_error *error)
{
	error->status = PAWL_OK;
	error->is_retryable = false;
	error->sqlstate[0] = '\0';
	error->message[0] = '\0';
	error->hint[0] = '\0';
}

pawl_status pawl_error_set_va(pawl_error *error, pawl_status status, const char *format, va_list arguments)
{
	char message[sizeof(error->message)]; /* the arguments may point into the error's own */

	format_cut(message, sizeof(message), format, arguments);
	pawl_error_clear(error);
	error->status = status;
	strcpy(error->message, message);
	return status;
}

pawl_status pawl_error_set(pawl_error *error, pawl_status status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pawl_error_set_va(error, status, format, arguments);
	va_end(arguments);
	return status;
}

pawl_status pawl_error_hint(pawl_error *error, const char *format, ...)
{
	char hint[sizeof(error->hint)];
	va_list arguments;

	va_start(arguments, format);
	format_cut(hint, sizeof(hint), format, arguments);
	va_end(arguments);
	strcpy(error->hint, hint);
	return error->status;
}

pawl_status pawl_error_prefix(pawl_error *error, const char *format, ...)
{
	char message[sizeof(error->message)];
	va_list arguments;
	size_t length;
	int written;

	va_start(arguments, format);
	format_cut(message, sizeof(message), format, arguments);
	va_end(arguments);

	length = strlen(message);
	written = snprintf(message + length, sizeof(message) - length, "%s", error->message);
	if ((size_t) written >= sizeof(message) - length)
		drop_incomplete_character(message, sizeof(message) - 1);
	strcpy(error->message, message);
	return error->status;
}

pawl_status pawl_error_out_of_memory(pawl_error *error)
{
	pawl_error_set(error, PAWL_OUT_OF_MEMORY, "out of memory");
	pawl_error_hint(error, "raise the memory limit of the process or its container, or stop other programs");
	return PAWL_OUT_OF_MEMORY;
}
