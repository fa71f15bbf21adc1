/*
 * replicate/plan/internal.h: the parts of making a plan, a file each. plan.c calls them for one table after the other.
 */
#ifndef PAWL_REPLICATE_PLAN_INTERNAL_H
#define PAWL_REPLICATE_PLAN_INTERNAL_H

#include "replicate/plan.h"

pawl_status pawl_plan_add_notice(pawl_table_plan *table, pawl_notice_level level, const char *hint, pawl_error *error,
                                 const char *format, ...) PAWL_PRINTF(5, 6);

/* select.c: which tables. Each pattern must be of some table: a name that is wrong is no wish to copy nothing. */
pawl_status pawl_plan_check_patterns(const pawl_plan *plan, pawl_error *error);
bool pawl_plan_wants(const pawl_job *job, const pawl_source_table *source);
bool pawl_plan_matches_any(const pawl_names *patterns, const pawl_source_table *source);

/* A view is copied only when it is named: it may be of any cost. */
bool pawl_plan_rule_matches(const pawl_table_rule *rule, const pawl_source_table *source);

/* columns.c: which columns, their names, the primary key. The selection may be NULL. */
pawl_status pawl_plan_columns(const pawl_selection *selection, pawl_table_plan *table, pawl_error *error);

/* Whether the settings take this column of the source; a selection may leave it out nevertheless. */
bool pawl_plan_takes_column(const pawl_table_settings *settings, const char *name);

/* PAWL_INVALID, with the column that was probably meant. */
pawl_status pawl_plan_fail_unknown_column(const pawl_source_table *source, const char *setting, const char *name,
                                          pawl_error *error);

/* key.c: the replication key that was asked for, or that is chosen. */
pawl_status pawl_plan_key(pawl_table_plan *table, pawl_error *error);

/* change.c: what differs from the state and from the destination's table, and so which phase comes. */
pawl_status pawl_plan_state(const pawl_plan *plan, pawl_table_plan *table, pawl_error *error);

/* weigh.c: a relation of some rows of what is read, in a snapshot of its own, for `consume` to read once. */
typedef pawl_status pawl_plan_consume(const pawl_plan *plan, const char *relation, void *context, pawl_error *error);
pawl_status pawl_plan_read_some(const pawl_plan *plan, const pawl_read *read, int64_t limit, pawl_plan_consume *consume, void *context,
                                pawl_error *error);

/* widen.c: "BIGINT" for "INTEGER" and "BIGINT". What holds all values of both types exactly. */
typedef enum pawl_widening {
	PAWL_WIDEN_KEEP,    /* the first type holds those of the second */
	PAWL_WIDEN_TO,      /* *ret_type does; static or written to `space` */
	PAWL_WIDEN_AS_TEXT, /* the first is VARCHAR, and holds their text */
	PAWL_WIDEN_NEVER
} pawl_widening;
#define PAWL_WIDEN_BYTES 24
pawl_widening pawl_widen(const char *have, const char *come, char space[PAWL_WIDEN_BYTES], const char **ret_type);

#endif
