/*
 * base/buffer.h: text that grows.
 *
 *     PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
 *     pawl_buffer_append(&sql, "DELETE FROM ");
 *     pawl_buffer_append_identifier(&sql, table);
 *     PAWL_TRY(pawl_buffer_status(&sql, error));
 *     run(pawl_buffer_text(&sql));
 *
 * Failure is kept: once memory was refused, appending does nothing, and pawl_buffer_status says so. So a run of appends
 * needs one check, at its end.
 */
#ifndef PAWL_BASE_BUFFER_H
#define PAWL_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct pawl_buffer {
	char *text;      /* ends in NUL once anything was appended */
	size_t length;   /* bytes, without the NUL */
	size_t capacity; /* bytes, with it */
	bool has_failed;
} pawl_buffer;

void pawl_buffer_append(pawl_buffer *buffer, const char *text);
void pawl_buffer_append_bytes(pawl_buffer *buffer, const char *bytes, size_t length);
void pawl_buffer_append_character(pawl_buffer *buffer, char character);
void pawl_buffer_appendf(pawl_buffer *buffer, const char *format, ...) PAWL_PRINTF(2, 3);
void pawl_buffer_append_va(pawl_buffer *buffer, const char *format, va_list arguments) PAWL_PRINTF(2, 0);

/* Room for `bytes` more at the end, to be written to and then kept with pawl_buffer_extend; NULL, and failed, when there is none. */
char *pawl_buffer_reserve(pawl_buffer *buffer, size_t bytes);

/* Keeps `bytes` of what pawl_buffer_reserve gave. */
void pawl_buffer_extend(pawl_buffer *buffer, size_t bytes);

/* A SQL identifier in double quotes, those inside it doubled (SQL standard; DuckDB, SQLite, PostgreSQL). */
void pawl_buffer_append_identifier(pawl_buffer *buffer, const char *name);

/* A SQL text literal in single quotes, those inside it doubled. */
void pawl_buffer_append_literal(pawl_buffer *buffer, const char *text);

/*
 * A JSON string in double quotes, escaped (RFC 8259); non-ASCII stays as UTF-8. A byte that is not UTF-8 becomes U+FFFD, since
 * JSON cannot hold it: where a value must arrive as it left, check it before.
 */
void pawl_buffer_append_json(pawl_buffer *buffer, const char *text, size_t length);

/* Empties it, keeps the memory, forgets a failure. */
void pawl_buffer_clear(pawl_buffer *buffer);

/* The text, never NULL; borrowed until the next change. */
const char *pawl_buffer_text(const pawl_buffer *buffer);

/* PAWL_OK, or PAWL_OUT_OF_MEMORY when any append failed. */
pawl_status pawl_buffer_status(const pawl_buffer *buffer, pawl_error *error);

/* Hands the text over (free with pawl_free) and leaves the buffer empty; NULL when it had failed. */
char *pawl_buffer_take(pawl_buffer *buffer);
void pawl_buffer_free(pawl_buffer *buffer);

#endif
