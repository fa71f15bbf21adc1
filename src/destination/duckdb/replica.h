/*
 * destination/duckdb/replica.h: what the files of the replica share.
 *
 *     replica.c         open, transactions
 *     replica_table.c   describing, creating and changing tables
 *     replica_memory.c  the engine's limits
 *     replica_apply.c   staging, and bringing it into the tables
 *     replica_state.c   _pawl.state and _pawl.runs
 */
#ifndef PAWL_DESTINATION_DUCKDB_REPLICA_H
#define PAWL_DESTINATION_DUCKDB_REPLICA_H

#include <stdatomic.h>

#include "base/memory.h"
#include "base/step.h"
#include "destination/replica.h"

enum { PAWL_REPLICA_OPEN_TIMES = 16 };

struct pawl_replica {
	pawl_duck *duck;
	char *path;    /* NULL: in memory */
	char *catalog; /* what DuckDB calls the file. SQL names it, since a schema may have the same name */
	int64_t memory_limit_bytes; /* of the engine, as it was opened with */
	pawl_replica *first;        /* of the connections to the file; it keeps what the engine needs beyond its limit */
	int64_t columns_bytes;      /* for the columns that are written */
	atomic_llong marks_bytes;   /* for the marks of deleted rows, of all tables */
	const pawl_replica_table *marked; /* the last table that was counted for them */
	int64_t staged_rows;
	bool is_in_transaction, is_staged;
};

/* "catalog"."schema"."name" */
void pawl_replica_append_name(pawl_buffer *sql, const pawl_replica *replica, const char *schema, const char *name);

/* The names of the columns, with an alias and a point in front of each, unless that is NULL. */
void pawl_replica_append_columns(pawl_buffer *sql, const pawl_replica_table *table, const char *alias);

/* The engine's limit in normal use, after it was opened with PAWL_REPLICA_OPEN_TIMES as much. */
pawl_status pawl_replica_limit(pawl_replica *replica, int64_t bytes, pawl_error *error);

/* Before rows of the table are deleted: gives the engine the memory that it needs to mark them. */
pawl_status pawl_replica_fit_deletions(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error);

#endif
