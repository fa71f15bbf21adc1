/* Server reflection, v1 and v1alpha: which services there are, and the files that say what their messages are. */
#include <string.h>

#include "base/memory.h"
#include "protocol/grpc/internal.h"
#include "protocol/wire.h"

/* reflection_v1.proto */
enum {
	REQUEST_FILE_BY_NAME = 3,
	REQUEST_FILE_BY_SYMBOL = 4,
	REQUEST_FILE_BY_EXTENSION = 5,
	REQUEST_EXTENSION_NUMBERS = 6,
	REQUEST_LIST_SERVICES = 7,
	RESPONSE_ORIGINAL_REQUEST = 2,
	RESPONSE_FILES = 4,
	RESPONSE_SERVICES = 6,
	RESPONSE_ERROR = 7
};

/* descriptor.proto: FileDescriptorSet, FileDescriptorProto, and the descriptors in it. */
enum { SET_FILE = 1, FILE_NAME = 1, FILE_PACKAGE = 2, FILE_DEPENDENCY = 3, FILE_MESSAGE = 4, FILE_ENUM = 5, FILE_SERVICE = 6 };
enum { DESCRIPTOR_NAME = 1 };

static bool equals(const pawl_wire *bytes, const char *text, size_t length)
{
	return pawl_wire_length(bytes) == length && memcmp(bytes->next, text, length) == 0;
}

/* The last field of that number; empty when there is none. */
static pawl_wire get(pawl_wire message, uint32_t number)
{
	static const char nothing[1];
	pawl_wire found = {nothing, nothing, false};
	pawl_wire_field field;
	while (pawl_wire_next(&message, &field))
		if (pawl_wire_is(&field, number, PAWL_WIRE_BYTES))
			found = field.bytes;
	return found;
}

/* ---- files ------------------------------------------------------------------------------------------------------------- */

static bool next_file(pawl_wire *set, pawl_wire *ret_file)
{
	pawl_wire_field field;
	while (pawl_wire_next(set, &field))
		if (pawl_wire_is(&field, SET_FILE, PAWL_WIRE_BYTES)) {
			*ret_file = field.bytes;
			return true;
		}
	return false;
}

static pawl_wire all_files(const pawl_grpc_server *server)
{
	const pawl_grpc_descriptors *set = &server->options->descriptors;
	return (pawl_wire){(const char *) set->bytes, (const char *) set->bytes + set->length, false};
}

static bool find_file(const pawl_grpc_server *server, const pawl_wire *name, pawl_wire *ret_file)
{
	pawl_wire set = all_files(server), file;
	while (next_file(&set, &file)) {
		pawl_wire its_name = get(file, FILE_NAME);
		if (equals(&its_name, name->next, pawl_wire_length(name))) {
			*ret_file = file;
			return true;
		}
	}
	return false;
}

/* Whether the file declares a message, enum or service of that name. */
static bool declares(pawl_wire file, const char *name, size_t length)
{
	pawl_wire_field field;
	while (pawl_wire_next(&file, &field)) {
		if (field.number < FILE_MESSAGE || field.number > FILE_SERVICE || field.type != PAWL_WIRE_BYTES)
			continue;
		pawl_wire its_name = get(field.bytes, DESCRIPTOR_NAME);
		if (equals(&its_name, name, length))
			return true;
	}
	return false;
}

/* "package.Outer.inner": what is within a message or service is in the file of the outermost. */
static bool find_symbol(const pawl_grpc_server *server, const pawl_wire *symbol, pawl_wire *ret_file)
{
	pawl_wire set = all_files(server), file;
	while (next_file(&set, &file)) {
		pawl_wire package = get(file, FILE_PACKAGE);
		size_t package_length = pawl_wire_length(&package), length = pawl_wire_length(symbol);
		if (length <= package_length + 1 || memcmp(symbol->next, package.next, package_length) != 0 ||
		    symbol->next[package_length] != '.')
			continue;
		const char *name = symbol->next + package_length + 1;
		const char *dot = memchr(name, '.', (size_t) (symbol->end - name));
		if (declares(file, name, (size_t) ((dot == NULL ? symbol->end : dot) - name))) {
			*ret_file = file;
			return true;
		}
	}
	return false;
}

