/*
 * config/job_fields.h: the settings at the top of a job's file, a row each. The parser (config/file.h) and the schema for
 * editors (config/schema.h) come from this table, and from pawl_table_fields for the tables.
 */
#ifndef PAWL_CONFIG_JOB_FIELDS_H
#define PAWL_CONFIG_JOB_FIELDS_H

#include "replicate/job.h"

typedef enum pawl_job_field_kind {
	PAWL_JOB_TEXT = 1, /* char *, not empty */
	PAWL_JOB_COUNT,    /* int64_t, from `minimum` to `maximum` */
	PAWL_JOB_SIZE,     /* int64_t, bytes, at least `minimum`: "256MiB" */
	PAWL_JOB_DURATION, /* int64_t, microseconds, at least `minimum` */
	PAWL_JOB_SETTINGS, /* pawl_table_settings: a mapping of pawl_table_fields */
	PAWL_JOB_TABLES    /* the rules: a mapping of names or patterns to settings, or a list of names */
} pawl_job_field_kind;

typedef struct pawl_job_field {
	const char *name;
	pawl_job_field_kind kind;
	size_t offset; /* in pawl_job; of PAWL_JOB_TABLES: none */
	int64_t minimum, maximum;
	bool is_required;
	const char *initial; /* the default, as text, as pawl_job_init has it; NULL: none */
	const char *example; /* as it stands in a file */
	const char *help;    /* one line, beginning with a small letter */
} pawl_job_field;

/* Ends in a row of zeros. */
extern const pawl_job_field pawl_job_fields[];

/* The row of that name, or NULL. */
const pawl_job_field *pawl_job_field_find(const char *name);

/* Sets one of the first four kinds. PAWL_INVALID says what is wrong with the value, without the field's name. */
pawl_status pawl_job_field_set(const pawl_job_field *field, pawl_job *job, const char *text, pawl_error *error);

#endif
