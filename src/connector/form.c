#include "connector/form.h"

#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "connector/configuration.h"
#include "connector/schema.h"

struct pawl_trial {
	const pawl_connector *connector;
	pawl_error *failure; /* the first error, kept */
};

pawl_status pawl_trial_fail(pawl_trial *trial, const char *format, ...)
{
	if (trial->failure->status != PAWL_OK)
		return trial->failure->status;
	va_list arguments;
	va_start(arguments, format);
	pawl_error_set_va(trial->failure, PAWL_CONNECTOR, format, arguments);
	va_end(arguments);
	return PAWL_CONNECTOR;
}

void *pawl_trial_context(const pawl_trial *trial)
{
	return trial->connector->context;
}

/* ---- Pawl's own tests -------------------------------------------------------------------------------------------------- */

static const pawl_setting *settings_of(const pawl_connector *connector)
{
	static const pawl_setting none = {0};
	return connector->form == NULL || connector->form->settings == NULL ? &none : connector->form->settings;
}

/* A setting that the page does not show, for what another one is, need not be there. */
static bool is_shown(const pawl_setting *setting, const pawl_configuration *configuration)
{
	if (setting->shown_if == NULL)
		return true;
	const char *value = pawl_configuration_string(configuration, setting->shown_if, "");
	return setting->shown_value == NULL || pawl_text_equal_ignore_case(value, setting->shown_value);
}

static pawl_status check_choice(pawl_trial *trial, const pawl_setting *setting, const char *value)
{
	for (const char *const *choice = setting->choices; choice != NULL && *choice != NULL; choice++)
		if (strcmp(*choice, value) == 0)
			return PAWL_OK;
	return pawl_trial_fail(trial, "'%s' is none of its choices", setting->name);
}

static pawl_status check_setting(pawl_trial *trial, const pawl_setting *setting, const pawl_configuration *configuration)
{
	const char *value = pawl_configuration_string(configuration, setting->name, "");
	if (value[0] == '\0') {
		if (setting->is_required && is_shown(setting, configuration))
			return pawl_trial_fail(trial, "'%s' is required, and empty", setting->name);
		return PAWL_OK;
	}
	if (setting->kind == PAWL_SETTING_CHOICE)
		return check_choice(trial, setting, value);
	if (setting->kind == PAWL_SETTING_TOGGLE && !pawl_text_equal_ignore_case(value, "true") &&
	    !pawl_text_equal_ignore_case(value, "false"))
		return pawl_trial_fail(trial, "'%s' is neither true nor false", setting->name);
	return PAWL_OK;
}

static pawl_status try_configuration(pawl_trial *trial, const pawl_configuration *configuration)
{
	for (const pawl_setting *setting = settings_of(trial->connector); setting->name != NULL; setting++)
		PAWL_TRY(check_setting(trial, setting, configuration));
	return PAWL_OK;
}

static pawl_status try_schema(pawl_trial *trial, const pawl_configuration *configuration)
{
	PAWL_CLEANUP(pawl_schema_clear) pawl_schema schema = {0};
	return pawl_schema_collect(trial->connector, configuration, trial->failure, &schema);
}

/* ---- all of them ------------------------------------------------------------------------------------------------------- */

bool pawl_form_test(const pawl_connector *connector, size_t i, pawl_test *ret_test)
{
	static const pawl_test own[] = {
		{"configuration", "The settings are complete", try_configuration},
		{"schema", "The tables can be listed", try_schema},
	};
	size_t own_count = sizeof(own) / sizeof(*own);
	if (i < own_count) {
		*ret_test = own[i];
		return true;
	}
	const pawl_test *tests = connector->form == NULL ? NULL : connector->form->tests;
	for (size_t skipped = own_count; tests != NULL && tests->name != NULL; tests++, skipped++)
		if (skipped == i) {
			*ret_test = *tests;
			return true;
		}
	return false;
}

static bool find_test(const pawl_connector *connector, const char *name, pawl_test *ret_test)
{
	for (size_t i = 0; pawl_form_test(connector, i, ret_test); i++)
		if (strcmp(ret_test->name, name) == 0)
			return true;
	return false;
}

pawl_status pawl_form_try(const pawl_connector *connector, const char *name, const char *configuration, pawl_error *error)
{
	pawl_test test;
	if (!find_test(connector, name, &test))
		return pawl_error_set(error, PAWL_NOT_FOUND, "there is no test '%s'", name);
	PAWL_CLEANUP(pawl_configuration_clear) pawl_configuration settings = {0};
	pawl_error failure;
	pawl_error_clear(&failure);
	PAWL_TRY(pawl_configuration_parse("configuration", configuration, strlen(configuration), &failure, &settings, error));
	pawl_trial trial = {connector, &failure};
	pawl_status status = test.run(&trial, &settings);
	if (failure.status == PAWL_OK && status != PAWL_OK)
		pawl_error_set(&failure, PAWL_CONNECTOR, "it failed without a word (status '%s')", pawl_status_name(status));
	if (failure.status == PAWL_OK)
		return PAWL_OK;
	*error = failure;
	return pawl_redaction_apply_error(&settings.secrets, error);
}
