#include "types/type.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "types/cell.h"

static void test_storage(void **state)
{
	(void) state;
	assert_int_equal(pawl_type_storage(PAWL_BOOLEAN), PAWL_STORAGE_BOOLEAN);
	assert_int_equal(pawl_type_storage(PAWL_SHORT), PAWL_STORAGE_INT16);
	assert_int_equal(pawl_type_storage(PAWL_INT), PAWL_STORAGE_INT32);
	assert_int_equal(pawl_type_storage(PAWL_LONG), PAWL_STORAGE_INT64);
	assert_int_equal(pawl_type_storage(PAWL_DECIMAL(1, 0)), PAWL_STORAGE_INT16);
	assert_int_equal(pawl_type_storage(PAWL_DECIMAL(4, 4)), PAWL_STORAGE_INT16);
	assert_int_equal(pawl_type_storage(PAWL_DECIMAL(5, 0)), PAWL_STORAGE_INT32);
	assert_int_equal(pawl_type_storage(PAWL_DECIMAL(9, 2)), PAWL_STORAGE_INT32);
	assert_int_equal(pawl_type_storage(PAWL_DECIMAL(10, 2)), PAWL_STORAGE_INT64);
	assert_int_equal(pawl_type_storage(PAWL_DECIMAL(18, 18)), PAWL_STORAGE_INT64);
	assert_int_equal(pawl_type_storage(PAWL_DECIMAL(19, 0)), PAWL_STORAGE_INT128);
	assert_int_equal(pawl_type_storage(PAWL_DECIMAL(38, 38)), PAWL_STORAGE_INT128);
	assert_int_equal(pawl_type_storage(PAWL_FLOAT), PAWL_STORAGE_FLOAT);
	assert_int_equal(pawl_type_storage(PAWL_DOUBLE), PAWL_STORAGE_DOUBLE);
	assert_int_equal(pawl_type_storage(PAWL_NAIVE_DATE), PAWL_STORAGE_INT32);
	assert_int_equal(pawl_type_storage(PAWL_NAIVE_DATETIME), PAWL_STORAGE_INT64);
	assert_int_equal(pawl_type_storage(PAWL_UTC_DATETIME), PAWL_STORAGE_INT64);
	assert_int_equal(pawl_type_storage(PAWL_BINARY), PAWL_STORAGE_BYTES);
	assert_int_equal(pawl_type_storage(PAWL_XML), PAWL_STORAGE_BYTES);
	assert_int_equal(pawl_type_storage(PAWL_STRING), PAWL_STORAGE_BYTES);
	assert_int_equal(pawl_type_storage(PAWL_JSON), PAWL_STORAGE_BYTES);
}

static void assert_invalid(pawl_type type, const char *message, const char *hint)
{
	pawl_error error;
	assert_int_equal(pawl_type_check(type, &error), PAWL_INVALID);
	assert_string_equal(error.message, message);
	assert_string_equal(error.hint, hint);
}

static void test_check(void **state)
{
	static const char *const use = "use one of the PAWL_... types of pawl/value.h, or PAWL_DECIMAL(precision, scale)";
	static const char *const wide = "the precision counts all digits; declare the column as STRING to keep more";
	pawl_error error;
	(void) state;
	for (pawl_type type = PAWL_UNSPECIFIED; type <= PAWL_JSON; type++)
		if (type != PAWL_KIND_DECIMAL)
			assert_int_equal(pawl_type_check(type, &error), PAWL_OK);
	for (int precision = 1; precision <= 38; precision++)
		for (int scale = 0; scale <= precision; scale++)
			assert_int_equal(pawl_type_check(PAWL_DECIMAL(precision, scale), &error), PAWL_OK);
	assert_invalid(15, "'15' is not a type", use);
	assert_invalid(255, "'255' is not a type", use);
	assert_invalid(PAWL_LONG | 1u << 8, "'260' is not a type", use);
	assert_invalid(PAWL_DECIMAL(5, 2) | 1u << 24, "'16909573' is not a type", use);
	assert_invalid(PAWL_DECIMAL(5, -1), "'4294903045' is not a type", use);
	assert_invalid(PAWL_KIND_DECIMAL, "'DECIMAL(0,0)' is not a type: its precision is not 1 to 38", wide);
	assert_invalid(PAWL_DECIMAL(39, 0), "'DECIMAL(39,0)' is not a type: its precision is not 1 to 38", wide);
	assert_invalid(PAWL_DECIMAL(5, 6), "'DECIMAL(5,6)' is not a type: its scale is above its precision",
	               "the precision counts all digits, those after the point too");
}

