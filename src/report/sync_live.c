#include "report/sync_live.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "report/format.h"

#define FIELD_BYTES 64
#define BAR_COLUMNS 10
#define GAP         2  /* columns between two fields */
#define NAME_ENOUGH 20 /* columns of a name that no field takes from it */

/* ---- totals ---------------------------------------------------------------------------------------------------------- */

pawl_sync_totals pawl_sync_totals_of(const pawl_table_report *tables, size_t count)
{
	pawl_sync_totals totals = {.tables = count};
	for (size_t i = 0; i < count; i++) {
		pawl_table_outcome outcome = tables[i].outcome;
		totals.in_flight += outcome == PAWL_TABLE_IN_FLIGHT;
		totals.failed += outcome == PAWL_TABLE_FAILED;
		totals.ended += outcome != PAWL_TABLE_WAITING && outcome != PAWL_TABLE_IN_FLIGHT;
		totals.rows_read += tables[i].rows_read;
		totals.rows_written += tables[i].rows_written;
	}
	return totals;
}

int64_t pawl_sync_elapsed_us(const pawl_table_report *table, int64_t now_us)
{
	int64_t end_us = table->ended_us != 0 ? table->ended_us : now_us;
	return table->started_us != 0 && end_us > table->started_us ? end_us - table->started_us : 0;
}

/* ---- fields: empty where a table has none ------------------------------------------------------------------------------ */

/* -1 when nobody knows. An estimate may be too low, and what is not done is never shown as all. */
static int64_t percent_of(const pawl_table_report *table)
{
	if (table->estimated_rows <= 0)
		return -1;
	__int128 percent = (__int128) table->rows_read * 100 / table->estimated_rows;
	return percent < 99 ? (int64_t) percent : 99;
}

static void format_phase(const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES])
{
	(void) now_us;
	if (table->phase != PAWL_PHASE_NONE)
		strcpy(out, pawl_phase_names[table->phase]);
}

static void format_rows(const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES])
{
	(void) now_us;
	pawl_format_rows(table->rows_read, out);
}

static void format_rate(const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES])
{
	char rate[PAWL_FORMAT_BYTES];
	pawl_format_rows(pawl_format_rate(table->rows_read, pawl_sync_elapsed_us(table, now_us)), rate);
	snprintf(out, FIELD_BYTES, "%s/s", rate);
}

static void format_bar(const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES])
{
	static const char full[] = "##########", empty[] = "..........";
	_Static_assert(sizeof(full) == BAR_COLUMNS + 1 && sizeof(empty) == sizeof(full), "a bar of that many columns");
	int64_t percent = percent_of(table);
	(void) now_us;
	if (percent < 0)
		return;
	int done = (int) (percent * BAR_COLUMNS / 100);
	snprintf(out, FIELD_BYTES, "[%.*s%.*s]", done, full, BAR_COLUMNS - done, empty);
}

static void format_percent(const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES])
{
	int64_t percent = percent_of(table);
	(void) now_us;
	if (percent >= 0)
		snprintf(out, FIELD_BYTES, "%d%%", (int) percent);
}

static void format_eta(const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES])
{
	char eta[PAWL_FORMAT_BYTES];
	int64_t left = table->estimated_rows - table->rows_read;
	if (table->estimated_rows <= 0 || table->rows_read <= 0 || left <= 0)
		return;
	__int128 left_us = (__int128) pawl_sync_elapsed_us(table, now_us) * left / table->rows_read;
	pawl_format_eta(left_us > INT64_MAX ? INT64_MAX : (int64_t) left_us, eta);
	snprintf(out, FIELD_BYTES, "ETA %s", eta);
}

static void format_size(const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES])
{
	(void) now_us;
	if (table->bytes_read >= 0)
		pawl_format_size(table->bytes_read, out);
}

enum { FIELD_PHASE, FIELD_ROWS, FIELD_RATE, FIELD_BAR, FIELD_PERCENT, FIELD_ETA, FIELD_SIZE, FIELD_COUNT };

