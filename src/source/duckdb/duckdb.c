#include "source/duckdb/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/time.h"

#define FIRST_WAIT_US INT64_C(20000)
#define MOST_WAIT_US  INT64_C(500000)

static void source_close(pawl_source *source)
{
	if (source == NULL)
		return;
	pawl_duckdb_source *duckdb = pawl_duckdb_source_of(source);
	pawl_duckdb_read_end(source);
	if (duckdb->guard >= 0)
		close(duckdb->guard);
	pawl_source_claim_release(&duckdb->claim);
	pawl_free(duckdb->path);
	pawl_free(duckdb); /* the file stays attached: other connections may read it; it goes with the engine */
}

static pawl_status resolve(const char *location, char **ret_path, pawl_error *error)
{
	char resolved[PATH_MAX];

	if (realpath(location, resolved) == NULL) {
		int reason = errno;
		pawl_error_set(error, reason == ENOENT ? PAWL_NOT_FOUND : PAWL_IO, "source '%s': %s", location, strerror(reason));
		return pawl_error_hint(error, "check the path: a source is never created");
	}
	*ret_path = pawl_duplicate(resolved);
	return *ret_path == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

static pawl_status refuse_warehouse(const char *path, pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "source and warehouse are the same file, '%s'", path);
	return pawl_error_hint(error, "name another file as the warehouse");
}

/* Whether the engine has the source attached already. */
static pawl_status is_attached(pawl_duck *engine, const char *path, bool *ret_is_attached, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	*ret_is_attached = false;
	PAWL_TRY(pawl_duck_query(engine, "SELECT database_name = '" PAWL_DUCKDB_ALIAS "', path = $1 FROM duckdb_databases()",
	                         (const char *const[]) {path}, 1, &rows, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		if (pawl_duck_rows_integer(rows, 0))
			*ret_is_attached = true;
		else if (pawl_duck_rows_integer(rows, 1))
			return refuse_warehouse(path, error);
	}
}

static void sleep_us(int64_t us)
{
	struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
	nanosleep(&time, NULL);
}

/*
 * DuckDB's lock on the file is the process's (fcntl): when another engine of this process closes the file, it is gone, and a
 * writer may come in. A lock of the open file itself stays. Where there is none to be had, DuckDB's own has to do.
 */
static void guard(pawl_duckdb_source *source)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	if (source->guard >= 0 && !source->is_guarded)
		source->is_guarded = fcntl(source->guard, F_OFD_SETLK, &lock) == 0;
}

/* A writer in another process keeps the file locked: it may be done soon. */
static pawl_status attach(pawl_duckdb_source *source, int64_t busy_us, pawl_error *error)
{
	const char *path = source->path;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	int64_t deadline_us = pawl_time_monotonic_us() + busy_us;

	pawl_buffer_append(&sql, "ATTACH ");
	pawl_buffer_append_literal(&sql, path);
	pawl_buffer_append(&sql, " AS " PAWL_DUCKDB_ALIAS " (TYPE duckdb, READ_ONLY)");
	for (int64_t wait_us = FIRST_WAIT_US;; wait_us = wait_us * 2 < MOST_WAIT_US ? wait_us * 2 : MOST_WAIT_US) {
		guard(source);
		if (pawl_duck_run_buffer(source->engine, &sql, error) == PAWL_OK)
			return PAWL_OK;
		if (!error->is_retryable || pawl_time_monotonic_us() + wait_us > deadline_us)
			return pawl_error_prefix(error, "source '%s': ", path);
		sleep_us(wait_us);
	}
}

