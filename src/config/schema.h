/*
 * config/schema.h: a JSON Schema (draft 2020-12) of a job's file, for editors: from pawl_job_fields and pawl_table_fields, as
 * is the parser (config/file.h). It tells what the parser does, but for what it cannot know, as two columns that have one name
 * but for the case of letters, and for what need not be written, as words of a choice in capitals.
 *
 *     # yaml-language-server: $schema=/usr/share/pawl/pawl.schema.json
 */
#ifndef PAWL_CONFIG_SCHEMA_H
#define PAWL_CONFIG_SCHEMA_H

#include <stdio.h>

#include "base/error.h"

/* Writes it, and a newline. */
pawl_status pawl_config_write_schema(FILE *out, pawl_error *error);

#endif
