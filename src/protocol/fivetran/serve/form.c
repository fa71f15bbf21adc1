/* What is asked for, as a message. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "protocol/fivetran/serve.h"

/* Everything that the message points to; `text` takes away a const that protobuf-c does not know of. */
typedef struct form_builder {
	pawl_arena memory;
	bool has_failed;
} form_builder;

static void *allocate(form_builder *form, size_t bytes)
{
	void *memory = pawl_arena_allocate(&form->memory, bytes);
	form->has_failed |= memory == NULL;
	return memory;
}

static char *text(form_builder *form, const char *content)
{
	char *copy = pawl_arena_duplicate(&form->memory, content);
	form->has_failed |= copy == NULL;
	return copy;
}

static void set_choices(form_builder *form, const pawl_setting *setting, FivetranSdk__V2__FormField *field)
{
	size_t count = 0;
	while (setting->choices != NULL && setting->choices[count] != NULL)
		count++;
	FivetranSdk__V2__DropdownField *dropdown = allocate(form, sizeof(*dropdown));
	char **choices = allocate(form, (count + 1) * sizeof(char *));
	if (form->has_failed)
		return;
	fivetran_sdk__v2__dropdown_field__init(dropdown);
	for (size_t i = 0; i < count; i++)
		choices[i] = text(form, setting->choices[i]);
	dropdown->dropdown_field = choices;
	dropdown->n_dropdown_field = count;
	field->type_case = FIVETRAN_SDK__V2__FORM_FIELD__TYPE_DROPDOWN_FIELD;
	field->dropdown_field = dropdown;
}

static void set_toggle(form_builder *form, FivetranSdk__V2__FormField *field)
{
	FivetranSdk__V2__ToggleField *toggle = allocate(form, sizeof(*toggle));
	if (form->has_failed)
		return;
	fivetran_sdk__v2__toggle_field__init(toggle);
	field->type_case = FIVETRAN_SDK__V2__FORM_FIELD__TYPE_TOGGLE_FIELD;
	field->toggle_field = toggle;
}

static void set_kind(form_builder *form, const pawl_setting *setting, FivetranSdk__V2__FormField *field)
{
	switch (setting->kind) {
	case PAWL_SETTING_CHOICE:
		set_choices(form, setting, field);
		return;
	case PAWL_SETTING_TOGGLE:
		set_toggle(form, field);
		return;
	case PAWL_SETTING_PASSWORD:
		field->text_field = FIVETRAN_SDK__V2__TEXT_FIELD__Password;
		break;
	case PAWL_SETTING_HIDDEN:
		field->text_field = FIVETRAN_SDK__V2__TEXT_FIELD__Hidden;
		break;
	case PAWL_SETTING_TEXT:
		field->text_field = FIVETRAN_SDK__V2__TEXT_FIELD__PlainText;
		break;
	}
	field->type_case = FIVETRAN_SDK__V2__FORM_FIELD__TYPE_TEXT_FIELD;
}

static FivetranSdk__V2__FormField *make_plain_field(form_builder *form, const pawl_setting *setting)
{
	FivetranSdk__V2__FormField *field = allocate(form, sizeof(*field));
	if (field == NULL)
		return NULL;
	fivetran_sdk__v2__form_field__init(field);
	field->name = text(form, setting->name);
	field->label = text(form, setting->label == NULL ? setting->name : setting->label);
	field->required_presence_case = FIVETRAN_SDK__V2__FORM_FIELD__REQUIRED_PRESENCE_REQUIRED;
	field->required = setting->is_required;
	if (setting->description != NULL) {
		field->description_presence_case = FIVETRAN_SDK__V2__FORM_FIELD__DESCRIPTION_PRESENCE_DESCRIPTION;
		field->description = text(form, setting->description);
	}
	if (setting->default_value != NULL) {
		field->default_value_presence_case = FIVETRAN_SDK__V2__FORM_FIELD__DEFAULT_VALUE_PRESENCE_DEFAULT_VALUE;
		field->default_value = text(form, setting->default_value);
	}
	if (setting->placeholder != NULL) {
		field->placeholder_presence_case = FIVETRAN_SDK__V2__FORM_FIELD__PLACEHOLDER_PRESENCE_PLACEHOLDER;
		field->placeholder = text(form, setting->placeholder);
	}
	set_kind(form, setting, field);
	return field;
}

