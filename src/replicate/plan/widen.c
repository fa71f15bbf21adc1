#include <stdio.h>
#include <string.h>

#include "replicate/plan/internal.h"

/* ---- integers -------------------------------------------------------------------------------------------------------- */

static const struct integer_type {
	const char *name;
	int bits;
	bool is_signed;
	int digits; /* of its largest value */
} integer_types[] = {
	{"TINYINT", 8, true, 3},   {"SMALLINT", 16, true, 5},   {"INTEGER", 32, true, 10},   {"BIGINT", 64, true, 19},
	{"HUGEINT", 128, true, 39}, {"UTINYINT", 8, false, 3},   {"USMALLINT", 16, false, 5}, {"UINTEGER", 32, false, 10},
	{"UBIGINT", 64, false, 20}, {"UHUGEINT", 128, false, 39},
};
enum { INTEGER_COUNT = sizeof(integer_types) / sizeof(integer_types[0]) };

static const struct integer_type *find_integer(const char *name)
{
	for (size_t i = 0; i < INTEGER_COUNT; i++)
		if (strcmp(integer_types[i].name, name) == 0)
			return &integer_types[i];
	return NULL;
}

/* The narrowest that holds both, or NULL. They are in the order of their bits, the signed ones first. */
static const struct integer_type *join_integers(const struct integer_type *left, const struct integer_type *right)
{
	bool is_signed = left->is_signed || right->is_signed;
	int left_bits = left->bits + (is_signed && !left->is_signed), right_bits = right->bits + (is_signed && !right->is_signed);
	int bits = left_bits > right_bits ? left_bits : right_bits;

	for (size_t i = 0; i < INTEGER_COUNT; i++)
		if (integer_types[i].is_signed == is_signed && integer_types[i].bits >= bits)
			return &integer_types[i];
	return NULL;
}

/* ---- decimals -------------------------------------------------------------------------------------------------------- */

/* Integers are decimals without a fraction. */
static bool read_decimal(const char *name, int *ret_precision, int *ret_scale)
{
	const struct integer_type *integer = find_integer(name);
	char end;

	if (integer != NULL) {
		*ret_precision = integer->digits;
		*ret_scale = 0;
		return true;
	}
	return sscanf(name, "DECIMAL(%d,%d%c", ret_precision, ret_scale, &end) == 3 && end == ')';
}

static bool join_decimals(const char *have, const char *come, char space[PAWL_WIDEN_BYTES])
{
	int have_precision, have_scale, come_precision, come_scale;

	if (!read_decimal(have, &have_precision, &have_scale) || !read_decimal(come, &come_precision, &come_scale))
		return false;
	int scale = have_scale > come_scale ? have_scale : come_scale;
	int have_whole = have_precision - have_scale, come_whole = come_precision - come_scale;
	int whole = have_whole > come_whole ? have_whole : come_whole;
	if (whole + scale > 38)
		return false;
	snprintf(space, PAWL_WIDEN_BYTES, "DECIMAL(%d,%d)", whole + scale, scale);
	return true;
}

/* ---- others ---------------------------------------------------------------------------------------------------------- */

/* Types whose values all are values of another one. */
static const char *const wider[][2] = {
	{"TINYINT", "FLOAT"},           {"SMALLINT", "FLOAT"},          {"UTINYINT", "FLOAT"},
	{"USMALLINT", "FLOAT"},         {"TINYINT", "DOUBLE"},          {"SMALLINT", "DOUBLE"},
	{"INTEGER", "DOUBLE"},          {"UTINYINT", "DOUBLE"},         {"USMALLINT", "DOUBLE"},
	{"UINTEGER", "DOUBLE"},         {"FLOAT", "DOUBLE"},            {"DATE", "TIMESTAMP"},
	{"TIMESTAMP_S", "TIMESTAMP_MS"}, {"TIMESTAMP_S", "TIMESTAMP"},  {"TIMESTAMP_MS", "TIMESTAMP"},
	{"UUID", "VARCHAR"},            {"JSON", "VARCHAR"},
};

static bool is_wider(const char *narrow, const char *wide)
{
	for (size_t i = 0; i < sizeof(wider) / sizeof(wider[0]); i++)
		if (strcmp(wider[i][0], narrow) == 0 && strcmp(wider[i][1], wide) == 0)
			return true;
	return false;
}

static bool is_enum(const char *type)
{
	return strncmp(type, "ENUM(", strlen("ENUM(")) == 0;
}

static bool is_nested(const char *type)
{
	size_t length = strlen(type);
	return !is_enum(type) && (type[length - 1] == ']' || strncmp(type, "STRUCT(", 7) == 0 || strncmp(type, "MAP(", 4) == 0 ||
	                          strncmp(type, "UNION(", 6) == 0);
}

/* The text of a number, an enum... reads back as the same value. */
static bool is_exact_as_text(const char *type)
{
	int precision, scale;
	return read_decimal(type, &precision, &scale) || is_enum(type) || is_wider(type, "VARCHAR");
}

pawl_widening pawl_widen(const char *have, const char *come, char space[PAWL_WIDEN_BYTES], const char **ret_type)
{
	const struct integer_type *left = find_integer(have), *right = find_integer(come);
	const struct integer_type *joined = left != NULL && right != NULL ? join_integers(left, right) : NULL;

	*ret_type = joined != NULL ? joined->name : space;
	if (strcmp(have, come) == 0 || is_wider(come, have))
		return PAWL_WIDEN_KEEP;
	if (joined != NULL || ((left == NULL || right == NULL) && join_decimals(have, come, space)))
		return strcmp(*ret_type, have) == 0 ? PAWL_WIDEN_KEEP : PAWL_WIDEN_TO;
	if (strcmp(have, "VARCHAR") == 0)
		return is_nested(come) || strcmp(come, "BLOB") == 0 ? PAWL_WIDEN_NEVER : PAWL_WIDEN_AS_TEXT;
	*ret_type = come;
	if (is_wider(have, come) || (strcmp(come, "VARCHAR") == 0 && is_exact_as_text(have)))
		return PAWL_WIDEN_TO;
	*ret_type = "VARCHAR";
	return is_enum(have) && is_enum(come) ? PAWL_WIDEN_TO : PAWL_WIDEN_NEVER;
}
