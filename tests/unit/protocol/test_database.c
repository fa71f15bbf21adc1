/* The database connector but for its updates: its settings, and what it answers, also with each allocation refused in turn. */
#include "protocol/fivetran/database/internal.h"

#include <string.h>

#include "support.h"

static pawl_error error;
static pawl_job job;

static const pawl_fivetran_database_options options = {.memory_limit_bytes = PAWL_JOB_LEAST_MEMORY_BYTES, .threads = 1};

enum { SETTINGS_MAX = 8 };

/* A configuration: name, value, name, value... and NULL. */
typedef struct configuration {
	pawl_configuration_entry entries[SETTINGS_MAX];
	pawl_configuration_entry *list[SETTINGS_MAX];
	size_t count;
} configuration;

static configuration made;

/* protobuf-c's texts are not const, and nobody writes to them. */
static char *unconst(const char *text)
{
	const union {
		const char *text;
		char *writable;
	} both = {text};
	return both.writable;
}

static void configure(const char *const *texts)
{
	for (made.count = 0; texts[2 * made.count] != NULL; made.count++) {
		pawl_configuration_entry *entry = &made.entries[made.count];
		fivetran_sdk__v2__test_request__configuration_entry__init(entry);
		entry->key = unconst(texts[2 * made.count]);
		entry->value = unconst(texts[2 * made.count + 1]);
		made.list[made.count] = entry;
	}
}

#define CONFIGURE(...) configure((const char *const[]) {"source", "sqlite:shop.db", __VA_ARGS__, NULL})

static pawl_status make_job(void)
{
	const pawl_database_settings settings = {(const pawl_configuration_entry *const *) made.list, made.count};

	pawl_job_clear(&job);
	return pawl_database_job(&options, &settings, &job, &error);
}

/* ---- settings -------------------------------------------------------------------------------------------------------- */

static void test_job(void **state)
{
	(void) state;

	CONFIGURE("tables", " main.orders,log_* ", "key", "coalesce(a, b) , c", "mode", "Append", "lag", "5m", "window_rows", "10",
	          "where", "");
	OK(make_job());
	assert_string_equal(job.source, "sqlite:shop.db");
	assert_int_equal(job.rule_count, 2);
	assert_string_equal(job.rules[0].pattern, "main.orders");
	assert_string_equal(job.rules[1].pattern, "log_*");
	assert_int_equal(job.defaults.key.count, 2);
	assert_string_equal(job.defaults.key.items[0], "coalesce(a, b)");
	assert_string_equal(job.defaults.key.items[1], "c");
	assert_int_equal(job.defaults.mode, PAWL_MODE_APPEND);
	assert_true(job.defaults.lag_us == INT64_C(300000000));
	assert_true(job.defaults.window_rows == 10);
	assert_null(job.defaults.where);
	assert_true(job.is_copying_anew);
	assert_int_equal(job.threads, 1);
}

static void test_overrides(void **state)
{
	(void) state;

	CONFIGURE("overrides",
	          "{\"orders\": {\"key\": [\"a\", \"b\"], \"columns.exclude\": \"note\", \"formats\": {\"a\": \"unix_s\"}}, \"u\": {}}",
	          "allow_empty", "TRUE", "max_snapshot", "1m");
	OK(make_job());
	assert_int_equal(job.rule_count, 2);
	assert_true(job.rules[0].is_settings_only && job.rules[1].is_settings_only);
	assert_string_equal(job.rules[0].pattern, "orders");
	assert_int_equal(job.rules[0].settings.key.count, 2);
	assert_string_equal(job.rules[0].settings.exclude.items[0], "note");
	assert_string_equal(job.rules[0].settings.formats.values[0], "unix_s");
	assert_true(job.is_allow_empty && !job.is_accept_source);
	assert_true(job.max_snapshot_us == INT64_C(60000000));
	CONFIGURE("tables", "t", "overrides", "{\"u\": {\"mode\": \"replace\"}}");
	OK(make_job());
	assert_int_equal(job.rule_count, 2);
}

static void test_refused(void **state)
{
	(void) state;

	CONFIGURE("tables", "a,,b");
	FAILS(make_job(), PAWL_INVALID, "'tables': the name of a table is empty");
	CONFIGURE("columns.exclude", "note");
	FAILS(make_job(), PAWL_INVALID, "there is no setting 'columns.exclude'");
	CONFIGURE("overrides", "{\"t\": 7}");
	FAILS(make_job(), PAWL_INVALID, "'overrides': 't' is no object");
	CONFIGURE("overrides", "{\"t\": {\"lag\": 7}}");
	FAILS(make_job(), PAWL_INVALID, "'overrides': 't': 'lag': it is no text");
	CONFIGURE("overrides", "{\"t\": {\"formats\": \"a\"}}");
	FAILS(make_job(), PAWL_INVALID, "'overrides': 't': 'formats': it is no object");
	CONFIGURE("busy_timeout", "long");
	FAILS(make_job(), PAWL_INVALID, "'busy_timeout': it is not a duration");
	configure((const char *const[]) {"source", "postgre://me:secret@host/db", NULL});
	FAILS(make_job(), PAWL_INVALID, "'source': 'postgre://me:***@host/db' does not begin with the kind of database");
}

