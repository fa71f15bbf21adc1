/* What is particular of the PostgreSQL driver. The server is the one of PAWL_TEST_POSTGRES; see integration/postgres_server.py. */
#include "conformance.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

static const char *location(void)
{
	const char *url = getenv("PAWL_TEST_POSTGRES");
	if (url == NULL)
		fail_msg("PAWL_TEST_POSTGRES names no server");
	return url;
}

static pawl_status execute(PGconn *connection, const char *sql, pawl_error *run_error)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		pawl_error_clear(run_error);
	else
		pawl_error_set(run_error, PAWL_DATABASE, "%s", PQerrorMessage(connection));
	PQclear(result);
	return run_error->status;
}

/* A file in the test's folder stands for the schema: where it is not there, the schema is made anew. */
static pawl_status run_sql(const char *path, const char *sql, pawl_error *run_error)
{
	PGconn *connection = PQconnectdb(location());
	bool is_new = access(path, F_OK) != 0;

	assert_int_equal(PQstatus(connection), CONNECTION_OK);
	if (is_new)
		OK(execute(connection, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE EXTENSION citext", run_error));
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	pawl_status status = execute(connection, sql, run_error);
	PQfinish(connection);
	return status;
}

static const key_case keys[] = {
	{"timestamptz", "timestamptz", PAWL_KEY_TIMESTAMPTZ, PAWL_FORMAT_NONE,
	 {{"'-infinity'", "-infinity", NULL},
	  {"'4713-01-01 00:00:00+00 BC'", NULL, NULL},
	  {"'2024-01-01 00:00:00+00'", NULL, "'2024-01-01 05:30:00+05:30'"},
	  {"'2024-01-01 00:00:00.000001+00'", NULL, NULL},
	  {"'10000-01-01 00:00:00+00'", NULL, NULL},
	  {"'294276-12-31 23:59:59.999999+00'", NULL, NULL},
	  {"'infinity'", NULL, NULL}}},
	{"timestamptz(3)", "timestamptz(3)", PAWL_KEY_TIMESTAMPTZ, PAWL_FORMAT_NONE,
	 {{"'2024-01-01 00:00:00+00'", NULL, NULL},
	  {"'2024-01-01 00:00:00.001+00'", NULL, "'2024-01-01 00:00:00.0014+00'"},
	  {"'2024-01-01 00:00:00.002+00'", NULL, NULL}}},
	{"timestamp", "timestamp", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE,
	 {{"'0001-01-01 00:00:00'", NULL, NULL},
	  {"'2024-03-31 02:30:00'", NULL, NULL},
	  {"'2024-10-27 02:30:00'", NULL, NULL},
	  {"'9999-12-31 23:59:59.999999'", NULL, NULL}}},
	{"date", "date", PAWL_KEY_DATE, PAWL_FORMAT_NONE,
	 {{"'4713-01-01 BC'", NULL, NULL}, {"'2024-02-29'", NULL, NULL}, {"'2024-03-01'", NULL, NULL}, {"'5874897-12-31'", NULL, NULL}}},
	{"seconds", "bigint", PAWL_KEY_NUMBER, PAWL_FORMAT_UNIX_S,
	 {{"-1", NULL, NULL}, {"0", NULL, NULL}, {"1700000000", NULL, NULL}, {"1700000001", NULL, NULL}}},
	{"bigint", "bigint", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"-9223372036854775808", NULL, NULL}, {"-1", NULL, NULL}, {"0", NULL, NULL}, {"9", NULL, NULL}, {"10", NULL, NULL},
	  {"9223372036854775807", NULL, NULL}}},
	{"double precision", "double precision", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"'-Infinity'", NULL, NULL},
	  {"'-1.7976931348623157e308'", NULL, NULL},
	  {"'0'", NULL, "'-0'"},
	  {"'5e-324'", NULL, NULL},
	  {"'0.1'", NULL, NULL},
	  {"'0.10000000000000002'", NULL, NULL},
	  {"'Infinity'", NULL, NULL},
	  {"'NaN'", NULL, NULL}}},
	{"numeric", "numeric", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"-1e40", NULL, NULL}, {"1.0", NULL, "1.000"}, {"1.00000000000000000000000000000000000001", NULL, NULL}, {"9", NULL, NULL},
	  {"10", NULL, NULL}, {"'NaN'", NULL, NULL}}},
	{"text", "text COLLATE \"C\"", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"''", "", NULL},
	  {"'10'", NULL, NULL},
	  {"'9'", NULL, NULL},
	  {"'A'", NULL, NULL},
	  {"'O''Brien'", "O'Brien", NULL},
	  {"'a'", NULL, NULL},
	  {"'a '", NULL, NULL},
	  {"'a\\b'", NULL, NULL},
	  {"'é'", NULL, NULL},
	  {"'日本'", NULL, NULL},
	  {"'🐱'", NULL, NULL}}},
	{"text of a language", "text COLLATE \"und-x-icu\"", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"'_'", NULL, NULL}, {"'a'", NULL, NULL}, {"'A'", NULL, NULL}, {"'é'", NULL, NULL}, {"'z'", NULL, NULL}, {"'Z'", NULL, NULL}}},
	{"text without case", "citext", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"'1'", NULL, NULL}, {"'a'", NULL, "'A'"}, {"'B'", NULL, "'b'"}, {"'c'", NULL, NULL}}},
	{"padded text", "character(3)", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"''", NULL, NULL}, {"'a'", NULL, "'a  '"}, {"'ab'", NULL, NULL}, {"'abc'", NULL, NULL}}},
	{0},
};

const conformance_subject conformance_postgres = {
	.driver = &pawl_source_postgres,
	.path = "shop",
	.location = location,
	.run_sql = run_sql,
	.keys = keys,
	.broken_sql = "CREATE TABLE broken (id INTEGER PRIMARY KEY, n numeric(10,2));"
	              "INSERT INTO broken SELECT i, CASE WHEN i = 4321 THEN 'NaN' ELSE 1 END FROM generate_series(1, 5000) i",
	.broken_error = "table 'public.broken': column 'n': the row with id 4321 has the value 'NaN', which is no DECIMAL(10,2)",
	.can_split_ties = true,
	.is_stream = true,
	.has_primary_key_order = true,
	.has_triggers = true,
	.place_rows = 1,
	.integer_type = "INTEGER",
	.integer_class = "integer",
};
