/*
 * Files with a few bytes changed at random are accepted, or refused with an error that names the file; under the sanitizers,
 * nothing else may happen. Each is read twice: what a file means does not depend on what was read before.
 */
#include <string.h>

#include "config/file.h"
#include "support.h"

enum { ROUNDS = 20000, CHANGES_MAX = 8, BYTES_MAX = 2048 };

static const char *const seeds[] = {
	"source: sqlite:${PAWL_TEST_UNSET:-shop.db}\n"
	"destination: warehouse.duckdb # here\n"
	"memory_limit: 512MiB\n"
	"defaults:\n"
	"  key: [updated_at, 'created_at', \"seen\\tat\"]\n"
	"  where: |\n"
	"    total > 0\n"
	"      AND note <> '$${'\n"
	"tables:\n"
	"  orders:\n"
	"    lag: 1h30m\n"
	"    columns: {exclude: [note], rename: {total: amount}}\n"
	"  ? customers\n"
	"  : mode: append\n"
	"    formats: {seen: unix_ms}\n"
	"  \"log_*\": ~\n",
	"%YAML 1.1\n---\n{\"source\": \"a\", \"destination\": \"b\", \"tables\": [\"orders\", \"x.*\"], \"threads\": 3}\n...\n",
	"source: &a [*a, !!str b]\ndestination: >-\n  b\n  c\n<<: {mode: *a}\n",
};

/* What YAML gives a meaning to is more likely. */
static char random_byte(uint64_t *random)
{
	static const char marks[] = "{}[]:,-?&*!|>'\"%@`#~$\\ \t\n<.\xc3\xef\x80";

	return random_next(random, 4) == 0 ? (char) random_next(random, 256) : marks[random_next(random, sizeof(marks))];
}

/* Overwrites, inserts, removes or repeats some bytes. */
static size_t change(char *text, size_t length, uint64_t *random)
{
	size_t place = random_next(random, length), count = 1 + random_next(random, length - place < 16 ? length - place : 16);

	switch (random_next(random, 4)) {
	case 0:
		text[place] = random_byte(random);
		return length;
	case 1:
		memmove(text + place + 1, text + place, length - place);
		text[place] = random_byte(random);
		return length + 1;
	case 2:
		if (count == length)
			return length;
		memmove(text + place, text + place + count, length - place - count);
		return length - count;
	default:
		memmove(text + place + count, text + place, length - place);
		return length + count;
	}
}

static pawl_status read_once(const char *text, size_t length, pawl_error *error)
{
	pawl_job job = {0};

	pawl_error_clear(error);
	pawl_status status = pawl_config_parse("a.yaml", text, length, &job, error);
	pawl_job_clear(&job);
	return status;
}

static void changed_files_are_read_or_refused(void **unused)
{
	(void) unused;
	uint64_t random = random_seed();
	int accepted = 0;

	for (int round = 0; round < ROUNDS; round++) {
		char text[BYTES_MAX];
		pawl_error first, second;
		const char *seed = seeds[random_next(&random, sizeof(seeds) / sizeof(seeds[0]))];
		size_t length = strlen(seed);
		memcpy(text, seed, length);
		for (uint64_t changes = random_next(&random, CHANGES_MAX); changes > 0; changes--)
			length = change(text, length, &random);
		pawl_status status = read_once(text, length, &first);
		assert_int_equal(read_once(text, length, &second), status);
		if (status == PAWL_OK) {
			accepted++;
			continue;
		}
		assert_int_equal(status, PAWL_INVALID);
		if (strncmp(first.message, "a.yaml:", 7) != 0)
			fail_msg("no place: %s", first.message);
		assert_string_equal(first.message, second.message);
	}
	assert_true(accepted > 0 && accepted < ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changed_files_are_read_or_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
