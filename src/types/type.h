/*
 * types/type.h: what Pawl knows about the 14 column types: their names, how their cells are stored, and which type keeps the
 * values of two types exactly.
 */
#ifndef PAWL_TYPES_TYPE_H
#define PAWL_TYPES_TYPE_H

#include <pawl/value.h>

#include "base/error.h"

/* The kind alone: the low byte. PAWL_KIND_DECIMAL is the kind of every DECIMAL(p,s). */
static inline pawl_type pawl_type_kind(pawl_type type) { return type & 0xffu; }
static inline int pawl_type_precision(pawl_type type) { return (int) (type >> 8 & 0xffu); }
static inline int pawl_type_scale(pawl_type type) { return (int) (type >> 16 & 0xffu); }
#define PAWL_KIND_DECIMAL ((pawl_type) 5)

/* How one cell of a column lies in memory (DuckDB's physical types, see duck/chunks.h). */
typedef enum pawl_storage {
	PAWL_STORAGE_BOOLEAN, /* 1 byte, 0 or 1 */
	PAWL_STORAGE_INT16,
	PAWL_STORAGE_INT32,
	PAWL_STORAGE_INT64,
	PAWL_STORAGE_INT128,
	PAWL_STORAGE_FLOAT,
	PAWL_STORAGE_DOUBLE,
	PAWL_STORAGE_BYTES
} pawl_storage;

pawl_storage pawl_type_storage(pawl_type type);

/* PAWL_OK for one of the 14 types (and PAWL_UNSPECIFIED), DECIMAL with 1 <= p <= 38 and s <= p; else PAWL_INVALID. */
pawl_status pawl_type_check(pawl_type type, pawl_error *error);

/* "LONG", "DECIMAL(15,2)", "UNSPECIFIED". */
#define PAWL_TYPE_TEXT_BYTES 24
void pawl_type_format(pawl_type type, char out[PAWL_TYPE_TEXT_BYTES]);

/* PAWL_INVALID when the value was not made by the functions of pawl/value.h: a kind that is none, bytes where there are none. */
pawl_status pawl_value_check(const pawl_value *value, pawl_error *error);

/* The type that a value has by itself when its column is not declared; PAWL_UNSPECIFIED for NULL. */
pawl_type pawl_type_infer(const pawl_value *value);

/*
 * The narrowest type that keeps every value of both exactly: SHORT < INT < LONG < DECIMAL, INT < DOUBLE, FLOAT < DOUBLE,
 * NAIVE_DATE < NAIVE_DATETIME, XML and JSON < STRING. LONG and DOUBLE have none but STRING, which keeps the text of anything
 * but BINARY. False when there is none (BINARY and another).
 */
bool pawl_type_widen(pawl_type left, pawl_type right, pawl_type *ret_type);

#endif
