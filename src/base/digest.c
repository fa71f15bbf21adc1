#include "base/digest.h"

#include <sha2.h>
#include <string.h>

void pawl_digest_text(const void *bytes, size_t length, char out[PAWL_DIGEST_TEXT_BYTES])
{
	SHA256Data(length == 0 ? (const void *) "" : bytes, length, out);
}

static inline uint64_t read_64(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static inline uint64_t read_32(const unsigned char *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Both halves of the product depend on every bit of both factors: one multiplication mixes 128 bits into 64. */
static inline uint64_t fold(uint64_t left, uint64_t right)
{
	unsigned __int128 product = (unsigned __int128) left * right;

	return (uint64_t) product ^ (uint64_t) (product >> 64);
}

uint64_t pawl_hash_bytes(const void *bytes, size_t length)
{
	/* Odd numbers whose bits look random: the fractions of the golden ratio, of sqrt(2) and of sqrt(3), times 2^64. */
	const uint64_t golden = 0x9e3779b97f4a7c15u;
	const uint64_t root_2 = 0x6a09e667f3bcc909u;
	const uint64_t root_3 = 0xbb67ae8584caa73bu;
	const unsigned char *at = bytes;
	uint64_t hash = golden ^ length;
	uint64_t first = 0, last = 0; /* the last 16 bytes or fewer; they may overlap */
	size_t left = length;

	for (; left > 16; at += 16, left -= 16)
		hash = fold(read_64(at) ^ root_2, read_64(at + 8) ^ hash);

	if (left >= 8) {
		first = read_64(at);
		last = read_64(at + left - 8);
	} else if (left >= 4) {
		first = read_32(at);
		last = read_32(at + left - 4);
	} else if (left > 0) {
		first = (uint64_t) at[0] << 16 | (uint64_t) at[left / 2] << 8 | at[left - 1];
	}
	return fold(fold(first ^ root_2, last ^ hash), root_3 ^ length);
}
