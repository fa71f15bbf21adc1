/*
 * destination/duckdb/replica.h: the replica whose tables lie in a DuckDB file, which is the engine, too.
 *
 *     replica.c         open, transactions, the driver
 *     replica_table.c   describing, creating and changing tables
 *     replica_memory.c  the engine's limits
 *     replica_apply.c   bringing what is staged into the tables
 *     replica_state.c   _pawl.state and _pawl.runs
 */
#ifndef PAWL_DESTINATION_DUCKDB_REPLICA_H
#define PAWL_DESTINATION_DUCKDB_REPLICA_H

#include <stdatomic.h>

#include "base/memory.h"
#include "base/step.h"
#include "destination/replica_driver.h"

enum { PAWL_DUCKDB_REPLICA_OPEN_TIMES = 16 };

typedef struct pawl_duckdb_replica {
	pawl_replica replica;
	char *path;               /* NULL: in memory */
	char *catalog;            /* what DuckDB calls the file. SQL names it, since a schema may have the same name */
	bool has_records;         /* of the first connection: _pawl.state and _pawl.runs are there */
	atomic_llong marks_bytes; /* of the first connection: for the marks of deleted rows, of all tables */
	const pawl_replica_table *marked; /* the last table that was counted for them */
} pawl_duckdb_replica;

static inline pawl_duckdb_replica *pawl_duckdb_replica_of(const pawl_replica *replica)
{
	return (pawl_duckdb_replica *) (uintptr_t) replica;
}

/* "catalog"."schema"."name" */
void pawl_duckdb_replica_append_name(pawl_buffer *sql, const pawl_replica *replica, const char *schema, const char *name);

/* The engine's limit in normal use, after it was opened with PAWL_DUCKDB_REPLICA_OPEN_TIMES as much. */
pawl_status pawl_duckdb_replica_limit(pawl_replica *replica, int64_t bytes, pawl_error *error);

/* Before rows of the table are deleted: gives the engine the memory that it needs to mark them. */
pawl_status pawl_duckdb_replica_fit_deletions(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error);

/* The size of the row groups, fitted to rows whose texts have so many bytes. */
pawl_status pawl_duckdb_replica_fit_texts(pawl_replica *replica, int64_t text_bytes, pawl_error *error);

/* ---- the driver's members that are not in replica.c ------------------------------------------------------------------ */

pawl_status pawl_duckdb_replica_describe(pawl_replica *replica, pawl_replica_tables *ret_tables, pawl_error *error);
void pawl_duckdb_replica_append_table(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table);
pawl_status pawl_duckdb_replica_count_rows(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows,
                                           pawl_error *error);
pawl_status pawl_duckdb_replica_create_schema(pawl_replica *replica, const char *name, pawl_error *error);
pawl_status pawl_duckdb_replica_create(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error);
pawl_status pawl_duckdb_replica_add_column(pawl_replica *replica, const pawl_replica_table *table,
                                           const pawl_replica_column *column, pawl_error *error);
pawl_status pawl_duckdb_replica_change_type(pawl_replica *replica, const pawl_replica_table *table, const char *column,
                                            const char *type, const char *form, pawl_error *error);
pawl_status pawl_duckdb_replica_drop(pawl_replica *replica, const char *schema, const char *name, pawl_error *error);
pawl_status pawl_duckdb_replica_beside(const pawl_replica_table *table, pawl_replica_table *ret_beside, pawl_error *error);
pawl_status pawl_duckdb_replica_swap(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_table *beside,
                                     pawl_error *error);
pawl_status pawl_duckdb_replica_insert(pawl_replica *replica, const pawl_replica_table *table, const char *relation,
                                       int64_t *ret_rows, pawl_error *error);
pawl_status pawl_duckdb_replica_upsert(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows,
                                       pawl_error *error);
pawl_status pawl_duckdb_replica_append(pawl_replica *replica, const pawl_replica_table *table, uint64_t columns,
                                       const char *new_columns, int64_t *ret_rows, pawl_error *error);
pawl_status pawl_duckdb_replica_load_states(pawl_replica *replica, pawl_replica_states *ret_states, pawl_error *error);
pawl_status pawl_duckdb_replica_prepare(pawl_replica *replica, pawl_error *error);
pawl_status pawl_duckdb_replica_save_state(pawl_replica *replica, const pawl_replica_state *state, pawl_error *error);
pawl_status pawl_duckdb_replica_forget_state(pawl_replica *replica, const char *schema, const char *name, pawl_error *error);
pawl_status pawl_duckdb_replica_load_last_runs(pawl_replica *replica, int64_t since_us, pawl_replica_runs *ret_runs,
                                               pawl_error *error);
pawl_status pawl_duckdb_replica_add_run(pawl_replica *replica, const pawl_replica_run *run, pawl_error *error);

#endif
