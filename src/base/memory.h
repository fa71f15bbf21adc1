/*
 * base/memory.h: the one door to the heap, cleanup at the end of a scope, and an arena.
 *
 *     PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
 *     char *name = pawl_duplicate(text);
 *     if (name == NULL)
 *         return pawl_error_out_of_memory(error);
 *
 * All memory of Pawl's own comes from here (jansson's too, see base/json.h), so that a test can refuse the n-th allocation:
 * with test hooks built in (meson -Dtest_hooks=true), PAWL_FAIL_ALLOCATION=n in the environment does it.
 */
#ifndef PAWL_BASE_MEMORY_H
#define PAWL_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* `bytes` of zeroed memory, or NULL. Free with pawl_free. Zero bytes give a pointer that may be freed. */
void *pawl_allocate(size_t bytes);

/* `count` x `size` zeroed bytes, NULL also when the product overflows. */
void *pawl_allocate_array(size_t count, size_t size);

/* Grows or shrinks; new bytes are not zeroed. On NULL the old memory is still there. */
void *pawl_reallocate(void *memory, size_t bytes);

/* A copy of `text`, or NULL. */
char *pawl_duplicate(const char *text);

/* Takes NULL. */
void pawl_free(void *memory);

/* Frees the variable's memory, and sets it to NULL, when the scope ends: PAWL_CLEANUP(pawl_free_pointer) char *text = NULL; */
#define PAWL_CLEANUP(function) __attribute__((cleanup(function)))
void pawl_free_pointer(void *pointer_to_pointer);

/* Hands a pointer over: gives its value and sets the variable to NULL. */
#define PAWL_TAKE(pointer)                                  \
	({                                                  \
		__typeof__(pointer) pawl_taken = (pointer); \
		(pointer) = NULL;                           \
		pawl_taken;                                 \
	})

/*
 * An arena: memory that is given out piece by piece and freed all at once. A zeroed pawl_arena is an empty one.
 */
typedef struct pawl_arena_block pawl_arena_block;

typedef struct pawl_arena {
	pawl_arena_block *blocks; /* newest first */
	char *next;               /* the first free byte of the block that pieces come from */
	size_t left;              /* bytes free there */
	size_t used_bytes;        /* given out since the last reset, each piece rounded up to the alignment */
	size_t block_bytes;       /* size of a new block; 0 means 64 KiB */
} pawl_arena;

#define PAWL_ARENA_ALIGNMENT 8

static inline size_t pawl_arena_round(size_t bytes)
{
	return (bytes + PAWL_ARENA_ALIGNMENT - 1) & ~(size_t) (PAWL_ARENA_ALIGNMENT - 1);
}

/* For pawl_arena_allocate alone: the piece from a new block. */
void *pawl_arena_allocate_slow(pawl_arena *arena, size_t bytes);

/* `bytes` of memory, aligned to 8, not zeroed; NULL when there is none. It lives until the arena is reset or freed. */
static inline void *pawl_arena_allocate(pawl_arena *arena, size_t bytes)
{
	void *piece = arena->next;
	size_t rounded;

	/* `left` is a multiple of the alignment, so that what fits before rounding fits after it. */
	if (bytes > arena->left || piece == NULL)
		return pawl_arena_allocate_slow(arena, bytes);
	rounded = pawl_arena_round(bytes);
	arena->next += rounded;
	arena->left -= rounded;
	arena->used_bytes += rounded;
	return piece;
}

/* A copy of `text` in the arena, or NULL. */
char *pawl_arena_duplicate(pawl_arena *arena, const char *text);

/* Forgets all pieces; keeps one block for the next use. */
void pawl_arena_reset(pawl_arena *arena);
void pawl_arena_free(pawl_arena *arena);

/* The most that the process has had in memory, in bytes (VmHWM, proc(5)); 0 when that is not known. */
int64_t pawl_memory_peak_bytes(void);

#ifdef PAWL_TEST_HOOKS
/* Refuses the n-th allocation from now, and no other; 0 refuses none. */
void pawl_memory_fail_at(long n);

/* Allocations that were asked for since the process began, those refused included. */
long pawl_memory_allocations(void);
#endif

#endif
