/*
 * scripted: a connector that does what a script says, so that tests in any language can make every call of the SDK. The
 * configuration's "script" is the path of a file with one JSON object a line:
 *
 *     {"op": "schema", "tables": [{"table": "t", "primary_key": ["id"], "columns": [["id", "LONG"], ["x", "DECIMAL(9,2)"]]}]}
 *     {"op": "upsert", "table": "t", "fields": [["id", 1], ["x", {"decimal": "1.50"}]]}
 *     {"op": "checkpoint", "fields": [["cursor", "a"]]}
 *
 * A value is a JSON null, boolean, integer, real or string, for what pawl_of makes of them; or an object with one member that
 * names the function of pawl/value.h: {"float": 1.5}, {"unsigned": "18446744073709551615"}, {"utc_datetime": 0},
 * {"binary": "00ff"}; bytes are in hexadecimal, those of {"text": ...}, which may be no UTF-8, too. {"repeat": ["x", 1000]}
 * is a long text.
 *
 * Like a careless author it checks no status, and goes on after an error. With "resume" in the configuration it leaves out the
 * operations before the checkpoint whose state has its number as "done". Built without a schema function, its name is inferred.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <pawl/pawl.h>

/* Memory of the operation at hand. */
struct block {
	struct block *next;
	max_align_t data[];
};

struct script {
	json_t *lines;
	size_t line; /* the one at hand, from 0 */
	struct block *blocks;
	pawl_sync *sync;
	const pawl_configuration *configuration;
	const pawl_state *state;
};

/* The script itself is wrong: a mistake of the test, and nothing that the connector should tell as an error of its own. */
static _Noreturn void give_up(const struct script *script, const char *what)
{
	fprintf(stderr, "scripted: line %zu: %s\n", script->line + 1, what);
	_exit(70);
}

static void *allocate(struct script *script, size_t bytes)
{
	struct block *block = calloc(1, sizeof *block + bytes);
	if (block == NULL)
		give_up(script, "out of memory");
	block->next = script->blocks;
	script->blocks = block;
	return block->data;
}

static void free_blocks(struct script *script)
{
	while (script->blocks != NULL) {
		struct block *next = script->blocks->next;
		free(script->blocks);
		script->blocks = next;
	}
}

static void script_read(struct script *script, const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t capacity = 0;
	script->lines = json_array();
	if (file == NULL)
		give_up(script, "the script cannot be opened");
	for (; getline(&text, &capacity, file) > 0; script->line++) {
		json_error_t why;
		json_t *line = json_loads(text, 0, &why);
		if (line == NULL)
			give_up(script, why.text);
		json_array_append_new(script->lines, line);
	}
	free(text);
	fclose(file);
}

static void script_free(struct script *script)
{
	free_blocks(script);
	json_decref(script->lines);
}

/* ---- members of a line ----------------------------------------------------------------------------------------------- */

static const char *text_of(const struct script *script, const json_t *line, const char *member)
{
	const char *text = json_string_value(json_object_get(line, member));
	if (text == NULL)
		give_up(script, member);
	return text;
}

/* NULL when there is no such member, so that a table without a name can be told of. */
static const char *table_of(const json_t *line)
{
	return json_string_value(json_object_get(line, "table"));
}

static bool is_op(const json_t *line, const char *name)
{
	const char *op = json_string_value(json_object_get(line, "op"));
	return op != NULL && strcmp(op, name) == 0;
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

static pawl_value value_of_hex(struct script *script, pawl_value_kind kind, const char *hex)
{
	size_t length = strlen(hex) / 2;
	unsigned char *bytes = allocate(script, length + 1);
	for (size_t i = 0; i < length; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &bytes[i]) != 1)
			give_up(script, "bytes are hexadecimal");
	return pawl_bytes(kind, bytes, length);
}

static pawl_value value_of_repeat(struct script *script, const json_t *payload)
{
	const char *part = json_string_value(json_array_get(payload, 0));
	size_t times = (size_t) json_integer_value(json_array_get(payload, 1));
	size_t length = part == NULL ? 0 : strlen(part);
	char *text = allocate(script, length * times + 1);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * length, part, length);
	return pawl_text(text, length * times);
}

static double real_of(const json_t *payload)
{
	return json_is_string(payload) ? strtod(json_string_value(payload), NULL) : json_number_value(payload);
}

