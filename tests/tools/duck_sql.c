/*
 * duck_sql FILE: runs the SQL statements of standard input on a DuckDB file, which is made when it is not there. duck_sql --query
 * FILE: only reads it, and prints the first column of the last statement's rows, a line each. What Pawl reads and writes is tested
 * with this, so it knows nothing of Pawl. Exit status 1, and the error on standard error, when a statement fails; those before it
 * are done.
 *
 * Without --query, "open" is printed when the file is open; then standard input is read to its end: meanwhile other processes find
 * the file locked.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <duckdb.h>

static char *read_all(FILE *file)
{
	size_t capacity = 1 << 16, length = 0;
	char *text = malloc(capacity);

	while (text != NULL) {
		length += fread(text + length, 1, capacity - length - 1, file);
		if (length < capacity - 1)
			break;
		char *grown = realloc(text, capacity *= 2);
		if (grown == NULL)
			free(text);
		text = grown;
	}
	if (text != NULL)
		text[length] = '\0';
	return text;
}

static void print_rows(duckdb_result *result)
{
	for (idx_t row = 0; row < duckdb_row_count(result); row++) {
		char *text = duckdb_value_varchar(result, 0, row);
		puts(text == NULL ? "null" : text);
		duckdb_free(text);
	}
}

static int run(duckdb_connection connection, const char *sql, bool is_query)
{
	duckdb_result result;
	int status = duckdb_query(connection, sql, &result) == DuckDBSuccess ? 0 : 1;

	if (status != 0)
		fprintf(stderr, "duck_sql: %s\n", duckdb_result_error(&result));
	else if (is_query)
		print_rows(&result);
	duckdb_destroy_result(&result);
	return status;
}

static int run_input(duckdb_connection connection, bool is_query)
{
	if (!is_query)
		puts("open");
	fflush(stdout);
	char *sql = read_all(stdin);
	int status = sql == NULL ? 1 : run(connection, sql, is_query);
	free(sql);
	return status;
}

static int run_on(const char *path, bool is_query)
{
	duckdb_config config;
	duckdb_database database;
	duckdb_connection connection;
	char *message = NULL;
	int status = 1;

	if (duckdb_create_config(&config) != DuckDBSuccess)
		return 1;
	duckdb_set_config(config, "access_mode", is_query ? "READ_ONLY" : "READ_WRITE");
	if (duckdb_open_ext(path, &database, config, &message) != DuckDBSuccess) {
		fprintf(stderr, "duck_sql: %s\n", message);
		duckdb_free(message);
		duckdb_destroy_config(&config);
		return 1;
	}
	if (duckdb_connect(database, &connection) == DuckDBSuccess) {
		status = run(connection, "SET TimeZone = 'UTC'", false) | run_input(connection, is_query);
		duckdb_disconnect(&connection);
	}
	duckdb_close(&database);
	duckdb_destroy_config(&config);
	return status;
}

int main(int argument_count, char **arguments)
{
	bool is_query = argument_count == 3 && strcmp(arguments[1], "--query") == 0;

	if (argument_count == 2 || is_query)
		return run_on(arguments[argument_count - 1], is_query);
	fputs("usage: duck_sql [--query] FILE <statements\n", stderr);
	return 2;
}
