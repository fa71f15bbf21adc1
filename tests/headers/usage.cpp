// C++ has no compound literals of arrays, so it gives fields as an array; the rest is as in C.
#include <pawl/pawl.h>

static pawl_status update(pawl_sync *sync, const pawl_configuration *, const pawl_state *state)
{
	const pawl_field fields[] = {
		{"id", pawl_of(7)}, {"price", pawl_of(9.5)}, {"name", pawl_of("text")}, {"note", pawl_null()}};
	const pawl_field next[] = {{"cursor", pawl_of(pawl_state_integer(state, "cursor", 0) + 1)}};

	pawl_upsert_fields(sync, "orders", fields, sizeof fields / sizeof *fields);
	return pawl_checkpoint_fields(sync, next, 1);
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {"orders", nullptr, update, nullptr, nullptr};
	return pawl_connector_main(argc, argv, &connector);
}
