/*
 * config/expand.h: variables of the environment in the values of a file.
 *
 *     source: ${SHOP_DATABASE}
 *     destination: ${HOME}/warehouse.duckdb
 *     memory_limit: ${PAWL_MEMORY:-512MiB}
 *
 * ${NAME} is the variable's value, and an error when it is not set; ${NAME:-text} is the text when it is not set, or empty.
 * $${ stands for ${ itself. Any other dollar is just that: SQL has its own uses for it.
 *
 * What a variable holds may be a secret: no error shows it, and `variable` tells the caller to show it no more than that.
 */
#ifndef PAWL_CONFIG_EXPAND_H
#define PAWL_CONFIG_EXPAND_H

#include "base/buffer.h"
#include "base/error.h"

#define PAWL_VARIABLE_BYTES  128              /* of its name, with a NUL */
#define PAWL_EXPANDED_BYTES ((size_t) 1 << 20) /* of a value, at most */

typedef struct pawl_expansion {
	pawl_buffer text;
	char variable[PAWL_VARIABLE_BYTES]; /* the first one whose value is in the text; "": none */
} pawl_expansion;

/* Fills a zeroed one. PAWL_INVALID names the variable. */
pawl_status pawl_expand(const char *text, pawl_expansion *expansion, pawl_error *error);
void pawl_expansion_free(pawl_expansion *expansion);

#endif
