/* Configuration, state, logs, warnings and errors, as docs/sdk.md shows them. */
#include <stdio.h>

#include <pawl/pawl.h>

struct settings {
	const char *host;
	int64_t port;
	bool is_verbose;
};

static struct settings read_settings(const pawl_configuration *configuration)
{
	struct settings settings = {
	    .host = pawl_configuration_require(configuration, "host"),
	    .port = pawl_configuration_integer(configuration, "port", 5432),
	    .is_verbose = pawl_configuration_boolean(configuration, "verbose", false),
	};
	return settings;
}

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	const char *tables = pawl_configuration_string(configuration, "tables", "all");
	if (tables[0] == '\0')
		return pawl_schema_fail(schema, "'tables' is empty: name a table, or leave it out for all of them");
	return pawl_table(schema, "events", PAWL_KEYS("id"), NULL);
}

/* Reads the next event; 0 at the end, -1 when the source failed. */
static int next_event(int64_t *id)
{
	if (*id >= 10)
		return 0;
	++*id;
	return 1;
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	struct settings settings = read_settings(configuration);
	int64_t id = pawl_state_integer(state, "last_id", 0);

	if (settings.is_verbose)
		pawl_log_debug(sync, "reading events after %lld from %s", (long long) id, settings.host);
	if (settings.port != 5432)
		pawl_warning(sync, "port %lld is not the usual one", (long long) settings.port);

	int found = 0;
	while (pawl_sync_status(sync) == PAWL_OK && (found = next_event(&id)) > 0)
		pawl_upsert(sync, "events", {"id", pawl_of(id)});
	if (found < 0)
		return pawl_fail(sync, "the source closed the connection after event %lld", (long long) id);
	return pawl_checkpoint(sync, {"last_id", pawl_of(id)});
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {.name = "settings", .schema = schema, .update = update};
	return pawl_connector_main(argc, argv, &connector);
}
