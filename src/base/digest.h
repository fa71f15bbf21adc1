/*
 * base/digest.h: SHA-256 (FIPS 180-4), by libmd. For ids that must not collide, not for secrets.
 */
#ifndef PAWL_BASE_DIGEST_H
#define PAWL_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define PAWL_DIGEST_TEXT_BYTES 65

/* Lower-case hexadecimal, ending in NUL. */
void pawl_digest_text(const void *bytes, size_t length, char out[PAWL_DIGEST_TEXT_BYTES]);

/* A quick 64-bit hash for tables in memory, good in its high bits and in its low ones. Not to be stored: it may change. */
uint64_t pawl_hash_bytes(const void *bytes, size_t length);

#endif
