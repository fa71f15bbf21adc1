/*
 * base/time.h: UTC microseconds and days, to and from text, without the C library's time zones. Proleptic Gregorian calendar.
 */
#ifndef PAWL_BASE_TIME_H
#define PAWL_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAWL_TIME_TEXT_BYTES 40

/* What pawl_time_parse found. */
typedef struct pawl_time_parts {
	int64_t local_us; /* microseconds since 1970-01-01 00:00:00 as written, before any offset */
	int64_t utc_us;   /* the same less the offset; equal to local_us without one */
	bool has_time;    /* false: only a date was written */
	bool has_zone;    /* 'Z' or an offset was written */
} pawl_time_parts;

/*
 * YYYY-MM-DD, or YYYY-MM-DD then 'T', 't' or a space, then HH:MM:SS[.f{1..6}] and optionally Z, z, +HH:MM, +HHMM or +HH (ISO 8601,
 * RFC 3339, and the formats of Fivetran's Connector SDK). Years 0001 to 9999. Digits after the sixth of the fraction must be
 * zeros: nothing is rounded. A second of 60 is refused. Returns false and leaves *ret_parts alone when the text is anything
 * else; *ret_reason then says why, as a constant: "the month is not 01 to 12".
 */
bool pawl_time_parse(const char *text, size_t length, pawl_time_parts *ret_parts, const char **ret_reason);

/* "2024-03-16T16:40:29Z", with a fraction of as many digits as it takes (none, or 1 to 6) when it is not zero. Years
 * beyond 9999 and below 0 have a sign, "+12345-01-01", "-0043-03-15"; the year before 0001 is 0000 (ISO 8601). */
void pawl_time_format_utc(int64_t us, char out[PAWL_TIME_TEXT_BYTES]);

/* The same without the Z. */
void pawl_time_format_naive(int64_t us, char out[PAWL_TIME_TEXT_BYTES]);

/* "2024-03-16". */
void pawl_time_format_date(int32_t days, char out[PAWL_TIME_TEXT_BYTES]);

int64_t pawl_time_now_us(void);       /* the wall clock */
int64_t pawl_time_monotonic_us(void); /* for measuring; unrelated to the wall clock */

#endif
