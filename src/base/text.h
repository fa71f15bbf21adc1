/*
 * base/text.h: UTF-8, numbers in text, comparing names. Knows no locale.
 */
#ifndef PAWL_BASE_TEXT_H
#define PAWL_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pawl/error.h>

/* Length of the longest prefix that is valid UTF-8 (RFC 3629: no surrogates, no overlong forms); equal to `length` when all is. */
size_t pawl_text_valid_utf8(const char *text, size_t length);

/*
 * snprintf and vsnprintf for what people read: text that does not fit is cut between characters, as half of one is no UTF-8. What
 * cannot be printed leaves the format. `out` must not be part of the arguments.
 */
void pawl_text_format(char *out, size_t out_bytes, const char *format, ...) PAWL_PRINTF(3, 4);
void pawl_text_format_va(char *out, size_t out_bytes, const char *format, va_list arguments) PAWL_PRINTF(3, 0);

/*
 * Terminal columns that the text takes: wide East Asian characters count 2, combining and control characters 0 (general category
 * and East_Asian_Width of the Unicode standard, as ICU has them).
 */
size_t pawl_text_width(const char *text);

/* A whole decimal integer with optional sign and nothing else; false when it is not one or does not fit. */
bool pawl_text_parse_integer(const char *text, int64_t *ret_integer);

/*
 * A size as bytes: an integer and a unit, "268435456", "256MiB", "256M", "1 GB"; K, M, G, T are powers of 1024, KB and so on of
 * 1000; case does not count. False when it is none or does not fit.
 */
bool pawl_text_parse_size(const char *text, int64_t *ret_bytes);

/* ASCII letters are compared without case, as DuckDB compares identifiers. */
bool pawl_text_equal_ignore_case(const char *left, const char *right);

/*
 * A value as an error message may show it: at most about 60 bytes of it, cut between characters with "..." after it, and
 * bytes that are not printable UTF-8 as \xNN. `out` ends in NUL.
 */
#define PAWL_TEXT_EXCERPT_BYTES 256
void pawl_text_excerpt(const char *text, size_t length, char out[PAWL_TEXT_EXCERPT_BYTES]);

/*
 * The candidate that was probably meant, or NULL: the first of those at the smallest edit distance, which must be at most 3 and
 * less than half of the text's length. Case does not count. The list ends in NULL.
 */
const char *pawl_text_closest(const char *text, const char *const *candidates);

/* Whether one of the lines of a text (NULL: it has none) is that one. */
bool pawl_text_has_line(const char *lines, const char *line);

#endif
