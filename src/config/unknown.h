/*
 * config/unknown.h: what to say of a setting that there is none of: what was probably meant, or where it belongs.
 */
#ifndef PAWL_CONFIG_UNKNOWN_H
#define PAWL_CONFIG_UNKNOWN_H

#include <stdbool.h>

#include "config/yaml.h"

/* At the top of the file. PAWL_INVALID. */
pawl_status pawl_unknown_job_setting(const pawl_yaml_file *file, const pawl_yaml *key, pawl_error *error);

/* Of a table; `group` is "", or "columns." for a setting in that mapping. PAWL_INVALID. */
pawl_status pawl_unknown_setting(const pawl_yaml_file *file, const pawl_yaml *key, const char *group, pawl_error *error);

/* Whether settings of tables begin with "columns.". */
bool pawl_field_has_group(const char *group);

#endif
