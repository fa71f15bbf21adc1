/*
 * duck_sql FILE: runs the SQL statements of standard input on a DuckDB file, which is made when it is not there. What Pawl reads
 * and writes is tested with this, so it knows nothing of Pawl. Statements that give rows print nothing. Exit status 1, and the error on
 * standard error, when one of them fails; those before it are done.
 *
 * "open" is printed when the file is open; then standard input is read to its end: meanwhile other processes find the file locked.
 */
#include <stdio.h>
#include <stdlib.h>

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

static int run(duckdb_connection connection, const char *sql)
{
	duckdb_result result;
	int status = duckdb_query(connection, sql, &result) == DuckDBSuccess ? 0 : 1;

	if (status != 0)
		fprintf(stderr, "duck_sql: %s\n", duckdb_result_error(&result));
	duckdb_destroy_result(&result);
	return status;
}

static int run_input(duckdb_connection connection)
{
	puts("open");
	fflush(stdout);
	char *sql = read_all(stdin);
	int status = sql == NULL ? 1 : run(connection, sql);
	free(sql);
	return status;
}

static int run_on(const char *path)
{
	duckdb_database database;
	duckdb_connection connection;
	char *message = NULL;
	int status = 1;

	if (duckdb_open_ext(path, &database, NULL, &message) != DuckDBSuccess) {
		fprintf(stderr, "duck_sql: %s\n", message);
		duckdb_free(message);
		return 1;
	}
	if (duckdb_connect(database, &connection) == DuckDBSuccess) {
		status = run_input(connection);
		duckdb_disconnect(&connection);
	}
	duckdb_close(&database);
	return status;
}

int main(int argument_count, char **arguments)
{
	if (argument_count == 2)
		return run_on(arguments[1]);
	fputs("usage: duck_sql FILE <statements\n", stderr);
	return 2;
}
