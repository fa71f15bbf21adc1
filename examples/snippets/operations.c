/* The operations, as docs/sdk.md shows them. */
#include <stdlib.h>

#include <pawl/pawl.h>

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	pawl_table(schema, "orders", PAWL_KEYS("shop", "number"),
	           PAWL_COLUMNS({"shop", PAWL_STRING}, {"number", PAWL_LONG}, {"price", PAWL_DECIMAL(15, 2)}));
	pawl_table(schema, "clicks", NULL, NULL);
	return pawl_table(schema, "shops", PAWL_KEYS("shop"), NULL);
}

static void change_rows(pawl_sync *sync)
{
	pawl_upsert(sync, "orders", {"shop", pawl_of("north")}, {"number", pawl_of(7)}, {"price", pawl_decimal("9.99")});
	pawl_update(sync, "orders", {"shop", pawl_of("north")}, {"number", pawl_of(7)}, {"note", pawl_of("a gift")});
	pawl_delete(sync, "orders", {"shop", pawl_of("north")}, {"number", pawl_of(7)});
	pawl_truncate(sync, "orders");
}

static void reload_table(pawl_sync *sync)
{
	/* The source cannot say what was deleted, but it can say all that is there. */
	pawl_truncate(sync, "shops");
	pawl_upsert(sync, "shops", {"shop", pawl_of("north")}, {"city", pawl_of("Tromsø")});
	pawl_upsert(sync, "shops", {"shop", pawl_of("south")}, {"city", pawl_of("Évora")});
}

/* Columns that are known only at run time. */
static pawl_status copy_row(pawl_sync *sync, const char *table, const char *const *names, const char *const *texts,
                            size_t count)
{
	pawl_field *fields = calloc(count, sizeof *fields);
	if (fields == NULL)
		return pawl_fail(sync, "out of memory");
	for (size_t i = 0; i < count; i++)
		fields[i] = (pawl_field){names[i], pawl_of(texts[i])};
	pawl_status status = pawl_upsert_fields(sync, table, fields, count);
	free(fields);
	return status;
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	static const char *const names[] = {"page", "referrer"};
	static const char *const texts[] = {"/index", NULL};
	(void) configuration;
	(void) state;

	/* A table whose columns and key the connector learns as it reads. */
	pawl_sync_table(sync, "customers", PAWL_KEYS("id"), NULL);
	pawl_upsert(sync, "customers", {"id", pawl_of(1)}, {"name", pawl_of("Ada")});

	change_rows(sync);
	reload_table(sync);
	copy_row(sync, "clicks", names, texts, 2);

	pawl_checkpoint(sync, {"updated_at_us", pawl_of(1710607229000000)}, {"id", pawl_of(5)}, {"is_done", pawl_boolean(true)});
	return pawl_checkpoint_json(sync, "{\"orders\": {\"cursor\": \"2024-03-16T16:40:29Z\"}, \"shops\": {}}");
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {.name = "operations", .schema = schema, .update = update};
	return pawl_connector_main(argc, argv, &connector);
}
