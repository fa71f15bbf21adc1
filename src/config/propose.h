/*
 * config/propose.h: a file of YAML (see config/file.h) for the tables of a source, with a comment for each choice.
 *
 *     PAWL_CLEANUP(pawl_buffer_free) pawl_buffer yaml = {0};
 *     PAWL_TRY(pawl_propose(&plan, &yaml, error));
 *
 *         source: shop.duckdb
 *         destination: warehouse.duckdb
 *
 *         tables:
 *           # upsert by updated_at; primary key order_id
 *           # key: chosen by its name; TIMESTAMP, not NULL
 *           # guarantee lag 60s: for rows committed within the lag after their key was set
 *           main.orders:
 *             key: updated_at
 *
 * What others called their tables and columns stays where it is put: in its comment, or as one text.
 */
#ifndef PAWL_CONFIG_PROPOSE_H
#define PAWL_CONFIG_PROPOSE_H

#include "base/buffer.h"
#include "replicate/plan.h"

/* Of a plan whose job has no rules, or only names. Looks at the newest value of keys that are numbers or texts. */
pawl_status pawl_propose(const pawl_plan *plan, pawl_buffer *yaml, pawl_error *error);

/* The parts, for tests: a name, or a value, where ${ is no variable; a comment of one line, its line end included. */
void pawl_propose_name(pawl_buffer *yaml, const char *text);
void pawl_propose_value(pawl_buffer *yaml, const char *text);
void pawl_propose_comment(pawl_buffer *yaml, const char *indent, const char *format, ...) PAWL_PRINTF(3, 4);

#endif
