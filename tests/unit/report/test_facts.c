#include "base/memory.h"
#include "report/facts.h"
#include "support.h"

static const pawl_terminal plain = {0}, colored = {.is_live = true, .has_colors = true, .width = 80, .height = 24};

static void a_fact_has_a_line(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_facts_print(output.out, &plain, PAWL_COLOR_YELLOW, "warning", "no index");
	pawl_facts_printf(output.out, "mode", "%s by %s", "upsert", "a\nb");
	pawl_facts_print_bytes(output.out, "", "more text", 4);
	assert_string_equal(capture_text(&output), "  warning         no index\n"
	                                           "  mode            upsert by a\\nb\n"
	                                           "                  more\n");
}

static void the_label_alone_is_coloured(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_facts_print(output.out, &colored, PAWL_COLOR_RED, "ERROR", "no");
	pawl_facts_print(output.out, &colored, PAWL_COLOR_NONE, "replication_key", "k");
	assert_string_equal(capture_text(&output), "  \x1b[31mERROR          \x1b[0m no\n  replication_key k\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fact_has_a_line),
		cmocka_unit_test(the_label_alone_is_coloured),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
