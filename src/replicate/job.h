/*
 * replicate/job.h: what is to be replicated, as a person says it: a source, a warehouse, and rules for tables.
 *
 *     pawl_job job = {0};
 *     job.source = pawl_duplicate("shop.duckdb");
 *     job.destination = pawl_duplicate("warehouse.duckdb");
 *     PAWL_TRY(pawl_job_add_rule(&job, "main.orders", &rule, error));
 *     PAWL_TRY(pawl_field_set(pawl_field_find("mode"), &rule->settings, "append", error));
 *
 * A file of YAML fills one (config/file.h), or the command line (cli/). Each setting of a table is a row of
 * pawl_table_fields: the file's keys, the schema for editors and the documentation all come from there.
 */
#ifndef PAWL_REPLICATE_JOB_H
#define PAWL_REPLICATE_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "destination/receiver.h"
#include "source/source.h"

typedef enum pawl_mode {
	PAWL_MODE_AUTO,   /* upsert where there are a usable key and a primary key, else replace */
	PAWL_MODE_UPSERT,
	PAWL_MODE_APPEND,
	PAWL_MODE_REPLACE
} pawl_mode;

typedef enum pawl_null_keys { PAWL_NULLS_INCLUDE, PAWL_NULLS_ERROR, PAWL_NULLS_IGNORE } pawl_null_keys;
typedef enum pawl_clock { PAWL_CLOCK_APPLICATION, PAWL_CLOCK_DATABASE } pawl_clock;
typedef enum pawl_schema_changes { PAWL_SCHEMA_EVOLVE, PAWL_SCHEMA_FREEZE } pawl_schema_changes;
typedef enum pawl_hold { PAWL_HOLD_WAIT, PAWL_HOLD_WARN, PAWL_HOLD_LAG } pawl_hold;
typedef enum pawl_misfits { PAWL_MISFITS_TEXT, PAWL_MISFITS_ERROR } pawl_misfits;

typedef struct pawl_names {
	char **items;
	size_t count;
} pawl_names;

/* name: value, in the order of the file: renamed columns, formats of columns */
typedef struct pawl_pairs {
	char **names, **values;
	size_t count;
} pawl_pairs;

/* The settings of a table, or of all: zeroes are the defaults. */
typedef struct pawl_table_settings {
	uint64_t given; /* bit i: row i of pawl_table_fields was given */
	pawl_names key; /* "updated_at"; several: the greatest non-NULL one; or one text, "coalesce(a, b)" */
	pawl_names primary_key;
	int mode;         /* pawl_mode */
	pawl_names include, exclude; /* columns; neither: all */
	pawl_pairs rename;           /* column: its name in the destination */
	char *where;      /* a condition in the source's SQL */
	char *start;      /* lower bound of the key at the first sync, inclusive */
	int64_t lag_us;
	int null_keys;    /* pawl_null_keys */
	int64_t window_rows;
	int clock;        /* pawl_clock */
	char *key_zone;
	int key_format;   /* pawl_key_format */
	int schema_changes; /* pawl_schema_changes */
	char *name;       /* pattern of the destination's table: "{schema}.{table}" */
	int64_t max_ahead_us;
	int64_t hold_after_us;
	int hold_then;      /* pawl_hold */
	pawl_pairs formats; /* column: a pawl_key_format, for numbers and texts that are times */
	int misfits;      /* pawl_misfits */
} pawl_table_settings;

typedef enum pawl_table_field_kind {
	PAWL_FIELD_TEXT = 1, /* char * */
	PAWL_FIELD_CHOICE,   /* int, index in `choices` */
	PAWL_FIELD_COUNT,    /* int64_t, at least 1 */
	PAWL_FIELD_DURATION, /* int64_t, microseconds: "90s", "5m", "1h30m", "250ms", "0" */
	PAWL_FIELD_NAMES,    /* pawl_names: a text or a list of texts */
	PAWL_FIELD_PAIRS     /* pawl_pairs: a mapping of texts */
} pawl_table_field_kind;

typedef struct pawl_table_field {
	const char *name; /* as in the file. "columns.include": in the mapping `columns` */
	pawl_table_field_kind kind;
	size_t offset;
	const char *const *choices; /* ends in NULL; also of the values of PAWL_FIELD_PAIRS, where not NULL */
	const char *initial;        /* the default, as text; NULL: none */
	const char *help;           /* one line, beginning with a small letter */
} pawl_table_field;

/* The settings of a table; ends in a row of zeros. */
extern const pawl_table_field pawl_table_fields[];
#define PAWL_TABLE_FIELDS_MAX 64

