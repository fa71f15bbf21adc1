/* What the headers offer to C99, which has no _Generic and so no pawl_of. */
#include <pawl/pawl.h>

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "orders", PAWL_KEYS("id", "line"),
	                  PAWL_COLUMNS({"id", PAWL_LONG}, {"line", PAWL_SHORT}, {"price", PAWL_DECIMAL(12, 2)}));
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	int64_t page = pawl_state_integer(state, "page", pawl_configuration_integer(configuration, "first_page", 1));

	pawl_log_info(sync, "page %d", (int) page);
	pawl_upsert(sync, "orders", {"id", pawl_integer(page)}, {"line", pawl_integer(1)}, {"price", pawl_decimal("9.99")});
	pawl_update(sync, "orders", {"id", pawl_integer(page)}, {"line", pawl_integer(1)}, {"price", pawl_null()});
	pawl_delete(sync, "orders", {"id", pawl_integer(page)}, {"line", pawl_integer(1)});
	pawl_truncate(sync, "orders");
	return pawl_checkpoint(sync, {"page", pawl_integer(page + 1)});
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {.name = "orders", .schema = schema, .update = update};
	return pawl_connector_main(argc, argv, &connector);
}
