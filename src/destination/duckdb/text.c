#include "destination/duckdb/internal.h"

/* The text of types whose DuckDB text is not Pawl's, with $ for the value. NaN equals NaN in DuckDB. */
#define YEAR_TEXT(date) "if(year(" date ") < 0, '-', if(year(" date ") > 9999, '+', '')) || printf('%04d', abs(year(" date ")))"
#define DATE_TEXT       YEAR_TEXT("$") " || strftime($, '-%m-%d')"
#define TIME_TEXT(time) YEAR_TEXT(time) " || rtrim(rtrim(strftime(" time ", '-%m-%dT%H:%M:%S.%f'), '0'), '.')"
#define UTC_TIME        "make_timestamp(epoch_us($))"
#define NOT_FINITE "CASE WHEN isnan($) THEN 'NaN' WHEN isinf($) THEN if($ < 0, '-Infinity', 'Infinity') "

static const struct text_expression {
	pawl_type type;
	const char *sql;
} text_expressions[] = {
	{PAWL_NAIVE_DATE, DATE_TEXT},
	{PAWL_NAIVE_DATETIME, TIME_TEXT("$")},
	{PAWL_UTC_DATETIME, TIME_TEXT(UTC_TIME) " || 'Z'"},
	/* As few digits as read back the same, from those on that every text keeps; numbers next to 0 have less than those. */
	{PAWL_FLOAT, NOT_FINITE "WHEN abs($) < 1.1754944e-38::FLOAT AND $ <> 0 THEN $::VARCHAR "
	                        "WHEN printf('%.6g', $::DOUBLE)::FLOAT = $ THEN printf('%.6g', $::DOUBLE) "
	                        "WHEN printf('%.7g', $::DOUBLE)::FLOAT = $ THEN printf('%.7g', $::DOUBLE) "
	                        "WHEN printf('%.8g', $::DOUBLE)::FLOAT = $ THEN printf('%.8g', $::DOUBLE) "
	                        "ELSE printf('%.9g', $::DOUBLE) END"},
	{PAWL_DOUBLE, NOT_FINITE "WHEN abs($) < 2.2250738585072014e-308 AND $ <> 0 THEN $::VARCHAR "
	                         "WHEN printf('%.15g', $)::DOUBLE = $ THEN printf('%.15g', $) "
	                         "WHEN printf('%.16g', $)::DOUBLE = $ THEN printf('%.16g', $) "
	                         "ELSE printf('%.17g', $) END"},
};

/* DuckDB writes a DECIMAL that has no digits before the point as ".5". */
#define FRACTION_TEXT "regexp_replace(CAST($ AS VARCHAR), '^(-?)[.]', '\\10.')"

/* NULL: DuckDB's own cast is right. */
static const char *find_text_expression(pawl_type type)
{
	if (pawl_type_kind(type) == PAWL_KIND_DECIMAL && pawl_type_precision(type) == pawl_type_scale(type))
		return FRACTION_TEXT;
	for (size_t i = 0; i < sizeof(text_expressions) / sizeof(text_expressions[0]); i++)
		if (text_expressions[i].type == type)
			return text_expressions[i].sql;
	return NULL;
}

bool pawl_duckdb_text_append(pawl_buffer *sql, const char *alias, const char *name, pawl_type type)
{
	const char *expression = find_text_expression(type);

	if (expression == NULL)
		return false;
	pawl_buffer_append_character(sql, '(');
	for (const char *c = expression; *c != '\0'; c++)
		if (*c == '$')
			pawl_duckdb_sql_column(sql, alias, name);
		else
			pawl_buffer_append_character(sql, *c);
	pawl_buffer_append_character(sql, ')');
	return true;
}
