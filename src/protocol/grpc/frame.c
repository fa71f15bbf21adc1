#include "protocol/grpc/frame.h"

#include <string.h>
#include <zlib.h>

#include "base/memory.h"

enum {
	GZIP_WINDOW = 15 + 16,       /* zlib.h: 15 bits, with a header of gzip */
	SMALLEST_COMPRESSED = 512,   /* bytes; what is shorter does not get much shorter */
	INFLATE_STEP = 64 * 1024
};

/* ---- gzip ------------------------------------------------------------------------------------------------------------ */

static void *allocate_for_zlib(void *opaque, unsigned int count, unsigned int size)
{
	(void) opaque;
	return pawl_allocate_array(count, size);
}

static void free_for_zlib(void *opaque, void *memory)
{
	(void) opaque;
	pawl_free(memory);
}

static z_stream new_stream(void)
{
	return (z_stream){.zalloc = allocate_for_zlib, .zfree = free_for_zlib};
}

static pawl_grpc_code inflate_all(z_stream *stream, pawl_buffer *out, pawl_error *error)
{
	for (;;) {
		char *room = pawl_buffer_reserve(out, INFLATE_STEP);
		if (room == NULL) {
			pawl_error_out_of_memory(error);
			return PAWL_GRPC_RESOURCE_EXHAUSTED;
		}
		stream->next_out = (unsigned char *) room;
		stream->avail_out = INFLATE_STEP;
		int result = inflate(stream, Z_NO_FLUSH);
		pawl_buffer_extend(out, INFLATE_STEP - stream->avail_out);
		if (out->length > PAWL_GRPC_MAX_MESSAGE_BYTES) {
			pawl_error_set(error, PAWL_INVALID, "a message is longer than %zu bytes once it is decompressed", PAWL_GRPC_MAX_MESSAGE_BYTES);
			return PAWL_GRPC_RESOURCE_EXHAUSTED;
		}
		if (result == Z_STREAM_END && stream->avail_in == 0)
			return PAWL_GRPC_OK;
		if (result != Z_OK || (stream->avail_in == 0 && stream->avail_out > 0)) {
			pawl_error_set(error, PAWL_INVALID, "a message is not gzip, though it says so");
			return PAWL_GRPC_INTERNAL;
		}
	}
}

static pawl_grpc_code decompress(const pawl_buffer *in, pawl_buffer *out, pawl_error *error)
{
	z_stream stream = new_stream();
	if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK) {
		pawl_error_out_of_memory(error);
		return PAWL_GRPC_RESOURCE_EXHAUSTED;
	}
	union {
		const char *text;
		unsigned char *bytes; /* zlib reads it only */
	} input = {pawl_buffer_text(in)};
	stream.next_in = input.bytes;
	stream.avail_in = (unsigned int) in->length;
	pawl_grpc_code code = inflate_all(&stream, out, error);
	inflateEnd(&stream);
	return code;
}

