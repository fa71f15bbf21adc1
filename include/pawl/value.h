/*
 * pawl/value.h: the types of columns, and one value of a row.
 *
 *     pawl_of(42)                     an integer, from any C integer type
 *     pawl_of(3.5)                    a DOUBLE, never narrowed to a FLOAT
 *     pawl_of("text")                 UTF-8 text; a NULL pointer is the NULL value
 *     pawl_utc_datetime(1706742279000000)
 *     pawl_decimal("12345678901234567890.12")
 *
 * The 14 types and their names are those of the Fivetran Connector SDK; the numbers are those of `DataType` in its gRPC
 * contract (fivetran_sdk.v2, common.proto).
 *
 * Ownership: a value borrows the text or bytes that it was made from; they must live until the call that takes the value
 * returns, and no longer.
 */
#ifndef PAWL_VALUE_H
#define PAWL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A column's type: a kind in the low byte and, for DECIMAL, precision and scale in the two bytes above it. */
typedef uint32_t pawl_type;

#define PAWL_UNSPECIFIED    ((pawl_type) 0)  /* not declared: inferred from the first value that is not NULL */
#define PAWL_BOOLEAN        ((pawl_type) 1)
#define PAWL_SHORT          ((pawl_type) 2)  /* 16-bit integer */
#define PAWL_INT            ((pawl_type) 3)  /* 32-bit integer */
#define PAWL_LONG           ((pawl_type) 4)  /* 64-bit integer */
#define PAWL_FLOAT          ((pawl_type) 6)  /* IEEE 754 binary32 */
#define PAWL_DOUBLE         ((pawl_type) 7)  /* IEEE 754 binary64 */
#define PAWL_NAIVE_DATE     ((pawl_type) 8)  /* a day, without time zone */
#define PAWL_NAIVE_DATETIME ((pawl_type) 9)  /* microseconds, without time zone */
#define PAWL_UTC_DATETIME   ((pawl_type) 10) /* microseconds, an instant */
#define PAWL_BINARY         ((pawl_type) 11)
#define PAWL_XML            ((pawl_type) 12)
#define PAWL_STRING         ((pawl_type) 13)
#define PAWL_JSON           ((pawl_type) 14)

/* DECIMAL with 1 to 38 digits in all, of which `scale` stand after the point. */
#define PAWL_DECIMAL(precision, scale) \
	((pawl_type) 5 | (pawl_type) (precision) << 8 | (pawl_type) (scale) << 16)

typedef enum pawl_value_kind {
	PAWL_VALUE_NULL = 0,
	PAWL_VALUE_BOOLEAN,
	PAWL_VALUE_INTEGER,
	PAWL_VALUE_UNSIGNED, /* only for what int64_t cannot hold */
	PAWL_VALUE_FLOAT,
	PAWL_VALUE_DOUBLE,
	PAWL_VALUE_DECIMAL,
	PAWL_VALUE_NAIVE_DATE,
	PAWL_VALUE_NAIVE_DATETIME,
	PAWL_VALUE_UTC_DATETIME,
	PAWL_VALUE_STRING,
	PAWL_VALUE_BINARY,
	PAWL_VALUE_XML,
	PAWL_VALUE_JSON
} pawl_value_kind;

/* One value. Make it with the functions below; the members are public so that this costs nothing. */
typedef struct pawl_value {
	pawl_value_kind kind;
	size_t length; /* bytes, for the kinds that have bytes */
	union {
		bool boolean;
		int64_t integer; /* also: days (NAIVE_DATE) and microseconds (datetimes) since 1970-01-01 */
		uint64_t unsigned_integer;
		double real; /* FLOAT and DOUBLE */
		const void *bytes;
	} as;
} pawl_value;

static inline pawl_value pawl_null(void)
{
	pawl_value value;
	value.kind = PAWL_VALUE_NULL;
	value.length = 0;
	value.as.integer = 0;
	return value;
}

static inline pawl_value pawl_boolean(bool boolean)
{
	pawl_value value = pawl_null();
	value.kind = PAWL_VALUE_BOOLEAN;
	value.as.boolean = boolean;
	return value;
}

static inline pawl_value pawl_integer(int64_t integer)
{
	pawl_value value = pawl_null();
	value.kind = PAWL_VALUE_INTEGER;
	value.as.integer = integer;
	return value;
}

static inline pawl_value pawl_unsigned(uint64_t integer)
{
	pawl_value value = pawl_null();
	if (integer <= INT64_MAX)
		return pawl_integer((int64_t) integer);
	value.kind = PAWL_VALUE_UNSIGNED;
	value.as.unsigned_integer = integer;
	return value;
}

static inline pawl_value pawl_float(float real)
{
	pawl_value value = pawl_null();
	value.kind = PAWL_VALUE_FLOAT;
	value.as.real = (double) real;
	return value;
}

static inline pawl_value pawl_double(double real)
{
	pawl_value value = pawl_null();
	value.kind = PAWL_VALUE_DOUBLE;
	value.as.real = real;
	return value;
}

