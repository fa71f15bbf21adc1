#include "base/error.h"

#include <string.h>

#include "base/text.h"

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

	pawl_text_format_va(message, sizeof(message), format, arguments);
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
	pawl_text_format_va(hint, sizeof(hint), format, arguments);
	va_end(arguments);
	strcpy(error->hint, hint);
	return error->status;
}

pawl_status pawl_error_prefix(pawl_error *error, const char *format, ...)
{
	char message[sizeof(error->message)];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	pawl_text_format_va(message, sizeof(message), format, arguments);
	va_end(arguments);

	length = strlen(message);
	pawl_text_format(message + length, sizeof(message) - length, "%s", error->message);
	strcpy(error->message, message);
	return error->status;
}

pawl_status pawl_error_out_of_memory(pawl_error *error)
{
	pawl_error_set(error, PAWL_OUT_OF_MEMORY, "out of memory");
	pawl_error_hint(error, "raise the memory limit of the process or its container, or stop other programs");
	return PAWL_OUT_OF_MEMORY;
}