/* Appends the parts as one gzip member; false, with nothing appended, when that fails. */
static bool compress_parts(const pawl_buffer *parts, size_t count, size_t length, pawl_buffer *out)
{
	z_stream stream = new_stream();
	if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	size_t bound = deflateBound(&stream, length);
	char *room = pawl_buffer_reserve(out, bound);
	int result = room == NULL ? Z_MEM_ERROR : Z_OK;
	stream.next_out = (unsigned char *) room;
	stream.avail_out = (unsigned int) bound;
	for (size_t i = 0; i < count && result == Z_OK; i++) {
		stream.next_in = (unsigned char *) parts[i].text;
		stream.avail_in = (unsigned int) parts[i].length;
		result = deflate(&stream, i + 1 == count ? Z_FINISH : Z_NO_FLUSH);
	}
	if (result == Z_STREAM_END)
		pawl_buffer_extend(out, bound - stream.avail_out);
	deflateEnd(&stream);
	return result == Z_STREAM_END;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static void put_prefix(char *out, bool is_compressed, size_t length)
{
	out[0] = is_compressed ? 1 : 0;
	for (int i = 0; i < 4; i++)
		out[1 + i] = (char) (length >> (24 - 8 * i));
}

bool pawl_grpc_frame(const pawl_buffer *parts, size_t count, bool is_gzip, pawl_buffer *out)
{
	size_t length = 0, start = out->length;
	for (size_t i = 0; i < count; i++)
		length += parts[i].length;
	if (length > PAWL_GRPC_MAX_MESSAGE_BYTES)
		return false;
	is_gzip = is_gzip && length >= SMALLEST_COMPRESSED;
	char prefix[PAWL_GRPC_PREFIX_BYTES];
	put_prefix(prefix, is_gzip, length);
	pawl_buffer_append_bytes(out, prefix, sizeof(prefix));
	if (is_gzip && !out->has_failed) {
		if (!compress_parts(parts, count, length, out))
			return false;
		put_prefix(out->text + start, true, out->length - start - PAWL_GRPC_PREFIX_BYTES);
		return true;
	}
	for (size_t i = 0; i < count; i++)
		pawl_buffer_append_bytes(out, parts[i].text, parts[i].length);
	return !out->has_failed;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static size_t announced_length(const pawl_grpc_inbox *inbox)
{
	size_t length = 0;
	for (int i = 1; i < PAWL_GRPC_PREFIX_BYTES; i++)
		length = length << 8 | inbox->prefix[i];
	return length;
}

static pawl_grpc_code check_prefix(const pawl_grpc_inbox *inbox, pawl_error *error)
{
	size_t length = announced_length(inbox);
	if (length > PAWL_GRPC_MAX_MESSAGE_BYTES) {
		pawl_error_set(error, PAWL_INVALID, "a message has %zu bytes, more than %zu", length, PAWL_GRPC_MAX_MESSAGE_BYTES);
		return PAWL_GRPC_RESOURCE_EXHAUSTED;
	}
	if (inbox->prefix[0] > 1) {
		pawl_error_set(error, PAWL_INVALID, "a message begins with byte %d, not 0 or 1", inbox->prefix[0]);
		return PAWL_GRPC_INTERNAL;
	}
	if (inbox->prefix[0] == 1 && !inbox->is_gzip) {
		pawl_error_set(error, PAWL_INVALID, "a message is compressed, but no grpc-encoding says how");
		return PAWL_GRPC_INTERNAL;
	}
	return PAWL_GRPC_OK;
}

/* The message is complete: it goes to the queue. */
static pawl_grpc_code complete(pawl_grpc_inbox *inbox, pawl_error *error)
{
	pawl_grpc_message *message = pawl_allocate(sizeof(*message));
	if (message == NULL) {
		pawl_error_out_of_memory(error);
		return PAWL_GRPC_RESOURCE_EXHAUSTED;
	}
	if (inbox->prefix[0] == 1) {
		pawl_grpc_code code = decompress(&inbox->body, &message->bytes, error);
		if (code != PAWL_GRPC_OK) {
			pawl_buffer_free(&message->bytes);
			pawl_free(message);
			return code;
		}
		pawl_buffer_clear(&inbox->body);
	} else {
		message->bytes = inbox->body;
		inbox->body = (pawl_buffer){0};
	}
	if (inbox->last == NULL)
		inbox->first = message;
	else
		inbox->last->next = message;
	inbox->last = message;
	inbox->waiting_bytes += message->bytes.length;
	inbox->prefix_length = 0;
	return PAWL_GRPC_OK;
}

static size_t least(size_t left, size_t right)
{
	return left < right ? left : right;
}

pawl_grpc_code pawl_grpc_inbox_feed(pawl_grpc_inbox *inbox, const unsigned char *bytes, size_t length, pawl_error *error)
{
	while (length > 0) {
		size_t taken;
		pawl_grpc_code code = PAWL_GRPC_OK;
		if (inbox->prefix_length < PAWL_GRPC_PREFIX_BYTES) {
			taken = least(length, PAWL_GRPC_PREFIX_BYTES - inbox->prefix_length);
			memcpy(inbox->prefix + inbox->prefix_length, bytes, taken);
			inbox->prefix_length += taken;
			if (inbox->prefix_length == PAWL_GRPC_PREFIX_BYTES)
				code = check_prefix(inbox, error);
		} else {
			taken = least(length, announced_length(inbox) - inbox->body.length);
			pawl_buffer_append_bytes(&inbox->body, (const char *) bytes, taken);
			if (pawl_buffer_status(&inbox->body, error) != PAWL_OK)
				code = PAWL_GRPC_RESOURCE_EXHAUSTED;
		}
		if (code == PAWL_GRPC_OK && inbox->prefix_length == PAWL_GRPC_PREFIX_BYTES && inbox->body.length == announced_length(inbox))
			code = complete(inbox, error);
		if (code != PAWL_GRPC_OK)
			return code;
		bytes += taken;
		length -= taken;
	}
	return PAWL_GRPC_OK;
}

bool pawl_grpc_inbox_is_cut(const pawl_grpc_inbox *inbox)
{
	return inbox->prefix_length > 0;
}

bool pawl_grpc_inbox_take(pawl_grpc_inbox *inbox, pawl_buffer *message)
{
	pawl_grpc_message *first = inbox->first;
	if (first == NULL)
		return false;
	inbox->first = first->next;
	if (inbox->first == NULL)
		inbox->last = NULL;
	inbox->waiting_bytes -= first->bytes.length;
	pawl_buffer_free(message);
	*message = first->bytes;
	pawl_free(first);
	return true;
}

void pawl_grpc_inbox_clear(pawl_grpc_inbox *inbox)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
	while (pawl_grpc_inbox_take(inbox, &message))
		continue;
	pawl_buffer_free(&inbox->body);
}
