#include "source/postgres/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/redact.h"

/* What a connection has unless the user says something else, in libpq's words. */
static const struct setting {
	const char *keyword, *value, *variable; /* the environment's, which goes before */
} defaults[] = {
	{"fallback_application_name", "pawl", NULL},
	{"connect_timeout", "10", "PGCONNECT_TIMEOUT"},
	{"keepalives_idle", "60", NULL},
	{"keepalives_interval", "10", NULL},
	{"keepalives_count", "6", NULL},
	{"tcp_user_timeout", "120000", NULL}, /* ms */
};

/* Whatever the user says: texts are to arrive in UTF-8. */
#define ENCODING "UTF8"

/* ---- parsing --------------------------------------------------------------------------------------------------------- */

void pawl_postgres_location_clear(pawl_postgres_location *location)
{
	if (location->options != NULL) /* libpq is loaded */
		pawl_pq.conninfoFree(location->options);
	*location = (pawl_postgres_location) {0};
}

static const char *find(const pawl_postgres_location *location, const char *keyword)
{
	for (const PQconninfoOption *option = location->options; option->keyword != NULL; option++)
		if (strcmp(option->keyword, keyword) == 0)
			return option->val;
	return NULL;
}

/* "postgres:host=..." without the scheme; URLs are libpq's own. */
static const char *skip_scheme(const char *location)
{
	const char *rest = strchr(location, ':');
	return rest == NULL || strncmp(rest, "://", 3) == 0 ? location : rest + 1;
}

/*
 * What is done first with any location. libpq's own message is not told: it quotes what it does not understand, and that may be
 * the password.
 */
static pawl_status parse(const char *location, pawl_postgres_location *parsed, pawl_error *error)
{
	char *ignored = NULL;

	PAWL_TRY(pawl_pq_load(error));
	parsed->options = pawl_pq.conninfoParse(skip_scheme(location), &ignored);
	pawl_pq.freemem(ignored);
	if (parsed->options != NULL)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "the URL of the PostgreSQL source cannot be understood");
	return pawl_error_hint(error, "write it as postgres://user@host:port/database, special characters as %%XX; or as "
	                              "postgres:host=... dbname=...");
}

/* ---- settings -------------------------------------------------------------------------------------------------------- */

static void add(pawl_postgres_location *location, const char *keyword, const char *value)
{
	if (location->count == PAWL_POSTGRES_SETTINGS)
		return;
	location->keywords[location->count] = keyword;
	location->values[location->count++] = value;
}

/* An address: names may begin so, too. */
static bool is_loopback(const char *host, size_t length)
{
	return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length;
}

static bool is_local_name(const char *host, size_t length)
{
	return length == 0 || host[0] == '/' || host[0] == '@' || is_loopback(host, length) ||
	       (length == 9 && strncmp(host, "localhost", 9) == 0) || (length == 3 && strncmp(host, "::1", 3) == 0);
}

/* There may be several, with commas between. */
static bool is_local(const char *hosts)
{
	for (const char *host = hosts; host != NULL;) {
		size_t length = strcspn(host, ",");
		if (!is_local_name(host, length))
			return false;
		host = host[length] == ',' ? host + length + 1 : NULL;
	}
	return true;
}

/*
 * Over a network, a server has to show that it is the one that was named, unless the user says otherwise: libpq's own default
 * would even go without encryption. What a service file says is not known here, and left as it is.
 */
static bool needs_verification(const pawl_postgres_location *location)
{
	const char *address = find(location, "hostaddr");
	const char *host = find(location, "host");

	if (find(location, "sslmode") != NULL || getenv("PGSSLMODE") != NULL || find(location, "service") != NULL ||
	    getenv("PGSERVICE") != NULL)
		return false;
	if (address == NULL)
		address = getenv("PGHOSTADDR");
	if (host == NULL)
		host = getenv("PGHOST");
	return !is_local(address != NULL ? address : host);
}

static void add_settings(pawl_postgres_location *location, const char *text)
{
	add(location, "dbname", skip_scheme(text)); /* which libpq expands, and what comes later goes before what is in it */
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (find(location, defaults[i].keyword) == NULL &&
		    (defaults[i].variable == NULL || getenv(defaults[i].variable) == NULL))
			add(location, defaults[i].keyword, defaults[i].value);
	if (needs_verification(location))
		add(location, "sslmode", "verify-full");
	add(location, "client_encoding", ENCODING);
}

pawl_status pawl_postgres_location_parse(const char *location, pawl_postgres_location *ret_location, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_location_clear) pawl_postgres_location parsed = {0};

	PAWL_TRY(parse(location, &parsed, error));
	add_settings(&parsed, location);
	*ret_location = parsed;
	parsed = (pawl_postgres_location) {0};
	return PAWL_OK;
}

/* ---- showing --------------------------------------------------------------------------------------------------------- */

static void append_encoded(pawl_buffer *text, const char *value)
{
	for (; *value != '\0'; value++)
		if (strchr("%/@:?&=#, \"'", *value) != NULL || (unsigned char) *value < ' ')
			pawl_buffer_appendf(text, "%%%02X", (unsigned char) *value);
		else
			pawl_buffer_append_character(text, *value);
}

/* Those of the first part of a URL; the rest comes behind '?'. */
static void append_authority(pawl_buffer *text, const pawl_postgres_location *parsed)
{
	const char *user = find(parsed, "user"), *host = find(parsed, "host"), *port = find(parsed, "port");
	const char *database = find(parsed, "dbname");

	if (user != NULL)
		append_encoded(text, user);
	pawl_buffer_append(text, user == NULL ? "" : "@");
	if (host != NULL)
		append_encoded(text, host);
	if (port != NULL)
		pawl_buffer_appendf(text, ":%s", port);
	pawl_buffer_append_character(text, '/');
	append_encoded(text, database == NULL ? "" : database);
}

static bool is_of_authority(const char *keyword)
{
	static const char *const keywords[] = {"user", "host", "port", "dbname", NULL};

	for (size_t i = 0; keywords[i] != NULL; i++)
		if (strcmp(keywords[i], keyword) == 0)
			return true;
	return false;
}

/* What libpq shows as stars in a form is a secret. */
static bool is_secret(const PQconninfoOption *option)
{
	return option->dispchar[0] == '*' || pawl_redaction_is_secret_name(option->keyword);
}

/* Made anew of what libpq understood, so that nothing comes along that it did not. */
pawl_status pawl_postgres_display(const char *location, char **ret_text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_location_clear) pawl_postgres_location parsed = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	pawl_error ignored; /* a URL that is none is shown as one without anything */
	const char *separator = "?";

	pawl_buffer_append(&text, "postgres://");
	if (parse(location, &parsed, &ignored) == PAWL_OK)
		append_authority(&text, &parsed);
	for (const PQconninfoOption *option = parsed.options; option != NULL && option->keyword != NULL; option++) {
		if (option->val == NULL || is_of_authority(option->keyword) || is_secret(option))
			continue;
		pawl_buffer_appendf(&text, "%s%s=", separator, option->keyword);
		append_encoded(&text, option->val);
		separator = "&";
	}
	PAWL_TRY(pawl_buffer_status(&text, error));
	*ret_text = pawl_buffer_take(&text);
	return PAWL_OK;
}