/* "true" and "false" are a toggle's, no value is any that is not empty. */
static void set_condition(form_builder *form, const pawl_setting *setting, FivetranSdk__V2__VisibilityCondition *condition)
{
	condition->condition_field = text(form, setting->shown_if);
	const char *value = setting->shown_value;
	if (value == NULL) {
		condition->visible_when_case = FIVETRAN_SDK__V2__VISIBILITY_CONDITION__VISIBLE_WHEN_EMPTY_VALUE;
		condition->empty_value = 0;
	} else if (pawl_text_equal_ignore_case(value, "true") || pawl_text_equal_ignore_case(value, "false")) {
		condition->visible_when_case = FIVETRAN_SDK__V2__VISIBILITY_CONDITION__VISIBLE_WHEN_BOOL_VALUE;
		condition->bool_value = pawl_text_equal_ignore_case(value, "true");
	} else {
		condition->visible_when_case = FIVETRAN_SDK__V2__VISIBILITY_CONDITION__VISIBLE_WHEN_STRING_VALUE;
		condition->string_value = text(form, value);
	}
}

/* A field that is shown for another one's value is wrapped into a field that says so. */
static FivetranSdk__V2__FormField *make_field(form_builder *form, const pawl_setting *setting)
{
	FivetranSdk__V2__FormField *plain = make_plain_field(form, setting);
	if (setting->shown_if == NULL || plain == NULL)
		return plain;
	FivetranSdk__V2__FormField *field = allocate(form, sizeof(*field));
	FivetranSdk__V2__ConditionalFields *fields = allocate(form, sizeof(*fields));
	FivetranSdk__V2__VisibilityCondition *condition = allocate(form, sizeof(*condition));
	FivetranSdk__V2__FormField **list = allocate(form, sizeof(FivetranSdk__V2__FormField *));
	if (form->has_failed)
		return NULL;
	fivetran_sdk__v2__form_field__init(field);
	fivetran_sdk__v2__conditional_fields__init(fields);
	fivetran_sdk__v2__visibility_condition__init(condition);
	set_condition(form, setting, condition);
	list[0] = plain;
	fields->condition = condition;
	fields->fields = list;
	fields->n_fields = 1;
	field->name = plain->name;
	field->label = plain->label;
	field->type_case = FIVETRAN_SDK__V2__FORM_FIELD__TYPE_CONDITIONAL_FIELDS;
	field->conditional_fields = fields;
	return field;
}

static void add_fields(form_builder *form, const pawl_setting *settings, FivetranSdk__V2__ConfigurationFormResponse *response)
{
	size_t count = 0;
	while (settings != NULL && settings[count].name != NULL)
		count++;
	response->fields = allocate(form, (count + 1) * sizeof(FivetranSdk__V2__FormField *));
	for (size_t i = 0; i < count && !form->has_failed; i++)
		response->fields[i] = make_field(form, &settings[i]);
	response->n_fields = form->has_failed ? 0 : count;
}

static void add_tests(form_builder *form, const pawl_fivetran_form_parts *parts,
                      FivetranSdk__V2__ConfigurationFormResponse *response)
{
	response->tests = allocate(form, (parts->test_count + 1) * sizeof(FivetranSdk__V2__ConfigurationTest *));
	for (size_t i = 0; i < parts->test_count && !form->has_failed; i++) {
		const pawl_test *test = &parts->tests[i];
		FivetranSdk__V2__ConfigurationTest *message = allocate(form, sizeof(*message));
		if (message == NULL)
			return;
		fivetran_sdk__v2__configuration_test__init(message);
		message->name = text(form, test->name);
		message->label = text(form, test->label == NULL ? test->name : test->label);
		response->tests[response->n_tests++] = message;
	}
}

static void clear_form(form_builder *form)
{
	pawl_arena_free(&form->memory);
}

pawl_status pawl_fivetran_form_pack(const pawl_fivetran_form_parts *parts, pawl_buffer *response, pawl_error *error)
{
	PAWL_CLEANUP(clear_form) form_builder form = {0};
	FivetranSdk__V2__ConfigurationFormResponse message = FIVETRAN_SDK__V2__CONFIGURATION_FORM_RESPONSE__INIT;
	message.schema_selection_supported = parts->has_schemas;
	message.table_selection_supported = 1;
	add_fields(&form, parts->settings, &message);
	add_tests(&form, parts, &message);
	return form.has_failed ? pawl_error_out_of_memory(error) : pawl_fivetran_pack(&message, response, error);
}
