/*
 * duckdb.h and libduckdb may be of different versions. This program makes the library itself say each number of an enum that
 * Pawl uses, and compares it with the header's. tools/check-duckdb-abi sees to it that none is forgotten.
 */
#include <stdbool.h>
#include <stdio.h>

#include <duckdb.h>

typedef struct expectation {
	const char *name;
	unsigned number;
	const char *sql; /* gives a column of that type, is a statement of that type, or fails with that error */
} expectation;

#define EXPECT(name, sql) {#name, name, sql}

static const expectation types[] = {
	EXPECT(DUCKDB_TYPE_BOOLEAN, "SELECT NULL::BOOLEAN"),
	EXPECT(DUCKDB_TYPE_SMALLINT, "SELECT NULL::SMALLINT"),
	EXPECT(DUCKDB_TYPE_INTEGER, "SELECT NULL::INTEGER"),
	EXPECT(DUCKDB_TYPE_BIGINT, "SELECT NULL::BIGINT"),
	EXPECT(DUCKDB_TYPE_HUGEINT, "SELECT NULL::HUGEINT"),
	EXPECT(DUCKDB_TYPE_FLOAT, "SELECT NULL::FLOAT"),
	EXPECT(DUCKDB_TYPE_DOUBLE, "SELECT NULL::DOUBLE"),
	EXPECT(DUCKDB_TYPE_DECIMAL, "SELECT NULL::DECIMAL(18, 2)"),
	EXPECT(DUCKDB_TYPE_DATE, "SELECT NULL::DATE"),
	EXPECT(DUCKDB_TYPE_TIMESTAMP, "SELECT NULL::TIMESTAMP"),
	EXPECT(DUCKDB_TYPE_TIMESTAMP_TZ, "SELECT NULL::TIMESTAMPTZ"),
	EXPECT(DUCKDB_TYPE_VARCHAR, "SELECT NULL::VARCHAR"),
	EXPECT(DUCKDB_TYPE_BLOB, "SELECT NULL::BLOB"),
	EXPECT(DUCKDB_TYPE_TIMESTAMP_NS, "SELECT NULL::TIMESTAMP_NS"),
};

static const expectation statements[] = {
	EXPECT(DUCKDB_STATEMENT_TYPE_SELECT, "SELECT 1"),
};

static const expectation errors[] = {
	EXPECT(DUCKDB_ERROR_INVALID, "SELECT 'no error at all'"),
	EXPECT(DUCKDB_ERROR_TRANSACTION, "COMMIT"),
	EXPECT(DUCKDB_ERROR_IO, "ATTACH '/there/is/no/such/folder/file.db'"),
	EXPECT(DUCKDB_ERROR_OUT_OF_MEMORY, "SET temp_directory = ''; SET memory_limit = '8MB'; SELECT list(range::VARCHAR) FROM range(4000000)"),
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static size_t done;
static bool has_failed;

static void compare(const char *name, unsigned expected, unsigned found)
{
	printf("%sok %zu - %s is %u\n", expected == found ? "" : "not ", ++done, name, found);
	has_failed |= expected != found;
}

/* An interrupt that comes between the start of a query and its end. */
static unsigned interrupted(duckdb_connection connection)
{
	duckdb_prepared_statement statement;
	duckdb_pending_result pending;
	duckdb_result result;

	duckdb_prepare(connection, "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b", &statement);
	duckdb_pending_prepared(statement, &pending);
	duckdb_interrupt(connection);
	duckdb_execute_pending(pending, &result);
	unsigned type = duckdb_result_error_type(&result);
	duckdb_destroy_result(&result);
	duckdb_destroy_pending(&pending);
	duckdb_destroy_prepare(&statement);
	return type;
}

int main(void)
{
	duckdb_database database;
	duckdb_connection connection;

	if (duckdb_open(NULL, &database) != DuckDBSuccess || duckdb_connect(database, &connection) != DuckDBSuccess)
		return 1;
	printf("1..%zu\n", COUNT(types) + COUNT(statements) + COUNT(errors) + 1);
	for (size_t i = 0; i < COUNT(types); i++) {
		duckdb_result result;
		duckdb_query(connection, types[i].sql, &result);
		compare(types[i].name, types[i].number, duckdb_column_type(&result, 0));
		duckdb_destroy_result(&result);
	}
	for (size_t i = 0; i < COUNT(statements); i++) {
		duckdb_prepared_statement statement;
		duckdb_prepare(connection, statements[i].sql, &statement);
		compare(statements[i].name, statements[i].number, duckdb_prepared_statement_type(statement));
		duckdb_destroy_prepare(&statement);
	}
	compare("DUCKDB_ERROR_INTERRUPT", DUCKDB_ERROR_INTERRUPT, interrupted(connection));
	for (size_t i = 0; i < COUNT(errors); i++) {
		duckdb_result result;
		duckdb_query(connection, errors[i].sql, &result);
		compare(errors[i].name, errors[i].number, duckdb_result_error_type(&result));
		duckdb_destroy_result(&result);
	}
	duckdb_disconnect(&connection);
	duckdb_close(&database);
	return has_failed ? 1 : 0;
}