/* The initial values. */
pawl_status pawl_table_settings_init(pawl_table_settings *settings, pawl_error *error);
void pawl_table_settings_clear(pawl_table_settings *settings);

/* Sets one field from text (of PAWL_FIELD_NAMES: replaces the list by this one name). PAWL_INVALID says what is wrong with the
 * value, without the field's name. */
pawl_status pawl_field_set(const pawl_table_field *field, pawl_table_settings *settings, const char *text, pawl_error *error);

/* Adds to a list or a mapping. */
pawl_status pawl_field_add_name(const pawl_table_field *field, pawl_table_settings *settings, const char *name, pawl_error *error);
pawl_status pawl_field_add_pair(const pawl_table_field *field, pawl_table_settings *settings, const char *name, const char *value,
                                pawl_error *error);

/* The row of that name, or NULL. */
const pawl_table_field *pawl_field_find(const char *name);

/* Its bit in pawl_table_settings.given; the name must be one of the table. */
uint64_t pawl_field_bit(const char *name);

/* "90s" as microseconds; false when it is no duration. Units: us, ms, s, m, h, d; a sum of them from large to small. */
bool pawl_duration_parse(const char *text, int64_t *ret_us);

/* Takes what `over` was given. */
pawl_status pawl_table_settings_merge(pawl_table_settings *settings, const pawl_table_settings *over, pawl_error *error);

/* ---- the job --------------------------------------------------------------------------------------------------------- */

/* A rule for the tables whose "schema.name" matches a pattern: '*' any characters, '?' one, without the case of ASCII letters. A
 * pattern without a dot is for names in any schema. */
typedef struct pawl_table_rule {
	char *pattern;
	bool is_settings_only; /* it names no tables as wanted */
	int line; /* of the file, from 1; 0: from the command line */
	pawl_table_settings settings;
} pawl_table_rule;

/* Which of the job's tables and columns are wanted, by the source's names. Columns of the primary key are taken in any case. */
typedef struct pawl_selection {
	void *context;
	bool (*wants_table)(void *context, const char *schema, const char *table);
	bool (*wants_column)(void *context, const char *schema, const char *table, const char *column);
} pawl_selection;

typedef struct pawl_job {
	char *path;        /* of the file, for errors; NULL: none */
	char *source;      /* URL */
	char *source_display;   /* the source as it may be shown, see pawl_source_display */
	char *destination; /* path of the warehouse */
	pawl_table_settings defaults;
	pawl_table_rule *rules; /* none that names tables: every one; a table takes the defaults and then each rule that matches, in
	                           their order */
	size_t rule_count;

	/* settings of the process */
	int64_t memory_limit_bytes; /* of the whole process */
	int64_t threads;            /* of the engine; 0: all cores */
	int64_t tables_at_once;     /* in flight */
	char *temp_directory;       /* NULL: beside the warehouse */
	int64_t max_snapshot_us;    /* of the source's transactions */
	int64_t busy_us;            /* how long to try when the source is locked */
	int64_t retries;            /* how often a table is tried again when the source's server fails it */

	/* of this run */
	pawl_names select;       /* patterns of tables; none: all of the job */
	pawl_names full_refresh; /* patterns of tables */
	int64_t limit_time_us;   /* 0: none */
	bool is_allow_empty;     /* an empty source may replace a table that has rows */
	bool is_accept_source;   /* another source than the state's is meant */
	bool is_copying_anew;    /* a table whose settings, columns or types are no longer those of its state is copied again */
	bool is_case_sensitive;  /* tables whose names differ in the case of letters alone are two, as they are to a receiver */
	const pawl_selection *selection;       /* borrowed; NULL: all */
	const pawl_replica_receiver *receiver; /* takes the rows, one table at a time, not a warehouse; borrowed; NULL: none */
} pawl_job;

#define PAWL_JOB_MEMORY_BYTES       (INT64_C(256) << 20)
#define PAWL_JOB_LEAST_MEMORY_BYTES (INT64_C(192) << 20) /* less, and DuckDB cannot merge its log */

/* The initial values. */
pawl_status pawl_job_init(pawl_job *job, pawl_error *error);
void pawl_job_clear(pawl_job *job);

/* *ret_rule is borrowed until the next one is added. The pattern is copied. */
pawl_status pawl_job_add_rule(pawl_job *job, const char *pattern, pawl_table_rule **ret_rule, pawl_error *error);

pawl_status pawl_names_add(pawl_names *names, const char *name, pawl_error *error);
void pawl_names_clear(pawl_names *names);

bool pawl_pattern_matches(const char *pattern, const char *schema, const char *name);

#endif
