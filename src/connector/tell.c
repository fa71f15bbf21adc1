/* What a sync says to its user: the connector's logs and warnings, Pawl's notices; and how a connector says that it failed. */
#include "base/buffer.h"
#include "base/error.h"
#include "connector/sync.h"

char *pawl_sync_mask(const pawl_sync *sync, const char *text)
{
	char *shown = pawl_duplicate(text);
	if (shown != NULL)
		pawl_redaction_apply(sync->secrets, shown);
	return shown;
}

typedef void (*listener)(void *context, pawl_log_level level, const char *message);

/* Formats, masks secrets, makes one line of it, tells. A line that cannot be made for want of memory is left out. */
static PAWL_PRINTF(4, 0) void tell(const pawl_sync *sync, listener listen, pawl_log_level level, const char *format,
                                   va_list arguments)
{
	if (listen == NULL)
		return;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
	pawl_buffer_append_va(&message, format, arguments);
	if (message.has_failed)
		return;
	pawl_redaction_apply(sync->secrets, message.text);
	for (char *character = message.text; *character != '\0'; character++)
		if (*character == '\n' || *character == '\r')
			*character = ' ';
	listen(sync->observer->context, level, message.text);
}

void pawl_log(pawl_sync *sync, pawl_log_level level, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	tell(sync, sync->observer->log, level, format, arguments);
	va_end(arguments);
}

void pawl_sync_notice(const pawl_sync *sync, pawl_log_level level, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	tell(sync, sync->observer->notice, level, format, arguments);
	va_end(arguments);
}

pawl_status pawl_warning(pawl_sync *sync, const char *format, ...)
{
	if (sync->failure->status != PAWL_OK)
		return sync->failure->status;
	sync->counts.warnings++;
	va_list arguments;
	va_start(arguments, format);
	tell(sync, sync->observer->notice, PAWL_LOG_WARNING, format, arguments);
	va_end(arguments);
	return PAWL_OK;
}

pawl_status pawl_fail(pawl_sync *sync, const char *format, ...)
{
	if (sync->failure->status != PAWL_OK)
		return sync->failure->status;
	va_list arguments;
	va_start(arguments, format);
	pawl_error_set_va(sync->failure, PAWL_CONNECTOR, format, arguments);
	va_end(arguments);
	return PAWL_CONNECTOR;
}

pawl_status pawl_sync_status(const pawl_sync *sync)
{
	return sync->failure->status;
}

void *pawl_sync_context(const pawl_sync *sync)
{
	return sync->connector->context;
}
