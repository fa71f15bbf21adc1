/*
 * pawl/error.h: how Pawl says that something went wrong.
 *
 * A function that can fail returns a pawl_status; the details are in a pawl_error that the caller owns. Nothing in it is
 * allocated, so that "out of memory" can be said without memory.
 *
 * Thread rule: a pawl_error belongs to one thread at a time.
 */
#ifndef PAWL_ERROR_H
#define PAWL_ERROR_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PAWL_EXPORT __attribute__((visibility("default")))
#define PAWL_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#else
#define PAWL_EXPORT
#define PAWL_PRINTF(format_index, first_argument)
#endif

typedef enum pawl_status {
	PAWL_OK = 0,
	PAWL_INVALID,       /* a name, type, value, configuration or state that cannot be accepted */
	PAWL_NOT_FOUND,     /* a file, table or column that should be there is not */
	PAWL_OUT_OF_MEMORY, /* Pawl's own allocator was refused */
	PAWL_IO,            /* a file could not be read or written */
	PAWL_DATABASE,      /* a source or destination refused or failed */
	PAWL_CONNECTOR,     /* the connector itself reported a failure (pawl_fail) */
	PAWL_INTERRUPTED,   /* a signal asked to stop */
	PAWL_INTERNAL       /* a bug in Pawl: please report it */
} pawl_status;

typedef struct pawl_error {
	pawl_status status;
	bool is_retryable;  /* the same call may succeed later without a change by the user */
	char sqlstate[6];   /* SQLSTATE of the database's own error; "" when there is none */
	char message[1536]; /* what failed, where and why: UTF-8, no final full stop or newline */
	char hint[512];     /* what to do about it; "" when there is nothing to say */
} pawl_error;

/* The status as a lower-case English word or two, never NULL: "invalid", "out of memory". */
PAWL_EXPORT const char *pawl_status_name(pawl_status status);

#ifdef __cplusplus
}
#endif

#endif
