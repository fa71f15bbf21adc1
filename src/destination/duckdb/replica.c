#include "destination/duckdb/replica.h"

#include <assert.h>

/* A run that failed before it began leaves no file that was not there. */
static void replica_close(pawl_replica *replica)
{
	pawl_duckdb_replica *file = pawl_duckdb_replica_of(replica);

	if (replica->duck != NULL && replica->first == replica && !file->has_records)
		pawl_duck_unmake(replica->duck);
	pawl_duck_close(replica->duck); /* which rolls back, and drops temporary tables */
	pawl_free(file->path);
	pawl_free(file->catalog);
	pawl_free(replica);
}

static pawl_status look_around(pawl_duckdb_replica *file, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	PAWL_TRY(pawl_duck_query(file->replica.duck, "SELECT current_database()", NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	assert(has_row);
	file->catalog = pawl_duplicate(pawl_duck_rows_text(rows, 0, NULL));
	if (file->catalog == NULL)
		return pawl_error_out_of_memory(error);
	pawl_duck_rows_close(&rows);
	file->has_records = pawl_duck_has_table(file->replica.duck, file->catalog, "_pawl", "state");
	return PAWL_OK;
}

static pawl_status replica_connect(pawl_replica *replica, pawl_replica **ret_replica, pawl_error *error);

/* ---- transactions ---------------------------------------------------------------------------------------------------- */

static pawl_status replica_begin(pawl_replica *replica, pawl_error *error)
{
	PAWL_STEP("replica: begin");
	return pawl_duck_run(replica->duck, "BEGIN TRANSACTION", error);
}

static pawl_status replica_commit(pawl_replica *replica, pawl_error *error)
{
	PAWL_STEP("replica: before the commit");
	PAWL_TRY(pawl_duck_run(replica->duck, "COMMIT", error));
	PAWL_STEP("replica: after the commit");
	return PAWL_OK;
}

/* An error is of no use to anybody: closing the file rolls back as well. */
static void replica_rollback(pawl_replica *replica)
{
	pawl_error ignored;

	(void) pawl_duck_run(replica->duck, "ROLLBACK", &ignored);
}

/* The last commit said it all. */
static pawl_status replica_finish(pawl_replica *replica, pawl_error *error)
{
	(void) replica;
	(void) error;
	return PAWL_OK;
}

/* ---- the driver ------------------------------------------------------------------------------------------------------ */

static const pawl_replica_driver driver = {
	.close = replica_close,
	.connect = replica_connect,
	.fit_texts = pawl_duckdb_replica_fit_texts,
	.describe = pawl_duckdb_replica_describe,
	.append_table = pawl_duckdb_replica_append_table,
	.count_rows = pawl_duckdb_replica_count_rows,
	.create_schema = pawl_duckdb_replica_create_schema,
	.begin = replica_begin,
	.commit = replica_commit,
	.rollback = replica_rollback,
	.create = pawl_duckdb_replica_create,
	.add_column = pawl_duckdb_replica_add_column,
	.change_type = pawl_duckdb_replica_change_type,
	.drop = pawl_duckdb_replica_drop,
	.beside = pawl_duckdb_replica_beside,
	.swap = pawl_duckdb_replica_swap,
	.insert = pawl_duckdb_replica_insert,
	.upsert = pawl_duckdb_replica_upsert,
	.append = pawl_duckdb_replica_append,
	.load_states = pawl_duckdb_replica_load_states,
	.prepare = pawl_duckdb_replica_prepare,
	.save_state = pawl_duckdb_replica_save_state,
	.forget_state = pawl_duckdb_replica_forget_state,
	.load_last_runs = pawl_duckdb_replica_load_last_runs,
	.add_run = pawl_duckdb_replica_add_run,
	.finish = replica_finish,
	.keeps_rows = true,
};

static pawl_replica *new_replica(void)
{
	pawl_duckdb_replica *file = pawl_allocate(sizeof(*file));

	if (file == NULL)
		return NULL;
	file->replica.driver = &driver;
	file->replica.first = &file->replica;
	return &file->replica;
}

pawl_status pawl_replica_open_duckdb(const pawl_replica_options *options, pawl_replica **ret_replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_close_pointer) pawl_replica *replica = new_replica();
	const pawl_duck_options duck_options = {
		.path = options->path,
		.is_read_only = options->is_read_only,
		.memory_limit_bytes = options->memory_limit_bytes * PAWL_DUCKDB_REPLICA_OPEN_TIMES,
		.log_limit_bytes = options->memory_limit_bytes / 2, /* whoever opens the file after a crash replays it in memory */
		.threads = options->threads,
		.temp_directory = options->temp_directory,
	};

	if (replica == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(pawl_duck_open(&duck_options, &replica->duck, error));
	if (options->memory_limit_bytes > 0)
		PAWL_TRY(pawl_duckdb_replica_limit(replica, options->memory_limit_bytes, error));
	PAWL_TRY(look_around(pawl_duckdb_replica_of(replica), error));
	PAWL_TRY(pawl_replica_set_text(&pawl_duckdb_replica_of(replica)->path, options->path, error));
	*ret_replica = PAWL_TAKE(replica);
	return PAWL_OK;
}

static pawl_status replica_connect(pawl_replica *replica, pawl_replica **ret_replica, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_close_pointer) pawl_replica *connected = new_replica();

	if (connected == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(pawl_duck_connect(replica->duck, &connected->duck, error));
	connected->memory_limit_bytes = replica->memory_limit_bytes;
	connected->first = replica->first;
	pawl_duckdb_replica_of(connected)->catalog = pawl_duplicate(pawl_duckdb_replica_of(replica)->catalog);
	if (pawl_duckdb_replica_of(connected)->catalog == NULL)
		return pawl_error_out_of_memory(error);
	*ret_replica = PAWL_TAKE(connected);
	return PAWL_OK;
}
