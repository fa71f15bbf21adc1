#include <string.h>

#include "base/memory.h"
#include "duck/duck.h"
#include "replicate/plan/internal.h"
#include "support.h"

static pawl_error error;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- case by case ---------------------------------------------------------------------------------------------------- */

static void check(const char *have, const char *come, pawl_widening widening, const char *type)
{
	char space[PAWL_WIDEN_BYTES];
	const char *found;
	pawl_widening result = pawl_widen(have, come, space, &found);

	if (result != widening || (type != NULL && strcmp(found, type) != 0))
		fail_msg("%s and %s: %d, %s", have, come, result, result == PAWL_WIDEN_TO ? found : "");
}

static void keeps(const char *have, const char *come)
{
	check(have, come, PAWL_WIDEN_KEEP, NULL);
}

static void becomes(const char *have, const char *come, const char *type)
{
	check(have, come, PAWL_WIDEN_TO, type);
}

/* Neither way round. */
static void never(const char *left, const char *right)
{
	check(left, right, PAWL_WIDEN_NEVER, NULL);
	check(right, left, PAWL_WIDEN_NEVER, NULL);
}

/* From narrow to wide, and the wide one keeps the narrow one's values. */
static void is_wider(const char *wide, const char *narrow)
{
	becomes(narrow, wide, wide);
	keeps(wide, narrow);
}