static void test_format(void **state)
{
	static const char *const names[] = {"UNSPECIFIED", "BOOLEAN",    "SHORT",          "INT",          "LONG",
	                                    "DECIMAL(0,0)", "FLOAT",     "DOUBLE",         "NAIVE_DATE",   "NAIVE_DATETIME",
	                                    "UTC_DATETIME", "BINARY",    "XML",            "STRING",       "JSON"};
	char text[PAWL_TYPE_TEXT_BYTES];
	(void) state;
	for (pawl_type type = 0; type < sizeof(names) / sizeof(names[0]); type++) {
		pawl_type_format(type, text);
		assert_string_equal(text, names[type]);
	}
	pawl_type_format(PAWL_DECIMAL(15, 2), text);
	assert_string_equal(text, "DECIMAL(15,2)");
	pawl_type_format(UINT32_MAX, text);
	assert_string_equal(text, "type 4294967295");
}

static void test_infer(void **state)
{
	const struct {
		pawl_value value;
		pawl_type type;
	} cases[] = {
		{pawl_null(), PAWL_UNSPECIFIED},
		{pawl_boolean(true), PAWL_BOOLEAN},
		{pawl_of((short) 1), PAWL_LONG},
		{pawl_of(INT64_MIN), PAWL_LONG},
		{pawl_of((uint64_t) INT64_MAX), PAWL_LONG},
		{pawl_of(UINT64_MAX), PAWL_DECIMAL(20, 0)},
		{pawl_of(1.5f), PAWL_FLOAT},
		{pawl_of(1.5), PAWL_DOUBLE},
		{pawl_decimal("1"), PAWL_DECIMAL(18, 0)},
		{pawl_decimal("-12.50"), PAWL_DECIMAL(18, 2)},
		{pawl_decimal("1234567890123456.78"), PAWL_DECIMAL(18, 2)},
		{pawl_decimal("12345678901234567.89"), PAWL_DECIMAL(28, 2)},
		{pawl_decimal("0.0000000000000000001"), PAWL_DECIMAL(28, 19)},
		{pawl_decimal("123456789012345678901234567.89"), PAWL_DECIMAL(38, 2)},
		{pawl_decimal("1e-38"), PAWL_DECIMAL(38, 38)},
		{pawl_decimal("123456789012345678901234567890123456789"), PAWL_STRING}, /* 39 digits */
		{pawl_decimal("1e-39"), PAWL_STRING},
		{pawl_decimal("abc"), PAWL_STRING},
		{pawl_naive_date(1), PAWL_NAIVE_DATE},
		{pawl_naive_datetime(1), PAWL_NAIVE_DATETIME},
		{pawl_utc_datetime(1), PAWL_UTC_DATETIME},
		{pawl_binary("a", 1), PAWL_BINARY},
		{pawl_xml("<a/>"), PAWL_XML},
		{pawl_json("{}"), PAWL_JSON},
		{pawl_of("2024-01-01T00:00:00Z"), PAWL_STRING}, /* text stays text, whatever it looks like */
		{pawl_of("42"), PAWL_STRING},
		{pawl_of("true"), PAWL_STRING},
		{pawl_of((const char *) NULL), PAWL_UNSPECIFIED},
	};
	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pawl_type_infer(&cases[i].value) != cases[i].type)
			fail_msg("case %zu is inferred as type %u", i, (unsigned) pawl_type_infer(&cases[i].value));
}

/* ---- widening -------------------------------------------------------------------------------------------------------- */

static const pawl_type types[] = {
	PAWL_UNSPECIFIED, PAWL_BOOLEAN, PAWL_SHORT, PAWL_INT, PAWL_LONG, PAWL_FLOAT, PAWL_DOUBLE, PAWL_NAIVE_DATE,
	PAWL_NAIVE_DATETIME, PAWL_UTC_DATETIME, PAWL_BINARY, PAWL_XML, PAWL_STRING, PAWL_JSON, PAWL_DECIMAL(1, 0), PAWL_DECIMAL(1, 1),
	PAWL_DECIMAL(3, 0), PAWL_DECIMAL(5, 2), PAWL_DECIMAL(10, 0), PAWL_DECIMAL(20, 0), PAWL_DECIMAL(19, 10), PAWL_DECIMAL(30, 20),
	PAWL_DECIMAL(38, 0), PAWL_DECIMAL(38, 19), PAWL_DECIMAL(38, 38),
};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

/* The wider type; the pseudo type 255 when there is none, which then stays so. */
#define NO_TYPE ((pawl_type) 255)
static pawl_type widen(pawl_type left, pawl_type right)
{
	pawl_type type = 42;
	if (left == NO_TYPE || right == NO_TYPE)
		return NO_TYPE;
	if (pawl_type_widen(left, right, &type))
		return type;
	assert_int_equal(type, 42);
	return NO_TYPE;
}

