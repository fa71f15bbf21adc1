#include "destination/duckdb/replica.h"

#include <assert.h>

void pawl_replica_close(pawl_replica *replica)
{
	if (replica == NULL)
		return;
	pawl_duck_close(replica->duck); /* which rolls back, and drops temporary tables */
	pawl_free(replica->path);
	pawl_free(replica->catalog);
	pawl_free(replica);
}

void pawl_replica_close_pointer(pawl_replica **replica)
{
	pawl_replica_close(*replica);
	*replica = NULL;
}

static pawl_status find_catalog(pawl_replica *replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	PAWL_TRY(pawl_duck_query(replica->duck, "SELECT current_database()", NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	assert(has_row);
	replica->catalog = pawl_duplicate(pawl_duck_rows_text(rows, 0, NULL));
	return replica->catalog == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

pawl_status pawl_replica_open(const pawl_replica_options *options, pawl_replica **ret_replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_close_pointer) pawl_replica *replica = pawl_allocate(sizeof(*replica));
	const pawl_duck_options duck_options = {
		.path = options->path,
		.is_read_only = options->is_read_only,
		.memory_limit_bytes = options->memory_limit_bytes * PAWL_REPLICA_OPEN_TIMES,
		.log_limit_bytes = options->memory_limit_bytes / 2, /* whoever opens the file after a crash replays it in memory */
		.threads = options->threads,
		.temp_directory = options->temp_directory,
	};

	if (replica == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(pawl_duck_open(&duck_options, &replica->duck, error));
	replica->first = replica;
	if (options->memory_limit_bytes > 0)
		PAWL_TRY(pawl_replica_limit(replica, options->memory_limit_bytes, error));
	PAWL_TRY(find_catalog(replica, error));
	PAWL_TRY(pawl_replica_set_text(&replica->path, options->path, error));
	*ret_replica = PAWL_TAKE(replica);
	return PAWL_OK;
}

pawl_status pawl_replica_connect(pawl_replica *replica, pawl_replica **ret_replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_close_pointer) pawl_replica *connected = pawl_allocate(sizeof(*connected));

	if (connected == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(pawl_duck_connect(replica->duck, &connected->duck, error));
	connected->memory_limit_bytes = replica->memory_limit_bytes;
	connected->first = replica->first;
	connected->catalog = pawl_duplicate(replica->catalog);
	if (connected->catalog == NULL)
		return pawl_error_out_of_memory(error);
	*ret_replica = PAWL_TAKE(connected);
	return PAWL_OK;
}

pawl_status pawl_replica_isolate(pawl_replica *replica, pawl_error *error)
{
	return pawl_duck_run(replica->duck, "SET enable_external_access = false", error);
}

pawl_duck *pawl_replica_engine(pawl_replica *replica)
{
	return replica->duck;
}

/* ---- transactions ---------------------------------------------------------------------------------------------------- */

pawl_status pawl_replica_begin(pawl_replica *replica, pawl_error *error)
{
	assert(!replica->is_in_transaction);
	PAWL_STEP("replica: begin");
	PAWL_TRY(pawl_duck_run(replica->duck, "BEGIN TRANSACTION", error));
	replica->is_in_transaction = true;
	return PAWL_OK;
}

pawl_status pawl_replica_commit(pawl_replica *replica, pawl_error *error)
{
	assert(replica->is_in_transaction);
	PAWL_STEP("replica: before the commit");
	PAWL_TRY(pawl_duck_run(replica->duck, "COMMIT", error));
	PAWL_STEP("replica: after the commit");
	replica->is_in_transaction = false;
	return PAWL_OK;
}

/* An error is of no use to anybody: closing the file rolls back as well. */
void pawl_replica_rollback(pawl_replica *replica)
{
	pawl_error ignored;

	if (replica->is_in_transaction)
		(void) pawl_duck_run(replica->duck, "ROLLBACK", &ignored);
	replica->is_in_transaction = false;
}
