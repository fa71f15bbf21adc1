/*
 * A client of Fivetran's contract that counts the records of one Update and throws them away: what is left is what the server
 * costs. bench/protocol.py runs it.
 *
 *     protocol_drain HOST:PORT [PAUSE [NAME=VALUE...]]
 *
 * Prints records, seconds, and its own seconds of processor time. With PAUSE it takes a message each so many milliseconds, for two
 * seconds, and then goes: what the server's memory does meanwhile is for the caller to see. NAME=VALUE is of the configuration.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "protocol/grpc.h"
#include "protocol/wire.h"

enum { REQUEST_CONFIGURATION = 1, REQUEST_STATE = 3, ENTRY_KEY = 1, ENTRY_VALUE = 2 };
enum { UPDATE_RECORDS = 6, RECORDS_RECORD = 1, PATIENCE_US = 10000000, SLOW_SECONDS = 2 };

static double seconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static long count_records(const pawl_buffer *message)
{
	long count = 0;
	pawl_wire wire = {pawl_buffer_text(message), pawl_buffer_text(message) + message->length, false};
	pawl_wire_field field, record;
	while (pawl_wire_next(&wire, &field))
		if (pawl_wire_is(&field, UPDATE_RECORDS, PAWL_WIRE_BYTES))
			while (pawl_wire_next(&field.bytes, &record))
				count += pawl_wire_is(&record, RECORDS_RECORD, PAWL_WIRE_BYTES);
	return count;
}

static void append_setting(pawl_buffer *request, const char *setting)
{
	const char *equals = strchr(setting, '=');
	pawl_buffer entry = {0};
	if (equals == NULL)
		return;
	pawl_wire_append_bytes(&entry, ENTRY_KEY, setting, (size_t) (equals - setting));
	pawl_wire_append_bytes(&entry, ENTRY_VALUE, equals + 1, strlen(equals + 1));
	pawl_wire_append_bytes(request, REQUEST_CONFIGURATION, pawl_buffer_text(&entry), entry.length);
	pawl_buffer_free(&entry);
}

static pawl_status drain(pawl_grpc_client *client, const pawl_buffer *request, long pause_ms, long *ret_count, pawl_error *error)
{
	pawl_buffer message = {0};
	bool is_end = false;
	const struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
	double end = seconds(CLOCK_MONOTONIC) + SLOW_SECONDS;
	pawl_status status = pawl_grpc_client_call(client, "/fivetran_sdk.v2.SourceConnector/Update", request, error);
	while (status == PAWL_OK && !is_end && (pause_ms == 0 || seconds(CLOCK_MONOTONIC) < end)) {
		status = pawl_grpc_client_next(client, &message, &is_end, NULL, error);
		*ret_count += status == PAWL_OK && !is_end ? count_records(&message) : 0;
		nanosleep(&pause, NULL);
	}
	pawl_buffer_free(&message);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	const pawl_grpc_client_options options = {.target = argv[1], .patience_us = PATIENCE_US};
	pawl_grpc_client *client;
	pawl_error error = {0};
	long count = 0;
	pawl_buffer request = {0};
	pawl_wire_append_bytes(&request, REQUEST_STATE, "{}", 2); /* which the SDK for Python must have */
	for (int i = 3; i < argc; i++)
		append_setting(&request, argv[i]);
	pawl_status status = pawl_grpc_client_open(&options, &client, &error);
	double start = seconds(CLOCK_MONOTONIC);
	if (status == PAWL_OK) {
		status = drain(client, &request, argc > 2 ? atol(argv[2]) : 0, &count, &error);
		pawl_grpc_client_close(client);
	}
	pawl_buffer_free(&request);
	if (status != PAWL_OK)
		fprintf(stderr, "%s\n", error.message);
	else
		printf("%ld %.6f %.6f\n", count, seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID));
	return status == PAWL_OK ? 0 : 1;
}
