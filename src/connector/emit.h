/*
 * connector/emit.h: run a connector's update and hand each operation on to a receiver, instead of to a warehouse.
 *
 *     const pawl_receiver receiver = {.context = &stream, .begin_row = begin_row, ...};
 *     pawl_status status = pawl_emit(connector, &(pawl_emit_input){configuration, state}, &receiver, &error);
 *
 * What the connector may do is the same as in a run: tables that are not declared, keys that are missing and values that their
 * column cannot keep exactly are refused with the same words. Names are the source's.
 *
 * Thread rule: a pawl_emit belongs to the thread that calls it; several threads may run one connector, which must then be
 * made for it.
 */
#ifndef PAWL_CONNECTOR_EMIT_H
#define PAWL_CONNECTOR_EMIT_H

#include "connector/run.h"
#include "connector/schema.h"
#include "types/cell.h"

/* The numbers are those of RecordType in Fivetran's contract. */
typedef enum pawl_operation {
	PAWL_OPERATION_UPSERT = 0,
	PAWL_OPERATION_UPDATE = 1,
	PAWL_OPERATION_DELETE = 2,
	PAWL_OPERATION_TRUNCATE = 3
} pawl_operation;

typedef struct pawl_receiver {
	void *context;

	/* Asked once for each table, and for each column that is not in its primary key, when it is first met. What is not wanted
	 * is checked like all else, and not handed on. */
	bool (*is_table_wanted)(void *context, const char *table);
	bool (*is_column_wanted)(void *context, const char *table, const char *column);

	/* A table that is wanted, and that `update` declares with pawl_sync_table. */
	pawl_status (*table)(void *context, const pawl_declared_table *table, pawl_error *error);

	/* A row: its beginning, its fields in the order in which the connector gave them, its end. A truncate has no fields. */
	pawl_status (*begin_row)(void *context, pawl_operation operation, const char *table, pawl_error *error);
	pawl_status (*field)(void *context, const char *column, pawl_type type, const pawl_cell *cell, pawl_error *error);
	pawl_status (*end_row)(void *context, pawl_error *error);

	pawl_status (*checkpoint)(void *context, const char *state, pawl_error *error);

	/* The first call after it has become false fails with PAWL_INTERRUPTED. */
	bool (*is_wanted)(void *context);

	/* Logs go to observer.log, warnings to observer.notice. */
	pawl_run_observer observer;
} pawl_receiver;

/* JSON text; borrowed. */
typedef struct pawl_emit_input {
	const char *configuration;
	const char *state;
} pawl_emit_input;

/*
 * Runs schema and update. When rows came after the last checkpoint, or there was none, a last one with the state that holds ends
 * it, as a run would commit them. Errors have no secrets.
 */
pawl_status pawl_emit(const pawl_connector *connector, const pawl_emit_input *input, const pawl_receiver *receiver,
                      pawl_error *error);

/* Runs schema alone, for that configuration. `visit` gets the source's names as the destination's. */
pawl_status pawl_emit_schema(const pawl_connector *connector, const char *configuration, pawl_table_visitor visit,
                             void *context, pawl_error *error);

#endif
