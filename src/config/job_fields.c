#include "config/job_fields.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define MEMBER(name) offsetof(pawl_job, name)

const pawl_job_field pawl_job_fields[] = {
	{"source", PAWL_JOB_TEXT, MEMBER(source), 0, 0, true, NULL, "shop.duckdb",
	 "the database to read: a file, or a URL such as postgres://app@db/shop; a relative path starts where pawl is run"},
	{"destination", PAWL_JOB_TEXT, MEMBER(destination), 0, 0, true, NULL, "warehouse.duckdb",
	 "the DuckDB file to write; a relative path starts where pawl is run"},
	{"defaults", PAWL_JOB_SETTINGS, MEMBER(defaults), 0, 0, false, NULL, NULL,
	 "settings of every table, where it has none of its own"},
	{"tables", PAWL_JOB_TABLES, 0, 0, 0, false, NULL, NULL,
	 "the tables to copy, by name or pattern ('*', '?'), each with its settings: a table takes those of every pattern that "
	 "matches, in their order (every table, when left out)"},
	{"memory_limit", PAWL_JOB_SIZE, MEMBER(memory_limit_bytes), PAWL_JOB_LEAST_MEMORY_BYTES, INT64_MAX, false, "256MiB",
	 "512MiB", "memory of the whole process"},
	{"threads", PAWL_JOB_COUNT, MEMBER(threads), 1, 1024, false, NULL, "4",
	 "threads that the engine may use (one a core, when left out)"},
	{"tables_at_once", PAWL_JOB_COUNT, MEMBER(tables_at_once), 1, 64, false, "2", "4",
	 "tables that are copied at the same time"},
	{"temp_directory", PAWL_JOB_TEXT, MEMBER(temp_directory), 0, 0, false, NULL, "/var/tmp",
	 "the folder for what does not fit in memory (beside the destination, when left out)"},
	{"max_snapshot", PAWL_JOB_DURATION, MEMBER(max_snapshot_us), 1000000, INT64_MAX, false, "5m", "10m",
	 "how long a transaction in the source may last, but for whole tables"},
	{"busy_timeout", PAWL_JOB_DURATION, MEMBER(busy_us), 0, INT64_MAX, false, "10s", "1m",
	 "how long to try again while the source is locked"},
	{"retries", PAWL_JOB_COUNT, MEMBER(retries), 0, 100, false, "5", "10",
	 "how often a table is tried again when the source's server ends or refuses the connection, from its last checkpoint on"},
	{0},
};

const pawl_job_field *pawl_job_field_find(const char *name)
{
	for (const pawl_job_field *field = pawl_job_fields; field->kind != 0; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

static pawl_status fail_value(const char *text, const char *what, pawl_error *error)
{
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];

	pawl_text_excerpt(text, strlen(text), excerpt);
	return pawl_error_set(error, PAWL_INVALID, "'%s' %s", excerpt, what);
}

static pawl_status set_text(const char *text, char **member, pawl_error *error)
{
	if (*text == '\0')
		return pawl_error_set(error, PAWL_INVALID, "it is empty");
	char *copy = pawl_duplicate(text);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	pawl_free(*member);
	*member = copy;
	return PAWL_OK;
}

static pawl_status set_count(const pawl_job_field *field, const char *text, int64_t *member, pawl_error *error)
{
	int64_t count;

	if (!pawl_text_parse_integer(text, &count))
		return fail_value(text, "is not an integer", error);
	if (count < field->minimum || count > field->maximum)
		return pawl_error_set(error, PAWL_INVALID, "'%s' is not from %" PRId64 " to %" PRId64, text, field->minimum,
		                      field->maximum);
	*member = count;
	return PAWL_OK;
}

static pawl_status set_size(const pawl_job_field *field, const char *text, int64_t *member, pawl_error *error)
{
	int64_t bytes;

	if (!pawl_text_parse_size(text, &bytes)) {
		fail_value(text, "is not a size", error);
		return pawl_error_hint(error, "write an integer and a unit: 512MiB, 2GiB");
	}
	if (bytes < field->minimum)
		return pawl_error_set(error, PAWL_INVALID, "'%s' is below %" PRId64 "MiB", text, field->minimum >> 20);
	*member = bytes;
	return PAWL_OK;
}

static pawl_status set_duration(const pawl_job_field *field, const char *text, int64_t *member, pawl_error *error)
{
	int64_t us;

	if (!pawl_duration_parse(text, &us)) {
		fail_value(text, "is not a duration", error);
		return pawl_error_hint(error, "write integers and units (us, ms, s, m, h, d): 90s, 1h30m, 250ms");
	}
	if (us < field->minimum)
		return pawl_error_set(error, PAWL_INVALID, "'%s' is below %" PRId64 "s", text, field->minimum / 1000000);
	*member = us;
	return PAWL_OK;
}

pawl_status pawl_job_field_set(const pawl_job_field *field, pawl_job *job, const char *text, pawl_error *error)
{
	void *member = (char *) job + field->offset;

	switch (field->kind) {
	case PAWL_JOB_TEXT:
		return set_text(text, member, error);
	case PAWL_JOB_COUNT:
		return set_count(field, text, member, error);
	case PAWL_JOB_SIZE:
		return set_size(field, text, member, error);
	case PAWL_JOB_DURATION:
		return set_duration(field, text, member, error);
	case PAWL_JOB_SETTINGS:
	case PAWL_JOB_TABLES:
		break;
	}
	return pawl_error_set(error, PAWL_INTERNAL, "the setting '%s' is no text", field->name);
}
