/*
 * connector/emit_sync.h: what the calls of a connector do when a receiver takes their operations. For this room alone.
 */
#ifndef PAWL_CONNECTOR_EMIT_SYNC_H
#define PAWL_CONNECTOR_EMIT_SYNC_H

#include "base/map.h"
#include "connector/emit.h"

typedef struct pawl_emitted_column {
	const char *name;
	pawl_type declared; /* UNSPECIFIED: each value has the type that it has by itself */
	bool is_key, is_wanted;
	uint64_t last_operation; /* the operation that gave it last */
	UT_hash_handle hh;       /* by name */
} pawl_emitted_column;

typedef struct pawl_emitted_table {
	pawl_declaration declaration;
	pawl_arena memory;            /* of the declaration and the columns */
	pawl_emitted_column *columns; /* hash table */
	pawl_emitted_column **recent; /* of the last operation's fields, in their order: the next one's are likely the same */
	size_t recent_count;
	size_t key_count;
	uint64_t operation; /* the operation at hand, counted */
	bool is_wanted;
	UT_hash_handle hh; /* by declaration.name */
} pawl_emitted_table;

/* The part of a pawl_sync that a receiver needs; a zeroed one has none. */
typedef struct pawl_emitter {
	const pawl_receiver *receiver;
	pawl_emitted_table *tables, *last;
	pawl_buffer scratch; /* of the cell at hand */
	bool has_uncommitted;
} pawl_emitter;

/* Each is the call of that name, after its check; errors go to sync->failure. */
pawl_status pawl_emit_row(pawl_sync *sync, pawl_operation operation, const char *table, const pawl_field *fields, size_t count);
pawl_status pawl_emit_truncate(pawl_sync *sync, const char *table);
pawl_status pawl_emit_table(pawl_sync *sync, const pawl_declaration *declaration);
bool pawl_emit_has_table(const pawl_sync *sync, const char *name);
pawl_status pawl_emit_checkpoint(pawl_sync *sync);

void pawl_emitter_clear(pawl_emitter *emitter); /* takes a zeroed one */

#endif
