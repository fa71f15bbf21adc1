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

/* A SchemaChange that declares the table, but for the columns that the selection leaves out. */
pawl_status pawl_fivetran_schema_change(const pawl_declared_table *declared, const FivetranSdk__V2__Selection *selection,
                                        pawl_buffer *change, pawl_error *error);

/* ---- form.c ----------------------------------------------------------------------------------------------------------- */

/* The connector's ConfigurationFormResponse. */
pawl_status pawl_fivetran_form(const pawl_connector *connector, pawl_buffer *response, pawl_error *error);

/* ---- selection.c ------------------------------------------------------------------------------------------------------ */

/* PAWL_INVALID for a selection of tables in schemas, which connectors do not have. NULL selects all. */
pawl_status pawl_fivetran_selection_check(const FivetranSdk__V2__Selection *selection, pawl_error *error);
bool pawl_fivetran_selects_table(const FivetranSdk__V2__Selection *selection, const char *table);
bool pawl_fivetran_selects_column(const FivetranSdk__V2__Selection *selection, const char *table, const char *column);

/* ---- update.c --------------------------------------------------------------------------------------------------------- */

/* Runs the connector's update and sends what it emits. `log` takes the connector's own lines. */
pawl_status pawl_fivetran_update(const pawl_connector *connector, const FivetranSdk__V2__UpdateRequest *request,
                                 pawl_grpc_call *call, FILE *log, pawl_error *error);

/* ---- log.c ------------------------------------------------------------------------------------------------------------ */

/* One line of JSON; levels below INFO are left out, as the guide has it. Any thread. */
void pawl_fivetran_log(FILE *out, pawl_log_level level, const char *message);

#endif
