#include "base/redact.h"

#include <string.h>

#include "base/memory.h"

/* In lower case and without separators, as holds_word compares. */
static const char *const secret_words[] = {
	"password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "bearer", "authorization", "connectionstring",
	"apikey", "accesskey", "accountkey", "privatekey", "signingkey", "sshkey", "sharedkey", "encryptionkey", "masterkey",
};

#define SHORTEST_SECRET 4

static char lower(char character)
{
	return character >= 'A' && character <= 'Z' ? (char) (character - 'A' + 'a') : character;
}

static bool is_separator(char character)
{
	return character == '_' || character == '-' || character == ' ' || character == '.';
}

/* Whether `name` begins with the word; "API-Key" does with "apikey". */
static bool begins_with_word(const char *name, const char *word)
{
	for (; *word != '\0'; name++) {
		if (lower(*name) == *word)
			word++;
		else if (!is_separator(*name))
			return false;
	}
	return true;
}

bool pawl_redaction_is_secret_name(const char *name)
{
	for (; *name != '\0'; name++)
		for (size_t i = 0; i < sizeof(secret_words) / sizeof(secret_words[0]); i++)
			if (begins_with_word(name, secret_words[i]))
				return true;
	return false;
}

pawl_status pawl_redaction_add(pawl_redaction *redaction, const char *secret, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *copy = NULL;
	char **secrets;

	if (strlen(secret) < SHORTEST_SECRET)
		return PAWL_OK;
	copy = pawl_duplicate(secret);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	secrets = pawl_reallocate(redaction->secrets, (redaction->count + 1) * sizeof(char *));
	if (secrets == NULL)
		return pawl_error_out_of_memory(error);
	secrets[redaction->count++] = PAWL_TAKE(copy);
	redaction->secrets = secrets;
	return PAWL_OK;
}

/*
 * Bytes of `secret` that stand at `text`: all of them, or those before the place where the text was cut, at its end or before
 * "..." (base/text.h).
 */
static size_t bytes_of_secret_at(const char *secret, const char *text)
{
	size_t common = 0;

	while (secret[common] != '\0' && secret[common] == text[common])
		common++;
	if (secret[common] == '\0')
		return common;
	if (common >= SHORTEST_SECRET && (text[common] == '\0' || strncmp(text + common, "...", 3) == 0))
		return common;
	return 0;
}

/* Bytes at `text` that belong to a secret which begins there: those of the longest one. */
static size_t secret_bytes_at(const pawl_redaction *redaction, const char *text)
{
	size_t longest = 0;

	for (size_t i = 0; i < redaction->count; i++) {
		size_t length = bytes_of_secret_at(redaction->secrets[i], text);

		if (length > longest)
			longest = length;
	}
	return longest;
}

/*
 * A byte is overwritten only after every secret that begins at it or before it was found, so that secrets which overlap
 * are both masked whole.
 */
void pawl_redaction_apply(const pawl_redaction *redaction, char *text)
{
	size_t masked = 0; /* bytes still to overwrite */

	for (; *text != '\0'; text++) {
		size_t length = secret_bytes_at(redaction, text);

		if (length > masked)
			masked = length;
		if (masked > 0) {
			*text = '*';
			masked--;
		}
	}
}

pawl_status pawl_redaction_apply_error(const pawl_redaction *redaction, pawl_error *error)
{
	pawl_redaction_apply(redaction, error->message);
	pawl_redaction_apply(redaction, error->hint);
	return error->status;
}

void pawl_redaction_free(pawl_redaction *redaction)
{
	for (size_t i = 0; i < redaction->count; i++)
		pawl_free(redaction->secrets[i]);
	pawl_free(redaction->secrets);
	*redaction = (pawl_redaction){0};
}

/* What stands between "://" and the last '@' is a user, and behind the first colon the password: it may hold what ends an authority,
 * when nobody has encoded it. */
void pawl_redact_url(const char *url, pawl_buffer *out)
{
	const char *authority = strstr(url, "://");
	const char *at = NULL, *colon = NULL;

	if (authority != NULL) {
		authority += strlen("://");
		at = strrchr(authority, '@');
		colon = at == NULL ? NULL : memchr(authority, ':', (size_t) (at - authority));
	}
	if (colon == NULL) {
		pawl_buffer_append(out, url);
		return;
	}
	pawl_buffer_append_bytes(out, url, (size_t) (colon + 1 - url));
	pawl_buffer_append(out, "***");
	pawl_buffer_append(out, at);
}
