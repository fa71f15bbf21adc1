#include "base/decimal.h"

typedef unsigned __int128 uint128;

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/* 10 to the power of `exponent`, which is 0 to 38. */
static uint128 power_of_ten(int64_t exponent)
{
	static const uint64_t powers[] = {
		UINT64_C(1),
		UINT64_C(10),
		UINT64_C(100),
		UINT64_C(1000),
		UINT64_C(10000),
		UINT64_C(100000),
		UINT64_C(1000000),
		UINT64_C(10000000),
		UINT64_C(100000000),
		UINT64_C(1000000000),
		UINT64_C(10000000000),
		UINT64_C(100000000000),
		UINT64_C(1000000000000),
		UINT64_C(10000000000000),
		UINT64_C(100000000000000),
		UINT64_C(1000000000000000),
		UINT64_C(10000000000000000),
		UINT64_C(100000000000000000),
		UINT64_C(1000000000000000000),
		UINT64_C(10000000000000000000),
	};
	return exponent <= 19 ? powers[exponent] : (uint128) powers[19] * powers[exponent - 19];
}

static uint128 magnitude_of(pawl_int128 number)
{
	return number < 0 ? -(uint128) number : (uint128) number;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

/* A number as it is written. */
typedef struct literal {
	bool is_negative;
	const char *digits; /* the first one that is not zero; there may be one point among them */
	int64_t count;      /* of these digits */
	int64_t zeros;      /* how many of them are zeros at the end */
	int64_t scale;      /* digits after the point less the exponent */
} literal;

static bool scan_exponent(const char *text, const char *end, int64_t *ret_exponent)
{
	int64_t exponent = 0;
	bool is_negative = text < end && *text == '-';
	if (text < end && (*text == '-' || *text == '+'))
		text++;
	if (text == end)
		return false;
	for (; text < end; text++) {
		if (!is_digit(*text))
			return false;
		if (exponent < INT64_MAX / 100) /* more is the same: no text is long enough to make up for it */
			exponent = exponent * 10 + (*text - '0');
	}
	*ret_exponent = is_negative ? -exponent : exponent;
	return true;
}

static bool scan(const char *text, size_t length, literal *ret_literal)
{
	const char *end = text + length;
	bool has_digits = false;
	bool has_point = false;
	int64_t exponent = 0;
	literal number = {0};
	number.is_negative = text < end && *text == '-';
	if (text < end && (*text == '-' || *text == '+'))
		text++;
	for (; text < end && (is_digit(*text) || (*text == '.' && !has_point)); text++) {
		if (*text == '.') {
			has_point = true;
			continue;
		}
		has_digits = true;
		number.scale += has_point;
		number.zeros = *text == '0' ? number.zeros + 1 : 0;
		if (number.count == 0 && *text == '0')
			continue;
		if (number.count++ == 0)
			number.digits = text;
	}
	if (!has_digits)
		return false;
	if (text < end && ((*text != 'e' && *text != 'E') || !scan_exponent(text + 1, end, &exponent)))
		return false;
	number.scale -= exponent;
	*ret_literal = number;
	return true;
}

bool pawl_decimal_is_number(const char *text, size_t length)
{
	literal number;
	return scan(text, length, &number);
}

static int clamp_scale(int64_t scale)
{
	if (scale < 0)
		return 0;
	return scale > PAWL_DECIMAL_MAX_PRECISION ? PAWL_DECIMAL_MAX_PRECISION : (int) scale;
}

bool pawl_decimal_parse(const char *text, size_t length, pawl_int128 *ret_unscaled, int *ret_scale, const char **ret_reason)
{
	literal number;
	if (!scan(text, length, &number)) {
		*ret_reason = "it is not a decimal number";
		return false;
	}
	if (number.count == 0) {
		*ret_unscaled = 0;
		*ret_scale = clamp_scale(number.scale);
		return true;
	}

	/* Zeros after the point are kept as they are written (12.50), unless there are too many of them. */
	int64_t excess = (number.count > number.scale ? number.count : number.scale) - PAWL_DECIMAL_MAX_PRECISION;
	if (excess > 0 && excess <= number.zeros && excess <= number.scale) {
		number.count -= excess;
		number.scale -= excess;
	}
	int64_t missing_zeros = number.scale < 0 ? -number.scale : 0;
	if (number.scale > PAWL_DECIMAL_MAX_PRECISION || number.count + missing_zeros > PAWL_DECIMAL_MAX_PRECISION) {
		*ret_reason = "it needs more than 38 digits";
		return false;
	}
	uint128 magnitude = 0;
	for (const char *digit = number.digits; number.count > 0; digit++) {
		if (*digit == '.')
			continue;
		magnitude = magnitude * 10 + (unsigned) (*digit - '0');
		number.count--;
	}
	magnitude *= power_of_ten(missing_zeros);
	*ret_unscaled = number.is_negative ? -(pawl_int128) magnitude : (pawl_int128) magnitude;
	*ret_scale = clamp_scale(number.scale);
	return true;
}

/* ---- calculating ----------------------------------------------------------------------------------------------------- */

int pawl_decimal_digits(pawl_int128 unscaled)
{
	uint128 magnitude = magnitude_of(unscaled);
	int digits = 1;
	while (digits <= PAWL_DECIMAL_MAX_PRECISION && magnitude >= power_of_ten(digits))
		digits++;
	return digits;
}

bool pawl_decimal_rescale(pawl_int128 unscaled, int from_scale, int precision, int to_scale, pawl_int128 *ret_unscaled)
{
	int added = to_scale - from_scale;
	if (added >= 0) {
		if (unscaled != 0 && pawl_decimal_digits(unscaled) + added > precision)
			return false;
		*ret_unscaled = unscaled == 0 ? 0 : unscaled * (pawl_int128) power_of_ten(added);
		return true;
	}
	pawl_int128 divisor = (pawl_int128) power_of_ten(-added);
	if (unscaled % divisor != 0 || pawl_decimal_digits(unscaled / divisor) > precision)
		return false;
	*ret_unscaled = unscaled / divisor;
	return true;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

void pawl_decimal_format(pawl_int128 unscaled, int scale, char out[PAWL_DECIMAL_TEXT_BYTES])
{
	char reversed[PAWL_DECIMAL_TEXT_BYTES];
	int count = 0;
	uint128 rest = magnitude_of(unscaled);
	for (; rest > UINT64_MAX; rest /= 10)
		reversed[count++] = (char) ('0' + (int) (rest % 10));
	for (uint64_t low = (uint64_t) rest; low > 0; low /= 10) /* much faster than in 128 bits */
		reversed[count++] = (char) ('0' + (int) (low % 10));
	while (count <= scale)
		reversed[count++] = '0'; /* 5 of scale 2 is 0.05, and 0 is a digit */
	if (unscaled < 0)
		*out++ = '-';
	while (count > 0) {
		*out++ = reversed[--count];
		if (count == scale && count > 0)
			*out++ = '.';
	}
	*out = '\0';
}
