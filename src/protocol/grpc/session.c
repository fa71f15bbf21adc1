/* What nghttp2's sessions of both sides need. */
#include "base/memory.h"
#include "protocol/grpc/internal.h"

static void *allocate(size_t bytes, void *user)
{
	(void) user;
	return pawl_reallocate(NULL, bytes);
}

static void release(void *memory, void *user)
{
	(void) user;
	pawl_free(memory);
}

static void *allocate_array(size_t count, size_t bytes, void *user)
{
	(void) user;
	return pawl_allocate_array(count, bytes);
}

static void *reallocate(void *memory, size_t bytes, void *user)
{
	(void) user;
	return pawl_reallocate(memory, bytes);
}

nghttp2_mem *pawl_grpc_memory(void)
{
	static nghttp2_mem memory = {NULL, allocate, release, allocate_array, reallocate};
	return &memory;
}
