/* Every kind of value, as docs/sdk.md shows them. */
#include <pawl/pawl.h>

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "products", PAWL_KEYS("id"),
	                  PAWL_COLUMNS({"id", PAWL_LONG},
	                               {"is_active", PAWL_BOOLEAN},
	                               {"stock", PAWL_SHORT},
	                               {"year", PAWL_INT},
	                               {"price", PAWL_DECIMAL(15, 2)},
	                               {"rating", PAWL_FLOAT},
	                               {"weight", PAWL_DOUBLE},
	                               {"released", PAWL_NAIVE_DATE},
	                               {"opens_at", PAWL_NAIVE_DATETIME},
	                               {"updated_at", PAWL_UTC_DATETIME},
	                               {"thumbnail", PAWL_BINARY},
	                               {"feed", PAWL_XML},
	                               {"name", PAWL_STRING},
	                               {"attributes", PAWL_JSON}));
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	static const unsigned char pixels[] = {0x89, 0x50, 0x4e, 0x47};
	(void) configuration;
	(void) state;

	pawl_upsert(sync, "products",
	            {"id", pawl_of(4294967296)},
	            {"is_active", pawl_boolean(true)},
	            {"stock", pawl_of(12)},
	            {"year", pawl_of(2024)},
	            {"price", pawl_decimal("1299.90")},
	            {"rating", pawl_of(4.5f)},
	            {"weight", pawl_of(0.1)},
	            {"released", pawl_naive_date(19782)},
	            {"opens_at", pawl_naive_datetime(1709200800000000)},
	            {"updated_at", pawl_utc_datetime(1709200800123456)},
	            {"thumbnail", pawl_binary(pixels, sizeof pixels)},
	            {"feed", pawl_xml("<item/>")},
	            {"name", pawl_of("Kettle")},
	            {"attributes", pawl_json("{\"colour\": \"red\"}")});

	/* Text works for decimals and dates too, when the column is declared. */
	pawl_upsert(sync, "products",
	            {"id", pawl_of(2)},
	            {"price", pawl_of("12.5")},
	            {"released", pawl_of("2024-02-29")},
	            {"opens_at", pawl_of("2024-02-29 10:00:00")},
	            {"updated_at", pawl_of("2024-02-29T12:00:00.123456+02:00")},
	            {"name", pawl_text("Kettle, large", 6)},
	            {"thumbnail", pawl_null()});

	return pawl_checkpoint_json(sync, "{}");
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {.name = "values", .schema = schema, .update = update};
	return pawl_connector_main(argc, argv, &connector);
}