static void test_integers(void **state)
{
	static const char *const signed_types[] = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"};
	static const char *const unsigned_types[] = {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"};

	(void) state;
	for (size_t i = 0; i < 5; i++) {
		keeps(signed_types[i], signed_types[i]);
		keeps(unsigned_types[i], unsigned_types[i]);
		for (size_t k = 0; k < i; k++) {
			is_wider(signed_types[i], signed_types[k]);
			is_wider(unsigned_types[i], unsigned_types[k]);
			is_wider(signed_types[i], unsigned_types[k]); /* one bit more is enough */
		}
		/* An unsigned type holds no negative number, and a signed one of the same width not its largest. */
		for (size_t k = 0; k <= i && i < 4; k++) {
			becomes(unsigned_types[i], signed_types[k], signed_types[i + 1]);
			becomes(signed_types[k], unsigned_types[i], signed_types[i + 1]);
		}
		never("UHUGEINT", signed_types[i]);
	}
}

static void test_decimals(void **state)
{
	(void) state;
	is_wider("DECIMAL(12,2)", "DECIMAL(10,2)");
	is_wider("DECIMAL(12,4)", "DECIMAL(10,2)");
	becomes("DECIMAL(10,2)", "DECIMAL(10,4)", "DECIMAL(12,4)");
	becomes("DECIMAL(10,4)", "DECIMAL(10,2)", "DECIMAL(12,4)");
	becomes("DECIMAL(5,5)", "DECIMAL(3,0)", "DECIMAL(8,5)");
	keeps("DECIMAL(38,0)", "DECIMAL(1,0)");
}

static void test_decimals_and_integers(void **state)
{
	(void) state;
	is_wider("DECIMAL(10,0)", "INTEGER");
	is_wider("DECIMAL(3,0)", "TINYINT");
	is_wider("DECIMAL(20,0)", "UBIGINT");
	becomes("DECIMAL(10,2)", "INTEGER", "DECIMAL(12,2)");
	becomes("INTEGER", "DECIMAL(10,2)", "DECIMAL(12,2)");
	becomes("BIGINT", "DECIMAL(38,19)", "DECIMAL(38,19)");
	never("BIGINT", "DECIMAL(38,20)");
	never("DECIMAL(38,0)", "DECIMAL(38,1)");
	never("HUGEINT", "DECIMAL(38,0)"); /* of 39 digits */
	never("UHUGEINT", "DECIMAL(38,0)");
}

static void test_floats(void **state)
{
	(void) state;
	is_wider("DOUBLE", "FLOAT");
	is_wider("DOUBLE", "INTEGER");
	is_wider("DOUBLE", "UINTEGER");
	is_wider("FLOAT", "SMALLINT");
	is_wider("FLOAT", "USMALLINT");
	never("FLOAT", "INTEGER");
	never("DOUBLE", "BIGINT");
	never("DOUBLE", "UBIGINT");
	never("DOUBLE", "DECIMAL(15,2)"); /* 0.1 is no double */
}

static void test_times(void **state)
{
	(void) state;
	is_wider("TIMESTAMP_MS", "TIMESTAMP_S");
	is_wider("TIMESTAMP", "TIMESTAMP_S");
	is_wider("TIMESTAMP", "TIMESTAMP_MS");
	is_wider("TIMESTAMP", "DATE");
	never("TIMESTAMP_NS", "TIMESTAMP"); /* of fewer years */
	never("TIMESTAMP", "TIMESTAMP WITH TIME ZONE");
	never("DATE", "TIMESTAMP WITH TIME ZONE");
	never("TIME", "TIMESTAMP");
	never("INTERVAL", "TIME");
}

static void test_text(void **state)
{
	static const char *const exact[] = {"BIGINT", "UHUGEINT", "DECIMAL(38,10)", "UUID", "JSON", "ENUM('a', 'b')"};
	static const char *const as_text[] = {"BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "INTERVAL",
	                                      "ENUM('a]', 'b')"};
	static const char *const not_text[] = {"BLOB", "INTEGER[]", "INTEGER[3]", "STRUCT(a INTEGER)", "MAP(INTEGER, INTEGER)",
	                                       "UNION(a INTEGER)"};

	(void) state;
	keeps("VARCHAR", "VARCHAR");
	keeps("VARCHAR", "UUID");
	keeps("VARCHAR", "JSON");
	for (size_t i = 0; i < COUNT(exact); i++)
		becomes(exact[i], "VARCHAR", "VARCHAR");
	for (size_t i = 0; i < COUNT(as_text); i++)
		check("VARCHAR", as_text[i], PAWL_WIDEN_AS_TEXT, NULL);
	for (size_t i = 0; i < COUNT(not_text); i++)
		never("VARCHAR", not_text[i]);
	never("JSON", "BIGINT");
	becomes("ENUM('a')", "ENUM('a', 'b')", "VARCHAR");
	keeps("ENUM('a')", "ENUM('a')");
	never("ENUM('a')", "INTEGER");
	never("INTEGER[]", "BIGINT[]");
	keeps("INTEGER[]", "INTEGER[]");
	never("BOOLEAN", "TINYINT");
}

/* ---- what is claimed, tried out -------------------------------------------------------------------------------------- */

static const struct limits {
	const char *type;
	const char *values; /* of the type, in SQL, with commas between */
} limits[] = {
	{"BOOLEAN", "'true', 'false'"},
	{"TINYINT", "'-128', '127', '0'"},
	{"SMALLINT", "'-32768', '32767'"},
	{"INTEGER", "'-2147483648', '2147483647'"},
	{"BIGINT", "'-9223372036854775808', '9223372036854775807'"},
	{"HUGEINT", "'-170141183460469231731687303715884105728', '170141183460469231731687303715884105727'"},
	{"UTINYINT", "'0', '255'"},
	{"USMALLINT", "'0', '65535'"},
	{"UINTEGER", "'0', '4294967295'"},
	{"UBIGINT", "'0', '18446744073709551615'"},
	{"UHUGEINT", "'0', '340282366920938463463374607431768211455'"},
	{"DECIMAL(4,0)", "'-9999', '9999'"},
	{"DECIMAL(5,5)", "'-0.99999', '0.00001'"},
	{"DECIMAL(18,2)", "'-9999999999999999.99', '0.01'"},
	{"DECIMAL(20,0)", "'99999999999999999999', '-99999999999999999999'"},
	{"DECIMAL(38,19)", "'9999999999999999999.9999999999999999999', '-0.0000000000000000001'"},
	{"DECIMAL(38,38)", "'0.99999999999999999999999999999999999999'"},
	{"FLOAT", "'3.4028235e38', '1e-45', 'nan', 'infinity', '-infinity', '0.1', '-0.0', '16777217'"},
	{"DOUBLE", "'1.7976931348623157e308', '5e-324', 'nan', 'infinity', '-infinity', '0.1', '-0.0', '9007199254740993'"},
	/* Beyond, no timestamp is: that is an error. */
	{"DATE", "'290309-12-22 (BC)', '294247-01-09', 'infinity', '-infinity', '2024-02-29'"},
	{"TIMESTAMP_S", "'290309-12-22 (BC) 00:00:00', '294247-01-10 04:00:54', 'infinity', '-infinity', "
	                "'1969-12-31 23:59:59'"},
	{"TIMESTAMP_MS", "'290309-12-22 (BC) 00:00:00', '294247-01-10 04:00:54.775', 'infinity', '-infinity', "
	                 "'1969-12-31 23:59:59.999'"},
	{"TIMESTAMP", "'290309-12-22 (BC) 00:00:00', '294247-01-10 04:00:54.775806', 'infinity', '-infinity', "
	              "'2024-01-01 00:00:00.000001'"},
	{"TIMESTAMP_NS", "'1677-09-22 00:00:00', '2262-04-11 23:47:16.854775806', '2024-01-01 00:00:00.000000001'"},
	{"TIMESTAMP WITH TIME ZONE", "'2024-01-01 00:00:00.000001+00', 'infinity'"},
	{"TIME", "'00:00:00', '24:00:00', '12:00:00.000001'"},
	{"INTERVAL", "'1 month', '30 days', '24 hours'"},
	{"UUID", "'00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'"},
	{"JSON", "'{\"a\": 1.0, \"a\": 2}', 'null'"},
	{"VARCHAR", "'', ' ', 'ünï', 'NULL'"},
	{"ENUM('a', 'b')", "'a', 'b'"},
	{"ENUM('b', 'it''s')", "'b', 'it''s'"},
	{"BLOB", "'\\x00\\xFF'"},
	{"BIT", "'0101'"},
	{"INTEGER[]", "'[1, NULL]'"},
	{"STRUCT(a INTEGER)", "'{''a'': 1}'"},
};

/* Each value, cast to the wider type and back, is the value that it was, written the same. */
static void check_cast(pawl_duck *duck, const struct limits *from, const char *to)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row = false;

	/* The way back from one kind of timestamp to another may lead by way of the one of microseconds alone. */
	const char *way = strncmp(to, "TIMESTAMP_", 10) == 0 ? "TIMESTAMP" : to;
	pawl_buffer_appendf(&sql,
	                    "SELECT CAST(v AS VARCHAR) FROM (SELECT CAST(unnest([%s]) AS %s) AS v) "
	                    "WHERE CAST(CAST(CAST(CAST(v AS %s) AS %s) AS %s) AS VARCHAR) IS DISTINCT FROM CAST(v AS VARCHAR)",
	                    from->values, from->type, to, way, from->type);
	if (pawl_duck_query(duck, pawl_buffer_text(&sql), NULL, 0, &rows, &error) != PAWL_OK ||
	    pawl_duck_rows_next(rows, &has_row, &error) != PAWL_OK)
		fail_msg("%s to %s: %s", from->type, to, error.message);
	if (has_row)
		fail_msg("%s to %s changes %s", from->type, to, pawl_duck_rows_text(rows, 0, NULL));
}

static int check_claim(pawl_duck *duck, const struct limits *have, const struct limits *come)
{
	char space[PAWL_WIDEN_BYTES];
	const char *type;

	if (have == come)
		return 0;
	switch (pawl_widen(have->type, come->type, space, &type)) {
	case PAWL_WIDEN_KEEP:
		check_cast(duck, come, have->type);
		return 1;
	case PAWL_WIDEN_TO:
		check_cast(duck, have, type);
		check_cast(duck, come, type);
		return 1;
	case PAWL_WIDEN_AS_TEXT:
	case PAWL_WIDEN_NEVER:
		break;
	}
	return 0;
}

static void test_claims(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
	int claims = 0;

	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 1}, &duck, &error));
	for (size_t i = 0; i < COUNT(limits); i++)
		for (size_t k = 0; k < COUNT(limits); k++)
			claims += check_claim(duck, &limits[i], &limits[k]);
	assert_true(claims > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers), cmocka_unit_test(test_decimals), cmocka_unit_test(test_decimals_and_integers),
		cmocka_unit_test(test_floats),   cmocka_unit_test(test_times),    cmocka_unit_test(test_text),
		cmocka_unit_test(test_claims),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
