/*
 * cli/query_statement.h: a user's statement inside of another one, `SELECT ... FROM (statement)`.
 *
 *     PAWL_CLEANUP(pawl_free_pointer) char *sql = pawl_query_trim("SELECT 1; -- the end");    // "SELECT 1"
 *     pawl_buffer_append(&text, "DESCRIBE (");
 *     pawl_query_append_statement(&text, sql);
 *     pawl_buffer_append(&text, ")");
 *     if (pawl_duck_query(...) != PAWL_OK)
 *         pawl_query_shift_line(error);                                // "LINE 1: SELECT 1", and nothing of what is around
 */
#ifndef PAWL_CLI_QUERY_STATEMENT_H
#define PAWL_CLI_QUERY_STATEMENT_H

#include "base/buffer.h"
#include "base/error.h"

/* A copy without the semicolons, comments and blanks after its last word; NULL when there is no memory. Free with pawl_free. */
char *pawl_query_trim(const char *sql);

/* On lines of its own, since DuckDB's messages show the line that is wrong. */
void pawl_query_append_statement(pawl_buffer *out, const char *sql);

/* Makes the number of that line, which was counted from the line around, the one that the user counts. */
void pawl_query_shift_line(pawl_error *error);

#endif
