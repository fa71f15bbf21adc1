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

int pawl_grpc_session_parts_new(nghttp2_session_callbacks **ret_callbacks, nghttp2_option **ret_option)
{
	if (nghttp2_session_callbacks_new(ret_callbacks) != 0)
		return NGHTTP2_ERR_NOMEM;
	if (nghttp2_option_new(ret_option) != 0) {
		nghttp2_session_callbacks_del(*ret_callbacks);
		return NGHTTP2_ERR_NOMEM;
	}
	nghttp2_option_set_no_auto_window_update(*ret_option, 1);
	return 0;
}

void pawl_grpc_session_parts_free(nghttp2_session_callbacks *callbacks, nghttp2_option *option)
{
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(callbacks);
}
