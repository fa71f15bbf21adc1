#include "report/format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define SECOND_US INT64_C(1000000)

/* How far pawl_format_visible looks, so that text of many lines does not take quadratic time. */
#define VISIBLE_BYTES 256

void pawl_format_count(int64_t count, char out[PAWL_FORMAT_BYTES])
{
	char digits[PAWL_FORMAT_BYTES];
	uint64_t size = count < 0 ? -(uint64_t) count : (uint64_t) count;
	size_t length = (size_t) snprintf(digits, sizeof(digits), "%" PRIu64, size);
	size_t used = 0;
	if (count < 0)
		out[used++] = '-';
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
}

static void format_counted(int64_t count, const char *noun, char out[PAWL_FORMAT_BYTES])
{
	char number[PAWL_FORMAT_BYTES];
	pawl_format_count(count, number);
	snprintf(out, PAWL_FORMAT_BYTES, "%.30s %s%s", number, noun, count == 1 ? "" : "s");
}

void pawl_format_rows(int64_t rows, char out[PAWL_FORMAT_BYTES])
{
	format_counted(rows, "row", out);
}

void pawl_format_tables(int64_t tables, char out[PAWL_FORMAT_BYTES])
{
	format_counted(tables, "table", out);
}

void pawl_format_duration(int64_t us, char out[PAWL_FORMAT_BYTES])
{
	int64_t seconds = us / SECOND_US;
	int64_t minutes = seconds / 60;
	int64_t hours = minutes / 60;
	if (minutes == 0)
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 ".%02" PRId64 " s", seconds, us % SECOND_US / 10000);
	else if (hours == 0)
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 "m %02" PRId64 "s", minutes, seconds % 60);
	else
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 "h %02" PRId64 "m %02" PRId64 "s", hours, minutes % 60,
		         seconds % 60);
}

void pawl_format_eta(int64_t us, char out[PAWL_FORMAT_BYTES])
{
	int64_t seconds = us / SECOND_US;
	int64_t minutes = seconds / 60;
	int64_t hours = minutes / 60;
	if (minutes == 0)
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 " s", seconds);
	else if (hours == 0)
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 "m %02" PRId64 "s", minutes, seconds % 60);
	else if (hours < 24)
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 "h %02" PRId64 "m", hours, minutes % 60);
	else
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 "d %02" PRId64 "h", hours / 24, hours % 24);
}

void pawl_format_ago(int64_t us, char out[PAWL_FORMAT_BYTES])
{
	char time[PAWL_FORMAT_BYTES];
	if (us > -SECOND_US && us < SECOND_US) {
		strcpy(out, "just now");
		return;
	}
	pawl_format_eta(us < 0 ? us / SECOND_US * -SECOND_US : us, time); /* the least integer has no opposite */
	snprintf(out, PAWL_FORMAT_BYTES, us < 0 ? "in %.30s" : "%.30s ago", time);
}

void pawl_format_size(int64_t bytes, char out[PAWL_FORMAT_BYTES])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	int64_t whole = bytes;
	int64_t rest = 0;
	size_t unit = 0;
	while (whole >= 1024) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	if (unit > 0 && whole < 10)
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 ".%" PRId64 " %s", whole, rest * 10 / 1024, units[unit]);
	else
		snprintf(out, PAWL_FORMAT_BYTES, "%" PRId64 " %s", whole, units[unit]);
}

void pawl_format_clock(int64_t utc_us, char out[PAWL_FORMAT_BYTES])
{
	int64_t ms = utc_us / 1000 % (24 * 60 * 60 * 1000);
	snprintf(out, PAWL_FORMAT_BYTES, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64, ms / 3600000,
	         ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

int64_t pawl_format_rate(int64_t rows, int64_t elapsed_us)
{
	__int128 rate = (__int128) rows * SECOND_US / (elapsed_us < 1 ? 1 : elapsed_us);
	return rate > INT64_MAX ? INT64_MAX : (int64_t) rate;
}

/* C0, DEL, and the C1 characters U+0080 to U+009F, which some terminals obey: in UTF-8 they are C2 80 to C2 9F. */
static bool is_control(const char *text, size_t length)
{
	unsigned char first = (unsigned char) text[0];
	if (first < 0x20 || first == 0x7f)
		return true;
	return first == 0xc2 && length > 1 && (unsigned char) text[1] < 0xa0;
}

size_t pawl_format_visible(const char *text, size_t length, char escape[PAWL_FORMAT_ESCAPE_BYTES])
{
	size_t valid = pawl_text_valid_utf8(text, length < VISIBLE_BYTES ? length : VISIBLE_BYTES);
	size_t visible = 0;
	while (visible < valid && !is_control(text + visible, valid - visible))
		visible++;
	if (visible > 0)
		return visible;
	if (text[0] == '\n')
		strcpy(escape, "\\n");
	else if (text[0] == '\t')
		strcpy(escape, "\\t");
	else
		snprintf(escape, PAWL_FORMAT_ESCAPE_BYTES, "\\x%02x", (unsigned) (unsigned char) text[0]);
	return 0;
}

/* A piece of text of others, as it is shown. */
struct piece {
	const char *text;
	size_t length;
	char escape[PAWL_FORMAT_ESCAPE_BYTES];
};

/* The first piece of the text; returns the bytes that it stands for. */
static size_t next_piece(struct piece *piece, const char *text, size_t length)
{
	size_t visible = pawl_format_visible(text, length, piece->escape);
	piece->text = visible > 0 ? text : piece->escape;
	piece->length = visible > 0 ? visible : strlen(piece->escape);
	return visible > 0 ? visible : 1;
}

void pawl_format_print(FILE *out, const char *text, size_t length)
{
	struct piece piece;
	for (size_t taken = 0; taken < length;) {
		taken += next_piece(&piece, text + taken, length - taken);
		fwrite(piece.text, 1, piece.length, out);
	}
}

void pawl_format_append(pawl_buffer *out, const char *text, size_t length)
{
	struct piece piece;
	for (size_t taken = 0; taken < length;) {
		taken += next_piece(&piece, text + taken, length - taken);
		pawl_buffer_append_bytes(out, piece.text, piece.length);
	}
}

/* Of the character at the start of the text, which is UTF-8: its bytes. */
static size_t character_bytes(const char *text, size_t length)
{
	size_t bytes = 1;
	while (bytes < 4 && bytes < length && ((unsigned char) text[bytes] & 0xc0) == 0x80)
		bytes++;
	return bytes;
}

size_t pawl_format_fit(const char *text, size_t length, size_t width, size_t *ret_width)
{
	size_t taken = 0, used = 0;
	while (taken < length) {
		char character[5] = "";
		size_t bytes = character_bytes(text + taken, length - taken);
		memcpy(character, text + taken, bytes);
		size_t columns = pawl_text_width(character);
		if (used + columns > width)
			break;
		used += columns;
		taken += bytes;
	}
	*ret_width = used;
	return taken;
}
