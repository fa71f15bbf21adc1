/*
 * report/format.h: numbers, durations, sizes and foreign text as people read them. Knows no locale.
 *
 *     char rows[PAWL_FORMAT_BYTES];
 *     pawl_format_count(1234567, rows);   // "1,234,567"
 */
#ifndef PAWL_REPORT_FORMAT_H
#define PAWL_REPORT_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"

#define PAWL_FORMAT_BYTES 40

/* "1,234,567" */
void pawl_format_count(int64_t count, char out[PAWL_FORMAT_BYTES]);

/* "1 row", "1,234 rows"; "1 table", "0 tables" */
void pawl_format_rows(int64_t rows, char out[PAWL_FORMAT_BYTES]);
void pawl_format_tables(int64_t tables, char out[PAWL_FORMAT_BYTES]);

/* "0.08 s", "59.99 s", "1m 05s", "2h 00m 09s"; cut, not rounded */
void pawl_format_duration(int64_t us, char out[PAWL_FORMAT_BYTES]);

/* How long something will take, which nobody knows to the millisecond: "12 s", "1m 05s", "2h 00m", "3d 04h"; cut, not rounded.
 * Not below 0. */
void pawl_format_eta(int64_t us, char out[PAWL_FORMAT_BYTES]);

/* How long ago something was, in the same steps: "just now", "12 s ago", "3d 04h ago"; of a time to come, "in 12 s". */
void pawl_format_ago(int64_t us, char out[PAWL_FORMAT_BYTES]);

/* "512 B", "9.5 MiB", "61 MiB"; cut, not rounded */
void pawl_format_size(int64_t bytes, char out[PAWL_FORMAT_BYTES]);

/* "16:40:29.123": the time of day in UTC, microseconds since 1970 given */
void pawl_format_clock(int64_t utc_us, char out[PAWL_FORMAT_BYTES]);

/* Rows a second, cut to an integer; a time below one microsecond counts as one. */
int64_t pawl_format_rate(int64_t rows, int64_t elapsed_us);

/*
 * Text of others must not move the cursor or break a line. Returns how many bytes from the start can be shown as they are
 * (perhaps not all that could be); when that is 0, `escape` tells how to show the first byte: "\n", "\t", "\x1b". `length` is
 * at least 1.
 */
#define PAWL_FORMAT_ESCAPE_BYTES 5
size_t pawl_format_visible(const char *text, size_t length, char escape[PAWL_FORMAT_ESCAPE_BYTES]);

/* Writes text of others that way. */
void pawl_format_print(FILE *out, const char *text, size_t length);
void pawl_format_append(pawl_buffer *out, const char *text, size_t length);

#define PAWL_FORMAT_ELLIPSIS "\xe2\x80\xa6" /* for what was cut: one column */

/* Bytes of the whole characters at the start of the text, which is UTF-8, that take at most `width` columns; *ret_width is what
 * they take. */
size_t pawl_format_fit(const char *text, size_t length, size_t width, size_t *ret_width);

#endif
