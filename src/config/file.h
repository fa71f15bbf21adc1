/*
 * config/file.h: a job (replicate/job.h) from a file of YAML.
 *
 *     source: sqlite:${SHOP_DATABASE:-shop.db}
 *     destination: warehouse.duckdb
 *     memory_limit: 512MiB
 *     defaults:
 *       key: updated_at
 *     tables:
 *       orders:
 *         lag: 5m
 *         columns: {exclude: [internal_note]}
 *       customers:
 *       "log_*": {mode: append, key: id}
 *
 *     PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};
 *     PAWL_TRY(pawl_config_load("shop.yaml", &job, error));
 *
 * The settings are those of pawl_job_fields and pawl_table_fields; nothing else is accepted, and nothing twice. `tables`
 * may also be a list of names. Values (not names) may hold variables of the environment, see config/expand.h: what they hold is
 * in no error. Paths are as they are written: a relative one starts in the folder that the program runs in, as on the command
 * line.
 *
 * A setting that a table takes back from the defaults is written as '' (a text), [] (a list) or {} (a mapping).
 */
#ifndef PAWL_CONFIG_FILE_H
#define PAWL_CONFIG_FILE_H

#include "base/error.h"
#include "replicate/job.h"

#define PAWL_CONFIG_MAX_BYTES ((size_t) 1 << 20)

/* *ret_job is touched only on success. PAWL_INVALID says where: "shop.yaml:7:5: unknown setting 'primry_key'". */
pawl_status pawl_config_load(const char *path, pawl_job *ret_job, pawl_error *error);

/* The same of a text that is there. `name` stands for it in errors, and becomes the job's path. */
pawl_status pawl_config_parse(const char *name, const char *text, size_t length, pawl_job *ret_job, pawl_error *error);

#endif
