#include "base/memory.h"
#include "base/time.h"
#include "cli/verbs.h"
#include "cli/warehouse.h"
#include "replicate/status.h"
#include "report/status_report.h"

struct settings {
	const char *operand;
	char *warehouse;
	bool is_json;
};

static pawl_status run_status(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *asked = settings;
	PAWL_CLEANUP(pawl_warehouse_status_clear) pawl_warehouse_status status = {0};
	pawl_terminal terminal = pawl_terminal_detect(program->out);

	PAWL_TRY(pawl_warehouse_status_read(asked->warehouse, &status, error));
	if (asked->is_json)
		return pawl_status_print_json(program->out, asked->warehouse, &status, pawl_time_now_us(), error);
	return pawl_status_print(program->out, &terminal, asked->warehouse, &status, pawl_time_now_us(), error);
}

static pawl_status prepare(void *settings, pawl_error *error)
{
	struct settings *asked = settings;

	return pawl_warehouse_find(asked->operand, &asked->warehouse, error);
}

static void clear(void *settings)
{
	pawl_free(((struct settings *) settings)->warehouse);
}

static const pawl_option options[] = {
	{PAWL_OPTION_OPERAND, "WAREHOUSE", NULL, PAWL_WAREHOUSE_HELP, offsetof(struct settings, operand), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "json", NULL, "print one JSON object", offsetof(struct settings, is_json), 0, 0, NULL},
	{0},
};

const pawl_command pawl_verb_status = {
	.name = "status",
	.summary = "tell how fresh the tables of a warehouse are, or how far a run is",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_status,
	.prepare = prepare,
	.clear = clear,
};
