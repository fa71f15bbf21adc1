#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "cli/warehouse.h"
#include "replicate/records.h"
#include "report/fields.h"
#include "report/format.h"
#include "report/line.h"
#include "report/state_report.h"

struct settings {
	const char *action, *operand, *table, *cursor;
	char *warehouse;
	bool is_sure, is_json;
};

/* The tables that are meant: one, or all of the warehouse. */
typedef struct state_list {
	pawl_replica_state **items;
	size_t count;
} state_list;

static void free_list(state_list *list)
{
	pawl_free(list->items);
}

static pawl_status choose_states(const struct settings *asked, pawl_records *records, state_list *list, pawl_error *error)
{
	list->items = pawl_allocate_array(records->states.count + 1, sizeof(*list->items));
	if (list->items == NULL)
		return pawl_error_out_of_memory(error);
	if (asked->table != NULL) {
		PAWL_TRY(pawl_records_find(records, asked->table, &list->items[0], error));
		list->count = 1;
		return PAWL_OK;
	}
	for (size_t i = 0; i < records->states.count; i++)
		list->items[list->count++] = &records->states.items[i];
	return PAWL_OK;
}

static void print_names(FILE *out, const state_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		fputs(i > 0 ? ", " : "", out);
		pawl_line_print(out, list->items[i]->schema_name);
		fputc('.', out);
		pawl_line_print(out, list->items[i]->table_name);
	}
}

/* ---- show ------------------------------------------------------------------------------------------------------------ */

static pawl_status show(const pawl_program *program, const struct settings *asked, pawl_error *error)
{
	PAWL_CLEANUP(pawl_records_close) pawl_records records = {0};
	PAWL_CLEANUP(free_list) state_list list = {0};
	pawl_terminal terminal = pawl_terminal_detect(program->out);

	PAWL_TRY(pawl_records_open(asked->warehouse, PAWL_RECORDS_LOOK, &records, error));
	PAWL_TRY(choose_states(asked, &records, &list, error));
	if (asked->is_json)
		return pawl_state_print_json(program->out, asked->warehouse, list.items, list.count, error);
	if (list.count == 0)
		fputs("nothing was synced into it yet\n", program->out);
	pawl_state_print(program->out, &terminal, list.items, list.count);
	return PAWL_OK;
}

/* ---- set ------------------------------------------------------------------------------------------------------------- */

static void print_change(const pawl_program *program, const state_list *list, const char *from, const char *to)
{
	print_names(program->out, list);
	fputs(": cursor ", program->out);
	pawl_line_print(program->out, from == NULL ? "none" : from);
	fputs(" -> ", program->out);
	pawl_line_print(program->out, to);
	fputs("\nThe next sync reads from there on: rows with a lower key are not read again.\n", program->out);
}

static pawl_status print_change_json(const pawl_program *program, const pawl_replica_state *state, const char *from,
                                     const char *to, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer name = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};

	pawl_buffer_appendf(&name, "%s.%s", state->schema_name, state->table_name);
	PAWL_TRY(pawl_buffer_status(&name, error));
	pawl_buffer_append(&json, "{");
	pawl_fields_append_text(&json, "table", pawl_buffer_text(&name));
	pawl_fields_append_text(&json, "cursor_from", from);
	pawl_fields_append_text(&json, "cursor_to", to);
	pawl_buffer_append(&json, "}\n");
	PAWL_TRY(pawl_buffer_status(&json, error));
	fputs(pawl_buffer_text(&json), program->out);
	return PAWL_OK;
}

static pawl_status set(const pawl_program *program, const struct settings *asked, pawl_error *error)
{
	PAWL_CLEANUP(pawl_records_close) pawl_records records = {0};
	PAWL_CLEANUP(free_list) state_list list = {0};
	PAWL_CLEANUP(pawl_free_pointer) char *from = NULL;

	PAWL_TRY(pawl_records_open(asked->warehouse, PAWL_RECORDS_CHANGE, &records, error));
	PAWL_TRY(choose_states(asked, &records, &list, error));
	PAWL_TRY(pawl_replica_set_text(&from, list.items[0]->cursor, error));
	PAWL_TRY(pawl_records_set_cursor(&records, list.items[0], asked->cursor, error));
	if (asked->is_json)
		return print_change_json(program, list.items[0], from, asked->cursor, error);
	print_change(program, &list, from, asked->cursor);
	return PAWL_OK;
}

/* ---- reset ----------------------------------------------------------------------------------------------------------- */

