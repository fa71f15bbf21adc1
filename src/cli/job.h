/*
 * cli/job.h: which job a verb is about: a file, or a source, a warehouse and tables on the command line.
 *
 *     struct settings { pawl_job_settings job; bool is_json; };
 *
 *     static const pawl_option options[] = {
 *         PAWL_JOB_OPTIONS(struct settings, job),
 *         {PAWL_OPTION_FLAG, "json", NULL, "print JSON", offsetof(struct settings, is_json), 0, 0, NULL},
 *         {0},
 *     };
 *
 * The verb's `prepare` makes the job of them, and its `clear` frees it:
 *
 *     PAWL_TRY(pawl_job_load(&settings->job, true, error));     // then settings->job.loaded is there
 *     pawl_job_clear(&settings->job.loaded);
 */
#ifndef PAWL_CLI_JOB_H
#define PAWL_CLI_JOB_H

#include "cli/options.h"
#include "replicate/job.h"

typedef struct pawl_job_settings {
	const char *path, *from, *to;
	pawl_option_list tables, keys, primary_key, select;
	int mode;
	int64_t memory_limit_bytes, threads, tables_at_once;
	const char *temp_directory;
	pawl_job loaded; /* what all of them say */
} pawl_job_settings;

/* Rows of an option table, the operand first: where from; which tables; what to do with them; how. */
#define PAWL_JOB_FILE_OPTION(settings, job) \
	{PAWL_OPTION_OPTIONAL_OPERAND, "FILE", NULL, "a job, as shop.yaml", offsetof(settings, job.path), 0, 0, NULL}

#define PAWL_JOB_FROM_OPTION(settings, job)                                                                           \
	{PAWL_OPTION_TEXT, "from", "SOURCE", "instead of a file: duckdb:FILE, sqlite:FILE, or a path",                \
	 offsetof(settings, job.from), 0, 0, NULL}

#define PAWL_JOB_TABLE_OPTIONS(settings, job)                                                                         \
	{PAWL_OPTION_TEXT, "to", "WAREHOUSE", "the DuckDB file to write", offsetof(settings, job.to), 0, 0, NULL},    \
	{PAWL_OPTION_LIST, "table", "NAME", "a table or pattern, as main.orders or log_*; may be repeated (all)",     \
	 offsetof(settings, job.tables), 0, 0, NULL}

#define PAWL_JOB_RULE_OPTIONS(settings, job)                                                                          \
	{PAWL_OPTION_LIST, "key", "COLUMN",                                                                           \
	 "the replication key of these tables (chosen); several: the greatest of a row",                              \
	 offsetof(settings, job.keys), 0, 0, NULL},                                                                   \
	{PAWL_OPTION_LIST, "primary-key", "COLUMN", "their primary key, if the source declares none; may be repeated", \
	 offsetof(settings, job.primary_key), 0, 0, NULL},                                                            \
	{PAWL_OPTION_CHOICE, "mode", "MODE", "auto (default), upsert, append or replace",                             \
	 offsetof(settings, job.mode), 0, 0, pawl_job_modes},                                                         \
	{PAWL_OPTION_LIST, "select", "NAME", "only these tables of the job; a table or pattern, may be repeated",     \
	 offsetof(settings, job.select), 0, 0, NULL}

#define PAWL_JOB_ENGINE_OPTIONS(settings, job)                                                                        \
	{PAWL_OPTION_SIZE, "memory-limit", "SIZE", "memory of the whole process, at least 192MiB (256MiB)",            \
	 offsetof(settings, job.memory_limit_bytes), PAWL_JOB_LEAST_MEMORY_BYTES, INT64_MAX, NULL},                   \
	{PAWL_OPTION_INTEGER, "threads", "N", "threads of the engine (all cores)",                                    \
	 offsetof(settings, job.threads), 1, 1024, NULL},                                                             \
	{PAWL_OPTION_TEXT, "temp-directory", "DIR", "where to spill to (beside the warehouse)",                       \
	 offsetof(settings, job.temp_directory), 0, 0, NULL}

/* All of them. */
#define PAWL_JOB_OPTIONS(settings, job)                                                                               \
	PAWL_JOB_FILE_OPTION(settings, job), PAWL_JOB_FROM_OPTION(settings, job), PAWL_JOB_TABLE_OPTIONS(settings, job), \
		PAWL_JOB_RULE_OPTIONS(settings, job), PAWL_JOB_ENGINE_OPTIONS(settings, job)

/* "auto", "upsert"...: as of an option that is a choice. */
extern const char *const pawl_job_modes[];

/*
 * Fills `loaded`, to be freed with pawl_job_clear. `needs_destination`: else a job may do without one. PAWL_INVALID also when
 * the source is of no kind that is known.
 */
pawl_status pawl_job_load(pawl_job_settings *settings, bool needs_destination, pawl_error *error);

#endif
