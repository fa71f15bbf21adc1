/*
 * The engine's limit, where DuckDB (1.5.5) needs more than a share of the process's memory, and cannot spill it:
 *
 *   - for each column that one thread writes: a 32 KiB segment, then 256 KiB ones, in more than one place, most of it never
 *     touched: pawl_replica_fit;
 *   - for each 2,048 rows of a table of which one was deleted: 16 KiB, in blocks of 256 KiB that each row group has to itself,
 *     until the file is closed. So changes that lie scattered over 10 million rows need 83 MiB, over 100 million rows 830 MiB;
 *   - for each row group (122,880 rows) that one thread compresses: all its texts, several times.
 */
#include "destination/duckdb/replica.h"

#include <inttypes.h>

#define MARKS_BLOCK_BYTES    INT64_C(262144)
#define MARKS_BLOCK_ROWS     INT64_C(30720)
#define STATEMENT_BYTES      INT64_C(46137344) /* what an upsert needs beside the marks */
#define GROUP_BYTES          INT64_C(8388608)  /* of the texts of a row group */

/* Rows of a group: DuckDB's least, and how few of them are worth another group size than its own. */
enum { LEAST_GROUP_ROWS = 2048, FEW_GROUP_ROWS = 32768 };

/* How many rows a group has is settled when a file is attached: so this one is let go, and attached again under its name. */
static pawl_status attach_again(pawl_replica *replica, int64_t group_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const pawl_duckdb_replica *file = pawl_duckdb_replica_of(replica);

	pawl_buffer_append(&sql, "ATTACH ':memory:' AS _pawl_aside; USE _pawl_aside.main; DETACH ");
	pawl_buffer_append_identifier(&sql, file->catalog);
	pawl_buffer_append(&sql, "; ATTACH ");
	pawl_buffer_append_literal(&sql, file->path);
	pawl_buffer_append(&sql, " AS ");
	pawl_buffer_append_identifier(&sql, file->catalog);
	pawl_buffer_appendf(&sql, " (ROW_GROUP_SIZE %" PRId64 "); USE ", group_rows);
	pawl_buffer_append_identifier(&sql, file->catalog);
	pawl_buffer_append(&sql, ".main; DETACH _pawl_aside");
	return pawl_duck_run_buffer(replica->duck, &sql, error);
}

/* What DuckDB does not count of a group it takes beyond its limit, which is lower therefore. */
pawl_status pawl_duckdb_replica_fit_texts(pawl_replica *replica, int64_t text_bytes, pawl_error *error)
{
	int64_t group_rows = LEAST_GROUP_ROWS;

	while (group_rows <= FEW_GROUP_ROWS && 2 * group_rows * text_bytes <= GROUP_BYTES)
		group_rows *= 2;
	if (group_rows > FEW_GROUP_ROWS || pawl_duckdb_replica_of(replica)->path == NULL)
		return PAWL_OK;
	PAWL_TRY(attach_again(replica, group_rows, error));
	return pawl_duckdb_replica_limit(replica, replica->memory_limit_bytes / 4 * 3, error);
}

/* A log that was left behind is replayed as the file is opened, marks and all. What it left pinned is within no lower limit. */
pawl_status pawl_duckdb_replica_limit(pawl_replica *replica, int64_t bytes, pawl_error *error)
{
	pawl_status status = PAWL_OK;

	for (int64_t limit_bytes = bytes; limit_bytes <= bytes * PAWL_DUCKDB_REPLICA_OPEN_TIMES; limit_bytes *= 2) {
		status = pawl_replica_set_limit(replica, limit_bytes, "", error);
		if (status == PAWL_OK)
			break;
	}
	replica->memory_limit_bytes = bytes;
	return status;
}

/* Rows that were deleted before count, as their marks are read with the others'. */
static pawl_status find_marks(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_bytes, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	const char *catalog = pawl_duckdb_replica_of(replica)->catalog;
	bool has_row;

	PAWL_TRY(pawl_duck_query(replica->duck,
	                         "SELECT estimated_size::BIGINT FROM duckdb_tables() "
	                         "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3",
	                         (const char *const[]) {catalog, table->schema, table->name}, 3, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	*ret_bytes = has_row ? (pawl_duck_rows_integer(rows, 0) / MARKS_BLOCK_ROWS + 1) * MARKS_BLOCK_BYTES : 0;
	return PAWL_OK;
}

/* Once in a run for each table: the rows that it adds itself are rarely deleted again. */
pawl_status pawl_duckdb_replica_fit_deletions(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error)
{
	pawl_duckdb_replica *file = pawl_duckdb_replica_of(replica), *first = pawl_duckdb_replica_of(replica->first);
	int64_t bytes;

	if (replica->memory_limit_bytes == 0 || table == file->marked)
		return PAWL_OK;
	file->marked = table;
	PAWL_TRY(find_marks(replica, table, &bytes, error));
	int64_t all_bytes = atomic_fetch_add(&first->marks_bytes, bytes) + bytes;
	if (all_bytes + STATEMENT_BYTES <= replica->memory_limit_bytes)
		return PAWL_OK;
	return pawl_replica_set_limit(replica, all_bytes + STATEMENT_BYTES + first->replica.columns_bytes, "", error);
}