static void test_hints(void **state)
{
	(void) state;
	static const struct {
		const char *from, *to;
	} hints[] = {
		{"--allow-empty if the table is meant to be empty", "allow_empty: true if the table is meant to be empty"},
		{"--full-refresh main.t fills it", "an empty state copies all tables again"},
		{"'pawl discover --from x' lists the tables", "Schema lists the tables"},
		{"--memory-limit 1GB", ""},
		{"name it: 'key', --key; or use mode: replace", "name it: 'key'"},
		{"make an index on it", "make an index on it"},
	};
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		pawl_error_set(&error, PAWL_INVALID, "m");
		pawl_error_hint(&error, "%s", hints[i].from);
		pawl_database_adapt_hint(&error);
		assert_string_equal(error.hint, hints[i].to);
	}
}

/* ---- answers --------------------------------------------------------------------------------------------------------- */

static int make_source(void **state)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;

	enter_folder(state);
	OK(pawl_duck_open(&(pawl_duck_options) {.path = "shop.duckdb", .threads = 1}, &duck, &error));
	OK(pawl_duck_run(duck, "CREATE TABLE orders (id INTEGER PRIMARY KEY, price DECIMAL(9,2), updated_at TIMESTAMP)", &error));
	configure((const char *const[]) {"source", "duckdb:shop.duckdb", "tables", "orders", NULL});
	return 0;
}

static int clear_job(void **state)
{
	pawl_job_clear(&job);
	return leave_folder(state);
}

static pawl_buffer response;

static pawl_status answer_form(const pawl_fivetran_served *served)
{
	return served->methods->form(served->context, &response, &error);
}

static pawl_status answer_schema(const pawl_fivetran_served *served)
{
	FivetranSdk__V2__SchemaRequest request = FIVETRAN_SDK__V2__SCHEMA_REQUEST__INIT;

	request.configuration = (FivetranSdk__V2__SchemaRequest__ConfigurationEntry **) (void *) made.list;
	request.n_configuration = made.count;
	return served->methods->schema(served->context, &request, &response, &error);
}

static pawl_status answer_tests(const pawl_fivetran_served *served)
{
	FivetranSdk__V2__TestRequest request;

	fivetran_sdk__v2__test_request__init(&request);
	request.configuration = made.list;
	request.n_configuration = made.count;
	for (size_t i = 0; i < pawl_database_test_count; i++) {
		request.name = unconst(pawl_database_tests[i].name);
		PAWL_TRY(served->methods->test(served->context, &request, &error));
	}
	return PAWL_OK;
}

static pawl_status (*const answers[])(const pawl_fivetran_served *) = {answer_form, answer_schema, answer_tests};
enum { ANSWERS = sizeof(answers) / sizeof(answers[0]) };

static void test_answers(void **state)
{
	(void) state;
	const pawl_fivetran_served served = pawl_fivetran_database(&options);

	for (size_t i = 0; i < ANSWERS; i++)
		OK(answers[i](&served));
	OK(answer_schema(&served));
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer hex = {0};
	for (size_t i = 0; i < response.length; i++)
		pawl_buffer_appendf(&hex, "%02x", (unsigned char) response.text[i]);
	/* main: orders (id INT, the key; price DECIMAL 9 2; updated_at NAIVE_DATETIME) */
	assert_string_equal(pawl_buffer_text(&hex),
	                    "123f0a3d0a046d61696e12350a066f726465727312080a02696410031801"
	                    "12110a057072696365100522060a0408091002120e0a0a757064617465645f61741009");
	pawl_buffer_free(&response);
}

#ifdef PAWL_TEST_HOOKS
static void test_out_of_memory(void **state)
{
	(void) state;
	const pawl_fivetran_served served = pawl_fivetran_database(&options);

	for (size_t i = 0; i < ANSWERS; i++) {
		pawl_status status;
		long n = 0;
		do {
			pawl_buffer_free(&response);
			pawl_memory_fail_at(++n);
			status = answers[i](&served);
			pawl_memory_fail_at(0);
			assert_true(status == PAWL_OK || status == PAWL_OUT_OF_MEMORY || status == PAWL_DATABASE);
		} while (status != PAWL_OK);
		assert_true(n > 2);
	}
	pawl_buffer_free(&response);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_source, clear_job)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_job), TEST(test_overrides), TEST(test_refused), TEST(test_hints), TEST(test_answers),
#ifdef PAWL_TEST_HOOKS
		TEST(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
