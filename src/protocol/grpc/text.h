/* protocol/grpc/text.h: the texts in gRPC's headers. For this folder alone. */
#ifndef PAWL_PROTOCOL_GRPC_TEXT_H
#define PAWL_PROTOCOL_GRPC_TEXT_H

#include "protocol/grpc.h"

/* "UNAVAILABLE"; "code 99" for one that is not known is left to the caller: NULL. */
const char *pawl_grpc_code_name(int code);

/* A grpc-timeout, "250m", as microseconds; false when it is none. */
bool pawl_grpc_parse_timeout(const char *text, size_t length, int64_t *ret_us);

/* A grpc-message: bytes that are not printable ASCII, and '%', become %XX. */
void pawl_grpc_append_message(pawl_buffer *out, const char *message);

/* The reverse; what is no %XX stays. */
void pawl_grpc_append_unescaped(pawl_buffer *out, const char *text, size_t length);

/* Whether a list "identity, gzip" holds the word. */
bool pawl_grpc_list_has(const char *list, size_t length, const char *word);

#endif
