/*
 * types/cell_error.h: how a conversion says no. For this room alone. All of it is off the path of values that are right.
 *
 *     return pawl_cell_refuse(value, PAWL_NAIVE_DATE, error, "it has a time of day");
 *
 * Each returns PAWL_INVALID with the value, the type and the reason, "'70000' is not a SHORT: it is beyond -32768 to 32767",
 * and a hint, that of the type when there is no better one.
 */
#ifndef PAWL_TYPES_CELL_ERROR_H
#define PAWL_TYPES_CELL_ERROR_H

#include "base/decimal.h"
#include "types/type.h"

#define PAWL_COLD __attribute__((cold, noinline))

PAWL_COLD pawl_status pawl_cell_refuse(const pawl_value *value, pawl_type type, pawl_error *error, const char *format, ...)
	PAWL_PRINTF(4, 5);

/* The value is of a kind that the type does not take. */
PAWL_COLD pawl_status pawl_cell_refuse_kind(const pawl_value *value, pawl_type type, pawl_error *error);

/* Not an integer, or one outside the range of SHORT, INT or LONG. */
PAWL_COLD pawl_status pawl_cell_refuse_integer(const pawl_value *value, pawl_type type, pawl_error *error);

/* Not a number, or one that FLOAT or DOUBLE would round. */
PAWL_COLD pawl_status pawl_cell_refuse_real(const pawl_value *value, pawl_type type, pawl_error *error);

/* A number with more digits, before or after the point, than the DECIMAL has. */
PAWL_COLD pawl_status pawl_cell_refuse_digits(const pawl_value *value, pawl_type type, pawl_int128 unscaled, int scale,
                                              pawl_error *error);

#endif