static const struct field {
	void (*format)(const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES]);
	size_t least_width; /* so that what is right of it stays there while numbers grow */
	bool is_left;
	bool is_word; /* can be read out */
} fields[FIELD_COUNT] = {
	[FIELD_PHASE] = {format_phase, 0, true, true},
	[FIELD_ROWS] = {format_rows, 15, false, true}, /* 99,999,999 rows */
	[FIELD_RATE] = {format_rate, 16, false, true}, /* 9,999,999 rows/s */
	[FIELD_BAR] = {format_bar, 0, true, false},
	[FIELD_PERCENT] = {format_percent, 3, false, true},
	[FIELD_ETA] = {format_eta, 11, true, true},   /* ETA 59m 59s */
	[FIELD_SIZE] = {format_size, 8, false, true}, /* 1023 MiB */
};

/* The most telling one first. */
static const int fields_by_worth[FIELD_COUNT] = {
	FIELD_ROWS, FIELD_PERCENT, FIELD_RATE, FIELD_PHASE, FIELD_ETA, FIELD_SIZE, FIELD_BAR,
};

static void format_field(int field, const pawl_table_report *table, int64_t now_us, char out[FIELD_BYTES])
{
	*out = '\0';
	fields[field].format(table, now_us, out);
}

/* ---- the lines of tables ----------------------------------------------------------------------------------------------- */

struct layout {
	int64_t now_us;
	size_t name_width;
	size_t widths[FIELD_COUNT]; /* 0: not shown */
};

/* The first table in flight from `index` on, or `count`. */
static size_t find_in_flight(const pawl_table_report *tables, size_t count, size_t index)
{
	while (index < count && tables[index].outcome != PAWL_TABLE_IN_FLIGHT)
		index++;
	return index;
}

static size_t larger(size_t left, size_t right)
{
	return left > right ? left : right;
}

static size_t smaller(size_t left, size_t right)
{
	return left < right ? left : right;
}

static void append_name(pawl_buffer *out, const char *name)
{
	pawl_format_append(out, name, strlen(name));
}

static size_t name_width(const char *name)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer visible = {0};
	append_name(&visible, name);
	return pawl_text_width(pawl_buffer_text(&visible));
}

/* What a table would like to have. */
static void widen(struct layout *layout, const pawl_table_report *table)
{
	layout->name_width = larger(layout->name_width, name_width(table->source_name));
	for (int i = 0; i < FIELD_COUNT; i++) {
		char text[FIELD_BYTES];
		format_field(i, table, layout->now_us, text);
		if (*text != '\0')
			layout->widths[i] = larger(layout->widths[i], larger(strlen(text), fields[i].least_width));
	}
}

/* What it gets: fields by their worth, as long as a name has enough; then the name, of what is left. */
static void fit(struct layout *layout, size_t width)
{
	size_t used = smaller(layout->name_width, NAME_ENOUGH);
	size_t taken = 0;
	for (int i = 0; i < FIELD_COUNT; i++) {
		size_t *field_width = &layout->widths[fields_by_worth[i]];
		if (*field_width == 0)
			continue;
		if (used + taken + GAP + *field_width <= width)
			taken += GAP + *field_width;
		else
			*field_width = 0;
	}
	layout->name_width = smaller(layout->name_width, width - taken);
}

static void append_blanks(pawl_buffer *out, size_t count)
{
	while (count-- > 0)
		pawl_buffer_append_character(out, ' ');
}

/* Returns the columns that it takes. */
static size_t append_fitted_name(pawl_buffer *out, const char *name, size_t width)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer visible = {0};
	append_name(&visible, name);
	const char *text = pawl_buffer_text(&visible);
	size_t used = pawl_text_width(text);
	if (used <= width) {
		pawl_buffer_append(out, text);
		return used;
	}
	pawl_buffer_append_bytes(out, text, pawl_format_fit(text, strlen(text), width - 1, &used));
	pawl_buffer_append(out, PAWL_FORMAT_ELLIPSIS);
	return used + 1;
}

