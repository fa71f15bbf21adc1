/*
 * replicate/look.h: what a plan comes to, asked of the source: `pawl check` and `pawl plan`. Nothing is changed anywhere.
 *
 *     PAWL_CLEANUP(pawl_look_clear) pawl_look look = {0};
 *     PAWL_TRY(pawl_look_at(&plan, &plan.tables[i], &look, error));
 *     puts(look.sql);
 */
#ifndef PAWL_REPLICATE_LOOK_H
#define PAWL_REPLICATE_LOOK_H

#include "replicate/plan.h"

/* The read that a sync would begin with. */
typedef struct pawl_look {
	char *sql;
	int64_t rows;     /* that it would give; -1: unknown */
	bool is_estimate; /* the source's own, of the whole table */
	bool is_resumed;  /* it goes on where another one stopped */
} pawl_look;

void pawl_look_clear(pawl_look *look);

/* The table must be one that can be synced. */
pawl_status pawl_look_at(const pawl_plan *plan, const pawl_table_plan *table, pawl_look *ret_look, pawl_error *error);

/* Reads a little of each table, to see that it may be read and that its `where` is understood; what fails is kept with it. */
pawl_status pawl_look_read(pawl_plan *plan, pawl_error *error);

/* How a key of numbers or texts is probably to be understood, by its newest value: *ret_newest (free with pawl_free), which may
 * be NULL. PAWL_FORMAT_NONE: it is none of the formats that there are. */
pawl_status pawl_look_guess_format(const pawl_plan *plan, const pawl_table_plan *table, pawl_key_format *ret_format,
                                   char **ret_newest, pawl_error *error);

/* The status and error of the first table that cannot be synced. */
pawl_status pawl_look_find_failure(const pawl_plan *plan, pawl_error *error);

typedef struct pawl_look_counts {
	size_t failed;   /* tables that cannot be synced */
	size_t warnings; /* of the others */
} pawl_look_counts;

pawl_look_counts pawl_look_count(const pawl_plan *plan);

#endif
