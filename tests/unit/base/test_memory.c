#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

static void memory_is_zeroed(void **state)
{
	static const char zeros[100];
	char *memory = pawl_allocate(100);
	char *array = pawl_allocate_array(10, 10);

	(void) state;
	assert_memory_equal(memory, zeros, 100);
	assert_memory_equal(array, zeros, 100);
	pawl_free(memory);
	pawl_free(array);
}

static void zero_bytes_are_no_failure(void **state)
{
	void *memory = pawl_allocate(0);
	void *array = pawl_allocate_array(0, 8);

	(void) state;
	assert_non_null(memory);
	assert_non_null(array);
	memory = pawl_reallocate(memory, 0);
	assert_non_null(memory);
	pawl_free(memory);
	pawl_free(array);
	pawl_free(NULL);
}

static void a_product_that_overflows_is_refused(void **state)
{
	(void) state;
	assert_null(pawl_allocate_array(SIZE_MAX, 2));
	assert_null(pawl_allocate_array(SIZE_MAX / 8 + 1, 8));
}

static void reallocate_keeps_the_bytes(void **state)
{
	char *memory = pawl_duplicate("abc");

	(void) state;
	memory = pawl_reallocate(memory, 1000);
	assert_string_equal(memory, "abc");
	memory = pawl_reallocate(memory, 2);
	assert_memory_equal(memory, "ab", 2);
	pawl_free(memory);
}

static char *take_of_two(void)
{
	PAWL_CLEANUP(pawl_free_pointer) char *freed = pawl_duplicate("freed");
	PAWL_CLEANUP(pawl_free_pointer) char *kept = pawl_duplicate("kept");

	assert_string_equal(freed, "freed");
	return PAWL_TAKE(kept);
}

static void take_hands_over(void **state)
{
	char *text = take_of_two(); /* the leak checker sees to the other one */
	char *taken = PAWL_TAKE(text);

	(void) state;
	assert_null(text);
	assert_string_equal(taken, "kept");
	pawl_free(taken);
}

static void arena_pieces_are_aligned_and_apart(void **state)
{
	pawl_arena arena = {.block_bytes = 256};
	char *pieces[200];

	(void) state;
	for (size_t i = 0; i < 200; i++) {
		pieces[i] = pawl_arena_allocate(&arena, i % 64 + 1);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t) pieces[i] % PAWL_ARENA_ALIGNMENT, 0);
		memset(pieces[i], (int) i, i % 64 + 1);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t j = 0; j < i % 64 + 1; j++)
			assert_int_equal((unsigned char) pieces[i][j], i);
	pawl_arena_free(&arena);
	assert_null(arena.blocks);
	assert_int_equal(arena.block_bytes, 256);
}

static void arena_fills_a_block_to_its_end(void **state)
{
	pawl_arena arena = {.block_bytes = 64};
	char *first = pawl_arena_allocate(&arena, 16);

	(void) state;
	assert_int_equal(arena.left, 48);
	assert_ptr_equal(pawl_arena_allocate(&arena, 41), first + 16); /* 48, rounded up */
	assert_int_equal(arena.left, 0);
	assert_int_equal(arena.used_bytes, 64);
	assert_non_null(pawl_arena_allocate(&arena, 1));
	assert_int_equal(arena.left, 56);
	pawl_arena_free(&arena);
}

static void arena_gives_a_pointer_for_zero_bytes(void **state)
{
	pawl_arena arena = {0};

	(void) state;
	assert_non_null(pawl_arena_allocate(&arena, 0));
	assert_int_equal(arena.used_bytes, 0);
	assert_int_equal(arena.left, 64 * 1024);
	pawl_arena_free(&arena);
}

static void arena_keeps_its_block_beside_a_large_piece(void **state)
{
	pawl_arena arena = {.block_bytes = 256};
	char *first = pawl_arena_allocate(&arena, 8);
	char *large = pawl_arena_allocate(&arena, 1000);

	(void) state;
	assert_non_null(large);
	memset(large, 'x', 1000);
	assert_ptr_equal(pawl_arena_allocate(&arena, 8), first + 8);
	assert_int_equal(arena.used_bytes, 8 + 1000 + 8);
	pawl_arena_free(&arena);
}

