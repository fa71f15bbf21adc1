#include "source/postgres/internal.h"

#include <ctype.h>
#include <poll.h>
#include <string.h>

#include "base/time.h"

/* ---- connecting ------------------------------------------------------------------------------------------------------ */

#define SQLSTATE_LENGTH 5

/* Behind the severity come two blanks, and then, if it was asked for, the code alone: "FATAL:  28P01". The last one counts. */
static const char *find_server_words(const char *message)
{
	const char *words = NULL;

	for (const char *found = message; (found = strstr(found, ":  ")) != NULL; found += 3)
		words = found + 3;
	return words;
}

static void find_sqlstate(const char *message, char ret_sqlstate[SQLSTATE_LENGTH + 1])
{
	const char *words = find_server_words(message);
	size_t length = 0;

	while (words != NULL && length < SQLSTATE_LENGTH && isalnum((unsigned char) words[length]))
		length++;
	if (length < SQLSTATE_LENGTH || isalnum((unsigned char) words[length]))
		length = 0;
	memcpy(ret_sqlstate, length == 0 ? "" : words, length);
	ret_sqlstate[length] = '\0';
}

/*
 * Why a server lets nobody in, it says in its own language, and libpq has no function that tells the code. It writes the code
 * when it is told so, which takes a connection: so the server is asked once more. It may even have changed its mind.
 */
static pawl_status ask_again(PGconn *connection, pawl_error *error)
{
	char sqlstate[SQLSTATE_LENGTH + 1] = "";
	PAWL_CLEANUP(pawl_free_pointer) char *message = pawl_duplicate(pawl_pq.errorMessage(connection));

	if (message == NULL)
		return pawl_error_out_of_memory(error);
	if (find_server_words(message) != NULL) {
		pawl_pq.setErrorVerbosity(connection, PQERRORS_SQLSTATE);
		pawl_pq.reset(connection);
		pawl_pq.setErrorVerbosity(connection, PQERRORS_DEFAULT);
		if (pawl_pq.status(connection) == CONNECTION_OK)
			return PAWL_OK;
		find_sqlstate(pawl_pq.errorMessage(connection), sqlstate);
	}
	return pawl_postgres_fail_connect(message, sqlstate, error);
}

/* Notices of the server are for those who write statements. */
static void ignore_notice(void *context, const char *message)
{
	(void) context;
	(void) message;
}

static void finish(PGconn **connection) /* for PAWL_CLEANUP */
{
	if (*connection != NULL) /* libpq is loaded */
		pawl_pq.finish(*connection);
}

pawl_status pawl_postgres_connect(const char *location, PGconn **ret_connection, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_location_clear) pawl_postgres_location parsed = {0};
	PAWL_CLEANUP(finish) PGconn *connection = NULL;

	PAWL_TRY(pawl_postgres_location_parse(location, &parsed, error));
	connection = pawl_pq.connectdbParams(parsed.keywords, parsed.values, 1);
	if (connection == NULL)
		return pawl_error_out_of_memory(error);
	if (pawl_pq.status(connection) != CONNECTION_OK)
		PAWL_TRY(ask_again(connection, error));
	pawl_pq.setNoticeProcessor(connection, ignore_notice, NULL);
	*ret_connection = PAWL_TAKE(connection);
	return PAWL_OK;
}

/* ---- poolers --------------------------------------------------------------------------------------------------------- */

/* How long a second session may take to come: a pool of sessions may have none left. */
#define SECOND_SESSION_US INT64_C(2000000)

static pawl_status find_session(pawl_postgres_source *postgres, int64_t *ret_session, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;

	PAWL_TRY(pawl_postgres_query(postgres, "SELECT pg_backend_pid()", &result, error));
	*ret_session = pawl_postgres_integer(result, 0, 0);
	return PAWL_OK;
}

static pawl_status fail_pooled(pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "the connection goes through a pooler that gives each transaction another session of "
	                                    "the server, as pgbouncer does with pool_mode=transaction");
	return pawl_error_hint(error, "connect to the server itself, or through a pool with pool_mode=session: snapshots, "
	                              "settings and the horizon need a session of their own");
}

pawl_status pawl_postgres_check_session(pawl_postgres_source *postgres, pawl_error *error)
{
	int64_t session;

	PAWL_TRY(find_session(postgres, &session, error));
	return session == postgres->session ? PAWL_OK : fail_pooled(error);
}

#define NO_SESSION      INT64_C(0)  /* in time */
#define NO_TRANSACTIONS INT64_C(-1) /* are let through, as in a pool of statements */

static void wait_for_second(PGconn *second)
{
	int64_t until_us = pawl_time_monotonic_us() + SECOND_SESSION_US, left_us;
	struct pollfd socket = {.fd = pawl_pq.socket(second), .events = POLLIN};

	while (pawl_pq.isBusy(second) && (left_us = until_us - pawl_time_monotonic_us()) > 0)
		if (poll(&socket, 1, (int) (left_us / 1000) + 1) > 0)
			(void) pawl_pq.consumeInput(second); /* when it fails, nobody is busy any more */
}

static int64_t find_second_session(PGconn *second)
{
	int64_t session = NO_SESSION;
	PGresult *result;

	if (pawl_pq.sendQuery(second, "BEGIN; SELECT pg_backend_pid()") == 0)
		return NO_SESSION;
	wait_for_second(second);
	while (!pawl_pq.isBusy(second) && (result = pawl_pq.getResult(second)) != NULL) {
		if (pawl_pq.resultStatus(result) == PGRES_TUPLES_OK)
			session = pawl_postgres_integer(result, 0, 0);
		else if (pawl_pq.resultStatus(result) != PGRES_COMMAND_OK)
			session = NO_TRANSACTIONS;
		pawl_pq.clear(result);
	}
	return session;
}

/*
 * While another connection is in a transaction, ours must still be what it was. A pool of transactions gives the other one our
 * session, or us another one; where it happens to do neither, the check of each snapshot remains.
 */
static pawl_status look_through_pooler(pawl_postgres_source *postgres, const char *location, pawl_error *error)
{
	PAWL_CLEANUP(finish) PGconn *second = NULL;

	PAWL_TRY(pawl_postgres_connect(location, &second, error));
	int64_t session = find_second_session(second);
	if (session == postgres->session || session == NO_TRANSACTIONS)
		return fail_pooled(error);
	return pawl_postgres_check_session(postgres, error);
}

pawl_status pawl_postgres_find_session(pawl_postgres_source *postgres, const char *location, pawl_error *error)
{
	PAWL_TRY(find_session(postgres, &postgres->session, error));
	/* Who stands between gives numbers of its own, by which it would cancel. */
	bool is_pooled = postgres->session != pawl_pq.backendPID(postgres->connection);
	return is_pooled ? look_through_pooler(postgres, location, error) : PAWL_OK;
}
