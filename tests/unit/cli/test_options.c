#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

struct settings {
	const char *path, *sql, *file;
	int64_t limit, memory, lag, wait;
	int format;
	bool is_quiet;
	pawl_option_list tables;
};

static const char *const formats[] = {"table", "csv", "json", NULL};

static const pawl_option options[] = {
	{PAWL_OPTION_OPERAND, "PATH", NULL, "", offsetof(struct settings, path), 0, 0, NULL},
	{PAWL_OPTION_TEXT, "file", "FILE", "", offsetof(struct settings, file), 0, 0, NULL},
	{PAWL_OPTION_CHOICE, "format", "FORMAT", "", offsetof(struct settings, format), 0, 0, formats},
	{PAWL_OPTION_INTEGER, "limit", "N", "", offsetof(struct settings, limit), -5, 100, NULL},
	{PAWL_OPTION_SIZE, "memory-limit", "SIZE", "", offsetof(struct settings, memory), 1024, INT64_C(1) << 40, NULL},
	{PAWL_OPTION_DURATION, "lag", "TIME", "", offsetof(struct settings, lag), 1000000, INT64_C(3600000000), NULL},
	{PAWL_OPTION_DURATION, "wait", "TIME", "", offsetof(struct settings, wait), 1, INT64_MAX, NULL},
	{PAWL_OPTION_LIST, "table", "NAME", "", offsetof(struct settings, tables), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "quiet", NULL, "", offsetof(struct settings, is_quiet), 0, 0, NULL},
	{PAWL_OPTION_OPTIONAL_OPERAND, "SQL", NULL, "", offsetof(struct settings, sql), 0, 0, NULL},
	{0},
};

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static size_t count_of(const char *const *arguments)
{
	size_t count = 0;
	while (arguments[count] != NULL)
		count++;
	return count;
}

static struct settings parse(const char *const *arguments)
{
	struct settings settings = {0};
	bool wants_help = true;
	pawl_error error;
	assert_int_equal(pawl_options_parse(options, count_of(arguments), arguments, &settings, &wants_help, &error), PAWL_OK);
	assert_false(wants_help);
	return settings;
}

static void assert_mistake(const char *const *arguments, const char *message, const char *hint)
{
	struct settings settings = {0};
	bool wants_help = false;
	pawl_error error;
	assert_int_equal(pawl_options_parse(options, count_of(arguments), arguments, &settings, &wants_help, &error), PAWL_INVALID);
	assert_int_equal(error.status, PAWL_INVALID);
	assert_string_equal(error.message, message);
	assert_string_equal(error.hint, hint);
}

static void values_stand_after_a_blank_or_an_equals_sign(void **state)
{
	(void) state;
	struct settings settings =
		parse(ARGUMENTS("a.db", "--file", "x", "--format=CSV", "--limit", "-5", "--memory-limit=2KiB", "--quiet", "SELECT"));
	assert_string_equal(settings.path, "a.db");
	assert_string_equal(settings.sql, "SELECT");
	assert_string_equal(settings.file, "x");
	assert_int_equal(settings.format, 1);
	assert_int_equal(settings.limit, -5);
	assert_int_equal(settings.memory, 2048);
	assert_true(settings.is_quiet);
}

static void durations_have_units(void **state)
{
	(void) state;
	assert_int_equal(parse(ARGUMENTS("a", "--lag", "1m30s")).lag, 90000000);
	assert_int_equal(parse(ARGUMENTS("a", "--lag=1s")).lag, 1000000);
	assert_int_equal(parse(ARGUMENTS("a", "--lag=1h")).lag, INT64_C(3600000000));
	assert_mistake(ARGUMENTS("a", "--lag", "90"), "'--lag' is '90', which is not a duration",
	               "write integers and units (us, ms, s, m, h, d): 90s, 1h30m, 250ms");
	assert_mistake(ARGUMENTS("a", "--lag", "0"), "'--lag' is '0', but must be at least 1s", "");
	assert_mistake(ARGUMENTS("a", "--lag", "61m"), "'--lag' is '61m', but must be at most 3600s", "");
	assert_mistake(ARGUMENTS("a", "--wait", "0s"), "'--wait' is '0s', but must be above 0s", "");
}

