/*
 * cli/query_statement.h: where a statement ends, so that it can stand inside of another one.
 *
 *     PAWL_CLEANUP(pawl_free_pointer) char *sql = pawl_query_trim("SELECT 1; -- the end");    // "SELECT 1"
 */
#ifndef PAWL_CLI_QUERY_STATEMENT_H
#define PAWL_CLI_QUERY_STATEMENT_H

/* A copy without the semicolons, comments and blanks after its last word; NULL when there is no memory. Free with pawl_free. */
char *pawl_query_trim(const char *sql);

#endif
