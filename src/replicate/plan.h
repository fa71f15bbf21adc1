/*
 * replicate/plan.h: what a run would do, and why: decided before any row is read.
 *
 *     PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {0};
 *     PAWL_TRY(pawl_plan_make(&job, PAWL_PLAN_LOOK, &plan, error));
 *     for (size_t i = 0; i < plan.table_count; i++)
 *         show(&plan.tables[i]);
 *
 * A plan holds the warehouse and the source open. What is wrong with one table is kept with that table, so that the others can be
 * brought up to date; what is wrong with all of them is an error of pawl_plan_make.
 */
#ifndef PAWL_REPLICATE_PLAN_H
#define PAWL_REPLICATE_PLAN_H

#include "destination/replica.h"
#include "replicate/job.h"
#include "replicate/run.h"
#include "source/source.h"

/* How a column of the destination is to change before rows come. */
typedef struct pawl_column_change {
	size_t column; /* in target.columns */
	bool is_new;   /* else its type changes, to the one that it has in target.columns */
	const char *form; /* of the values that are there, a constant, see pawl_replica_change_type; NULL: a cast */
} pawl_column_change;

#define PAWL_PLAN_TEXT_BYTES 320

/* What a person should know of a table before or after it is synced. */
typedef struct pawl_plan_notice {
	pawl_notice_level level;
	char message[PAWL_PLAN_TEXT_BYTES], hint[PAWL_PLAN_TEXT_BYTES];
} pawl_plan_notice;

typedef struct pawl_table_plan {
	const pawl_source_table *source; /* in the catalog */
	pawl_table_settings settings;    /* defaults and rules together */
	char *source_name;               /* "main.orders" */
	char *target_name;
	pawl_replica_table target;       /* its columns are those that the read gives, with the types that they are kept in */
	pawl_read_column *columns;       /* of the read: as many, in the same order */
	size_t *primary_key;             /* indexes in source->columns */
	size_t primary_key_count;
	bool is_unique;                  /* the source keeps the primary key unique */
	bool is_key_not_null;            /* and none of its columns may be NULL */
	bool has_key;
	bool is_clock;                   /* the key's values are times */
	bool is_bound;                   /* the source's snapshot bounds what may still come; else the horizon alone does */
	pawl_source_key key;
	char *key_text;                  /* "updated_at", "greatest(a, b)" */
	char key_reason[PAWL_PLAN_TEXT_BYTES]; /* why this key, or why none */
	pawl_mode mode;
	pawl_phase phase;
	pawl_guarantee guarantee;
	int64_t lag_us;                  /* what the horizon is lowered by; 0 when there is none */
	bool is_ripening;                /* the key is a sequence whose numbers may be committed late: see ripen.h */
	bool is_held;                    /* the guarantee is exact as long as the cursor stays where it is */
	bool is_hold_over;               /* the horizon is held back for longer than max_hold.after */
	bool is_lag_of_clock;            /* and the lag is to do instead */
	char guarantee_text[40];         /* "exact", "lag 60s", "none" */
	char guarantee_reason[PAWL_PLAN_TEXT_BYTES];
	bool is_full_refresh;            /* asked for */
	bool is_outdated;                /* what is there was made by other settings, of other columns or types */
	bool has_state;
	pawl_replica_state state;        /* as it is in the warehouse, or new */
	bool has_target;                 /* the destination has the table */
	pawl_column_change *changes;
	size_t change_count;
	pawl_plan_notice *notices;
	size_t notice_count;
	pawl_error error;                /* status PAWL_OK: it can be synced */
} pawl_table_plan;

typedef enum pawl_plan_purpose {
	PAWL_PLAN_LOOK, /* changes nothing: the warehouse is opened read-only, or not at all when there is none yet */
	PAWL_PLAN_SYNC
} pawl_plan_purpose;

typedef struct pawl_plan {
	const pawl_job *job; /* borrowed */
	pawl_replica *replica;
	pawl_source *source;
	const char *source_location; /* what more of its kind are opened with; borrowed from the job */
	char *source_identity;
	pawl_source_catalog catalog;
	pawl_snapshot snapshot; /* a look at the source's clock, and what it guarantees */
	pawl_replica_states states;
	pawl_replica_tables warehouse;
	pawl_table_plan *tables;
	size_t table_count;
} pawl_plan;

pawl_status pawl_plan_make(const pawl_job *job, pawl_plan_purpose purpose, pawl_plan *ret_plan, pawl_error *error);
void pawl_plan_clear(pawl_plan *plan); /* takes a zeroed one */

/* The first half of it: opens the source and the warehouse, and discovers. For `pawl discover` and `pawl init`, whose job may have
 * no destination. */
pawl_status pawl_plan_open(const pawl_job *job, pawl_plan_purpose purpose, pawl_plan *ret_plan, pawl_error *error);

/* The job means this table, too, by a pattern or by naming none. */
bool pawl_plan_misses(const pawl_plan *plan, const pawl_source_denied *denied);

/* The options that a source is opened with. */
pawl_source_options pawl_plan_source_options(const pawl_job *job, pawl_duck *engine);

/* The read of the table: columns, key, condition; with no bounds and no order. All borrowed from the plan. */
pawl_read pawl_plan_read(const pawl_table_plan *table);

/* Looks at some rows of a table that is to be copied whole, for how long their texts are, and notes it in the state, unless that is
 * known. What goes wrong is left to the copy. */
pawl_status pawl_plan_weigh(const pawl_plan *plan, pawl_table_plan *table, pawl_error *error);

/* Hints at `where`, if there is one and nothing else is known that might help: only the source understands it. */
void pawl_plan_hint_where(const pawl_table_plan *table, pawl_error *error);

/* Says which table an error is of, unless the source has said so. */
pawl_status pawl_plan_name_table(const char *source_name, pawl_error *error);

/* The column that would be chosen as the key, or -1; `reason` says why. */
ptrdiff_t pawl_key_choose(const pawl_source_table *table, char reason[PAWL_PLAN_TEXT_BYTES]);

/* What can be promised, from the key, the clock, the source, and the state. */
void pawl_plan_guarantee(pawl_table_plan *table, const pawl_snapshot *snapshot);

/* The promise is taken back, for what was found in the rows. */
void pawl_plan_no_guarantee(pawl_table_plan *table, const char *reason);

#endif