static void lists_are_given_item_by_item(void **state)
{
	(void) state;
	struct settings settings = parse(ARGUMENTS("a", "--table", "orders", "--quiet", "--table=log_*", "--table", "orders"));
	assert_int_equal(settings.tables.count, 3);
	assert_string_equal(settings.tables.items[0], "orders");
	assert_string_equal(settings.tables.items[1], "log_*");
	assert_string_equal(settings.tables.items[2], "orders");
	assert_true(settings.is_quiet);
	assert_int_equal(parse(ARGUMENTS("a")).tables.count, 0);
	assert_mistake(ARGUMENTS("a", "--table"), "'--table' needs a value", "write '--table NAME'");
}

static void lists_have_a_limit(void **state)
{
	(void) state;
	const char *arguments[PAWL_OPTION_LIST_MAX + 3] = {"a"};
	for (size_t i = 1; i <= PAWL_OPTION_LIST_MAX; i++)
		arguments[i] = "--table=x";
	assert_int_equal(parse(arguments).tables.count, PAWL_OPTION_LIST_MAX);
	arguments[PAWL_OPTION_LIST_MAX + 1] = "--table=x";
	assert_mistake(arguments, "'--table' is given more than 64 times", "");
}

static void operands_may_be_one_of_a_few_words(void **state)
{
	(void) state;
	static const pawl_option table[] = {
		{PAWL_OPTION_OPERAND, "FORMAT", NULL, "", offsetof(struct settings, path), 0, 0, formats},
		{0},
	};
	struct settings settings = {0};
	bool wants_help;
	pawl_error error;
	assert_int_equal(pawl_options_parse(table, 1, ARGUMENTS("CSV"), &settings, &wants_help, &error), PAWL_OK);
	assert_ptr_equal(settings.path, formats[1]);
	assert_int_equal(pawl_options_parse(table, 1, ARGUMENTS("xml"), &settings, &wants_help, &error), PAWL_INVALID);
	assert_string_equal(error.message, "FORMAT cannot be 'xml'");
	assert_string_equal(error.hint, "it is one of 'table', 'csv', 'json'");
}

static void what_is_not_given_stays_as_it_was(void **state)
{
	(void) state;
	struct settings settings = parse(ARGUMENTS("a.db"));
	assert_null(settings.sql);
	assert_null(settings.file);
	assert_int_equal(settings.format, 0);
	assert_int_equal(settings.limit, 0);
	assert_false(settings.is_quiet);
}

static void dashes_can_be_said(void **state)
{
	(void) state;
	assert_string_equal(parse(ARGUMENTS("-")).path, "-");
	assert_string_equal(parse(ARGUMENTS("--", "--file")).path, "--file");
	assert_string_equal(parse(ARGUMENTS("--file=--x=y", "a")).file, "--x=y");
	assert_string_equal(parse(ARGUMENTS("--file", "-x", "a")).file, "-x");
}

static void a_comment_is_no_option(void **state)
{
	(void) state;
	assert_string_equal(parse(ARGUMENTS("a", "-- a comment\nSELECT 1")).sql, "-- a comment\nSELECT 1");
	assert_string_equal(parse(ARGUMENTS("a", "--all = of it\nSELECT 1")).sql, "--all = of it\nSELECT 1");
	assert_mistake(ARGUMENTS("a", "--file=a b", "--fil=a b"), "unknown option '--fil'", "did you mean '--file'?");
}

static void help_wins_over_what_is_missing(void **state)
{
	(void) state;
	static const char *const asking[] = {"--help", "-h"};
	for (size_t i = 0; i < 2; i++) {
		struct settings settings = {0};
		bool wants_help = false;
		pawl_error error;
		const char *const arguments[] = {"--quiet", asking[i], "--nonsense"};
		assert_int_equal(pawl_options_parse(options, 3, arguments, &settings, &wants_help, &error), PAWL_OK);
		assert_true(wants_help);
	}
}