/* `length` bytes of a given kind; a NULL pointer is the NULL value. */
static inline pawl_value pawl_bytes(pawl_value_kind kind, const void *bytes, size_t length)
{
	pawl_value value = pawl_null();
	if (bytes == NULL)
		return value;
	value.kind = kind;
	value.length = length;
	value.as.bytes = bytes;
	return value;
}

/* Text ending in NUL, as UTF-8. */
static inline pawl_value pawl_string(const char *text)
{
	return pawl_bytes(PAWL_VALUE_STRING, text, text == NULL ? 0 : strlen(text));
}

/* Text of `length` bytes, as UTF-8; need not end in NUL. */
static inline pawl_value pawl_text(const char *text, size_t length)
{
	return pawl_bytes(PAWL_VALUE_STRING, text, length);
}

/* Bytes, kept as they are. */
static inline pawl_value pawl_binary(const void *bytes, size_t length)
{
	return pawl_bytes(PAWL_VALUE_BINARY, bytes, length);
}

/* An exact number as decimal digits: "-12.50". Never goes through a double. */
static inline pawl_value pawl_decimal(const char *digits)
{
	return pawl_bytes(PAWL_VALUE_DECIMAL, digits, digits == NULL ? 0 : strlen(digits));
}

/* JSON text, kept as it is; it is checked, not encoded again. */
static inline pawl_value pawl_json(const char *json)
{
	return pawl_bytes(PAWL_VALUE_JSON, json, json == NULL ? 0 : strlen(json));
}

static inline pawl_value pawl_xml(const char *xml)
{
	return pawl_bytes(PAWL_VALUE_XML, xml, xml == NULL ? 0 : strlen(xml));
}

/* A day: days since 1970-01-01, negative before it. */
static inline pawl_value pawl_naive_date(int32_t days)
{
	pawl_value value = pawl_integer(days);
	value.kind = PAWL_VALUE_NAIVE_DATE;
	return value;
}

/* A local date and time of an unnamed zone: microseconds since 1970-01-01 00:00:00 of that zone. */
static inline pawl_value pawl_naive_datetime(int64_t microseconds)
{
	pawl_value value = pawl_integer(microseconds);
	value.kind = PAWL_VALUE_NAIVE_DATETIME;
	return value;
}

/* An instant: microseconds since 1970-01-01T00:00:00Z. */
static inline pawl_value pawl_utc_datetime(int64_t microseconds)
{
	pawl_value value = pawl_integer(microseconds);
	value.kind = PAWL_VALUE_UTC_DATETIME;
	return value;
}

#ifdef __cplusplus
}
#endif

/*
 * pawl_of(x): the value of a C expression, by its type. A type that has no one meaning (char, a struct, a pointer that is
 * not text) does not compile.
 */
#if defined(__cplusplus)
static inline pawl_value pawl_of(bool x) { return pawl_boolean(x); }
static inline pawl_value pawl_of(short x) { return pawl_integer(x); }
static inline pawl_value pawl_of(int x) { return pawl_integer(x); }
static inline pawl_value pawl_of(long x) { return pawl_integer(x); }
static inline pawl_value pawl_of(long long x) { return pawl_integer(x); }
static inline pawl_value pawl_of(unsigned short x) { return pawl_unsigned(x); }
static inline pawl_value pawl_of(unsigned int x) { return pawl_unsigned(x); }
static inline pawl_value pawl_of(unsigned long x) { return pawl_unsigned(x); }
static inline pawl_value pawl_of(unsigned long long x) { return pawl_unsigned(x); }
static inline pawl_value pawl_of(float x) { return pawl_float(x); }
static inline pawl_value pawl_of(double x) { return pawl_double(x); }
static inline pawl_value pawl_of(const char *x) { return pawl_string(x); }
static inline pawl_value pawl_of(pawl_value x) { return x; }
pawl_value pawl_of(char) = delete;
template <typename T> pawl_value pawl_of(const T *) = delete; /* which would become a bool */
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
static inline pawl_value pawl_of_value(pawl_value value)
{
	return value;
}
#define pawl_of(x)                                                                                                     \
	_Generic((x),                                                                                                  \
	    _Bool: pawl_boolean,                                                                                       \
	    signed char: pawl_integer,                                                                                 \
	    short: pawl_integer,                                                                                       \
	    int: pawl_integer,                                                                                         \
	    long: pawl_integer,                                                                                        \
	    long long: pawl_integer,                                                                                   \
	    unsigned char: pawl_unsigned,                                                                              \
	    unsigned short: pawl_unsigned,                                                                             \
	    unsigned int: pawl_unsigned,                                                                               \
	    unsigned long: pawl_unsigned,                                                                              \
	    unsigned long long: pawl_unsigned,                                                                         \
	    float: pawl_float,                                                                                         \
	    double: pawl_double,                                                                                       \
	    char *: pawl_string,                                                                                       \
	    const char *: pawl_string,                                                                                 \
	    pawl_value: pawl_of_value)(x)
#endif

#endif
