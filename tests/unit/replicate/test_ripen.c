/* Numbers of a sequence that were seen, and which of them are ripe. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "replicate/run/ripen.h"
#include "support.h"

static pawl_error error;

#define T(text) (char[]) {text}

static void see(pawl_ripening *ripening, int number, int64_t seen_us)
{
	char text[16];
	snprintf(text, sizeof(text), "%d", number);
	OK(pawl_ripening_add(ripening, &(pawl_key_value) {text, T("bigint")}, seen_us, &error));
}

static void assert_ripe(const pawl_ripening *ripening, int64_t before_us, const char *expected)
{
	const pawl_key_value *ripe = pawl_ripening_find(ripening, before_us);
	assert_string_equal(ripe == NULL ? "none" : ripe->text, expected);
}

static void assert_text(const pawl_ripening *ripening, const char *expected)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;

	OK(pawl_ripening_format(ripening, &text, &error));
	assert_string_equal(text == NULL ? "none" : text, expected);
}

/* The last that was seen before, and never one that was seen at that very time. */
static void test_ripe(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_ripening_clear) pawl_ripening ripening = {0};

	assert_ripe(&ripening, INT64_MAX, "none");
	see(&ripening, 10, 100);
	see(&ripening, 20, 200);
	see(&ripening, 30, 300);
	assert_ripe(&ripening, 100, "none");
	assert_ripe(&ripening, 101, "10");
	assert_ripe(&ripening, 300, "20");
	assert_ripe(&ripening, 301, "30");
	pawl_ripening_drop(&ripening, 201);
	assert_text(&ripening, "{\"seen\": [{\"key\": \"30\", \"type\": \"bigint\", \"at_us\": 300}]}");
	assert_ripe(&ripening, 300, "none");
	pawl_ripening_drop(&ripening, 301);
	assert_text(&ripening, "none");
}

/* What has been there for long is ripe the sooner. */
static void test_seen_again(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_ripening_clear) pawl_ripening ripening = {0};

	see(&ripening, 10, 100);
	see(&ripening, 10, 200);
	assert_int_equal(ripening.count, 1);
	assert_ripe(&ripening, 150, "10");
}

/* However long nothing ripens, there are no more than so many, and the last is as new as can be. */
static void test_full(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_ripening_clear) pawl_ripening ripening = {0};

	for (int i = 1; i <= 100; i++)
		see(&ripening, i, i);
	assert_int_equal(ripening.count, PAWL_RIPENING_NOTES);
	assert_ripe(&ripening, PAWL_RIPENING_NOTES, "15");
	assert_ripe(&ripening, 100, "15"); /* those between have been given up for the last */
	assert_ripe(&ripening, 101, "100");
}

static void test_text(void **state)
{
	(void) state;
	static const char text[] = "{\"seen\": [{\"key\": \"a\\\"b\", \"type\": \"text\", \"at_us\": 1}, "
	                           "{\"key\": \"7\", \"type\": \"bigint\", \"at_us\": 1700000000000000}]}";
	static const char *const wrong[] = {
		"", "[]", "{\"seen\": [{}]}", "{\"seen\": [{\"key\": \"1\", \"type\": \"int\"}]}",
		"{\"seen\": [{\"key\": 1, \"type\": \"int\", \"at_us\": 1}]}",
	};
	PAWL_CLEANUP(pawl_ripening_clear) pawl_ripening ripening = {0};
	pawl_ripening untouched;

	OK(pawl_ripening_parse(NULL, &ripening, &error));
	assert_int_equal(ripening.count, 0);
	OK(pawl_ripening_parse(text, &ripening, &error));
	assert_text(&ripening, text);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(pawl_ripening_parse(wrong[i], &untouched, &error), PAWL_INVALID);
}

/*
 * Against a model: transactions take numbers, some commit late or never. Whatever the cursor says, no number below it is still to
 * come, and it comes to the end when all are over.
 */
#define TRANSACTIONS 40

static void test_model(void **state)
{
	unsigned seed = (unsigned) getpid();
	struct {
		int64_t begun, over;
	} of[TRANSACTIONS];

	(void) state;
	printf("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 200; round++) {
		PAWL_CLEANUP(pawl_ripening_clear) pawl_ripening ripening = {0};
		int cursor = 0;
		/* Number n is taken at the time 10 n. */
		for (int n = 0; n < TRANSACTIONS; n++) {
			of[n].begun = 10 * n - rand() % 50;
			of[n].over = 10 * n + 1 + rand() % (rand() % 8 == 0 ? 300 : 20);
		}
		for (int64_t now = 1; now < 10 * TRANSACTIONS + 400; now += 1 + rand() % 15) {
			int64_t settled = now;
			int newest = -1;
			for (int n = 0; n < TRANSACTIONS; n++) {
				if (of[n].begun <= now && of[n].over > now && of[n].begun < settled)
					settled = of[n].begun;
				if (of[n].over <= now)
					newest = n;
			}
			const pawl_key_value *ripe = pawl_ripening_find(&ripening, settled);
			if (ripe != NULL)
				cursor = atoi(ripe->text);
			for (int n = 0; n < cursor; n++)
				assert_true(of[n].over <= now);
			pawl_ripening_drop(&ripening, settled);
			if (newest >= 0)
				see(&ripening, newest, now + 1);
		}
		assert_int_equal(cursor, TRANSACTIONS - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ripe), cmocka_unit_test(test_seen_again), cmocka_unit_test(test_full),
		cmocka_unit_test(test_text), cmocka_unit_test(test_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