static void unknown_options_are_named(void **state)
{
	(void) state;
	assert_mistake(ARGUMENTS("a", "--formt", "csv"), "unknown option '--formt'", "did you mean '--format'?");
	assert_mistake(ARGUMENTS("a", "--memory_limit=5"), "unknown option '--memory_limit'", "did you mean '--memory-limit'?");
	assert_mistake(ARGUMENTS("a", "--hlp"), "unknown option '--hlp'", "did you mean '--help'?");
	assert_mistake(ARGUMENTS("a", "--elephants"), "unknown option '--elephants'", "");
	assert_mistake(ARGUMENTS("a", "--=x"), "unknown option '--'", "");
	assert_mistake(ARGUMENTS("a", "--PATH=x"), "unknown option '--PATH'", "");
	assert_mistake(ARGUMENTS("a", "-q"), "unknown option '-q'", "");
	assert_mistake(ARGUMENTS("a", "--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	               "unknown option '--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", "");
}

static void values_are_needed_or_not(void **state)
{
	(void) state;
	assert_mistake(ARGUMENTS("a", "--file"), "'--file' needs a value", "write '--file FILE'");
	assert_mistake(ARGUMENTS("a", "--file="), "'--file' needs a value", "write '--file FILE'");
	assert_mistake(ARGUMENTS("a", "--file", ""), "'--file' needs a value", "write '--file FILE'");
	assert_mistake(ARGUMENTS("a", "--file", "--quiet"), "'--file' needs a value", "write '--file FILE'");
	assert_mistake(ARGUMENTS("a", "--quiet=yes"), "'--quiet' takes no value, but has 'yes'", "");
	assert_mistake(ARGUMENTS("a", "--quiet", "--quiet"), "'--quiet' is given twice", "");
}

static void values_are_checked(void **state)
{
	(void) state;
	assert_mistake(ARGUMENTS("a", "--format", "jsn"), "'--format' cannot be 'jsn'", "did you mean 'json'?");
	assert_mistake(ARGUMENTS("a", "--format", "parquet"), "'--format' cannot be 'parquet'",
	               "it is one of 'table', 'csv', 'json'");
	assert_mistake(ARGUMENTS("a", "--limit", "ten"), "'--limit' is 'ten', which is not an integer", "");
	assert_mistake(ARGUMENTS("a", "--limit", "99999999999999999999"),
	               "'--limit' is '99999999999999999999', which is not an integer", "");
	assert_mistake(ARGUMENTS("a", "--limit", "101"), "'--limit' is '101', but must be from -5 to 100", "");
	assert_mistake(ARGUMENTS("a", "--limit=-6"), "'--limit' is '-6', but must be from -5 to 100", "");
	assert_mistake(ARGUMENTS("a", "--memory-limit", "lots"), "'--memory-limit' is 'lots', which is not a size",
	               "write an integer and a unit: 512MiB, 2GiB");
	assert_mistake(ARGUMENTS("a", "--memory-limit", "1"), "'--memory-limit' is '1', but must be from 1.0 KiB to 1.0 TiB", "");
}

static void operands_are_counted(void **state)
{
	(void) state;
	assert_mistake(ARGUMENTS("--quiet"), "PATH is missing", "");
	assert_mistake(ARGUMENTS(""), "PATH is empty", "");
	assert_mistake(ARGUMENTS("a", "b", "c"), "unexpected argument 'c'", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stand_after_a_blank_or_an_equals_sign),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(lists_are_given_item_by_item),
		cmocka_unit_test(lists_have_a_limit),
		cmocka_unit_test(operands_may_be_one_of_a_few_words),
		cmocka_unit_test(what_is_not_given_stays_as_it_was),
		cmocka_unit_test(dashes_can_be_said),
		cmocka_unit_test(a_comment_is_no_option),
		cmocka_unit_test(help_wins_over_what_is_missing),
		cmocka_unit_test(unknown_options_are_named),
		cmocka_unit_test(values_are_needed_or_not),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(operands_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
