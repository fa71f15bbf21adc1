#include "source/postgres/internal.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "base/time.h"

/* How often a wait looks whether it should end. */
#define LOOK_MS 200

/* A statement that has been silent for so long is ended when the source was asked to stop. */
#define LONG_WAIT_US INT64_C(1000000)

/* How long the end of one is waited for. */
#define LONG_REST_MS 5000

/* ---- results --------------------------------------------------------------------------------------------------------- */

void pawl_postgres_clear_result(PGresult **result)
{
	pawl_pq.clear(*result); /* takes NULL */
	*result = NULL;
}

const char *pawl_postgres_text(const PGresult *result, int row, int column)
{
	return pawl_pq.getisnull(result, row, column) ? NULL : pawl_pq.getvalue(result, row, column);
}

int64_t pawl_postgres_integer(const PGresult *result, int row, int column)
{
	int64_t integer = 0;
	return pawl_text_parse_integer(pawl_pq.getvalue(result, row, column), &integer) ? integer : 0;
}

bool pawl_postgres_is_true(const PGresult *result, int row, int column)
{
	return pawl_pq.getvalue(result, row, column)[0] == 't';
}

/* ---- waiting --------------------------------------------------------------------------------------------------------- */

/* The server is asked by a connection of its own. What it answers to the statement then is an error like any other. */
void pawl_postgres_cancel(pawl_postgres_source *postgres)
{
	char ignored[256];
	PGcancel *cancel = pawl_pq.getCancel(postgres->connection);

	if (cancel != NULL)
		pawl_pq.cancel(cancel, ignored, sizeof(ignored));
	pawl_pq.freeCancel(cancel);
}

pawl_status pawl_postgres_wait(pawl_postgres_source *postgres, int64_t since_us, pawl_error *error)
{
	struct pollfd socket = {.fd = pawl_pq.socket(postgres->connection), .events = POLLIN};

	/* When the connection ends here, the server's last words may still be unread: whoever waits looks for them. */
	if (poll(&socket, 1, LOOK_MS) > 0)
		(void) pawl_pq.consumeInput(postgres->connection);
	if (!atomic_load(postgres->is_stopping) || pawl_time_monotonic_us() - since_us < LONG_WAIT_US)
		return PAWL_OK;
	pawl_postgres_cancel(postgres);
	return pawl_error_set(error, PAWL_INTERRUPTED, "stopped while the server was busy");
}

/* The rest of a statement that is over, or cancelled, comes soon or never: then the connection is given up, and libpq finds its end. */
static void wait_for_rest(pawl_postgres_source *postgres)
{
	struct pollfd socket = {.fd = pawl_pq.socket(postgres->connection), .events = POLLIN};

	if (poll(&socket, 1, LONG_REST_MS) == 0)
		shutdown(socket.fd, SHUT_RDWR);
	(void) pawl_pq.consumeInput(postgres->connection);
}

static void drain_copy(pawl_postgres_source *postgres)
{
	char *bytes;
	int length;

	while ((length = pawl_pq.getCopyData(postgres->connection, &bytes, 1)) >= 0) {
		if (length > 0)
			pawl_pq.freemem(bytes);
		else if (pawl_pq.status(postgres->connection) == CONNECTION_OK)
			wait_for_rest(postgres);
		else
			return;
	}
}

void pawl_postgres_drain(pawl_postgres_source *postgres)
{
	PGresult *result;

	for (;;) {
		while (pawl_pq.isBusy(postgres->connection) && pawl_pq.status(postgres->connection) == CONNECTION_OK)
			wait_for_rest(postgres);
		result = pawl_pq.getResult(postgres->connection);
		if (result == NULL)
			return;
		bool is_copy = pawl_pq.resultStatus(result) == PGRES_COPY_OUT;
		pawl_pq.clear(result);
		if (is_copy)
			drain_copy(postgres);
	}
}

/* ---- statements ------------------------------------------------------------------------------------------------------ */

static bool is_good(const PGresult *result)
{
	ExecStatusType status = pawl_pq.resultStatus(result);
	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_OUT;
}

static pawl_status wait_for_result(pawl_postgres_source *postgres, pawl_error *error)
{
	int64_t since_us = pawl_time_monotonic_us();

	while (pawl_pq.isBusy(postgres->connection) && pawl_pq.status(postgres->connection) == CONNECTION_OK)
		PAWL_TRY(pawl_postgres_wait(postgres, since_us, error));
	return PAWL_OK;
}

/* A statement that failed, or that was cancelled, has ended the transaction as far as the snapshot's savepoint. */
static void go_back(pawl_postgres_source *postgres)
{
	if (postgres->has_snapshot && pawl_pq.transactionStatus(postgres->connection) == PQTRANS_INERROR)
		pawl_pq.clear(pawl_pq.exec(postgres->connection, "ROLLBACK TO SAVEPOINT pawl")); /* if that fails, so does what follows */
}

pawl_status pawl_postgres_query(pawl_postgres_source *postgres, const char *sql, PGresult **ret_result, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;

	go_back(postgres);
	/* The extended protocol takes no more than one statement, whatever is in the text. */
	if (pawl_pq.sendQueryParams(postgres->connection, sql, 0, NULL, NULL, NULL, NULL, 0) == 0)
		return pawl_postgres_fail(postgres, NULL, error);
	if (wait_for_result(postgres, error) != PAWL_OK) {
		pawl_postgres_drain(postgres);
		return error->status;
	}
	result = pawl_pq.getResult(postgres->connection);
	bool is_copy = pawl_pq.resultStatus(result) == PGRES_COPY_OUT;
	if (!is_good(result))
		pawl_postgres_fail(postgres, result, error);
	if (!is_copy)
		pawl_postgres_drain(postgres);
	if (!is_good(result))
		return error->status;
	*ret_result = PAWL_TAKE(result);
	return PAWL_OK;
}

pawl_status pawl_postgres_run(pawl_postgres_source *postgres, const char *sql, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;
	return pawl_postgres_query(postgres, sql, &result, error);
}
