/*
 * base/json.h: jansson, with Pawl's allocator and Pawl's errors.
 *
 *     PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
 *     PAWL_TRY(pawl_json_parse_object("state", text, length, &root, error));
 *
 * Text with an integer beyond 64 bits, a duplicate key, a NUL, or bad UTF-8 is refused, never changed.
 */
#ifndef PAWL_BASE_JSON_H
#define PAWL_BASE_JSON_H

#include <jansson.h>

#include "base/error.h"

/* `what` names the text in errors: "configuration 'a.json': line 3, column 7: ...". Free with pawl_json_free. */
pawl_status pawl_json_parse_object(const char *what, const char *text, size_t length, json_t **ret_root, pawl_error *error);

/* PAWL_OK when the text is one JSON value of any kind (numbers of any size), else PAWL_INVALID with the place. */
pawl_status pawl_json_check(const char *text, size_t length, pawl_error *error);

void pawl_json_free(json_t **root); /* for PAWL_CLEANUP */

#endif
