/*
 * replicate/records.h: what a warehouse knows of its tables, looked at and changed by hand.
 *
 *     PAWL_CLEANUP(pawl_records_close) pawl_records records = {0};
 *     PAWL_TRY(pawl_records_open("warehouse.duckdb", PAWL_RECORDS_CHANGE, &records, error));
 *     PAWL_TRY(pawl_records_find(&records, "main.orders", &state, error));
 *     PAWL_TRY(pawl_records_set_cursor(&records, state, "2024-01-01", error));
 *
 * Who changes something holds the warehouse's lock, as a sync does.
 */
#ifndef PAWL_REPLICATE_RECORDS_H
#define PAWL_REPLICATE_RECORDS_H

#include "destination/replica.h"
#include "replicate/lock.h"

typedef enum pawl_records_purpose { PAWL_RECORDS_LOOK, PAWL_RECORDS_CHANGE } pawl_records_purpose;

typedef struct pawl_records {
	pawl_lock *lock;
	pawl_replica *replica;
	pawl_replica_states states; /* as they are in the warehouse */
} pawl_records;

pawl_status pawl_records_open(const char *warehouse, pawl_records_purpose purpose, pawl_records *ret_records,
                              pawl_error *error);
void pawl_records_close(pawl_records *records); /* takes a zeroed one */

/* A table by its name in the warehouse: "main.orders", or "orders" where only one is called so. *ret_state is borrowed. */
pawl_status pawl_records_find(const pawl_records *records, const char *name, pawl_replica_state **ret_state, pawl_error *error);

/*
 * The next sync reads from that key on; a sync that was not finished is not gone on with. PAWL_INVALID for a table that has no
 * cursor, or when the value is of another kind than the cursor that it had.
 */
pawl_status pawl_records_set_cursor(pawl_records *records, pawl_replica_state *state, const char *cursor, pawl_error *error);

/* The table is dropped, and nothing is known of it any more: the next sync copies it anew. All of them in one transaction. */
pawl_status pawl_records_reset(pawl_records *records, pawl_replica_state *const *states, size_t count, pawl_error *error);

#endif
