/* What is particular of the PostgreSQL driver. The server is the one of PAWL_TEST_POSTGRES; see integration/postgres_server.py. */
#include "conformance.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
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

/* Host, port, user and password are in the environment. */
static const char *another_way(void)
{
	return "postgres:dbname=postgres";
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

/*
 * The table is written anew, past the server's cache, which an index would fill again; then a page in the midst of it is spoilt, in
 * the server's own file. No byte may be 0: a page whose header says so is one that was never used.
 */
static void damage(const char *path)
{
	enum { PAGE_BYTES = 8192, PAGE = 40 };
	static const char rubbish[] = "rubbish rubbish rubbish rubbish rubbish rubbish";
	PGconn *connection = PQconnectdb(location());

	OK(run_sql(path, "ALTER TABLE t DROP CONSTRAINT t_pkey", &error));
	OK(run_sql(path, "VACUUM FULL t", &error));
	PGresult *result = PQexec(connection, "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('t')");
	assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
	FILE *file = fopen(PQgetvalue(result, 0, 0), "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, PAGE * PAGE_BYTES, SEEK_SET), 0);
	assert_int_equal(fwrite(rubbish, 1, strlen(rubbish), file), strlen(rubbish));
	assert_int_equal(fclose(file), 0);
	PQclear(result);
	PQfinish(connection);
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
	  {"'-1.7976931348623157e308'", "-1.7976931348623157e+308", NULL},
	  {"'0'", NULL, "'-0'"},
	  {"'5e-324'", NULL, NULL},
	  {"'0.1'", NULL, NULL},
	  {"'0.10000000000000002'", NULL, NULL},
	  {"'Infinity'", NULL, NULL},
	  {"'NaN'", NULL, NULL}}},
	{"numeric", "numeric", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"-1e40", "-10000000000000000000000000000000000000000", NULL}, {"1.0", NULL, "1.000"}, {"1.00000000000000000000000000000000000001", NULL, NULL}, {"9", NULL, NULL},
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

static const refusal refusals[] = {
	{"postgres:port=1", "check host and port, and that the server runs; then run it again", PAWL_DATABASE, "Connection refused"},
	{"postgres:dbname=nowhere", "check the database's name: postgres://user@host/DATABASE", PAWL_DATABASE,
	 "database \"nowhere\" does not exist"},
	{"postgres:user=nobody dbname=postgres", "check user and password: a password comes from the URL, PGPASSWORD or ~/.pgpass",
	 PAWL_DATABASE, "password authentication failed for user \"nobody\""},
	{"postgres:password=wrong dbname=postgres",
	 "check user and password: a password comes from the URL, PGPASSWORD or ~/.pgpass", PAWL_DATABASE,
	 "password authentication failed for user \"owner\""},
	{0},
};

const conformance_subject conformance_postgres = {
	.driver = &pawl_source_postgres,
	.path = "shop",
	.location = location,
	.another_way = another_way,
	.identity = "postgres:",
	.schema = "public",
	.run_sql = run_sql,
	.damage = damage,
	.keys = keys,
	.refusals = refusals,
	.broken_sql = "CREATE TABLE broken (id INTEGER PRIMARY KEY, n numeric(10,2));"
	              "INSERT INTO broken SELECT i, CASE WHEN i = 4321 THEN 'NaN'::numeric ELSE 1 END FROM generate_series(1, 5000) i",
	.broken_error = "table 'public.broken': column 'n': the row with id 4321 has the value 'NaN', which is no DECIMAL(10,2)",
	.can_split_ties = true,
	.is_stream = true,
	.has_primary_key_order = true,
	.trigger_sql = "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS "
	               "$$BEGIN NEW.updated_at := now(); RETURN NEW; END$$;"
	               "CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()",
	.place_rows = 1,
	.integer_type = "INTEGER",
	.integer_class = "integer",
	.integer_native = "integer",
	.decimal_native = "numeric(18,2)",
	.bytes_declared = "BYTEA",
	.text_default = "'x'::character varying",
};
