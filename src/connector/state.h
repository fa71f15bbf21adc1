/*
 * connector/state.h: what a connector keeps between two syncs: one JSON object, kept byte for byte.
 *
 * The warehouse holds it beside the rows that it speaks of; the file is a copy for people and tools, written after each commit.
 */
#ifndef PAWL_CONNECTOR_STATE_H
#define PAWL_CONNECTOR_STATE_H

#include <pawl/connector.h>

#include "base/json.h"

#define PAWL_STATE_MAX_BYTES 10000000 /* "under 10 MB": the platform's limit */

struct pawl_state {
	char *text;
	json_t *root;
	pawl_error *failure; /* where the getters leave the first error; borrowed */
};

/* PAWL_INVALID when it is not a JSON object that can be kept and read back exactly. Free with pawl_state_clear. */
pawl_status pawl_state_parse(const char *what, const char *text, pawl_error *failure, pawl_state *ret_state, pawl_error *error);

/* Which of two states a sync starts from. */
typedef struct pawl_state_choice {
	char *text;        /* free with pawl_free */
	char *warning;     /* what the user should know about it, or NULL; free with pawl_free */
	bool is_file_same; /* the file says this already */
} pawl_state_choice;

/*
 * `in_warehouse` is NULL in a warehouse that was never written. The warehouse decides, and a file that differs from it is warned about; but a
 * file that the user named (`is_explicit`) is the start of a warehouse that has no state yet, and must then be a state if it is there.
 */
pawl_status pawl_state_choose(const char *in_warehouse, const char *path, bool is_explicit, pawl_state_choice *ret_choice,
                              pawl_error *error);

/* Writes the state to the file, atomically, with a newline after it. */
pawl_status pawl_state_write(const char *path, const char *text, pawl_error *error);

/* `{"key": "value", ...}` from fields, as pawl_checkpoint takes them. Free with pawl_free. */
pawl_status pawl_state_build(const pawl_field *fields, size_t count, char **ret_text, pawl_error *error);

void pawl_state_clear(pawl_state *state); /* takes a zeroed one */

#endif