/* On the terminal, as the answer is: standard output may go elsewhere. */
static pawl_status ask(const pawl_program *program, const struct settings *asked, const state_list *list, pawl_error *error)
{
	char answer[8] = "", tables[PAWL_FORMAT_BYTES];

	if (asked->is_sure || list->count == 0)
		return PAWL_OK;
	pawl_format_tables((int64_t) list->count, tables);
	fprintf(program->err, "This drops %s of %s, with all rows: ", tables, asked->warehouse);
	print_names(program->err, list);
	fputs(".\nThe next sync copies them anew. Go on? [y/N] ", program->err);
	fflush(program->err);
	if (fgets(answer, sizeof(answer), stdin) != NULL)
		answer[strcspn(answer, "\n")] = '\0';
	if (pawl_text_equal_ignore_case(answer, "y") || pawl_text_equal_ignore_case(answer, "yes"))
		return PAWL_OK;
	return pawl_error_set(error, PAWL_INVALID, "nothing was reset: the answer was not yes");
}

static pawl_status print_reset(const pawl_program *program, const struct settings *asked, const state_list *list,
                               pawl_error *error)
{
	char tables[PAWL_FORMAT_BYTES];

	if (asked->is_json)
		return pawl_state_print_json(program->out, asked->warehouse, list->items, list->count, error);
	pawl_format_tables((int64_t) list->count, tables);
	fprintf(program->out, "%s reset%s", tables, list->count > 0 ? ": " : "");
	print_names(program->out, list);
	fputc('\n', program->out);
	return PAWL_OK;
}

static pawl_status reset(const pawl_program *program, const struct settings *asked, pawl_error *error)
{
	PAWL_CLEANUP(pawl_records_close) pawl_records records = {0};
	PAWL_CLEANUP(free_list) state_list list = {0};

	PAWL_TRY(pawl_records_open(asked->warehouse, PAWL_RECORDS_CHANGE, &records, error));
	PAWL_TRY(choose_states(asked, &records, &list, error));
	PAWL_TRY(ask(program, asked, &list, error));
	PAWL_TRY(pawl_records_reset(&records, list.items, list.count, error));
	return print_reset(program, asked, &list, error);
}

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

static const char *const action_names[] = {"show", "set", "reset", NULL};
static pawl_status (*const actions[])(const pawl_program *program, const struct settings *asked, pawl_error *error) = {
	show, set, reset,
};

/* The parser took the word from the list itself. */
static pawl_status run_state(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *asked = settings;
	size_t action = 0;

	while (strcmp(action_names[action], asked->action) != 0)
		action++;
	return actions[action](program, asked, error);
}

static pawl_status check(const struct settings *asked, pawl_error *error)
{
	bool is_set = strcmp(asked->action, "set") == 0, is_reset = strcmp(asked->action, "reset") == 0;

	if (is_set && (asked->table == NULL || asked->cursor == NULL)) {
		pawl_error_set(error, PAWL_INVALID, "'set' needs a table and its new cursor");
		return pawl_error_hint(error, "write 'pawl state set WAREHOUSE TABLE --cursor VALUE'");
	}
	if (!is_set && asked->cursor != NULL)
		return pawl_error_set(error, PAWL_INVALID, "'--cursor' is for 'set', and not for '%s'", asked->action);
	if (!is_reset && asked->is_sure)
		return pawl_error_set(error, PAWL_INVALID, "'--yes' is for 'reset', and not for '%s'", asked->action);
	if (is_reset && !asked->is_sure && isatty(STDIN_FILENO) != 1) {
		pawl_error_set(error, PAWL_INVALID, "'reset' drops tables, and there is no terminal to ask on");
		return pawl_error_hint(error, "--yes if that is meant");
	}
	return PAWL_OK;
}

static pawl_status prepare(void *settings, pawl_error *error)
{
	struct settings *asked = settings;

	PAWL_TRY(check(asked, error));
	return pawl_warehouse_find(asked->operand, &asked->warehouse, error);
}

static void clear(void *settings)
{
	pawl_free(((struct settings *) settings)->warehouse);
}

static const pawl_option options[] = {
	{PAWL_OPTION_OPERAND, "ACTION", NULL, "show what is known; set a cursor; reset, to have tables copied anew",
	 offsetof(struct settings, action), 0, 0, action_names},
	{PAWL_OPTION_OPERAND, "WAREHOUSE", NULL, PAWL_WAREHOUSE_HELP, offsetof(struct settings, operand), 0, 0, NULL},
	{PAWL_OPTION_OPTIONAL_OPERAND, "TABLE", NULL, "a table by its name there (all)", offsetof(struct settings, table), 0, 0,
	 NULL},
	{PAWL_OPTION_TEXT, "cursor", "VALUE", "set: the key that the next sync reads from",
	 offsetof(struct settings, cursor), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "yes", NULL, "reset: do not ask", offsetof(struct settings, is_sure), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "json", NULL, "print one JSON object", offsetof(struct settings, is_json), 0, 0, NULL},
	{0},
};

const pawl_command pawl_verb_state = {
	.name = "state",
	.summary = "show what a warehouse knows of its tables, or change it",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_state,
	.prepare = prepare,
	.clear = clear,
};
