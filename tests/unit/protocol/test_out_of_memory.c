/*
 * Every allocation of a small run over the wire is refused in turn: of the server, of the client that drives it, and of what both
 * have between the wire and the connector's calls. Each time the run must end, in a clean error, and the next one be as if nothing had
 * happened.
 */
#include <pthread.h>
#include <unistd.h>

#include "base/memory.h"
#include "connector/emit.h"
#include "protocol/fivetran.h"
#include "protocol/grpc/frame.h"
#include "support.h"

enum { PATIENCE_US = 5000000, MOST_SECONDS = 240 };

/* ---- the connector that is served -------------------------------------------------------------------------------------- */

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	pawl_configuration_require(configuration, "region");
	return pawl_table(schema, "orders", PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_LONG}, {"price", PAWL_DECIMAL(8, 2)}));
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	(void) configuration;
	pawl_log_info(sync, "from %lld", (long long) pawl_state_integer(state, "n", 0));
	for (int id = 0; id < 3; id++)
		pawl_upsert(sync, "orders", {"id", pawl_of(id)}, {"price", pawl_decimal("1.5")}, {"note", pawl_of("a note of some length")},
		            {"at", pawl_utc_datetime(1700000000000000)}, {"more", pawl_json("{\"a\": [1, 2]}")});
	pawl_update(sync, "orders", {"id", pawl_of(0)}, {"note", pawl_null()});
	pawl_delete(sync, "orders", {"id", pawl_of(2)});
	pawl_truncate(sync, "orders");
	pawl_sync_table(sync, "added", PAWL_KEYS("name"), PAWL_COLUMNS({"name", PAWL_STRING}));
	pawl_upsert(sync, "added", {"name", pawl_of("x")});
	pawl_warning(sync, "soon over");
	return pawl_checkpoint(sync, {"n", pawl_of(1)});
}

static FILE *server_log;

static void *serve(void *unused)
{
	static const pawl_connector connector = {.name = "memory", .schema = schema, .update = update};
	const pawl_fivetran_server_options options = {
		.served = pawl_fivetran_connector(&connector), .host = "127.0.0.1", .log = server_log};
	pawl_error error;
	assert_int_equal(pawl_fivetran_serve(&options, &error), PAWL_OK);
	return unused;
}

/* The first line of the log says where the server listens. */
static int read_port(int log)
{
	char line[256];
	ssize_t length = read(log, line, sizeof(line) - 1);
	int port = 0;
	assert_true(length > 0);
	line[length] = '\0';
	const char *found = strstr(line, "port ");
	assert_non_null(found);
	assert_int_equal(sscanf(found, "port %d", &port), 1);
	return port;
}

/* Nobody reads the log further: the pipe must not fill up. */
static void *drain(void *log)
{
	char bytes[4096];
	while (read(*(int *) log, bytes, sizeof(bytes)) > 0)
		continue;
	return NULL;
}

/* ---- the run that drives it -------------------------------------------------------------------------------------------- */

typedef struct tally {
	size_t tables, rows, fields, checkpoints, warnings;
} tally;

static bool want_table(void *context, const char *table)
{
	(void) context;
	(void) table;
	return true;
}

static bool want_column(void *context, const char *table, const char *column)
{
	(void) context;
	(void) table;
	(void) column;
	return true;
}

static pawl_status take_table(void *context, const pawl_declared_table *table, pawl_error *error)
{
	(void) table;
	(void) error;
	((tally *) context)->tables++;
	return PAWL_OK;
}

static pawl_status begin_row(void *context, pawl_operation operation, const char *table, pawl_error *error)
{
	(void) context;
	(void) operation;
	(void) table;
	(void) error;
	return PAWL_OK;
}

static pawl_status take_field(void *context, const char *column, pawl_type type, const pawl_cell *cell, pawl_error *error)
{
	(void) column;
	(void) type;
	(void) cell;
	(void) error;
	((tally *) context)->fields++;
	return PAWL_OK;
}

static pawl_status end_row(void *context, pawl_error *error)
{
	(void) error;
	((tally *) context)->rows++;
	return PAWL_OK;
}

static pawl_status take_checkpoint(void *context, const char *state, pawl_error *error)
{
	(void) state;
	(void) error;
	((tally *) context)->checkpoints++;
	return PAWL_OK;
}

static bool is_wanted(void *context)
{
	(void) context;
	return true;
}

static void take_notice(void *context, pawl_log_level level, const char *message)
{
	(void) message;
	((tally *) context)->warnings += level == PAWL_LOG_WARNING;
}

static pawl_status drive(const char *target, tally *ret_tally, pawl_error *error)
{
	const pawl_fivetran_source_options options = {.target = target, .name = "driven", .patience_us = PATIENCE_US};
	const pawl_emit_input input = {"{\"region\": \"eu\"}", "{\"n\": 0}"};
	const pawl_receiver receiver = {
		.context = ret_tally,
		.is_table_wanted = want_table,
		.is_column_wanted = want_column,
		.table = take_table,
		.begin_row = begin_row,
		.field = take_field,
		.end_row = end_row,
		.checkpoint = take_checkpoint,
		.is_wanted = is_wanted,
		.observer = {.context = ret_tally, .notice = take_notice},
	};
	pawl_fivetran_source *source;
	*ret_tally = (tally){0};
	pawl_error_clear(error);
	PAWL_TRY(pawl_fivetran_source_open(&options, &source, error));
	pawl_status status = pawl_emit(pawl_fivetran_source_connector(source), &input, &receiver, error);
	pawl_fivetran_source_close(source);
	return status;
}