static pawl_value value_of_kind(struct script *script, const char *kind, const json_t *payload)
{
	static const struct {
		const char *name;
		pawl_value (*make)(const char *text);
	} texts[] = {{"string", pawl_string}, {"decimal", pawl_decimal}, {"json", pawl_json}, {"xml", pawl_xml}};
	int64_t integer = json_integer_value(payload);
	const char *text = json_string_value(payload);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(kind, texts[i].name) == 0)
			return texts[i].make(text);
	if (strcmp(kind, "unsigned") == 0)
		return pawl_unsigned(strtoull(text, NULL, 10));
	if (strcmp(kind, "float") == 0)
		return pawl_float((float) real_of(payload));
	if (strcmp(kind, "double") == 0)
		return pawl_double(real_of(payload));
	if (strcmp(kind, "naive_date") == 0)
		return pawl_naive_date((int32_t) integer);
	if (strcmp(kind, "naive_datetime") == 0)
		return pawl_naive_datetime(integer);
	if (strcmp(kind, "utc_datetime") == 0)
		return pawl_utc_datetime(integer);
	if (strcmp(kind, "binary") == 0)
		return value_of_hex(script, PAWL_VALUE_BINARY, text);
	if (strcmp(kind, "text") == 0)
		return value_of_hex(script, PAWL_VALUE_STRING, text);
	if (strcmp(kind, "repeat") == 0)
		return value_of_repeat(script, payload);
	give_up(script, kind);
}

static pawl_value value_of(struct script *script, const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_NULL:
		return pawl_null();
	case JSON_TRUE:
	case JSON_FALSE:
		return pawl_boolean(json_is_true(json));
	case JSON_INTEGER:
		return pawl_of(json_integer_value(json));
	case JSON_REAL:
		return pawl_of(json_real_value(json));
	case JSON_STRING:
		return pawl_of(json_string_value(json));
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	void *member = json_object_iter((json_t *) (uintptr_t) json);
	if (member == NULL)
		give_up(script, "a value has no kind");
	return value_of_kind(script, json_object_iter_key(member), json_object_iter_value(member));
}

static const pawl_field *fields_of(struct script *script, const json_t *line, size_t *ret_count)
{
	const json_t *pairs = json_object_get(line, "fields");
	pawl_field *fields = allocate(script, (json_array_size(pairs) + 1) * sizeof *fields);
	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *pair = json_array_get(pairs, i);
		fields[i].column = json_string_value(json_array_get(pair, 0));
		fields[i].value = value_of(script, json_array_get(pair, 1));
	}
	*ret_count = json_array_size(pairs);
	return fields;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

/* A type by its name; a number is taken as it is, for types that do not exist. */
static pawl_type type_of(const struct script *script, const json_t *json)
{
	static const struct {
		const char *name;
		pawl_type type;
	} types[] = {
		{"UNSPECIFIED", PAWL_UNSPECIFIED}, {"BOOLEAN", PAWL_BOOLEAN}, {"SHORT", PAWL_SHORT}, {"INT", PAWL_INT},
		{"LONG", PAWL_LONG}, {"FLOAT", PAWL_FLOAT}, {"DOUBLE", PAWL_DOUBLE}, {"NAIVE_DATE", PAWL_NAIVE_DATE},
		{"NAIVE_DATETIME", PAWL_NAIVE_DATETIME}, {"UTC_DATETIME", PAWL_UTC_DATETIME}, {"BINARY", PAWL_BINARY},
		{"XML", PAWL_XML}, {"STRING", PAWL_STRING}, {"JSON", PAWL_JSON},
	};
	unsigned precision, scale;
	if (json_is_integer(json))
		return (pawl_type) json_integer_value(json);
	const char *name = json_string_value(json);
	for (size_t i = 0; name != NULL && i < sizeof types / sizeof types[0]; i++)
		if (strcmp(name, types[i].name) == 0)
			return types[i].type;
	if (name == NULL || sscanf(name, "DECIMAL(%u,%u)", &precision, &scale) != 2)
		give_up(script, "a column has no type");
	return PAWL_DECIMAL(precision, scale);
}

static const char *const *primary_key_of(struct script *script, const json_t *table)
{
	const json_t *names = json_object_get(table, "primary_key");
	if (!json_is_array(names))
		return NULL;
	const char **key = allocate(script, (json_array_size(names) + 1) * sizeof *key);
	for (size_t i = 0; i < json_array_size(names); i++)
		key[i] = json_string_value(json_array_get(names, i));
	return key;
}

