/* A connector as somebody else's repository has it: it knows nothing of Pawl but what is installed. */
#include <pawl/pawl.h>

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "greetings", PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_INT}, {"text", PAWL_STRING}));
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	int64_t next = pawl_state_integer(state, "next", 1);

	pawl_upsert(sync, "greetings", {"id", pawl_of(next)},
	            {"text", pawl_of(pawl_configuration_string(configuration, "text", "hello"))});
	return pawl_checkpoint(sync, {"next", pawl_of(next + 1)});
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {.name = "greetings", .schema = schema, .update = update};
	return pawl_connector_main(argc, argv, &connector);
}
