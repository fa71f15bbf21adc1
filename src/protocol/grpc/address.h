/* protocol/grpc/address.h: sockets from names. For this folder alone. */
#ifndef PAWL_PROTOCOL_GRPC_ADDRESS_H
#define PAWL_PROTOCOL_GRPC_ADDRESS_H

#include <stddef.h>

#include "base/error.h"

/*
 * Listens on up to `most` addresses that the host has, all on one port; 0 asks for one that is free. Addresses that this
 * machine has not are left out, as long as there is another.
 */
pawl_status pawl_grpc_listen(const char *host, int port, size_t most, int *ret_fds, size_t *ret_count, int *ret_port,
                             pawl_error *error);

/* A socket that is connected to "HOST:PORT". PAWL_IO and retryable when nobody listens there. */
pawl_status pawl_grpc_connect(const char *target, int *ret_fd, pawl_error *error);

#endif
