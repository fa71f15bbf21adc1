/*
 * base/decimal.h: exact decimals as 128-bit integers with a scale. Never a double.
 */
#ifndef PAWL_BASE_DECIMAL_H
#define PAWL_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAWL_DECIMAL_MAX_PRECISION 38
#define PAWL_DECIMAL_TEXT_BYTES    64

typedef __int128 pawl_int128;

/*
 * Reads "-12.50", "+7", ".5", "1e3", "1.5E-2" as an integer with a scale of 0 to 38: -12.50 is (-1250, 2), 1e3 is (1000, 0).
 * Zeros at the end of the fraction are kept, as far as 38 digits go. False when it is not a finite number, or needs more than
 * 38 digits (before and after the point together); *ret_reason then says which, as a constant.
 */
bool pawl_decimal_parse(const char *text, size_t length, pawl_int128 *ret_unscaled, int *ret_scale, const char **ret_reason);

/* True when the text is a finite number of the same form, of any number of digits. */
bool pawl_decimal_is_number(const char *text, size_t length);

/* The same number at another scale; false when digits that are not zero would be lost or it needs more than `precision` digits.
 * Scales and `precision` are at most 38. */
bool pawl_decimal_rescale(pawl_int128 unscaled, int from_scale, int precision, int to_scale, pawl_int128 *ret_unscaled);

/* Digits of |unscaled|; 1 for zero. */
int pawl_decimal_digits(pawl_int128 unscaled);

/* "-12.50" for (-1250, 2), "0.05" for (5, 2): always with a digit before the point, and `scale` (0 to 38) after it. */
void pawl_decimal_format(pawl_int128 unscaled, int scale, char out[PAWL_DECIMAL_TEXT_BYTES]);

#endif