static const pawl_column *columns_of(struct script *script, const json_t *table)
{
	const json_t *pairs = json_object_get(table, "columns");
	if (!json_is_array(pairs))
		return NULL;
	pawl_column *columns = allocate(script, (json_array_size(pairs) + 1) * sizeof *columns);
	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *pair = json_array_get(pairs, i);
		columns[i].name = json_string_value(json_array_get(pair, 0));
		columns[i].type = type_of(script, json_array_get(pair, 1));
	}
	return columns;
}

#ifndef WITHOUT_SCHEMA
static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	struct script script = {0};
	script_read(&script, pawl_configuration_require(configuration, "script"));
	for (script.line = 0; script.line < json_array_size(script.lines); script.line++) {
		const json_t *line = json_array_get(script.lines, script.line);
		const json_t *tables = json_object_get(line, "tables");
		if (is_op(line, "schema_fail"))
			pawl_schema_fail(schema, "%s", text_of(&script, line, "text"));
		if (!is_op(line, "schema"))
			continue;
		for (size_t i = 0; i < json_array_size(tables); i++) {
			const json_t *table = json_array_get(tables, i);
			pawl_table(schema, table_of(table), primary_key_of(&script, table), columns_of(&script, table));
		}
	}
	script_free(&script);
	return PAWL_OK;
}
#endif

/* ---- operations ------------------------------------------------------------------------------------------------------ */

static void do_table(struct script *script, const json_t *line)
{
	pawl_sync_table(script->sync, table_of(line), primary_key_of(script, line), columns_of(script, line));
}

static void do_upsert(struct script *script, const json_t *line)
{
	size_t count;
	const pawl_field *fields = fields_of(script, line, &count);
	pawl_upsert_fields(script->sync, table_of(line), fields, count);
}

static void do_update(struct script *script, const json_t *line)
{
	size_t count;
	const pawl_field *fields = fields_of(script, line, &count);
	pawl_update_fields(script->sync, table_of(line), fields, count);
}

static void do_delete(struct script *script, const json_t *line)
{
	size_t count;
	const pawl_field *fields = fields_of(script, line, &count);
	pawl_delete_fields(script->sync, table_of(line), fields, count);
}

/* Upserts of the rows with the integer keys "first" to "last", all with the same other fields. */
static void do_upserts(struct script *script, const json_t *line)
{
	int64_t last = json_integer_value(json_object_get(line, "last"));
	size_t count;
	const pawl_field *rest = fields_of(script, line, &count);
	pawl_field *fields = allocate(script, (count + 1) * sizeof *fields);
	memcpy(fields + 1, rest, count * sizeof *fields);
	fields[0].column = text_of(script, line, "key");
	for (int64_t key = json_integer_value(json_object_get(line, "first")); key <= last; key++) {
		fields[0].value = pawl_of(key);
		if (pawl_upsert_fields(script->sync, table_of(line), fields, count + 1) != PAWL_OK)
			return;
	}
}

static void do_truncate(struct script *script, const json_t *line)
{
	pawl_truncate(script->sync, table_of(line));
}

static void do_checkpoint(struct script *script, const json_t *line)
{
	size_t count;
	const pawl_field *fields = fields_of(script, line, &count);
	pawl_checkpoint_fields(script->sync, fields, count);
}

static void do_checkpoint_json(struct script *script, const json_t *line)
{
	pawl_checkpoint_json(script->sync, json_string_value(json_object_get(line, "json")));
}

static void do_warning(struct script *script, const json_t *line)
{
	pawl_warning(script->sync, "%s", text_of(script, line, "text"));
}

static void do_fail(struct script *script, const json_t *line)
{
	pawl_fail(script->sync, "%s", text_of(script, line, "text"));
}

static void do_log(struct script *script, const json_t *line)
{
	static const struct {
		const char *name;
		pawl_log_level level;
	} levels[] = {
		{"debug", PAWL_LOG_DEBUG}, {"fine", PAWL_LOG_FINE}, {"info", PAWL_LOG_INFO},
		{"warning", PAWL_LOG_WARNING}, {"severe", PAWL_LOG_SEVERE},
	};
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (strcmp(text_of(script, line, "level"), levels[i].name) == 0)
			pawl_log(script->sync, levels[i].level, "%s", text_of(script, line, "text"));
}

