/*
 * connector/sync.h: one run of a connector's update, from its calls to the destination's commits.
 *
 * Between two checkpoints operations are folded table by table (connector/batch.h), and staged in the destination when they
 * take too much memory; no transaction is open meanwhile. A checkpoint applies them all and saves the state, in one transaction.
 */
#ifndef PAWL_CONNECTOR_SYNC_H
#define PAWL_CONNECTOR_SYNC_H

#include "connector/configuration.h"
#include "connector/emit_sync.h"
#include "connector/run.h"
#include "connector/state.h"
#include "connector/table.h"

struct pawl_sync {
	const pawl_connector *connector;
	const pawl_schema *schema; /* what `schema` declared */
	pawl_table_context target;
	pawl_emitter emitter;            /* its receiver is NULL when a warehouse takes the operations */
	const char *destination_schema;  /* for messages: "tester" */
	const char *state_path;
	int64_t memory_budget_bytes;     /* of all batches together */
	size_t batch_rows;               /* a batch with so many rows is staged */
	const pawl_redaction *secrets;
	const pawl_run_observer *observer;
	pawl_error *failure;             /* the first error, kept */

	pawl_synced_table *tables; /* hash table, in the order of their first use */
	pawl_synced_table *last;   /* the table of the last operation */
	char *state;               /* of the last checkpoint, or of the start */
	bool is_state_saved;       /* the destination has it */
	bool is_file_same;         /* the state file has it */

	pawl_run_counts counts;
	int64_t pending_rows;        /* operations on rows since the last commit */
	int64_t committed_rows;
	int64_t unchecked_rows;      /* since memory was last looked at */
	int64_t unchecked_bytes;
};

/* Every call of the connector begins with it: nothing happens after the first error, nor after a signal. */
pawl_status pawl_sync_check(pawl_sync *sync);

/* ---- sync_tables.c -------------------------------------------------------------------------------------------------------- */

/* The declaration of a table that none declared; PAWL_INVALID when the connector has a schema, which should have. */
pawl_status pawl_sync_declare_unknown(const pawl_sync *sync, const char *name, pawl_arena *memory,
                                      pawl_declaration *ret_declaration, pawl_error *error);

/* For a table that is declared again, and differently. */
pawl_status pawl_sync_refuse_other_declaration(const char *table, pawl_error *error);

/* The table of that name, added when it may be; borrowed. */
pawl_status pawl_sync_get_table(pawl_sync *sync, const char *name, pawl_synced_table **ret_table, pawl_error *error);

/* True when the destination's table is not as it should be, and can be made so. */
bool pawl_sync_needs_ensure(const pawl_synced_table *table);

/* Brings the destination's tables to what they are here, within a transaction. */
pawl_status pawl_sync_ensure_tables(pawl_sync *sync, pawl_error *error);

/* Tells what that did, once it is committed. */
void pawl_sync_tell_changes(pawl_sync *sync);

/* Makes the declared tables, and saves the state that the sync starts from with them, in a transaction of their own. */
pawl_status pawl_sync_create_tables(pawl_sync *sync);

/* ---- checkpoint.c ---------------------------------------------------------------------------------------------------- */

/* Commits what came after the last checkpoint, with that checkpoint's state. Does nothing when nothing changed. */
pawl_status pawl_sync_finish(pawl_sync *sync);

/* ---- tell.c ---------------------------------------------------------------------------------------------------------- */

/* A copy of the text as it may be shown, without secrets; free with pawl_free. NULL when there is no memory. */
char *pawl_sync_mask(const pawl_sync *sync, const char *text);

/* Pawl's own word to the user. */
void pawl_sync_notice(const pawl_sync *sync, pawl_log_level level, const char *format, ...) PAWL_PRINTF(3, 4);

/* Frees what the sync holds; its pointers to others' things are borrowed. */
void pawl_sync_clear(pawl_sync *sync);

#endif
