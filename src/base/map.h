/*
 * base/map.h: uthash, with Pawl's allocator and hash: a refused allocation leaves the element out, instead of ending the process.
 * Look the element up after HASH_ADD to see whether it is in.
 */
#ifndef PAWL_BASE_MAP_H
#define PAWL_BASE_MAP_H

#include "base/digest.h"
#include "base/memory.h"

#define HASH_NONFATAL_OOM                1
#define HASH_FUNCTION(key, length, hash) ((hash) = (unsigned int) pawl_hash_bytes(key, length))
#define uthash_malloc(bytes)             pawl_allocate(bytes)
#define uthash_free(memory, bytes)       pawl_free(memory)
#define uthash_nonfatal_oom(element)     ((void) (element))

#include <uthash.h>

#endif