static pawl_status source_open(const pawl_source_options *options, pawl_source **ret_source, pawl_error *error)
{
	PAWL_CLEANUP(pawl_source_close_pointer) pawl_source *source = NULL;
	bool is_there;

	pawl_duckdb_source *duckdb = pawl_allocate(sizeof(*duckdb));
	if (duckdb == NULL)
		return pawl_error_out_of_memory(error);
	source = &duckdb->source;
	source->driver = &pawl_source_duckdb;
	duckdb->engine = options->engine;
	duckdb->guard = -1;
	PAWL_TRY(resolve(options->location, &duckdb->path, error));
	PAWL_TRY(pawl_source_claim_take(&duckdb->claim, source->driver, duckdb->path, error));
	duckdb->guard = open(duckdb->path, O_RDONLY | O_CLOEXEC);
	PAWL_TRY(is_attached(options->engine, duckdb->path, &is_there, error));
	if (!is_there)
		PAWL_TRY(attach(duckdb, options->busy_us, error));
	guard(duckdb);
	*ret_source = PAWL_TAKE(source);
	return PAWL_OK;
}

/* A DuckDB file has no identifier of its own. */
static pawl_status identity(pawl_source *source, char **ret_identity, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_buffer_appendf(&text, "duckdb:%s", pawl_duckdb_source_of(source)->path);
	PAWL_TRY(pawl_buffer_status(&text, error));
	*ret_identity = pawl_buffer_take(&text);
	return PAWL_OK;
}

static pawl_status snapshot_begin(pawl_source *source, pawl_snapshot *ret_snapshot, pawl_error *error)
{
	(void) source;
	(void) error;
	int64_t now_us = pawl_time_now_us();
	*ret_snapshot = (pawl_snapshot) {.now_us = now_us, .horizon_us = now_us, .guarantee = PAWL_GUARANTEE_EXACT,
	                                 .is_bound = true};
	snprintf(ret_snapshot->why, sizeof(ret_snapshot->why), "%s", "the file is opened read-only, and nobody can write meanwhile");
	return PAWL_OK;
}

static void snapshot_end(pawl_source *source)
{
	(void) source;
}

static void append_file(pawl_buffer *seen, const struct stat *file)
{
	pawl_buffer_appendf(seen, "%lld %lld %lld %lld.%09ld %lld.%09ld ", (long long) file->st_dev, (long long) file->st_ino,
	                    (long long) file->st_size, (long long) file->st_mtim.tv_sec, file->st_mtim.tv_nsec,
	                    (long long) file->st_ctim.tv_sec, file->st_ctim.tv_nsec);
}

/*
 * What the system says of the file, and of the log that is not yet in it. Nobody can set the time of the last change (st_ctim), so
 * each writer leaves another one. The file's own headers would tell as well, but who opens and closes it to read them gives up
 * DuckDB's lock on it (fcntl).
 */
static pawl_status version(pawl_source *source, char **ret_version, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer seen = {0};
	const char *path = pawl_duckdb_source_of(source)->path;
	char log_path[PATH_MAX + 8], digest[PAWL_DIGEST_TEXT_BYTES];
	struct stat file, log;

	if (stat(path, &file) != 0)
		return pawl_error_set(error, PAWL_IO, "source '%s': %s", path, strerror(errno));
	append_file(&seen, &file);
	snprintf(log_path, sizeof(log_path), "%s.wal", path);
	if (stat(log_path, &log) == 0)
		append_file(&seen, &log);
	PAWL_TRY(pawl_buffer_status(&seen, error));
	pawl_digest_text(pawl_buffer_text(&seen), seen.length, digest);
	*ret_version = pawl_duplicate(digest);
	return *ret_version == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

static const char *const endings[] = {".duckdb", ".ddb", NULL};

const pawl_source_driver pawl_source_duckdb = {
	.abi = PAWL_SOURCE_ABI,
	.size = sizeof(pawl_source_driver),
	.name = "duckdb",
	.endings = endings,
	.magic = "DUCK",
	.magic_offset = 8,
	.open = source_open,
	.close = source_close,
	.identity = identity,
	.discover = pawl_duckdb_discover,
	.snapshot_begin = snapshot_begin,
	.snapshot_end = snapshot_end,
	.bounds = pawl_duckdb_bounds,
	.read_begin = pawl_duckdb_read_begin,
	.window_begin = pawl_duckdb_window_begin,
	.window_end = pawl_duckdb_window_end,
	.read_end = pawl_duckdb_read_end,
	.explain = pawl_duckdb_explain,
	.version = version,
	.relation = pawl_duckdb_relation,
};
