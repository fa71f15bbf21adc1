/*
 * destination/receiver.h: whoever takes the rows of a replica that keeps none itself, and remembers for it how far they are.
 *
 *     const pawl_replica_receiver receiver = {.context = &stream, .state = text, .row = take_row, ...};
 *     PAWL_TRY(pawl_replica_open(&(pawl_replica_options) {.receiver = &receiver}, &replica, error));
 *
 * Rows come as they are read, and are upserts: a row takes the place of the one that has its primary key. What came since the last
 * checkpoint may come again. A checkpoint's state covers all that came before it, and is what the next run is to be given; it is a
 * JSON object with all that is known of each table, what _pawl.state and the catalog are to a warehouse.
 */
#ifndef PAWL_DESTINATION_RECEIVER_H
#define PAWL_DESTINATION_RECEIVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "types/cell.h"

/* What DuckDB's values are sent as, of the 14 types: exactly, in any case. */
typedef struct pawl_received_type {
	pawl_type type;
	bool is_nanoseconds; /* a time whose cells are nanoseconds since 1970 */
} pawl_received_type;

/* By the name of DuckDB's type: "DECIMAL(18,2)". PAWL_INVALID for one that has no values to be sent. */
pawl_status pawl_received_type_of(const char *duckdb_type, pawl_received_type *ret_type, pawl_error *error);

typedef struct pawl_received_column {
	const char *name;
	pawl_received_type type;
	bool is_key; /* of the primary key */
} pawl_received_column;

typedef struct pawl_received_table {
	const char *schema, *name;
	const pawl_received_column *columns;
	size_t column_count;
} pawl_received_table;

/* Members but `state` are required. What is passed is borrowed for the call. */
typedef struct pawl_replica_receiver {
	void *context;
	const char *state; /* of the last checkpoint of an earlier run; "" and "{}": there was none */

	/* The table has other columns or types than the rows that were sent before. Of one that is new, its rows alone tell. */
	pawl_status (*change)(void *context, const pawl_received_table *table, pawl_error *error);

	/* What it has of the table is no more. */
	pawl_status (*truncate)(void *context, const pawl_received_table *table, pawl_error *error);
	pawl_status (*row)(void *context, const pawl_received_table *table, const pawl_cell *cells, pawl_error *error);
	pawl_status (*checkpoint)(void *context, const char *state, pawl_error *error);
} pawl_replica_receiver;

#endif
