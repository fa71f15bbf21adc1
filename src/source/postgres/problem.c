#include "source/postgres/internal.h"

#include <stdio.h>
#include <string.h>

/* ---- what to do ------------------------------------------------------------------------------------------------------ */

/* Of a SQLSTATE, or of a class of them, its first two letters. The first row that fits counts. */
static const struct advice {
	const char *sqlstate, *hint;
} advices[] = {
	{"28P01", "check user and password: a password comes from the URL, PGPASSWORD or ~/.pgpass"},
	{"28", "check the user, and that pg_hba.conf of the server lets it in from here"},
	{"3D000", "check the database's name: postgres://user@host/DATABASE"},
	{"42501", "let the role read it: GRANT USAGE ON SCHEMA s TO role; GRANT SELECT ON ALL TABLES IN SCHEMA s TO role; where row "
	          "security filters rows, ALTER ROLE role BYPASSRLS"},
	{"55P03", "another session holds a lock on the table, as ALTER TABLE does: run it again later"},
	{"57014", "the server ended the statement: was it 'statement_timeout'?"},
	{"25P04", "the server ended the session: was it 'transaction_timeout'?"},
	{"57P05", "the server ended the session: was it 'idle_session_timeout'?"},
	{"57P", "the server was stopped or ended the session: run it again"},
	{"40001", "of a standby: it had to give way to the primary; hot_standby_feedback, or a longer max_standby_streaming_delay"},
	{"40", "run it again"},
	{"53300", "the server has no connection left: run it again later, or with fewer --threads"},
	{"53", "the server is short of something: run it again later"},
	{"08", "check host and port, and that the server runs; then run it again"},
};

static bool is_of(const char *sqlstate, const char *beginning)
{
	return strncmp(sqlstate, beginning, strlen(beginning)) == 0;
}

static bool is_retryable(const char *sqlstate)
{
	return is_of(sqlstate, "08") || is_of(sqlstate, "57P") || is_of(sqlstate, "40") || is_of(sqlstate, "53") ||
	       is_of(sqlstate, "55P03");
}

static pawl_status finish(const char *sqlstate, pawl_error *error)
{
	snprintf(error->sqlstate, sizeof(error->sqlstate), "%s", sqlstate);
	error->is_retryable = is_retryable(sqlstate);
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (is_of(sqlstate, advices[i].sqlstate))
			return pawl_error_hint(error, "%s", advices[i].hint);
	return error->status;
}

/* ---- errors ---------------------------------------------------------------------------------------------------------- */

/* libpq ends its messages in a newline, and has some in the midst: they become one blank each. */
static void set_message(const char *message, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	for (const char *rest = message + strspn(message, "\n\t "); *rest != '\0';) {
		size_t length = strcspn(rest, "\n\t");
		pawl_buffer_append_bytes(&text, rest, length);
		rest += length;
		rest += strspn(rest, "\n\t ");
		pawl_buffer_append(&text, *rest == '\0' ? "" : " ");
	}
	pawl_error_set(error, PAWL_DATABASE, "%s", pawl_buffer_text(&text));
}

pawl_status pawl_postgres_fail(const pawl_postgres_source *postgres, const PGresult *result, pawl_error *error)
{
	const char *sqlstate = pawl_pq.resultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = pawl_pq.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = pawl_pq.resultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	if (sqlstate == NULL || message == NULL) { /* not the server's: the connection's */
		set_message(pawl_pq.errorMessage(postgres->connection), error);
		return finish("08006", error);
	}
	pawl_buffer_append(&text, message);
	if (detail != NULL)
		pawl_buffer_appendf(&text, " (%s)", detail);
	set_message(pawl_buffer_text(&text), error);
	return finish(sqlstate, error);
}

/*
 * What libpq says of connections, for which it has no code. It says it in English: messages are translated only in processes
 * that call setlocale(), which Pawl never does.
 */
static const struct saying {
	const char *words, *sqlstate, *hint; /* NULL: the code's */
} sayings[] = {
	{"no password supplied", "28P01", NULL},
	{"does not match host name", "08001",
	 "connect by the name that the certificate is for: host=NAME, with hostaddr=ADDRESS where that name leads elsewhere"},
	{"root certificate", "08001",
	 "name the certificate of who signed the server's: sslrootcert=FILE, as /etc/ssl/certs/ca-certificates.crt; or lower the "
	 "demand: sslmode=require encrypts, and checks nothing"},
	{"certificate verify failed", "08001",
	 "the server's certificate is out of date, or signed by another than sslrootcert names: give its own, or lower the "
	 "demand: sslmode=require encrypts, and checks nothing"},
	{"does not support SSL", "08001", "the server has no TLS: sslmode=disable goes without, where nobody else can listen"},
};

pawl_status pawl_postgres_fail_connect(const char *message, const char *sqlstate, pawl_error *error)
{
	set_message(message, error);
	if (*sqlstate != '\0')
		return finish(sqlstate, error);
	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		if (strstr(message, sayings[i].words) == NULL)
			continue;
		finish(sayings[i].sqlstate, error);
		error->is_retryable = false;
		return sayings[i].hint == NULL ? error->status : pawl_error_hint(error, "%s", sayings[i].hint);
	}
	return finish("08001", error);
}
