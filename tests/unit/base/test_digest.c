#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"

static void assert_digest(const void *bytes, size_t length, const char *expected)
{
	char text[PAWL_DIGEST_TEXT_BYTES];

	pawl_digest_text(bytes, length, text);
	assert_string_equal(text, expected);
}

/* The examples of FIPS 180-4 and of NIST's "SHA-256 example values". */
static void digest_is_sha_256(void **state)
{
	char *many = malloc(1000000);

	(void) state;
	assert_digest(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
	              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	memset(many, 'a', 1000000);
	assert_digest(many, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(many);
}

static void hash_depends_on_every_byte_and_the_length(void **state)
{
	unsigned char bytes[80] = {0};
	uint64_t hashes[80];

	(void) state;
	for (size_t length = 0; length < 80; length++) {
		hashes[length] = pawl_hash_bytes(bytes, length);
		assert_int_equal(pawl_hash_bytes(bytes, length), hashes[length]);
		for (size_t other = 0; other < length; other++)
			assert_int_not_equal(hashes[length], hashes[other]);
		for (size_t i = 0; i < length; i++) {
			bytes[i] = 1;
			assert_int_not_equal(pawl_hash_bytes(bytes, length), hashes[length]);
			bytes[i] = 0;
		}
	}
	assert_int_equal(pawl_hash_bytes(NULL, 0), hashes[0]);
}

static void hash_does_not_depend_on_alignment(void **state)
{
	char bytes[64];

	(void) state;
	for (size_t shift = 0; shift < 8; shift++) {
		memcpy(bytes + shift, "some text that is long enough, 44 bytes of it", 44);
		assert_int_equal(pawl_hash_bytes(bytes + shift, 44),
		                 pawl_hash_bytes("some text that is long enough, 44 bytes of it", 44));
	}
}

/* Slots taken of 65,536 by as many keys: 41,427 for a perfectly random hash, with a standard deviation of 80. */
static void assert_spread(int shift, uint64_t step)
{
	static bool is_taken[65536];
	int taken = 0;

	memset(is_taken, 0, sizeof(is_taken));
	for (uint64_t i = 0; i < 65536; i++) {
		uint64_t key = i * step;
		uint64_t slot = pawl_hash_bytes(&key, sizeof(key)) >> shift & 0xffff;

		taken += !is_taken[slot];
		is_taken[slot] = true;
	}
	assert_in_range(taken, 41427 - 400, 41427 + 400);
}

static void hash_spreads_keys_in_a_row(void **state)
{
	static const uint64_t steps[] = {1, 8, 1000, 65536, (uint64_t) 1 << 40};

	(void) state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_spread(0, steps[i]);
		assert_spread(24, steps[i]);
		assert_spread(48, steps[i]);
	}
}

static void one_bit_changes_half_of_the_hash(void **state)
{
	(void) state;
	for (int bit = 0; bit < 64; bit++) {
		int changed = 0;

		for (uint64_t key = 0; key < 1000; key++) {
			uint64_t other = key ^ (uint64_t) 1 << bit;

			changed += __builtin_popcountll(pawl_hash_bytes(&key, 8) ^ pawl_hash_bytes(&other, 8));
		}
		assert_in_range(changed, 30000, 34000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_is_sha_256),
		cmocka_unit_test(hash_depends_on_every_byte_and_the_length),
		cmocka_unit_test(hash_does_not_depend_on_alignment),
		cmocka_unit_test(hash_spreads_keys_in_a_row),
		cmocka_unit_test(one_bit_changes_half_of_the_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