/* No line ends in blanks. */
static void append_table(pawl_buffer *out, const struct layout *layout, const pawl_table_report *table)
{
	size_t blanks = layout->name_width - append_fitted_name(out, table->source_name, layout->name_width);
	for (int i = 0; i < FIELD_COUNT; i++) {
		char text[FIELD_BYTES];
		if (layout->widths[i] == 0)
			continue;
		format_field(i, table, layout->now_us, text);
		size_t padding = layout->widths[i] - strlen(text);
		blanks += GAP + (fields[i].is_left ? 0 : padding);
		if (*text != '\0') {
			append_blanks(out, blanks);
			pawl_buffer_append(out, text);
			blanks = 0;
		}
		blanks += fields[i].is_left ? padding : 0;
	}
	pawl_buffer_append(out, "\n");
}

/* The first `limit` tables in flight. */
static void append_tables(pawl_buffer *out, const pawl_table_report *tables, size_t count, size_t limit, int64_t now_us,
                          size_t width)
{
	struct layout layout = {.now_us = now_us, .name_width = 1}; /* memory may be too short to see a name */
	size_t index = 0;
	for (size_t i = 0; i < limit && (index = find_in_flight(tables, count, index)) < count; i++)
		widen(&layout, &tables[index++]);
	fit(&layout, width);
	index = 0;
	for (size_t i = 0; i < limit && (index = find_in_flight(tables, count, index)) < count; i++)
		append_table(out, &layout, &tables[index++]);
}

static void append_total(pawl_buffer *out, const pawl_sync_totals *totals, int64_t elapsed_us)
{
	char ended[PAWL_FORMAT_BYTES], all[PAWL_FORMAT_BYTES], failed[PAWL_FORMAT_BYTES];
	char rows[PAWL_FORMAT_BYTES], rate[PAWL_FORMAT_BYTES], elapsed[PAWL_FORMAT_BYTES];
	pawl_format_count((int64_t) totals->ended, ended);
	pawl_format_tables((int64_t) totals->tables, all);
	pawl_buffer_appendf(out, "%s of %s, ", ended, all);
	if (totals->failed > 0) {
		pawl_format_count((int64_t) totals->failed, failed);
		pawl_buffer_appendf(out, "%s failed, ", failed);
	}
	pawl_format_rows(totals->rows_read, rows);
	pawl_format_rows(pawl_format_rate(totals->rows_read, elapsed_us), rate);
	pawl_format_duration(elapsed_us, elapsed);
	pawl_buffer_appendf(out, "%s, %s/s, %s", rows, rate, elapsed);
}

void pawl_sync_live_append(pawl_buffer *out, const pawl_table_report *tables, size_t count, int64_t started_us, int64_t now_us,
                           size_t width, size_t height)
{
	pawl_sync_totals totals = pawl_sync_totals_of(tables, count);
	size_t room = height - 1;
	size_t shown = totals.in_flight <= room ? totals.in_flight : larger(room, 1) - 1;
	append_tables(out, tables, count, shown, now_us, width);
	if (totals.in_flight > shown && room > 0) {
		char more[PAWL_FORMAT_BYTES];
		pawl_format_count((int64_t) (totals.in_flight - shown), more);
		pawl_buffer_appendf(out, "%s%s in flight\n", more, shown > 0 ? " more" : "");
	}
	append_total(out, &totals, now_us - started_us);
}

void pawl_sync_live_append_words(pawl_buffer *out, const pawl_table_report *table, int64_t now_us)
{
	const char *comma = "";
	for (int i = 0; i < FIELD_COUNT; i++) {
		char text[FIELD_BYTES];
		format_field(i, table, now_us, text);
		if (!fields[i].is_word || *text == '\0')
			continue;
		pawl_buffer_appendf(out, "%s%s", comma, text);
		comma = ", ";
	}
}
