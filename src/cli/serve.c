#include "cli/serve_options.h"
#include "cli/verbs.h"
#include "replicate/job.h"

struct settings {
	pawl_serve_settings serve;
	int64_t memory_limit_bytes, threads;
	const char *temp_directory;
};

static pawl_status run_serve(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *given = settings;
	const pawl_fivetran_database_options options = {
		.memory_limit_bytes = given->memory_limit_bytes == 0 ? PAWL_JOB_LEAST_MEMORY_BYTES : given->memory_limit_bytes,
		.threads = given->threads,
		.temp_directory = given->temp_directory,
	};

	return pawl_serve_run(program, &given->serve, pawl_fivetran_database(&options), error);
}

static const pawl_option options[] = {
	PAWL_SERVE_OPTIONS(struct settings, serve),
	{PAWL_OPTION_SIZE, "memory-limit", "SIZE", "memory for each update, at least 192MiB (192MiB)",
	 offsetof(struct settings, memory_limit_bytes), PAWL_JOB_LEAST_MEMORY_BYTES, INT64_MAX, NULL},
	{PAWL_OPTION_INTEGER, "threads", "N", "threads of the engine of each update (all cores)",
	 offsetof(struct settings, threads), 1, 1024, NULL},
	{PAWL_OPTION_TEXT, "temp-directory", "DIR", "where to spill to ($TMPDIR, or /tmp)",
	 offsetof(struct settings, temp_directory), 0, 0, NULL},
	{0},
};

const pawl_command pawl_verb_serve = {
	.name = "serve",
	.summary = "serve the databases of pawl sync over gRPC, by Fivetran's contract",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_serve,
};
