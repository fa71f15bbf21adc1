/*
 * base/redact.h: secrets never reach a terminal, a log or a file.
 *
 *     pawl_redaction_add(&redaction, "hunter2", error);
 *     pawl_redaction_apply(&redaction, line);       // "password hunter2" becomes "password *******"
 */
#ifndef PAWL_BASE_REDACT_H
#define PAWL_BASE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* A zeroed one knows no secrets. */
typedef struct pawl_redaction {
	char **secrets;
	size_t count;
} pawl_redaction;

/*
 * True when a setting of that name holds a secret: password, passwd, secret, token, credential, private key, api key and the
 * like, in any case, with or without separators.
 */
bool pawl_redaction_is_secret_name(const char *name);

/* Copies the secret. One of less than 4 bytes is not masked anywhere: it would blot out ordinary text. */
pawl_status pawl_redaction_add(pawl_redaction *redaction, const char *secret, pawl_error *error);

/*
 * Overwrites every occurrence in `text`, in place, byte for byte with '*', where secrets overlap too. To be called before text
 * is escaped, which may change what a secret looks like.
 */
void pawl_redaction_apply(const pawl_redaction *redaction, char *text);

/* In message and hint; returns the error's status. */
pawl_status pawl_redaction_apply_error(const pawl_redaction *redaction, pawl_error *error);

void pawl_redaction_free(pawl_redaction *redaction);

/* Appends a URL as it may be shown: "postgres://app:***@db/shop". What is not one is appended as it is. */
void pawl_redact_url(const char *url, pawl_buffer *out);

#endif