/* Logs "configuration KEY: VALUE" as the getter of that kind gives it. */
static void do_configuration(struct script *script, const json_t *line)
{
	const pawl_configuration *configuration = script->configuration;
	const char *kind = text_of(script, line, "kind"), *key = text_of(script, line, "key");
	const json_t *fallback = json_object_get(line, "fallback");
	char number[32];
	const char *value = number;
	if (strcmp(kind, "require") == 0)
		value = pawl_configuration_require(configuration, key);
	else if (strcmp(kind, "string") == 0)
		value = pawl_configuration_string(configuration, key, json_string_value(fallback));
	else if (strcmp(kind, "integer") == 0)
		snprintf(number, sizeof number, "%" PRId64, pawl_configuration_integer(configuration, key, json_integer_value(fallback)));
	else
		value = pawl_configuration_boolean(configuration, key, json_is_true(fallback)) ? "true" : "false";
	pawl_log_info(script->sync, "configuration %s: %s", key, value == NULL ? "(none)" : value);
}

/* The same for the state. */
static void do_state(struct script *script, const json_t *line)
{
	const pawl_state *state = script->state;
	const char *kind = text_of(script, line, "kind"), *key = text_of(script, line, "key");
	const json_t *fallback = json_object_get(line, "fallback");
	char number[32];
	const char *value = number;
	if (strcmp(kind, "json") == 0)
		value = pawl_state_json(state);
	else if (strcmp(kind, "string") == 0)
		value = pawl_state_string(state, key, json_string_value(fallback));
	else if (strcmp(kind, "integer") == 0)
		snprintf(number, sizeof number, "%" PRId64, pawl_state_integer(state, key, json_integer_value(fallback)));
	else
		value = pawl_state_boolean(state, key, json_is_true(fallback)) ? "true" : "false";
	pawl_log_info(script->sync, "state %s: %s", key, value == NULL ? "(none)" : value);
}

static void do_status(struct script *script, const json_t *line)
{
	(void) line;
	pawl_log_info(script->sync, "status: %s", pawl_status_name(pawl_sync_status(script->sync)));
}

/* Makes the file "path", to tell the test that it came so far. */
static void do_touch(struct script *script, const json_t *line)
{
	FILE *file = fopen(text_of(script, line, "path"), "we");
	if (file == NULL)
		give_up(script, "the file cannot be made");
	fclose(file);
}

/* Waits for the file "path", which the test makes; for a minute at most. */
static void do_wait(struct script *script, const json_t *line)
{
	for (int i = 0; access(text_of(script, line, "path"), F_OK) != 0; i++) {
		if (i == 6000)
			give_up(script, "nobody made the file");
		usleep(10000);
	}
}

static void do_kill(struct script *script, const json_t *line)
{
	(void) script;
	(void) line;
	raise(SIGKILL);
}

static void do_nothing(struct script *script, const json_t *line)
{
	(void) script;
	(void) line;
}

static const struct {
	const char *name;
	void (*run)(struct script *script, const json_t *line);
} operations[] = {
	{"schema", do_nothing}, {"schema_fail", do_nothing}, {"return", do_nothing}, {"table", do_table},
	{"upsert", do_upsert}, {"update", do_update}, {"delete", do_delete}, {"upserts", do_upserts},
	{"truncate", do_truncate}, {"checkpoint", do_checkpoint}, {"checkpoint_json", do_checkpoint_json},
	{"warning", do_warning}, {"fail", do_fail}, {"log", do_log}, {"configuration", do_configuration},
	{"state", do_state}, {"status", do_status}, {"touch", do_touch}, {"wait", do_wait}, {"kill", do_kill},
};

static void run_line(struct script *script, const json_t *line)
{
	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		if (!is_op(line, operations[i].name))
			continue;
		operations[i].run(script, line);
		free_blocks(script);
		return;
	}
	give_up(script, "an unknown operation");
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	struct script script = {.sync = sync, .configuration = configuration, .state = state};
	int64_t done = 0;
	pawl_status status = PAWL_OK;
	script_read(&script, pawl_configuration_require(configuration, "script"));
	if (pawl_configuration_boolean(configuration, "resume", false))
		done = pawl_state_integer(state, "done", 0);

	for (script.line = 0; script.line < json_array_size(script.lines); script.line++) {
		const json_t *line = json_array_get(script.lines, script.line);
		if (done > 0 && !is_op(line, "table"))
			done -= is_op(line, "checkpoint");
		else
			run_line(&script, line);
		if (is_op(line, "return"))
			status = PAWL_CONNECTOR;
	}
	script_free(&script);
	return status;
}

int main(int argc, char **argv)
{
#ifdef WITHOUT_SCHEMA
	static const pawl_connector connector = {.name = "inferred", .update = update};
#else
	static const pawl_connector connector = {.name = "scripted", .schema = schema, .update = update};
#endif
	return pawl_connector_main(argc, argv, &connector);
}
