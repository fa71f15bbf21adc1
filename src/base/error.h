/*
 * base/error.h: filling a pawl_error, passing it on, adding context on the way up.
 *
 *     if (rows < 0)
 *         return pawl_error_set(error, PAWL_INVALID, "'--rows' is '%ld', below 0", rows);
 *     PAWL_TRY(pawl_file_read(path, limit, &text, error));
 *
 * A message is lower case, puts names and values in single quotes, and says what failed and where; the hint says what to do.
 * Context goes in front while unwinding: "table 'orders': column 'price': ...".
 */
#ifndef PAWL_BASE_ERROR_H
#define PAWL_BASE_ERROR_H

#include <stdarg.h>

#include <pawl/error.h>

/* Leaves the function with the status when `expression` failed. */
#define PAWL_TRY(expression)                                \
	do {                                                \
		pawl_status pawl_try_status = (expression); \
		if (pawl_try_status != PAWL_OK)             \
			return pawl_try_status;             \
	} while (0)

/* Forgets whatever was there. */
void pawl_error_clear(pawl_error *error);

/* Replaces the error; the hint and SQLSTATE become empty. Text that does not fit is cut between characters. Returns `status`. */
pawl_status pawl_error_set(pawl_error *error, pawl_status status, const char *format, ...) PAWL_PRINTF(3, 4);
pawl_status pawl_error_set_va(pawl_error *error, pawl_status status, const char *format, va_list arguments) PAWL_PRINTF(3, 0);

/* Sets the hint of an error that is already there. Returns its status, so that `return pawl_error_hint(...)` reads well. */
pawl_status pawl_error_hint(pawl_error *error, const char *format, ...) PAWL_PRINTF(2, 3);

/* Puts text in front of the message. Returns the error's status. */
pawl_status pawl_error_prefix(pawl_error *error, const char *format, ...) PAWL_PRINTF(2, 3);

/* "out of memory", said without memory. Returns PAWL_OUT_OF_MEMORY. */
pawl_status pawl_error_out_of_memory(pawl_error *error);

#endif
