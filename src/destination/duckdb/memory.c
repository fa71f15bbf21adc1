/*
 * The engine's limits. DuckDB counts memory by blocks: a 32 KiB segment, then 256 KiB ones, for each column of each table that it
 * appends to: in temporary tables, in the transaction's own storage, in the file, and some of them for each thread. Most of it is
 * never touched, but all of it counts against memory_limit, and much of it cannot be spilled. The numbers were measured with
 * libduckdb 1.5.5: 1,000 columns, 100 columns of 50,000 rows, 300 tables of 20 columns, 20 columns with 32 threads.
 *
 * On one thread, full rows of narrow tables need far less than the share, and are no slower with less: what else DuckDB may take it
 * fills with blocks that nobody asks for again. So the limit is *tight*, until what comes needs memory that cannot be spilled:
 * long texts, of which 2,048 rows are held at a time; partial rows, which are joined with rows that may have such texts; marks of
 * deleted rows. The numbers were measured with libduckdb 1.5.6: 10,000,000 rows of 5 columns, ascending and random, 18 columns.
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
static const int64_t tight_bytes = 24576 * KIB;        /* for 10,000,000 rows, beside their columns; 20 MiB were too few */

static const int64_t tight_text_bytes = 3072 * KIB;    /* that 2,048 rows may have within it */

static pawl_status set_limit(pawl_destination *destination, int64_t bytes, pawl_error *error)
{
	char sql[64];

	if (bytes == destination->memory.limit_bytes)
		return PAWL_OK;
	snprintf(sql, sizeof(sql), "SET memory_limit = '%" PRId64 "B'", bytes);
	PAWL_TRY(pawl_duck_run(destination->duck, sql, error));
	destination->memory.limit_bytes = bytes;
	if (bytes > destination->memory.most_bytes)
		destination->memory.most_bytes = bytes;
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

/* Where every sync begins. */
static int64_t first_limit(const pawl_duckdb_memory *memory)
{
	return memory->most_threads == 1 && tight_bytes + step_bytes < memory->share_bytes ? tight_bytes : memory->share_bytes;
}

static int64_t fitting_limit(const pawl_duckdb_memory *memory)
{
	int64_t bytes = (int64_t) memory->widest_count * widest_column_bytes + (int64_t) memory->column_count * column_bytes;
	int64_t limit = memory->share_bytes + bytes / step_bytes * step_bytes, first = first_limit(memory);
	if (bytes < step_bytes && first < memory->share_bytes)
		limit = first + bytes;
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

pawl_status pawl_duckdb_memory_fit_changes(pawl_destination *destination, const pawl_changes *changes, pawl_error *error)
{
	bool is_long = (int64_t) changes->text_bytes > tight_text_bytes;

	return changes->has_partial_rows || is_long ? pawl_duckdb_memory_loosen(destination, error) : PAWL_OK;
}

bool pawl_duckdb_memory_is_tight(const pawl_destination *destination)
{
	return destination->memory.limit_bytes < destination->memory.share_bytes;
}

pawl_status pawl_duckdb_memory_loosen(pawl_destination *destination, pawl_error *error)
{
	if (!pawl_duckdb_memory_is_tight(destination))
		return PAWL_OK;
	return set_limit(destination, destination->memory.share_bytes, error);
}

/* The log has what earlier commits changed, too: hence as much as any of them had, up to the share. */
pawl_status pawl_duckdb_memory_fit_merge(pawl_destination *destination, pawl_error *error)
{
	const pawl_duckdb_memory *memory = &destination->memory;
	int64_t bytes = memory->most_bytes < memory->share_bytes ? memory->most_bytes : memory->share_bytes;

	return bytes > memory->limit_bytes ? set_limit(destination, bytes, error) : PAWL_OK;
}

void pawl_duckdb_memory_begin(pawl_destination *destination, bool has_log)
{
	pawl_duckdb_memory_release(destination);
	destination->memory.most_bytes = has_log ? destination->memory.share_bytes : destination->memory.limit_bytes;
}

/* The threads stay as they are until the next table is known. A limit that cannot be lowered yet may be at the next commit. */
void pawl_duckdb_memory_release(pawl_destination *destination)
{
	pawl_error ignored;

	destination->memory.column_count = destination->memory.widest_count = 0;
	(void) set_limit(destination, first_limit(&destination->memory), &ignored);
}
