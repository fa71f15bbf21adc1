#include "duck/internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* A merge of the log rewrites the file's metadata: DuckDB's own threshold of 16 MB makes it frequent. */
#define MOST_LOG_BYTES INT64_C(256000000)

/* The same for every database. */
static const struct setting {
	const char *name, *value;
} settings[] = {
	{"autoinstall_known_extensions", "false"},
	{"autoload_known_extensions", "false"},
	{"allow_unsigned_extensions", "false"},
	{"allow_persistent_secrets", "false"},
	{"preserve_insertion_order", "false"},
};

static pawl_status set_option(duckdb_config config, const char *name, const char *value, pawl_error *error)
{
	if (duckdb_set_config(config, name, value) == DuckDBError)
		return pawl_error_set(error, PAWL_INVALID, "DuckDB refuses '%s' for its option '%s'", value, name);
	return PAWL_OK;
}

static int64_t log_limit(const pawl_duck_options *options)
{
	int64_t bytes = options->log_limit_bytes;
	return bytes > 0 && bytes < MOST_LOG_BYTES ? bytes : MOST_LOG_BYTES;
}

static pawl_status set_options(duckdb_config config, const pawl_duck_options *options, pawl_error *error)
{
	char number[32];

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		PAWL_TRY(set_option(config, settings[i].name, settings[i].value, error));
	if (options->is_read_only)
		PAWL_TRY(set_option(config, "access_mode", "READ_ONLY", error));
	if (options->temp_directory != NULL)
		PAWL_TRY(set_option(config, "temp_directory", options->temp_directory, error));
	if (options->is_isolated) /* after the folder, which it forbids to change */
		PAWL_TRY(set_option(config, "enable_external_access", "false", error));
	if (options->memory_limit_bytes > 0) {
		snprintf(number, sizeof(number), "%" PRId64 "B", options->memory_limit_bytes);
		PAWL_TRY(set_option(config, "memory_limit", number, error));
	}
	snprintf(number, sizeof(number), "%" PRId64 "B", log_limit(options));
	PAWL_TRY(set_option(config, "checkpoint_threshold", number, error));
	if (options->threads > 0) {
		snprintf(number, sizeof(number), "%d", options->threads);
		PAWL_TRY(set_option(config, "threads", number, error));
	}
	return PAWL_OK;
}

/* ---- a new file ------------------------------------------------------------------------------------------------------ */

/* Whether it is there now. What is wrong is told by whoever opens the path itself. */
static bool make_file(const char *path)
{
	PAWL_CLEANUP(duckdb_destroy_config) duckdb_config config = NULL;
	duckdb_database database = NULL;
	pawl_error ignored;

	if (duckdb_create_config(&config) == DuckDBError || set_option(config, "threads", "1", &ignored) != PAWL_OK)
		return false;
	bool is_made = duckdb_open_ext(path, &database, config, NULL) == DuckDBSuccess;
	duckdb_close(&database);
	return is_made;
}

/*
 * DuckDB writes a new file in several steps, and whoever is killed between them leaves one that is no database, and in the way of all
 * that come later. So it is made under another name, and gets its own when it is whole; nobody's who was quicker is replaced.
 */
