#include "report/state_report.h"

#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "report/facts.h"
#include "report/fields.h"
#include "report/format.h"
#include "report/line.h"

static const void *member_of(const pawl_replica_field *field, const pawl_replica_state *state)
{
	return (const char *) state + field->offset;
}

/* ---- for people ------------------------------------------------------------------------------------------------------ */

static void print_time(FILE *out, const char *name, int64_t us)
{
	char text[PAWL_TIME_TEXT_BYTES];
	if (us == 0)
		return;
	pawl_time_format_utc(us, text);
	pawl_facts_printf(out, name, "%s", text);
}

static void print_count(FILE *out, const char *name, int64_t count)
{
	char text[PAWL_FORMAT_BYTES];
	if (count < 0)
		return;
	pawl_format_count(count, text);
	pawl_facts_printf(out, name, "%s", text);
}

/* What is not known has no line. */
static void print_field(FILE *out, const pawl_terminal *terminal, const pawl_replica_field *field,
                        const pawl_replica_state *state)
{
	const void *member = member_of(field, state);
	switch (field->kind) {
	case PAWL_REPLICA_TEXT:
		if (*(const char *const *) member != NULL)
			pawl_facts_print(out, terminal, PAWL_COLOR_NONE, field->name, *(const char *const *) member);
		return;
	case PAWL_REPLICA_INTEGER:
		print_count(out, field->name, *(const int64_t *) member);
		return;
	case PAWL_REPLICA_TIME:
		print_time(out, field->name, *(const int64_t *) member);
		return;
	}
}

/* Its names stand above. */
static bool is_name(const pawl_replica_field *field)
{
	return strcmp(field->name, "schema_name") == 0 || strcmp(field->name, "table_name") == 0;
}

void pawl_state_print(FILE *out, const pawl_terminal *terminal, pawl_replica_state *const *states, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc('\n', out);
		pawl_line_print(out, states[i]->schema_name);
		fputc('.', out);
		pawl_line_print(out, states[i]->table_name);
		fputc('\n', out);
		for (const pawl_replica_field *field = pawl_replica_state_fields; field->kind != 0; field++)
			if (!is_name(field))
				print_field(out, terminal, field, states[i]);
	}
}

/* ---- for programs ---------------------------------------------------------------------------------------------------- */

static void append_field(pawl_buffer *json, const pawl_replica_field *field, const pawl_replica_state *state)
{
	const void *member = member_of(field, state);
	switch (field->kind) {
	case PAWL_REPLICA_TEXT:
		pawl_fields_append_text(json, field->name, *(const char *const *) member);
		return;
	case PAWL_REPLICA_INTEGER:
		pawl_fields_append_known(json, field->name, *(const int64_t *) member);
		return;
	case PAWL_REPLICA_TIME:
		pawl_fields_append_time(json, field->name, *(const int64_t *) member);
		return;
	}
}

pawl_status pawl_state_print_json(FILE *out, const char *warehouse, pawl_replica_state *const *states, size_t count,
                                  pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_buffer_append(&json, "{");
	pawl_fields_append_text(&json, "warehouse", warehouse);
	pawl_fields_append_name(&json, "tables");
	pawl_buffer_append(&json, "[");
	for (size_t i = 0; i < count; i++) {
		pawl_buffer_append(&json, i == 0 ? "{" : ",{");
		for (const pawl_replica_field *field = pawl_replica_state_fields; field->kind != 0; field++)
			append_field(&json, field, states[i]);
		pawl_buffer_append(&json, "}");
	}
	pawl_buffer_append(&json, "]}\n");
	PAWL_TRY(pawl_buffer_status(&json, error));
	fwrite(json.text, 1, json.length, out);
	return PAWL_OK;
}
