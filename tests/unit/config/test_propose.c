#include <string.h>

#include "base/memory.h"
#include "config/file.h"
#include "config/propose.h"
#include "support.h"

static pawl_error error;

/* What stands for the text, as a name and as a value; both must be read as the text again. */
static void assert_kept(const char *text, const char *name, const char *value)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer yaml = {0};
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	pawl_propose_name(&yaml, text);
	assert_string_equal(pawl_buffer_text(&yaml), name);
	pawl_buffer_clear(&yaml);
	pawl_propose_value(&yaml, text);
	assert_string_equal(pawl_buffer_text(&yaml), value);
	pawl_buffer_clear(&yaml);
	pawl_buffer_append(&yaml, "source: ");
	pawl_propose_value(&yaml, text);
	pawl_buffer_append(&yaml, "\ndestination: w\ntables:\n  ");
	pawl_propose_name(&yaml, text);
	pawl_buffer_append(&yaml, ":\n");
	OK(pawl_config_parse("test", pawl_buffer_text(&yaml), yaml.length, &job, &error));
	assert_string_equal(job.source, text);
	assert_string_equal(job.rules[0].pattern, text);
}

static void plain_texts_have_no_quotes(void **state)
{
	(void) state;
	assert_kept("main.orders", "main.orders", "main.orders");
	assert_kept("duckdb:/var/shop-1.duckdb", "duckdb:/var/shop-1.duckdb", "duckdb:/var/shop-1.duckdb");
	assert_kept("no", "no", "no"); /* every scalar is a text */
}

static void all_others_do(void **state)
{
	(void) state;
	assert_kept("null", "\"null\"", "\"null\"");
	assert_kept("NULL", "\"NULL\"", "\"NULL\"");
	assert_kept("~", "\"~\"", "\"~\"");
	assert_kept("a b", "\"a b\"", "\"a b\"");
	assert_kept("a:", "\"a:\"", "\"a:\"");
	assert_kept("#a", "\"#a\"", "\"#a\"");
	assert_kept("-", "\"-\"", "\"-\"");
	assert_kept("\"\\'", "\"\\\"\\\\'\"", "\"\\\"\\\\'\"");
	assert_kept("Zo\xc3\xab", "\"Zo\xc3\xab\"", "\"Zo\xc3\xab\"");
}

static void what_ends_a_line_is_escaped(void **state)
{
	(void) state;
	assert_kept("a\nb\x7f", "\"a\\u000ab\\u007f\"", "\"a\\u000ab\\u007f\"");
	assert_kept("\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", "\"\\u0085\\u2028\\u2029\xe2\x80\xaa\"",
	            "\"\\u0085\\u2028\\u2029\xe2\x80\xaa\"");
}

static void values_have_no_variables(void **state)
{
	(void) state;
	assert_kept("${HOME}$", "\"${HOME}$\"", "\"$${HOME}$\"");
}

static void a_comment_is_one_line(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer yaml = {0};
	pawl_propose_comment(&yaml, "  ", "%s: %s", "a\nkey: b", "\xe2\x80\xa8\xc2\x85Zo\xc3\xab");
	assert_string_equal(pawl_buffer_text(&yaml), "  # a?key: b: ??Zo\xc3\xab\n");
}

static void a_long_comment_is_cut_between_characters(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer yaml = {0};
	char text[2001] = "";
	for (size_t i = 0; i < 2000; i += 2)
		memcpy(text + i, "\xc3\xab", 3);
	pawl_propose_comment(&yaml, "", "%s", text);
	assert_int_equal(yaml.length, strlen("# ") + 1022 + strlen("\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_texts_have_no_quotes),
		cmocka_unit_test(all_others_do),
		cmocka_unit_test(what_ends_a_line_is_escaped),
		cmocka_unit_test(values_have_no_variables),
		cmocka_unit_test(a_comment_is_one_line),
		cmocka_unit_test(a_long_comment_is_cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