/* Letters stand for the types, in the order of the columns; '-' for none. */
static void test_widen_matrix(void **state)
{
	static const char letters[] = "BSILFDdnubxsj";
	static const char *const rows[] = {
		"Bssssssss-sss", /* BOOLEAN */
		"sSILFDsss-sss", /* SHORT */
		"sIILDDsss-sss", /* INT */
		"sLLLsssss-sss", /* LONG */
		"sFDsFDsss-sss", /* FLOAT */
		"sDDsDDsss-sss", /* DOUBLE */
		"ssssssdns-sss", /* NAIVE_DATE */
		"ssssssnns-sss", /* NAIVE_DATETIME */
		"ssssssssu-sss", /* UTC_DATETIME */
		"---------b---", /* BINARY */
		"sssssssss-xss", /* XML */
		"sssssssss-sss", /* STRING */
		"sssssssss-ssj", /* JSON */
	};
	(void) state;
	for (size_t left = 0; left < sizeof(letters) - 1; left++) {
		for (size_t right = 0; right < sizeof(letters) - 1; right++) {
			pawl_type type = widen(types[left + 1], types[right + 1]);
			const char *letter = strchr(letters, rows[left][right]);
			assert_int_equal(type, letter == NULL ? NO_TYPE : types[letter - letters + 1]);
		}
	}
}

static void test_widen_decimals(void **state)
{
	(void) state;
	assert_int_equal(widen(PAWL_DECIMAL(5, 2), PAWL_DECIMAL(6, 4)), PAWL_DECIMAL(7, 4));
	assert_int_equal(widen(PAWL_DECIMAL(1, 1), PAWL_DECIMAL(1, 0)), PAWL_DECIMAL(2, 1));
	assert_int_equal(widen(PAWL_DECIMAL(38, 0), PAWL_DECIMAL(38, 0)), PAWL_DECIMAL(38, 0));
	assert_int_equal(widen(PAWL_DECIMAL(38, 0), PAWL_DECIMAL(1, 1)), PAWL_STRING);
	assert_int_equal(widen(PAWL_SHORT, PAWL_DECIMAL(5, 2)), PAWL_DECIMAL(7, 2));
	assert_int_equal(widen(PAWL_INT, PAWL_DECIMAL(5, 2)), PAWL_DECIMAL(12, 2));
	assert_int_equal(widen(PAWL_LONG, PAWL_DECIMAL(5, 2)), PAWL_DECIMAL(21, 2));
	assert_int_equal(widen(PAWL_LONG, PAWL_DECIMAL(20, 0)), PAWL_DECIMAL(20, 0));
	assert_int_equal(widen(PAWL_LONG, PAWL_DECIMAL(38, 19)), PAWL_DECIMAL(38, 19));
	assert_int_equal(widen(PAWL_LONG, PAWL_DECIMAL(38, 20)), PAWL_STRING);
	assert_int_equal(widen(PAWL_DECIMAL(5, 2), PAWL_FLOAT), PAWL_STRING);
	assert_int_equal(widen(PAWL_DECIMAL(5, 2), PAWL_DOUBLE), PAWL_STRING);
	assert_int_equal(widen(PAWL_DECIMAL(5, 2), PAWL_BOOLEAN), PAWL_STRING);
	assert_int_equal(widen(PAWL_DECIMAL(5, 2), PAWL_BINARY), NO_TYPE);
}

static void test_widen_is_a_join(void **state)
{
	(void) state;
	for (size_t a = 0; a < TYPE_COUNT; a++) {
		assert_int_equal(widen(types[a], types[a]), types[a]);
		assert_int_equal(widen(types[a], PAWL_UNSPECIFIED), types[a]);
		for (size_t b = 0; b < TYPE_COUNT; b++) {
			pawl_type both = widen(types[a], types[b]);
			assert_int_equal(both, widen(types[b], types[a]));
			assert_int_equal(both, widen(both, types[a]));
			for (size_t c = 0; c < TYPE_COUNT; c++)
				assert_int_equal(widen(both, types[c]), widen(types[a], widen(types[b], types[c])));
		}
	}
}

/* The number in a cell of a number's type, so that cells of two types can be compared: unscaled and scale, or a double. */
typedef struct number {
	bool is_real;
	double real;
	pawl_int128 unscaled;
	int scale;
} number;

static number number_in(const pawl_cell *cell, pawl_type type)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	number result = {0};
	const char *reason;
	if (type == PAWL_FLOAT || type == PAWL_DOUBLE) {
		result.is_real = true;
		result.real = type == PAWL_FLOAT ? (double) cell->as.float32 : cell->as.float64;
		return result;
	}
	pawl_cell_append_text(cell, type, &text);
	assert_true(pawl_decimal_parse(pawl_buffer_text(&text), text.length, &result.unscaled, &result.scale, &reason));
	return result;
}

static bool is_number_type(pawl_type type)
{
	pawl_type kind = pawl_type_kind(type);
	return kind >= PAWL_SHORT && kind <= PAWL_DOUBLE;
}

