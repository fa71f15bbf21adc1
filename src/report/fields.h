/*
 * report/fields.h: members of a JSON object, one after the other.
 *
 *     pawl_buffer_append(&json, "{");
 *     pawl_fields_append_text(&json, "status", "failed");
 *     pawl_fields_append_integer(&json, "rows_read", 37);
 *     pawl_buffer_append(&json, "}\n");                     // {"status":"failed","rows_read":37}
 *
 * Failure is kept in the buffer.
 */
#ifndef PAWL_REPORT_FIELDS_H
#define PAWL_REPORT_FIELDS_H

#include <stdint.h>

#include "base/buffer.h"

/* The name, after a comma where one is needed; the value is the caller's to append. */
void pawl_fields_append_name(pawl_buffer *json, const char *name);

/* A value without a name, as of a list: NULL is null. */
void pawl_fields_append_value(pawl_buffer *json, const char *text);

/* The same with its name. */
void pawl_fields_append_text(pawl_buffer *json, const char *name, const char *text);

void pawl_fields_append_boolean(pawl_buffer *json, const char *name, bool is_true);

void pawl_fields_append_integer(pawl_buffer *json, const char *name, int64_t integer);

/* The same where below 0 means that it is not known: null. */
void pawl_fields_append_known(pawl_buffer *json, const char *name, int64_t integer);

/* Microseconds of UTC since 1970 as "2024-03-16T16:40:29Z"; 0 is null. */
void pawl_fields_append_time(pawl_buffer *json, const char *name, int64_t utc_us);

/* Microseconds, as seconds with six decimals. Not below 0. */
void pawl_fields_append_seconds(pawl_buffer *json, const char *name, int64_t us);

/* null for NULL, or {status, message, hint, sqlstate, retryable}; hint and sqlstate may be null. */
void pawl_fields_append_error(pawl_buffer *json, const char *name, const pawl_error *error);

#endif
