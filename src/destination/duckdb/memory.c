/*
 * The engine's limits. DuckDB counts memory by blocks: a 32 KiB segment, then 256 KiB ones, for each column of each table that it
 * appends to: in temporary tables, in the transaction's own storage, in the file, and some of them for each thread. Most of it is
 * never touched, but all of it counts against memory_limit, and much of it cannot be spilled. The numbers were measured with
 * libduckdb 1.5.5: 1,000 columns, 100 columns of 50,000 rows, 300 tables of 20 columns, 20 columns with 32 threads.
 */
#include "destination/duckdb/internal.h"

#include <inttypes.h>
#include <stdio.h>

#define KIB INT64_C(1024)

enum { OWN_COLUMNS = 2 }; /* that Pawl adds to every table */

static const int64_t widest_column_bytes = 768 * KIB;  /* for each column of the widest table */
static const int64_t column_bytes = 96 * KIB;          /* for each column of all tables */
static const int64_t thread_widest_bytes = 2048 * KIB; /* of the share, for each thread and column of the widest table */
static const int64_t thread_column_bytes = 256 * KIB;  /* the same, for each column of all tables */
static const int64_t step_bytes = 16384 * KIB;         /* narrow tables need no more than the share */

static pawl_status set_limit(pawl_destination *destination, int64_t bytes, pawl_error *error)
{
	char sql[64];

	if (bytes == destination->memory.limit_bytes)
		return PAWL_OK;
	snprintf(sql, sizeof(sql), "SET memory_limit = '%" PRId64 "B'", bytes);
	PAWL_TRY(pawl_duck_run(destination->duck, sql, error));
	destination->memory.limit_bytes = bytes;
	return PAWL_OK;
}

static pawl_status set_threads(pawl_destination *destination, int64_t threads, pawl_error *error)
{
	char sql[64];

	if (threads == destination->memory.threads)
		return PAWL_OK;
	snprintf(sql, sizeof(sql), "SET threads = %" PRId64, threads);
	PAWL_TRY(pawl_duck_run(destination->duck, sql, error));
	destination->memory.threads = threads;
	return PAWL_OK;
}

static int64_t fitting_limit(const pawl_duckdb_memory *memory)
{
	int64_t bytes = (int64_t) memory->widest_count * widest_column_bytes + (int64_t) memory->column_count * column_bytes;
	int64_t limit = memory->share_bytes + bytes / step_bytes * step_bytes;
	return limit > memory->limit_bytes ? limit : memory->limit_bytes;
}

static int64_t fitting_threads(const pawl_duckdb_memory *memory)
{
	int64_t of_widest = (int64_t) memory->widest_count * thread_widest_bytes;
	int64_t of_all = (int64_t) memory->column_count * thread_column_bytes;
	int64_t threads = memory->share_bytes / (of_widest > of_all ? of_widest : of_all);
	return threads < 1 ? 1 : threads < memory->most_threads ? threads : memory->most_threads;
}

pawl_status pawl_duckdb_memory_fit(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error)
{
	pawl_duckdb_memory *memory = &destination->memory;
	size_t count = table->column_count + OWN_COLUMNS;
	pawl_duckdb_staged *staged;

	PAWL_TRY(pawl_duckdb_staged_add(destination, table->name, &staged, error));
	if (memory->share_bytes == 0 || count <= staged->counted_columns)
		return PAWL_OK;
	memory->column_count += count - staged->counted_columns;
	staged->counted_columns = count;
	if (count > memory->widest_count)
		memory->widest_count = count;
	PAWL_TRY(set_limit(destination, fitting_limit(memory), error));
	return set_threads(destination, fitting_threads(memory), error);
}

/* The threads stay as they are until the next table is known. A limit that cannot be lowered yet may be at the next commit. */
void pawl_duckdb_memory_release(pawl_destination *destination)
{
	pawl_error ignored;

	destination->memory.column_count = destination->memory.widest_count = 0;
	(void) set_limit(destination, destination->memory.share_bytes, &ignored);
}
