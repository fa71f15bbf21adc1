#include "report/fields.h"

#include <inttypes.h>
#include <string.h>

#include "base/time.h"

#define SECOND_US 1000000

void pawl_fields_append_name(pawl_buffer *json, const char *name)
{
	bool is_first = json->length > 0 && json->text[json->length - 1] == '{';
	pawl_buffer_appendf(json, is_first ? "\"%s\":" : ",\"%s\":", name);
}

void pawl_fields_append_value(pawl_buffer *json, const char *text)
{
	if (text != NULL)
		pawl_buffer_append_json(json, text, strlen(text));
	else
		pawl_buffer_append(json, "null");
}

void pawl_fields_append_text(pawl_buffer *json, const char *name, const char *text)
{
	pawl_fields_append_name(json, name);
	pawl_fields_append_value(json, text);
}

void pawl_fields_append_boolean(pawl_buffer *json, const char *name, bool is_true)
{
	pawl_fields_append_name(json, name);
	pawl_buffer_append(json, is_true ? "true" : "false");
}

void pawl_fields_append_integer(pawl_buffer *json, const char *name, int64_t integer)
{
	pawl_fields_append_name(json, name);
	pawl_buffer_appendf(json, "%" PRId64, integer);
}

void pawl_fields_append_known(pawl_buffer *json, const char *name, int64_t integer)
{
	if (integer >= 0)
		pawl_fields_append_integer(json, name, integer);
	else
		pawl_fields_append_text(json, name, NULL);
}

void pawl_fields_append_time(pawl_buffer *json, const char *name, int64_t utc_us)
{
	char text[PAWL_TIME_TEXT_BYTES];
	if (utc_us != 0)
		pawl_time_format_utc(utc_us, text);
	pawl_fields_append_text(json, name, utc_us != 0 ? text : NULL);
}

void pawl_fields_append_seconds(pawl_buffer *json, const char *name, int64_t us)
{
	pawl_fields_append_name(json, name);
	pawl_buffer_appendf(json, "%" PRId64 ".%06" PRId64, us / SECOND_US, us % SECOND_US);
}

static const char *text_or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

void pawl_fields_append_error(pawl_buffer *json, const char *name, const pawl_error *error)
{
	pawl_fields_append_name(json, name);
	if (error == NULL) {
		pawl_buffer_append(json, "null");
		return;
	}
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "status", pawl_status_name(error->status));
	pawl_fields_append_text(json, "message", error->message);
	pawl_fields_append_text(json, "hint", text_or_null(error->hint));
	pawl_fields_append_text(json, "sqlstate", text_or_null(error->sqlstate));
	pawl_fields_append_name(json, "retryable");
	pawl_buffer_append(json, error->is_retryable ? "true}" : "false}");
}