static void arena_reset_keeps_one_ordinary_block(void **state)
{
	pawl_arena arena = {.block_bytes = 256};
	char *first = pawl_arena_allocate(&arena, 8);
	char *again;

	(void) state;
	pawl_arena_allocate(&arena, 1000);
	pawl_arena_reset(&arena);
	assert_int_equal(arena.used_bytes, 0);
	assert_int_equal(arena.left, 256);
	again = pawl_arena_allocate(&arena, 8);
	assert_ptr_equal(again, first);
	for (int i = 0; i < 100; i++)
		assert_non_null(pawl_arena_allocate(&arena, 60));
	pawl_arena_reset(&arena);
	assert_int_equal(arena.left, 256);
	pawl_arena_free(&arena);
}

static void arena_reset_keeps_no_large_block(void **state)
{
	pawl_arena arena = {.block_bytes = 256};

	(void) state;
	pawl_arena_allocate(&arena, 1000);
	pawl_arena_reset(&arena);
	assert_null(arena.blocks);
	assert_int_equal(arena.left, 0);
	pawl_arena_reset(&arena);
	pawl_arena_free(&arena);
}

static void arena_refuses_what_cannot_be(void **state)
{
	pawl_arena arena = {0};

	(void) state;
	assert_null(pawl_arena_allocate(&arena, SIZE_MAX));
	assert_null(pawl_arena_allocate(&arena, SIZE_MAX / 2 + 1));
	assert_int_equal(arena.used_bytes, 0);
}

#ifdef PAWL_TEST_HOOKS

static void each_allocation_can_be_refused(void **state)
{
	pawl_arena arena = {.block_bytes = 64};
	char *memory = pawl_duplicate("kept");
	long before = pawl_memory_allocations();

	(void) state;
	pawl_memory_fail_at(2);
	assert_non_null(memory);
	pawl_free(pawl_allocate(1));
	assert_null(pawl_allocate(1));
	pawl_free(pawl_allocate(1)); /* the n-th alone */
	assert_int_equal(pawl_memory_allocations(), before + 3);

	pawl_memory_fail_at(1);
	assert_null(pawl_allocate_array(1, 1));
	pawl_memory_fail_at(1);
	assert_null(pawl_reallocate(memory, 100));
	assert_string_equal(memory, "kept");
	pawl_memory_fail_at(1);
	assert_null(pawl_duplicate("x"));
	pawl_memory_fail_at(1);
	assert_null(pawl_arena_allocate(&arena, 8));
	pawl_memory_fail_at(1);
	assert_null(pawl_arena_allocate(&arena, 800));
	assert_int_equal(arena.used_bytes, 0);
	pawl_memory_fail_at(1);
	pawl_memory_fail_at(0);
	assert_non_null(pawl_arena_allocate(&arena, 8));
	pawl_arena_free(&arena);
	pawl_free(memory);
}

/* As main of a child process: the number of the first allocation that was refused. */
static int first_refused(void)
{
	for (int n = 1; n < 10; n++) {
		void *memory = pawl_allocate(1);

		if (memory == NULL)
			return n;
		pawl_free(memory);
	}
	return 0;
}

static int status_of_child(const char *fail_allocation)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		setenv("PAWL_FAIL_ALLOCATION", fail_allocation, 1);
		execl("/proc/self/exe", "test_memory", "first_refused", (char *) NULL);
		_exit(99);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void the_environment_refuses_one(void **state)
{
	(void) state;
	assert_int_equal(status_of_child("1"), 1);
	assert_int_equal(status_of_child("7"), 7);
	assert_int_equal(status_of_child("0"), 0);
	assert_int_equal(status_of_child("20"), 0);
}

#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed),
		cmocka_unit_test(zero_bytes_are_no_failure),
		cmocka_unit_test(a_product_that_overflows_is_refused),
		cmocka_unit_test(reallocate_keeps_the_bytes),
		cmocka_unit_test(take_hands_over),
		cmocka_unit_test(arena_pieces_are_aligned_and_apart),
		cmocka_unit_test(arena_fills_a_block_to_its_end),
		cmocka_unit_test(arena_gives_a_pointer_for_zero_bytes),
		cmocka_unit_test(arena_keeps_its_block_beside_a_large_piece),
		cmocka_unit_test(arena_reset_keeps_one_ordinary_block),
		cmocka_unit_test(arena_reset_keeps_no_large_block),
		cmocka_unit_test(arena_refuses_what_cannot_be),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(each_allocation_can_be_refused),
		cmocka_unit_test(the_environment_refuses_one),
#endif
	};

#ifdef PAWL_TEST_HOOKS
	if (argc == 2 && strcmp(argv[1], "first_refused") == 0)
		return first_refused();
#else
	(void) argc;
	(void) argv;
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
