/*
 * connector/table.h: a table while it is synced: what the connector calls its columns, where they stand in the destination,
 * and the operations that were folded so far.
 *
 * A column is *declared* (its type is fixed; a value that does not fit is an error) or *inferred* (its type is that of the first
 * value that is not NULL, and is widened when a later one needs it). The destination may have more columns than the connector
 * names: those of an earlier sync.
 */
#ifndef PAWL_CONNECTOR_TABLE_H
#define PAWL_CONNECTOR_TABLE_H

#include "base/map.h"
#include "connector/batch.h"
#include "connector/schema.h"
#include "types/naming.h"

#define PAWL_NO_SLOT SIZE_MAX

typedef struct pawl_synced_column {
	const char *source_name;
	const char *name;    /* in the destination */
	pawl_type declared;  /* UNSPECIFIED: inferred */
	size_t slot;         /* its place in the destination's table; PAWL_NO_SLOT while all its values were NULL */
	bool is_key;
	uint64_t last_operation; /* the operation that gave it last */
	UT_hash_handle hh; /* by source_name */
} pawl_synced_column;

typedef struct pawl_synced_table {
	const char *source_name;
	pawl_declaration declaration;
	pawl_destination_table target;
	pawl_arena memory;           /* of names, columns and the declaration */
	pawl_synced_column *columns; /* hash table */
	pawl_synced_column **recent; /* of the last operation's fields, in their order: the next one's are likely the same */
	size_t recent_count;

	pawl_synced_column **keys; /* the primary key; NULL and 0 when _fivetran_id is the key, in slot 0 */
	size_t key_count;

	pawl_synced_column **by_slot; /* NULL for a column that the connector has not named */
	uint64_t operation;           /* the operation at hand, counted */
	const pawl_value **given;     /* its values, by slot; NULL for absent */
	size_t *by_name;              /* slots in the order of the destination's names, for _fivetran_id; made when needed */
	size_t by_name_count;

	pawl_buffer key;     /* the bytes of the operation's key */
	pawl_buffer scratch; /* of a cell that is made of new text, until the next one */
	pawl_buffer text;

	pawl_batch *batch;    /* NULL until there is something in it */
	bool needs_ensure;    /* the destination's table is not yet as `target` says */
	int changes;          /* what making it so changed, not committed yet */
	bool is_dirty;        /* has operations that are not committed */
	UT_hash_handle hh;    /* by source_name */
} pawl_synced_table;

/* What a table lives in. */
typedef struct pawl_table_context {
	const pawl_destination_driver *driver;
	pawl_destination *destination;
	pawl_naming naming;
} pawl_table_context;

/*
 * The table of a declaration, joined with what the destination has under its name already. Errors name the table. Free with
 * pawl_synced_table_free.
 */
pawl_status pawl_synced_table_new(const pawl_table_context *context, const pawl_declaration *declaration,
                                  pawl_synced_table **ret_table, pawl_error *error);
void pawl_synced_table_free(pawl_synced_table *table); /* takes NULL */

/*
 * Declares more of a table that is there: columns that are new, and other types for those that are known, which may become wider in
 * the destination. The declaration's key must be part of the table's. Errors name the table.
 */
pawl_status pawl_synced_table_extend(pawl_synced_table *table, const pawl_table_context *context,
                                     const pawl_declaration *declaration, pawl_error *error);

/*
 * False while the types of its primary key are not known, because they are inferred and no row has come yet: the destination
 * cannot have such a table.
 */
bool pawl_synced_table_is_ready(const pawl_synced_table *table);

/*
 * Finds the columns of an operation's fields and fills `given`; columns that are new, or too narrow, are added or widened (what
 * is in the batch is staged first). Errors name the column.
 */
pawl_status pawl_synced_table_resolve(pawl_synced_table *table, const pawl_table_context *context, const pawl_field *fields,
                                      size_t count, pawl_error *error);

/* PAWL_INVALID for a value that was not made by the functions of pawl/value.h, or is longer than any may be. */
pawl_status pawl_synced_value_check(const pawl_value *value, pawl_error *error);

/* Hands the batch over to the destination's staging and empties it, or frees it when `is_freed`. */
pawl_status pawl_synced_table_stage(pawl_synced_table *table, const pawl_table_context *context, bool is_freed,
                                    pawl_error *error);

/* connector/row.c: the operations, for the fields that were resolved last. Errors name the column. */
pawl_status pawl_synced_table_upsert(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error);
pawl_status pawl_synced_table_update(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error);
pawl_status pawl_synced_table_delete(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error);

#endif