static pawl_status place_file(pawl_duck *duck, const char *path, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer beside = {0};

	if (pawl_file_exists(path))
		return PAWL_OK;
	pawl_buffer_appendf(&beside, "%s.new-%d", path, (int) getpid());
	PAWL_TRY(pawl_buffer_status(&beside, error));
	const char *name = pawl_buffer_text(&beside);
	(void) unlink(name);
	duck->made_path = pawl_duplicate(path);
	if (duck->made_path == NULL)
		return pawl_error_out_of_memory(error);
	if (make_file(name) && renameat2(AT_FDCWD, name, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return PAWL_OK;
	pawl_free(PAWL_TAKE(duck->made_path));
	(void) unlink(name); /* DuckDB makes it in its place, or says why it cannot */
	return PAWL_OK;
}

void pawl_duck_unmake(pawl_duck *duck)
{
	if (duck->made_path != NULL)
		(void) unlink(duck->made_path);
}

/* ---- opening --------------------------------------------------------------------------------------------------------- */

static bool is_sqlite(const char *path)
{
	static const char magic[] = "SQLite format 3";
	char head[sizeof(magic)] = "";
	FILE *file = path == NULL ? NULL : fopen(path, "rbe");

	if (file == NULL)
		return false;
	size_t length = fread(head, 1, sizeof(head), file);
	fclose(file);
	return length == sizeof(head) && memcmp(head, magic, sizeof(magic)) == 0;
}

/* Of a SQLite database DuckDB says that an extension is missing, which could read it. */
static void fail_open(const char *message, const pawl_duck_options *options, pawl_error *error)
{
	pawl_duck_fail(DUCKDB_ERROR_INVALID, message, error);
	if (is_sqlite(options->path)) {
		pawl_error_set(error, PAWL_INVALID, "it is a SQLite database");
		pawl_error_hint(error, "give the path of a DuckDB file");
	}
	if (error->status == PAWL_INVALID && !options->is_read_only)
		pawl_error_hint(error, "give the path of a DuckDB file, or of a file that does not exist yet");
}

static pawl_status open_database(pawl_duck *duck, const pawl_duck_options *options, pawl_error *error)
{
	PAWL_CLEANUP(duckdb_destroy_config) duckdb_config config = NULL;
	char *message = NULL;

	if (duckdb_create_config(&config) == DuckDBError)
		return pawl_error_set(error, PAWL_DATABASE, "DuckDB made no configuration");
	PAWL_TRY(set_options(config, options, error));
	if (options->path != NULL && !options->is_read_only)
		PAWL_TRY(place_file(duck, options->path, error));
	if (duckdb_open_ext(options->path, &duck->database, config, &message) == DuckDBError) {
		fail_open(message, options, error);
		duckdb_free(message);
		return options->path == NULL ? error->status : pawl_error_prefix(error, "warehouse '%s': ", options->path);
	}
	return PAWL_OK;
}

/* The time zone is a connection's own, and not known to DuckDB when it is opened. */
static pawl_status connect_to(pawl_duck *duck, duckdb_database database, pawl_error *error)
{
	if (duckdb_connect(database, &duck->connection) == DuckDBError)
		return pawl_error_set(error, PAWL_DATABASE, "DuckDB opened the database, but gave no connection");
	return pawl_duck_run(duck, "SET TimeZone = 'UTC'", error);
}

pawl_status pawl_duck_open(const pawl_duck_options *options, pawl_duck **ret_duck, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = pawl_allocate(sizeof(*duck));

	if (duck == NULL)
		return pawl_error_out_of_memory(error);
	if (duckdb_vector_size() != PAWL_CHUNK_ROWS)
		return pawl_error_set(error, PAWL_INTERNAL, "this libduckdb has vectors of %llu rows, Pawl was made for %d",
		                      (unsigned long long) duckdb_vector_size(), PAWL_CHUNK_ROWS);
	PAWL_TRY(open_database(duck, options, error));
	PAWL_TRY(connect_to(duck, duck->database, error));
	PAWL_TRY(pawl_scan_register(duck, error));
	PAWL_TRY(pawl_stream_register(duck, error));
	*ret_duck = PAWL_TAKE(duck);
	return PAWL_OK;
}

pawl_status pawl_duck_connect(pawl_duck *duck, pawl_duck **ret_duck, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *connected = pawl_allocate(sizeof(*connected));

	if (connected == NULL)
		return pawl_error_out_of_memory(error);
	connected->streams = pawl_streams_hold(duck->streams);
	PAWL_TRY(connect_to(connected, duck->database, error));
	*ret_duck = PAWL_TAKE(connected);
	return PAWL_OK;
}

void pawl_duck_interrupt(pawl_duck *duck)
{
	duckdb_interrupt(duck->connection);
}

void pawl_duck_close(pawl_duck *duck)
{
	if (duck == NULL)
		return;
	duckdb_disconnect(&duck->connection);
	duckdb_close(&duck->database);
	for (size_t i = 0; i < duck->published_count; i++)
		if (duck->published[i] != NULL)
			duck->published[i]->duck = NULL;
	pawl_free(duck->published);
	pawl_free(duck->made_path);
	pawl_streams_release(duck->streams);
	pawl_free(duck);
}

void pawl_duck_close_pointer(pawl_duck **duck)
{
	pawl_duck_close(*duck);
	*duck = NULL;
}

pawl_status pawl_duck_run(pawl_duck *duck, const char *sql, pawl_error *error)
{
	PAWL_CLEANUP(duckdb_destroy_result) duckdb_result result = {0};

	if (duckdb_query(duck->connection, sql, &result) == DuckDBError)
		return pawl_duck_fail(duckdb_result_error_type(&result), duckdb_result_error(&result), error);
	return PAWL_OK;
}

pawl_status pawl_duck_run_buffer(pawl_duck *duck, const pawl_buffer *sql, pawl_error *error)
{
	PAWL_TRY(pawl_buffer_status(sql, error));
	return pawl_duck_run(duck, pawl_buffer_text(sql), error);
}

pawl_status pawl_duck_change(pawl_duck *duck, const pawl_buffer *sql, int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(duckdb_destroy_result) duckdb_result result = {0};

	PAWL_TRY(pawl_buffer_status(sql, error));
	if (duckdb_query(duck->connection, pawl_buffer_text(sql), &result) == DuckDBError)
		return pawl_duck_fail(duckdb_result_error_type(&result), duckdb_result_error(&result), error);
	*ret_rows = (int64_t) duckdb_rows_changed(&result);
	return PAWL_OK;
}

pawl_status pawl_duck_is_select(pawl_duck *duck, const char *sql, bool *ret_is_select, pawl_error *error)
{
	PAWL_CLEANUP(duckdb_destroy_prepare) duckdb_prepared_statement statement = NULL;

	if (duckdb_prepare(duck->connection, sql, &statement) == DuckDBError)
		return pawl_duck_fail(DUCKDB_ERROR_INVALID, duckdb_prepare_error(statement), error);
	*ret_is_select = duckdb_prepared_statement_type(statement) == DUCKDB_STATEMENT_TYPE_SELECT;
	return PAWL_OK;
}

const char *pawl_duck_version(void)
{
	return duckdb_library_version();
}
