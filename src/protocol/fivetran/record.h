/*
 * protocol/fivetran/record.h: operations on rows as messages, and back: the one place that is passed by every row. A message of
 * `fivetran_sdk.v2.Records` is written from cells, and read to values, with nothing allocated for a row.
 *
 *     pawl_record_begin(&record, "customers", PAWL_OPERATION_UPSERT);
 *     PAWL_TRY(pawl_record_append(&record, "customer_id", PAWL_INT, &cell, error));
 *     pawl_record_end(&record, &records);
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_RECORD_H
#define PAWL_PROTOCOL_FIVETRAN_RECORD_H

#include <pawl/connector.h>

#include "base/map.h"
#include "base/memory.h"
#include "connector/emit.h"
#include "protocol/wire.h"
#include "types/cell.h"

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* Empties `record` and begins a record in it. A failure to allocate is kept by the buffer. */
void pawl_record_begin(pawl_buffer *record, const char *table, pawl_operation operation);

/* The same of a table that is in a schema. */
void pawl_record_begin_in(pawl_buffer *record, const char *schema, const char *table, pawl_operation operation);

/* One column; its value is of the kind that the type has in ValueType. PAWL_INVALID for a time that Timestamp has not. */
pawl_status pawl_record_append(pawl_buffer *record, const char *column, pawl_type type, const pawl_cell *cell,
                               pawl_error *error);

/* The same for a time that is given as nanoseconds since 1970. */
pawl_status pawl_record_append_nanoseconds(pawl_buffer *record, const char *column, pawl_type type, const pawl_cell *cell,
                                           pawl_error *error);

/* Appends the record to the list: a field of `Records`. */
void pawl_record_end(const pawl_buffer *record, pawl_buffer *records);

/* ---- reading --------------------------------------------------------------------------------------------------------- */

/* A name that was met, kept with a NUL behind it. */
typedef struct pawl_record_name {
	const char *text;
	size_t length;
	UT_hash_handle hh; /* by text and length */
} pawl_record_name;

/* What a reader of records keeps from one to the next: the same names come again and again. A zeroed one is empty. */
typedef struct pawl_record_reader {
	pawl_arena memory;
	pawl_record_name *names; /* hash table */
	pawl_field *fields;
	const pawl_record_name **field_names; /* of the fields, and of those of earlier records */
	const pawl_record_name *table_name;   /* of the last record */
	size_t capacity;
} pawl_record_reader;

typedef struct pawl_record {
	const char *schema; /* NULL when it has none */
	const char *table;
	pawl_operation operation;
	const pawl_field *fields; /* until the next record is read; values borrow from the message's bytes */
	size_t count;
} pawl_record;

/* PAWL_INVALID when the bytes are no record, or it holds what Pawl cannot keep exactly; names table and column. */
pawl_status pawl_record_read(pawl_record_reader *reader, pawl_wire bytes, pawl_record *ret_record, pawl_error *error);

void pawl_record_reader_clear(pawl_record_reader *reader); /* takes a zeroed one */

#endif
