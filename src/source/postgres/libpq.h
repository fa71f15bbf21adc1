/*
 * source/postgres/libpq.h: libpq, loaded when the first PostgreSQL source is named.
 *
 * A run without one needs no libpq, and does not wait until it is loaded with all that it needs itself: a tenth of the time of a
 * run that finds nothing new. Its functions are members of a table, by their names without the PQ: pawl_pq.clear is PQclear.
 */
#ifndef PAWL_SOURCE_POSTGRES_LIBPQ_H
#define PAWL_SOURCE_POSTGRES_LIBPQ_H

#include <libpq-fe.h>

#include "base/error.h"

#define PAWL_PQ_FUNCTIONS(F) \
	F(backendPID) F(binaryTuples) F(cancel) F(clear) F(connectdbParams) F(conninfoFree) F(conninfoParse) F(consumeInput) F(db) \
	F(errorMessage) F(exec) F(finish) F(freeCancel) F(freemem) F(getCancel) F(getCopyData) F(getResult) F(getisnull) \
	F(getvalue) F(host) F(isBusy) F(ntuples) F(port) F(reset) F(resultErrorField) F(resultStatus) F(sendQuery) \
	F(sendQueryParams) F(serverVersion) F(setErrorVerbosity) F(setNoticeProcessor) F(socket) F(status) F(transactionStatus)

typedef struct pawl_pq_functions {
#define PAWL_PQ_MEMBER(name) __typeof__(&PQ##name) name;
	PAWL_PQ_FUNCTIONS(PAWL_PQ_MEMBER)
#undef PAWL_PQ_MEMBER
} pawl_pq_functions;

/* Of NULLs before pawl_pq_load succeeded. */
extern pawl_pq_functions pawl_pq;

/* Loads libpq once for the process, whichever threads ask; fails with PAWL_IO when it cannot be loaded. It is never unloaded. */
pawl_status pawl_pq_load(pawl_error *error);

#endif