/* ---- the test ---------------------------------------------------------------------------------------------------------- */

/* Memory that this side, or the server, had not; where it could not even say so, it gave up the stream or the connection. */
static bool is_clean(const pawl_error *error)
{
	if (error->status == PAWL_CONNECTOR)
		return strstr(error->message, "(RESOURCE_EXHAUSTED)") != NULL || strstr(error->message, "reset: ") != NULL;
	return error->status == PAWL_OUT_OF_MEMORY || error->status == PAWL_IO;
}

static void check_whole(const char *target)
{
	tally have;
	pawl_error error;
	if (drive(target, &have, &error) != PAWL_OK)
		fail_msg("%s: %s", pawl_status_name(error.status), error.message);
	const tally want = {.tables = 1, .rows = 7, .fields = 3 * 5 + 2 + 1 + 1, .checkpoints = 1, .warnings = 1};
	assert_memory_equal(&have, &want, sizeof(want));
}

static void refuse_each(const char *target)
{
	long refused = 0;
	bool is_refused = true;
	for (long n = 1; is_refused; n++) {
		tally ignored;
		pawl_error error;
		long before = pawl_memory_allocations();
		pawl_memory_fail_at(n);
		pawl_status status = drive(target, &ignored, &error);
		pawl_memory_fail_at(0);
		is_refused = pawl_memory_allocations() - before >= n;
		refused += is_refused;
		if (status != PAWL_OK && !is_clean(&error))
			fail_msg("allocation %ld: %s: %s", n, pawl_status_name(status), error.message);
		check_whole(target);
	}
	print_message("%ld allocations refused\n", refused);
	assert_true(refused > 200);
}

static void test_every_allocation(void **unused)
{
	(void) unused;
	int log[2];
	pthread_t server, drainer;
	char target[32];
	assert_int_equal(pipe(log), 0);
	server_log = fdopen(log[1], "w");
	assert_non_null(server_log);
	assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
	snprintf(target, sizeof(target), "127.0.0.1:%d", read_port(log[0]));
	assert_int_equal(pthread_create(&drainer, NULL, drain, &log[0]), 0);
	check_whole(target);
	refuse_each(target);
	pawl_fivetran_request_stop();
	pthread_join(server, NULL);
	fclose(server_log);
	pthread_join(drainer, NULL);
	close(log[0]);
}

static void test_opening_a_server(void **unused)
{
	(void) unused;
	const pawl_grpc_server_options options = {.host = "127.0.0.1"};
	pawl_status status = PAWL_OUT_OF_MEMORY;
	for (long n = 1; status != PAWL_OK; n++) {
		pawl_grpc_server *server = NULL;
		pawl_error error;
		pawl_memory_fail_at(n);
		status = pawl_grpc_server_open(&options, &server, &error);
		pawl_memory_fail_at(0);
		assert_true(status == PAWL_OK || status == PAWL_OUT_OF_MEMORY);
		pawl_grpc_server_close(server);
	}
}

/* A message that is compressed, and taken from the wire again. */
static pawl_grpc_code pass_on(const pawl_buffer *message, pawl_buffer *ret_taken)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer framed = {0};
	pawl_grpc_inbox inbox = {.is_gzip = true};
	pawl_error error;
	if (!pawl_grpc_frame(message, 1, true, &framed))
		return PAWL_GRPC_RESOURCE_EXHAUSTED;
	pawl_grpc_code code = pawl_grpc_inbox_feed(&inbox, (const unsigned char *) framed.text, framed.length, &error);
	if (code == PAWL_GRPC_OK)
		assert_true(pawl_grpc_inbox_take(&inbox, ret_taken));
	pawl_grpc_inbox_clear(&inbox);
	return code;
}

static void test_compressed_messages(void **unused)
{
	(void) unused;
	pawl_buffer message = {0}, taken = {0};
	for (int i = 0; i < 1000; i++)
		pawl_buffer_appendf(&message, "%d", i * i);
	pawl_grpc_code code = PAWL_GRPC_RESOURCE_EXHAUSTED;
	long n = 0;
	while (code != PAWL_GRPC_OK) {
		pawl_memory_fail_at(++n);
		code = pass_on(&message, &taken);
		pawl_memory_fail_at(0);
		assert_true(code == PAWL_GRPC_OK || code == PAWL_GRPC_RESOURCE_EXHAUSTED);
	}
	assert_true(n > 5);
	assert_string_equal(pawl_buffer_text(&taken), pawl_buffer_text(&message));
	pawl_buffer_free(&message);
	pawl_buffer_free(&taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opening_a_server),
		cmocka_unit_test(test_compressed_messages),
		cmocka_unit_test(test_every_allocation),
	};
	alarm(MOST_SECONDS); /* a run that hangs is an error, too */
	return cmocka_run_group_tests_name("protocol/out_of_memory", tests, NULL, NULL);
}