/* Appends the file, and those that it needs, each once. */
static void append_files(const pawl_grpc_server *server, pawl_wire file, pawl_buffer *out)
{
	pawl_wire name = get(file, FILE_NAME);
	pawl_wire there = {pawl_buffer_text(out), pawl_buffer_text(out) + out->length, false}, other;
	while (next_file(&there, &other)) {
		pawl_wire its_name = get(other, FILE_NAME);
		if (equals(&its_name, name.next, pawl_wire_length(&name)))
			return;
	}
	pawl_wire_append_bytes(out, SET_FILE, file.next, pawl_wire_length(&file));
	pawl_wire_field field;
	for (pawl_wire fields = file; pawl_wire_next(&fields, &field);)
		if (pawl_wire_is(&field, FILE_DEPENDENCY, PAWL_WIRE_BYTES) && find_file(server, &field.bytes, &other))
			append_files(server, other, out);
}

/* ---- answers ----------------------------------------------------------------------------------------------------------- */

static void append_error(pawl_buffer *response, pawl_grpc_code code, const char *message)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer error = {0};
	pawl_wire_append_varint(&error, 1, code);
	pawl_wire_append_bytes(&error, 2, message, strlen(message));
	pawl_wire_append_bytes(response, RESPONSE_ERROR, pawl_buffer_text(&error), error.length);
}

/* FileDescriptorResponse is numbered as FileDescriptorSet is. */
static void append_file_response(const pawl_grpc_server *server, const pawl_wire *file, pawl_buffer *response)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer files = {0};
	append_files(server, *file, &files);
	pawl_wire_append_bytes(response, RESPONSE_FILES, pawl_buffer_text(&files), files.length);
}

static void append_services(const pawl_grpc_server *server, pawl_buffer *response)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer list = {0};
	for (size_t i = 0; i < server->service_count; i++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer service = {0};
		pawl_wire_append_bytes(&service, 1, server->services[i]->name, strlen(server->services[i]->name));
		pawl_wire_append_bytes(&list, 1, pawl_buffer_text(&service), service.length);
	}
	pawl_wire_append_bytes(response, RESPONSE_SERVICES, pawl_buffer_text(&list), list.length);
}

static void answer(const pawl_grpc_server *server, const pawl_wire_field *question, pawl_buffer *response)
{
	pawl_wire file;
	switch (question->number) {
	case REQUEST_LIST_SERVICES:
		append_services(server, response);
		break;
	case REQUEST_FILE_BY_NAME:
	case REQUEST_FILE_BY_SYMBOL:
		if (question->number == REQUEST_FILE_BY_NAME ? find_file(server, &question->bytes, &file)
		                                             : find_symbol(server, &question->bytes, &file))
			append_file_response(server, &file, response);
		else
			append_error(response, PAWL_GRPC_NOT_FOUND, "there is no such file or symbol");
		break;
	case REQUEST_FILE_BY_EXTENSION:
	case REQUEST_EXTENSION_NUMBERS:
		append_error(response, PAWL_GRPC_NOT_FOUND, "there are no extensions");
		break;
	default:
		append_error(response, PAWL_GRPC_INVALID_ARGUMENT, "the request asks for nothing that is known");
		break;
	}
}

static bool respond(pawl_grpc_call *call, const pawl_grpc_server *server, const pawl_buffer *request)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer response = {0};
	pawl_wire wire = {pawl_buffer_text(request), pawl_buffer_text(request) + request->length, false};
	pawl_wire_field field, question = {0};
	while (pawl_wire_next(&wire, &field))
		if (field.number >= REQUEST_FILE_BY_NAME && field.number <= REQUEST_LIST_SERVICES && field.type == PAWL_WIRE_BYTES)
			question = field;
	if (!wire.is_damaged)
		pawl_wire_append_bytes(&response, RESPONSE_ORIGINAL_REQUEST, pawl_buffer_text(request), request->length);
	answer(server, &question, &response);
	return pawl_grpc_send(call, &response, 1);
}

static pawl_grpc_code reflect(pawl_grpc_call *call, void *context, pawl_error *error)
{
	(void) error;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer request = {0};
	while (pawl_grpc_receive(call, &request))
		if (!respond(call, context, &request))
			return PAWL_GRPC_CANCELLED;
	return PAWL_GRPC_OK;
}

const pawl_grpc_method pawl_grpc_reflection_methods[] = {
	{"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", reflect},
	{0},
};

const pawl_grpc_method pawl_grpc_reflection_alpha_methods[] = {
	{"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", reflect},
	{0},
};
