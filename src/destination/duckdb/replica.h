/*
 * destination/duckdb/replica.h: what the files of the replica share.
 *
 *     replica.c         open, transactions
 *     replica_table.c   describing, creating and changing tables
 *     replica_apply.c   staging, and bringing it into the tables
 *     replica_state.c   _pawl.state and _pawl.runs
 */
#ifndef PAWL_DESTINATION_DUCKDB_REPLICA_H
#define PAWL_DESTINATION_DUCKDB_REPLICA_H

#include "base/memory.h"
#include "base/step.h"
#include "destination/replica.h"

struct pawl_replica {
	pawl_duck *duck;
	char *catalog; /* what DuckDB calls the file. SQL names it, since a schema may have the same name */
	int64_t memory_limit_bytes; /* of the engine, as it was opened with */
	int64_t staged_rows;
	bool is_in_transaction, is_staged;
};

/* "catalog"."schema"."name" */
void pawl_replica_append_name(pawl_buffer *sql, const pawl_replica *replica, const char *schema, const char *name);

/* The names of the columns, with an alias and a point in front of each, unless that is NULL. */
void pawl_replica_append_columns(pawl_buffer *sql, const pawl_replica_table *table, const char *alias);

#endif
