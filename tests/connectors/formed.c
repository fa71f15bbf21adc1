/* formed: a connector that says what it must be told, and tests it. */
#include <string.h>

#include <pawl/pawl.h>

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	(void) state;
	return pawl_upsert(sync, "settings", {"host", pawl_of(pawl_configuration_string(configuration, "host", ""))});
}

static pawl_status connect(pawl_trial *trial, const pawl_configuration *configuration)
{
	const char *host = pawl_configuration_require(configuration, "host");
	if (strcmp(host, pawl_trial_context(trial)) == 0)
		return PAWL_OK;
	return pawl_trial_fail(trial, "'%s' does not know '%s'", host, pawl_configuration_string(configuration, "password", ""));
}

int main(int argc, char **argv)
{
	static const char *const modes[] = {"direct", "tunnel", NULL};
	static const pawl_setting settings[] = {
		{.name = "host", .label = "Host", .is_required = true, .description = "Where it is", .placeholder = "db.example"},
		{.name = "password", .label = "Password", .kind = PAWL_SETTING_PASSWORD, .is_required = true},
		{.name = "mode", .kind = PAWL_SETTING_CHOICE, .choices = modes, .default_value = "direct"},
		{.name = "tunnel_host", .is_required = true, .shown_if = "mode", .shown_value = "tunnel"},
		{.name = "tls", .kind = PAWL_SETTING_TOGGLE},
		{0},
	};
	static const pawl_test tests[] = {{"connect", "The database answers", connect}, {0}};
	static const pawl_form form = {settings, tests};
	static char known[] = "here";
	static const pawl_connector connector = {.name = "formed", .update = update, .context = known, .form = &form};
	return pawl_connector_main(argc, argv, &connector);
}
