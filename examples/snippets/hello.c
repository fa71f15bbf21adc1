/* The smallest connector: one table, one row, one checkpoint. Shown in docs/sdk.md. */
#include <pawl/pawl.h>

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "greetings", PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_INT}, {"text", PAWL_STRING}));
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	int64_t count = pawl_state_integer(state, "count", 0) + 1;
	(void) configuration;

	pawl_upsert(sync, "greetings", {"id", pawl_of(count)}, {"text", pawl_of("hello")});
	return pawl_checkpoint(sync, {"count", pawl_of(count)});
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {.name = "hello", .schema = schema, .update = update};
	return pawl_connector_main(argc, argv, &connector);
}
