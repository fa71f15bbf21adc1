/*
 * protocol/fivetran/internal.h: what the files of this folder share; record.h has the rows.
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_INTERNAL_H
#define PAWL_PROTOCOL_FIVETRAN_INTERNAL_H

#include <connector_sdk.pb-c.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "connector/run.h"
#include "protocol/fivetran.h"
#include "protocol/grpc.h"

/* ---- serve.c ---------------------------------------------------------------------------------------------------------- */

/*
 * Each gets the request, unpacked. Responses are packed in the place of what is in `response`. An error of `test` is what the test
 * found out, and not one of the call, but for PAWL_NOT_FOUND and PAWL_OUT_OF_MEMORY.
 */
struct pawl_fivetran_methods {
	pawl_status (*form)(const void *context, pawl_buffer *response, pawl_error *error);
	pawl_status (*test)(const void *context, const FivetranSdk__V2__TestRequest *request, pawl_error *error);
	pawl_status (*schema)(const void *context, const FivetranSdk__V2__SchemaRequest *request, pawl_buffer *response,
	                      pawl_error *error);
	pawl_status (*update)(const void *context, const FivetranSdk__V2__UpdateRequest *request, pawl_grpc_call *call, FILE *log,
	                      pawl_error *error);
};

/* Puts the hint behind the message, in parentheses: clients are told one text. */
void pawl_fivetran_join_hint(pawl_error *error);

/* ---- messages.c ------------------------------------------------------------------------------------------------------- */

/* Unpacks into the arena; NULL, with an error, when the bytes are no such message (PAWL_INVALID), or there is no memory. */
void *pawl_fivetran_unpack(const ProtobufCMessageDescriptor *descriptor, const pawl_buffer *bytes, pawl_arena *memory,
                           pawl_error *error);

/* Packs, in the place of what is in `out`. */
pawl_status pawl_fivetran_pack(const void *message, pawl_buffer *out, pawl_error *error);

/* The entries of a map<string, string> have one form, whatever message they are of. */
typedef FivetranSdk__V2__TestRequest__ConfigurationEntry pawl_configuration_entry;

/* The configuration as JSON. */
pawl_status pawl_fivetran_configuration(void *const *entries, size_t count, pawl_buffer *json, pawl_error *error);

/* ---- schema.c --------------------------------------------------------------------------------------------------------- */

/* The connector's SchemaResponse for that configuration. */
pawl_status pawl_fivetran_schema(const pawl_connector *connector, const char *configuration, pawl_buffer *response,
                                 pawl_error *error);

typedef struct pawl_fivetran_column {
	const char *name;
	pawl_type type;
	bool is_key;
} pawl_fivetran_column;

/* A table of at most so many columns, and its columns, one by one; NULL and false: out of memory. */
FivetranSdk__V2__Table *pawl_fivetran_table_new(pawl_arena *memory, const char *name, size_t column_count);
bool pawl_fivetran_table_add(pawl_arena *memory, FivetranSdk__V2__Table *table, const pawl_fivetran_column *column);

/* A SchemaChange that declares the table, but for the columns that the selection leaves out. */
pawl_status pawl_fivetran_schema_change(const pawl_declared_table *declared, const FivetranSdk__V2__Selection *selection,
                                        pawl_buffer *change, pawl_error *error);

/* ---- form.c ----------------------------------------------------------------------------------------------------------- */

/* The connector's ConfigurationFormResponse. */
pawl_status pawl_fivetran_form(const pawl_connector *connector, pawl_buffer *response, pawl_error *error);

/* What such a response is made of: settings, which end in a NULL name, or NULL; and tests, of which name and label count. */
typedef struct pawl_fivetran_form_parts {
	const pawl_setting *settings;
	const pawl_test *tests;
	size_t test_count;
	bool has_schemas; /* schemas may be selected, and not only tables */
} pawl_fivetran_form_parts;

pawl_status pawl_fivetran_form_pack(const pawl_fivetran_form_parts *parts, pawl_buffer *response, pawl_error *error);

/* ---- selection.c ------------------------------------------------------------------------------------------------------ */

/* PAWL_INVALID for a selection of tables in schemas, which connectors do not have. NULL selects all. */
pawl_status pawl_fivetran_selection_check(const FivetranSdk__V2__Selection *selection, pawl_error *error);
bool pawl_fivetran_selects_table(const FivetranSdk__V2__Selection *selection, const char *table);
bool pawl_fivetran_selects_column(const FivetranSdk__V2__Selection *selection, const char *table, const char *column);

/* Of tables in schemas. */
bool pawl_fivetran_selects_table_in(const FivetranSdk__V2__TablesWithSchema *selection, const char *schema, const char *table);
bool pawl_fivetran_selects_column_in(const FivetranSdk__V2__TablesWithSchema *selection, const char *schema, const char *table,
                                     const char *column);

/* ---- update.c --------------------------------------------------------------------------------------------------------- */

/* Runs the connector's update and sends what it emits. `log` takes the connector's own lines. */
pawl_status pawl_fivetran_update(const pawl_connector *connector, const FivetranSdk__V2__UpdateRequest *request,
                                 pawl_grpc_call *call, FILE *log, pawl_error *error);

/* ---- log.c ------------------------------------------------------------------------------------------------------------ */

/* One line of JSON; levels below INFO are left out, as the guide has it. Any thread. */
void pawl_fivetran_log(FILE *out, pawl_log_level level, const char *message);

#endif
