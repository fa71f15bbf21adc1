/*
 * types/naming.h: what a source's table or column is called in the destination.
 *
 * Rules of Fivetran naming (fivetran.com/docs, Connector SDK, "Schema and Upsert Table Names Produce Different Destination Tables"):
 * transliterate non-ASCII characters and drop accents; replace every character that is not a letter, digit or underscore by
 * an underscore; split camelCase into snake_case; collapse underscores; lower case; prefix an underscore to a leading digit; in
 * tables alone, drop leading underscores that a letter follows. Source naming keeps the name as it is.
 */
#ifndef PAWL_TYPES_NAMING_H
#define PAWL_TYPES_NAMING_H

#include "base/error.h"

typedef enum pawl_naming { PAWL_NAMING_FIVETRAN, PAWL_NAMING_SOURCE } pawl_naming;
typedef enum pawl_name_role { PAWL_NAME_TABLE, PAWL_NAME_COLUMN } pawl_name_role;

/*
 * The destination's name for `name`, free with pawl_free. PAWL_INVALID when the name is empty or blank, is not UTF-8, holds
 * a control character, has more than 4096 bytes, or when nothing but underscores is left of it. Two names may give the same
 * one: the caller must refuse that.
 */
pawl_status pawl_naming_apply(pawl_naming naming, pawl_name_role role, const char *name, char **ret_name, pawl_error *error);

#endif