static bool is_same_number(number left, number right)
{
	pawl_int128 rescaled;
	if (left.is_real && right.is_real)
		return left.real == right.real || (isnan(left.real) && isnan(right.real));
	if (left.is_real || right.is_real)
		return (left.is_real ? left.real : right.real) == (double) (left.is_real ? right.unscaled : left.unscaled);
	return pawl_decimal_rescale(left.unscaled, left.scale, 38, right.scale, &rescaled) && rescaled == right.unscaled;
}

/* What a type keeps, the wider type keeps too, and as the same value. */
static void test_widen_is_exact(void **state)
{
	const pawl_value values[] = {
		pawl_boolean(true), pawl_boolean(false), pawl_of(0), pawl_of(-1), pawl_of(INT16_MIN), pawl_of(INT16_MAX),
		pawl_of(INT32_MIN), pawl_of(INT32_MAX), pawl_of(INT64_MIN), pawl_of(INT64_MAX), pawl_of(UINT64_MAX),
		pawl_of(INT64_C(1) << 53), pawl_of((INT64_C(1) << 53) + 1), pawl_of(1 << 24), pawl_of((1 << 24) + 1), pawl_of(0.1f),
		pawl_of(3.1), pawl_of(1e300), pawl_of(5e-324), pawl_of(-0.0), pawl_of(NAN), pawl_of(INFINITY), pawl_of(-INFINITY),
		pawl_decimal("0.5"), pawl_decimal("-999.99"), pawl_decimal("12345678901234567890123456789012345678"),
		pawl_decimal("0.00000000000000000000000000000000000001"), pawl_decimal("7"), pawl_naive_date(0), pawl_naive_date(-719162),
		pawl_naive_date(2932896), pawl_naive_datetime(-1), pawl_naive_datetime(1710607229500000), pawl_utc_datetime(0),
		pawl_utc_datetime(INT64_C(-9223372022400000000)), pawl_utc_datetime(INT64_MAX - 1), pawl_binary("\xff\0", 2),
		pawl_of(""), pawl_of("text"), pawl_of("42"), pawl_of("2024-03-16"), pawl_of("2024-03-16T16:40:29.5"),
		pawl_of("2024-03-16T16:40:29.5+01:00"), pawl_json("{\"a\": [1, null]}"), pawl_xml("<a>\xc3\xa9</a>"), pawl_null(),
	};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer scratch = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer wide_scratch = {0};
	size_t compared = 0;
	pawl_error error;
	(void) state;
	for (size_t a = 1; a < TYPE_COUNT; a++) {
		for (size_t b = 1; b < TYPE_COUNT; b++) {
			pawl_type wide = widen(types[a], types[b]);
			for (size_t i = 0; wide != NO_TYPE && i < sizeof(values) / sizeof(values[0]); i++) {
				pawl_cell cell;
				pawl_cell wide_cell;
				if (pawl_cell_convert(&values[i], types[a], &scratch, &cell, &error) != PAWL_OK)
					continue;
				if (pawl_cell_convert(&values[i], wide, &wide_scratch, &wide_cell, &error) != PAWL_OK)
					fail_msg("type %u widened by %u: %s", (unsigned) types[a], (unsigned) types[b], error.message);
				assert_int_equal(wide_cell.is_null, cell.is_null);
				if (cell.is_null || !is_number_type(types[a]) || !is_number_type(wide))
					continue;
				assert_true(is_same_number(number_in(&cell, types[a]), number_in(&wide_cell, wide)));
				compared++;
			}
		}
	}
	assert_true(compared > 500);
}

static void test_values_of_no_kind(void **unused)
{
	(void) unused;
	pawl_error error;
	pawl_value value = pawl_null();
	assert_int_equal(pawl_value_check(&value, &error), PAWL_OK);
	value.kind = (pawl_value_kind) 14;
	assert_int_equal(pawl_value_check(&value, &error), PAWL_INVALID);
	assert_string_equal(error.message, "its value has the kind 14, which is none");
	value = pawl_bytes(PAWL_VALUE_INTEGER, "12345678", 8);
	assert_int_equal(pawl_value_check(&value, &error), PAWL_INVALID);
	assert_string_equal(error.message, "its value was made by pawl_bytes, of a kind that has no bytes");
	value = pawl_bytes(PAWL_VALUE_XML, "<a/>", 4);
	assert_int_equal(pawl_value_check(&value, &error), PAWL_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_storage),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_infer),
		cmocka_unit_test(test_widen_matrix),
		cmocka_unit_test(test_widen_decimals),
		cmocka_unit_test(test_widen_is_a_join),
		cmocka_unit_test(test_widen_is_exact),
		cmocka_unit_test(test_values_of_no_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
