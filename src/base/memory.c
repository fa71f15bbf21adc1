#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef PAWL_TEST_HOOKS

#include <stdatomic.h>

/* Over all threads; one of the few global variables, and in no build that is shipped. */
static atomic_long allocation_count;
static atomic_long refused_allocation; /* 0: none */

long pawl_memory_allocations(void)
{
	return atomic_load(&allocation_count);
}

void pawl_memory_fail_at(long n)
{
	atomic_store(&refused_allocation, n == 0 ? 0 : atomic_load(&allocation_count) + n);
}

/* Before main, so that no thread can be first. */
__attribute__((constructor)) static void read_environment(void)
{
	const char *text = getenv("PAWL_FAIL_ALLOCATION");

	if (text != NULL)
		pawl_memory_fail_at(strtol(text, NULL, 10));
}

static bool is_refused(void)
{
	return atomic_fetch_add(&allocation_count, 1) + 1 == atomic_load(&refused_allocation);
}

#else

static inline bool is_refused(void)
{
	return false;
}

#endif

/* The C library may answer NULL to zero bytes, which would look like a failure. */
static inline size_t at_least_one(size_t bytes)
{
	return bytes == 0 ? 1 : bytes;
}

void *pawl_allocate(size_t bytes)
{
	return is_refused() ? NULL : calloc(1, at_least_one(bytes));
}

void *pawl_allocate_array(size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes) ? NULL : pawl_allocate(bytes);
}

void *pawl_reallocate(void *memory, size_t bytes)
{
	return is_refused() ? NULL : realloc(memory, at_least_one(bytes));
}

char *pawl_duplicate(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *copy = pawl_reallocate(NULL, bytes);

	return copy == NULL ? NULL : memcpy(copy, text, bytes);
}

void pawl_free(void *memory)
{
	free(memory);
}

void pawl_free_pointer(void *pointer_to_pointer)
{
	void *memory, *none = NULL;

	memcpy(&memory, pointer_to_pointer, sizeof(memory)); /* a pointer of any type, which void ** must not alias */
	pawl_free(memory);
	memcpy(pointer_to_pointer, &none, sizeof(none));
}

struct pawl_arena_block {
	pawl_arena_block *next;
	size_t bytes; /* of data */
	_Alignas(PAWL_ARENA_ALIGNMENT) char data[];
};

static size_t ordinary_block_bytes(const pawl_arena *arena)
{
	size_t bytes = arena->block_bytes == 0 ? (size_t) 64 * 1024 : arena->block_bytes;

	return bytes & ~(size_t) (PAWL_ARENA_ALIGNMENT - 1);
}

static pawl_arena_block *add_block(pawl_arena *arena, size_t bytes)
{
	pawl_arena_block *block = pawl_reallocate(NULL, sizeof(pawl_arena_block) + bytes);

	if (block == NULL)
		return NULL;
	block->bytes = bytes;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

static void give_out_from(pawl_arena *arena, pawl_arena_block *block)
{
	arena->next = block->data;
	arena->left = block->bytes;
}

void *pawl_arena_allocate_slow(pawl_arena *arena, size_t bytes)
{
	size_t ordinary = ordinary_block_bytes(arena);
	pawl_arena_block *block;
	size_t rounded;

	if (bytes > SIZE_MAX / 2)
		return NULL;
	rounded = pawl_arena_round(bytes);

	/* A large piece gets a block of its own, so that the rest of the current one is not lost. */
	if (rounded > ordinary / 4) {
		block = add_block(arena, rounded);
		if (block == NULL)
			return NULL;
		arena->used_bytes += rounded;
		return block->data;
	}

	block = add_block(arena, ordinary);
	if (block == NULL)
		return NULL;
	give_out_from(arena, block);
	return pawl_arena_allocate(arena, bytes);
}

char *pawl_arena_duplicate(pawl_arena *arena, const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *copy = pawl_arena_allocate(arena, bytes);

	if (copy != NULL)
		memcpy(copy, text, bytes);
	return copy;
}

void pawl_arena_reset(pawl_arena *arena)
{
	pawl_arena_block *kept = NULL;
	pawl_arena_block *next;

	for (pawl_arena_block *block = arena->blocks; block != NULL; block = next) {
		next = block->next;
		if (kept == NULL && block->bytes == ordinary_block_bytes(arena))
			kept = block;
		else
			pawl_free(block);
	}
	*arena = (pawl_arena){.blocks = kept, .block_bytes = arena->block_bytes};
	if (kept != NULL) {
		kept->next = NULL;
		give_out_from(arena, kept);
	}
}

void pawl_arena_free(pawl_arena *arena)
{
	pawl_arena_block *next;

	for (pawl_arena_block *block = arena->blocks; block != NULL; block = next) {
		next = block->next;
		pawl_free(block);
	}
	*arena = (pawl_arena){.block_bytes = arena->block_bytes};
}

/* Not by getrusage(2), whose figure begins with that of the process that started this one. */
int64_t pawl_memory_peak_bytes(void)
{
	char line[128];
	long long kib = 0;
	FILE *status = fopen("/proc/self/status", "re");

	if (status == NULL)
		return 0;
	while (fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "VmHWM: %lld kB", &kib) == 1)
			break;
	fclose(status);
	return kib * 1024;
}
