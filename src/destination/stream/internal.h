/*
 * destination/stream/internal.h: the replica whose rows go to a receiver (destination/receiver.h). The engine is a DuckDB in
 * memory.
 *
 *     replica.c      open, what happens to tables; the driver
 *     transaction.c  transactions, and the checkpoints that they make
 *     rows.c         rows, on their way to the receiver
 *     type.c         what DuckDB's values are sent as
 *     state.c        what is known of the tables, as JSON
 *
 * What a warehouse is asked for is asked of the state here: a table is there when the state has it, with the columns that it had.
 * A transaction is of one table. Its rows go out as they come; its commit makes a checkpoint of them, and when it is rolled back
 * there is none: the next ones begin where the last checkpoint left off.
 */
#ifndef PAWL_DESTINATION_STREAM_INTERNAL_H
#define PAWL_DESTINATION_STREAM_INTERNAL_H

#include "base/memory.h"
#include "base/step.h"
#include "destination/receiver.h"
#include "destination/replica_driver.h"

/* What is known of a table. Without a state, but with a layout: the receiver may have rows of it, of which nobody knows how far they
 * are, since whoever sent them was to send all of them and did not come to the end. */
typedef struct pawl_stream_table {
	pawl_replica_table layout; /* as the receiver has it; names alone: it has none */
	int64_t row_count;         /* that it was sent since it was empty */
	bool has_state;
	pawl_replica_state state;

	/* To be told in front of the next row, or at the end: */
	bool is_beginning;      /* what the receiver's checkpoint says of the table is no more */
	bool is_change_due;     /* it has other columns or types */
	bool is_truncation_due; /* it is empty */
} pawl_stream_table;

typedef struct pawl_stream_tables {
	pawl_stream_table *items;
	size_t count;
} pawl_stream_tables;

typedef struct pawl_stream_replica {
	pawl_replica replica;
	const pawl_replica_receiver *receiver;
	pawl_stream_tables tables; /* as the last commit left them */
	bool is_told;              /* the receiver has a checkpoint of them */
	int64_t told_us;           /* of the last checkpoint: when it was, monotonic, and how long */
	size_t told_bytes;

	/* of the transaction */
	pawl_stream_table changed; /* its table; without a name as long as there is none */
} pawl_stream_replica;

static inline pawl_stream_replica *pawl_stream_replica_of(const pawl_replica *replica)
{
	return (pawl_stream_replica *) (uintptr_t) replica;
}

/* ---- transaction.c ---------------------------------------------------------------------------------------------------- */

/* The engine has one, too: of the keys. */
pawl_status pawl_stream_begin(pawl_replica *replica, pawl_error *error);
pawl_status pawl_stream_commit(pawl_replica *replica, pawl_error *error);
void pawl_stream_rollback(pawl_replica *replica);

/* Before the first change to a table: as it is known, or new. */
pawl_status pawl_stream_change(pawl_stream_replica *stream, const char *schema, const char *name, pawl_error *error);

/* Makes a checkpoint in which the transaction's table is one that has to be sent from its beginning on. */
pawl_status pawl_stream_tell_beginning(pawl_stream_replica *stream, pawl_error *error);

/* The last checkpoint, when none was made of what is known. */
pawl_status pawl_stream_finish(pawl_replica *replica, pawl_error *error);

/* ---- rows.c ----------------------------------------------------------------------------------------------------------- */

/* Sends the rows of a relation, which has the table's columns by name. */
pawl_status pawl_stream_send(pawl_stream_replica *stream, const pawl_replica_table *table, const char *relation, int64_t *ret_rows,
                             pawl_error *error);

/* Tells the receiver what is due: that the table begins anew, that it has other columns, that it is empty. */
pawl_status pawl_stream_announce(pawl_stream_replica *stream, const pawl_replica_table *table, pawl_error *error);

/* ---- type.c ----------------------------------------------------------------------------------------------------------- */

/* The column's values as cells of its type, in SQL, whatever type the relation has for it. */
void pawl_stream_append_value(pawl_buffer *sql, const char *column, const char *duckdb_type);

/* Whether that may be text which is no JSON, and so has to be looked at. */
bool pawl_stream_has_odd_json(const char *duckdb_type);

/* ---- state.c ---------------------------------------------------------------------------------------------------------- */

void pawl_stream_table_clear(pawl_stream_table *table);
void pawl_stream_tables_clear(pawl_stream_tables *tables);
pawl_status pawl_stream_table_copy(const pawl_stream_table *table, pawl_stream_table *ret_copy, pawl_error *error);
pawl_stream_table *pawl_stream_tables_find(const pawl_stream_tables *tables, const char *schema, const char *name);
pawl_stream_table *pawl_stream_tables_add(pawl_stream_tables *tables); /* a zeroed one; NULL: out of memory */

pawl_status pawl_stream_state_read(const char *text, pawl_stream_tables *ret_tables, pawl_error *error);
pawl_status pawl_stream_state_write(const pawl_stream_tables *tables, pawl_buffer *text, pawl_error *error);

#endif
