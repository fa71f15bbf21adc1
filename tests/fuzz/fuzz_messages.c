/* Bytes as messages: records, which are read by hand, and those that protobuf-c reads. The first byte chooses. */
#include <stdlib.h>

#include "base/error.h"
#include "fuzz.h"
#include "protocol/fivetran/record.h"
#include "protocol/fivetran/serve.h"
#include "protocol/grpc/frame.h"

static void read_records(const char *bytes, size_t length)
{
	pawl_record_reader reader = {0};
	pawl_record record;
	pawl_error error;
	pawl_wire wire = {bytes, bytes + length, false};
	pawl_wire_field field;
	while (pawl_wire_next(&wire, &field))
		if (pawl_wire_is(&field, 1, PAWL_WIRE_BYTES))
			pawl_record_read(&reader, field.bytes, &record, &error);
	pawl_record_reader_clear(&reader);
}

static void read_update(const pawl_buffer *bytes)
{
	pawl_arena memory = {0};
	pawl_buffer json = {0};
	pawl_error error;
	const FivetranSdk__V2__UpdateRequest *request =
		pawl_fivetran_unpack(&fivetran_sdk__v2__update_request__descriptor, bytes, &memory, &error);
	if (request != NULL) {
		pawl_fivetran_configuration((void *const *) request->configuration, request->n_configuration, &json, &error);
		pawl_fivetran_selection_check(request->selection, &error);
		pawl_fivetran_selects_table(request->selection, "t");
		pawl_fivetran_selects_column(request->selection, "t", "c");
	}
	pawl_buffer_free(&json);
	pawl_arena_free(&memory);
}

static void read_frames(const char *bytes, size_t length, bool is_gzip)
{
	pawl_grpc_inbox inbox = {.is_gzip = is_gzip};
	pawl_error error;
	pawl_grpc_inbox_feed(&inbox, (const unsigned char *) bytes, length, &error);
	pawl_grpc_inbox_clear(&inbox);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer rest = {0};
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_error error;
	pawl_buffer_append_bytes(&rest, (const char *) bytes + 1, length - 1);
	switch (bytes[0] % 5) {
	case 0:
		read_records(pawl_buffer_text(&rest), rest.length);
		break;
	case 1:
		read_update(&rest);
		break;
	case 2:
		pawl_fivetran_unpack(&fivetran_sdk__v2__schema_response__descriptor, &rest, &memory, &error);
		break;
	default:
		read_frames(pawl_buffer_text(&rest), rest.length, bytes[0] % 5 == 3);
		break;
	}
	return 0;
}
