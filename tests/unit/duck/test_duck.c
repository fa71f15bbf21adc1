#include "duck/duck.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "support.h"

static pawl_error error;

#define PATH "a.db"

static const char *setting_of(pawl_duck *duck, const char *name)
{
	static char value[128];
	pawl_duck_rows *rows;
	bool has_row;

	OK(pawl_duck_query(duck, "SELECT current_setting($1)::VARCHAR", (const char *const[]) {name}, 1, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	snprintf(value, sizeof(value), "%s", pawl_duck_rows_text(rows, 0, NULL));
	pawl_duck_rows_close(&rows);
	return value;
}

static void test_settings(void **state)
{
	(void) state;
	pawl_duck *duck;
	const pawl_duck_options options = {
		.path = PATH, .is_isolated = true, .memory_limit_bytes = 128 << 20, .threads = 2, .temp_directory = "spilled"};

	OK(pawl_duck_open(&options, &duck, &error));
	assert_string_equal(setting_of(duck, "memory_limit"), "128.0 MiB");
	assert_string_equal(setting_of(duck, "threads"), "2");
	assert_string_equal(setting_of(duck, "temp_directory"), "spilled");
	assert_string_equal(setting_of(duck, "TimeZone"), "UTC");
	assert_string_equal(setting_of(duck, "autoinstall_known_extensions"), "false");
	assert_string_equal(setting_of(duck, "autoload_known_extensions"), "false");
	assert_string_equal(setting_of(duck, "allow_unsigned_extensions"), "false");
	assert_string_equal(setting_of(duck, "allow_persistent_secrets"), "false");
	assert_string_equal(setting_of(duck, "preserve_insertion_order"), "false");
	assert_string_equal(setting_of(duck, "enable_external_access"), "false");
	assert_int_equal(pawl_duck_run(duck, "FROM read_text('/etc/passwd')", &error), PAWL_DATABASE);
	assert_non_null(strstr(error.message, "disabled by configuration"));
	pawl_duck_close(duck);
}

/* An isolated database must still spill: this table is several times the limit. */
static void test_spilling(void **state)
{
	(void) state;
	pawl_duck *duck;

	OK(pawl_duck_open(&(pawl_duck_options) {.path = PATH, .is_isolated = true, .memory_limit_bytes = 64 << 20, .threads = 2},
	                  &duck, &error));
	OK(pawl_duck_run(duck, "CREATE TEMP TABLE t AS SELECT hash(i) AS a, hash(i + 1) AS b, hash(i + 2) AS c, hash(i + 3) AS d "
	                       "FROM range(5000000) r(i)",
	                 &error));
	pawl_duck_close(duck);
}

static void test_several_statements(void **state)
{
	(void) state;
	pawl_duck *duck;
	pawl_buffer sql = {0};

	OK(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error));
	OK(pawl_duck_run(duck, "CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (1); SELECT * FROM t; -- nothing", &error));
	OK(pawl_duck_run(duck, "", &error));
	assert_int_equal(pawl_duck_run(duck, "INSERT INTO t VALUES (2); SELECT * FROM nope", &error), PAWL_DATABASE);
	assert_non_null(strstr(error.message, "nope"));
	pawl_buffer_append(&sql, "INSERT INTO t VALUES (3)");
	OK(pawl_duck_run_buffer(duck, &sql, &error));
	sql.has_failed = true;
	assert_int_equal(pawl_duck_run_buffer(duck, &sql, &error), PAWL_OUT_OF_MEMORY);
	pawl_buffer_free(&sql);
	assert_string_equal(pawl_duck_version(), "v1.5.5");
	pawl_duck_close(duck);
}

static void test_is_select(void **state)
{
	static const struct {
		const char *sql;
		bool is_select;
	} cases[] = {
		{"SELECT 1", true},           {"FROM range(3)", true},          {"VALUES (1), (2)", true},
		{"WITH a AS (SELECT 1) FROM a", true}, {"DESCRIBE t", true},    {"SHOW TABLES", true},
		{"SUMMARIZE t", true},        {"SELECT 1;", true},              {"INSERT INTO t VALUES (1)", false},
		{"WITH a AS (SELECT 1) INSERT INTO t FROM a", false},           {"CREATE TABLE u (i INTEGER)", false},
		{"EXPLAIN SELECT 1", false},  {"DELETE FROM t", false},         {"SET threads = 1", false},
	};
	pawl_duck *duck;
	bool is_select;

	(void) state;
	OK(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error));
	OK(pawl_duck_run(duck, "CREATE TABLE t (i INTEGER)", &error));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OK(pawl_duck_is_select(duck, cases[i].sql, &is_select, &error));
		if (is_select != cases[i].is_select)
			fail_msg("%s: %d", cases[i].sql, is_select);
	}
	assert_int_equal(pawl_duck_is_select(duck, "SELECT 1; SELECT 2", &is_select, &error), PAWL_DATABASE);
	assert_int_equal(pawl_duck_is_select(duck, "SELEC 1", &is_select, &error), PAWL_DATABASE);
	assert_string_equal(error.message, "syntax error at or near 'SELEC'");
	pawl_duck_close(duck);
}

static void test_close_twice(void **state)
{
	(void) state;
	pawl_duck *duck;

	OK(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error));
	OK(pawl_duck_run(duck, "BEGIN; CREATE TABLE t (i INTEGER)", &error));
	pawl_duck_close_pointer(&duck);
	assert_null(duck);
	pawl_duck_close_pointer(&duck);
}

/* A process that is killed while the file is made leaves none that is in the way: here, as it writes behind so many bytes. */
static void test_killed_while_the_file_is_made(void **state)
{
	(void) state;
	static const rlim_t lengths[] = {1, 4096, 8192, 12287};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		pawl_duck *duck = NULL;
		const pawl_duck_options options = {.path = "new.db", .threads = 1};
		int status;
		pid_t child = fork();
		if (child == 0) {
			const struct rlimit length = {lengths[i], lengths[i]}, core = {0, 0};
			(void) setrlimit(RLIMIT_CORE, &core);
			(void) setrlimit(RLIMIT_FSIZE, &length); /* SIGXFSZ ends what writes more */
			(void) pawl_duck_open(&options, &duck, &error);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		OK(pawl_duck_open(&options, &duck, &error));
		OK(pawl_duck_run(duck, "CREATE TABLE t (i INTEGER)", &error));
		pawl_duck_close(duck);
		assert_int_equal(unlink("new.db"), 0);
	}
}

#ifdef PAWL_TEST_HOOKS
static void test_out_of_memory(void **state)
{
	(void) state;
	pawl_duck *duck = NULL;

	pawl_memory_fail_at(1);
	assert_int_equal(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error), PAWL_OUT_OF_MEMORY);
	pawl_memory_fail_at(0);
	assert_null(duck);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),  cmocka_unit_test(test_spilling),    cmocka_unit_test(test_several_statements),
		cmocka_unit_test(test_is_select), cmocka_unit_test(test_close_twice),
		cmocka_unit_test(test_killed_while_the_file_is_made),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
