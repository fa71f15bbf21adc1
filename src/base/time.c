#include "base/time.h"

#include <time.h>

#define SECOND_US INT64_C(1000000)
#define DAY_US    (INT64_C(86400) * SECOND_US)

/* ---- the calendar ---------------------------------------------------------------------------------------------------- */

/*
 * Years are counted from March, so that a leap day is the last day of its year, and in eras of 400 years, which all have the
 * same number of days (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
 */
#define ERA_DAYS         INT64_C(146097)
#define EPOCH_DAY_OF_ERA INT64_C(719468) /* days from 0000-03-01 to 1970-01-01 */

typedef struct civil {
	int64_t year;
	int64_t month;
	int64_t day;
} civil;

static int64_t divide_down(int64_t number, int64_t divisor)
{
	return number / divisor - (number % divisor < 0);
}

static int64_t days_from_civil(civil date)
{
	int64_t year = date.month > 2 ? date.year : date.year - 1;
	int64_t month = date.month > 2 ? date.month - 3 : date.month + 9; /* 0 is March */
	int64_t era = divide_down(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * ERA_DAYS + day_of_era - EPOCH_DAY_OF_ERA;
}

static civil civil_from_days(int64_t days)
{
	int64_t shifted = days + EPOCH_DAY_OF_ERA;
	int64_t era = divide_down(shifted, ERA_DAYS);
	int64_t day_of_era = shifted - era * ERA_DAYS;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
	return (civil){
		.year = era * 400 + year_of_era + (month > 9),
		.month = month > 9 ? month - 9 : month + 3,
		.day = day_of_year - (153 * month + 2) / 5 + 1,
	};
}

static int64_t days_in_month(int64_t year, int64_t month)
{
	static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && is_leap_year);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

/* What is left of the text. The read functions below return the reason why they cannot, or NULL. */
typedef struct reader {
	const char *next;
	const char *end;
} reader;

static bool has_digit(const reader *text)
{
	return text->next < text->end && *text->next >= '0' && *text->next <= '9';
}

static bool skip(reader *text, char character)
{
	if (text->next == text->end || *text->next != character)
		return false;
	text->next++;
	return true;
}

static bool read_digits(reader *text, int count, int64_t *ret_number)
{
	int64_t number = 0;
	for (; count > 0; count--) {
		if (!has_digit(text))
			return false;
		number = number * 10 + (*text->next++ - '0');
	}
	*ret_number = number;
	return true;
}

static const char *read_date(reader *text, int64_t *ret_days)
{
	civil date;
	if (!read_digits(text, 4, &date.year) || !skip(text, '-') || !read_digits(text, 2, &date.month) || !skip(text, '-')
	    || !read_digits(text, 2, &date.day))
		return "it does not begin with a date, YYYY-MM-DD";
	if (date.year < 1)
		return "the year is not 0001 to 9999";
	if (date.month < 1 || date.month > 12)
		return "the month is not 01 to 12";
	if (date.day < 1 || date.day > days_in_month(date.year, date.month))
		return "the month has no such day";
	*ret_days = days_from_civil(date);
	return NULL;
}

static const char *read_fraction(reader *text, int64_t *ret_us)
{
	int64_t us = 0;
	int64_t unit_us = SECOND_US / 10;
	if (!has_digit(text))
		return "the fraction of the second has no digits";
	for (; has_digit(text); unit_us /= 10) {
		int64_t digit = *text->next++ - '0';
		if (unit_us == 0 && digit != 0)
			return "the fraction of the second has more than 6 digits";
		us += digit * unit_us;
	}
	*ret_us = us;
	return NULL;
}

static const char *read_time(reader *text, int64_t *ret_us)
{
	int64_t hour;
	int64_t minute;
	int64_t second;
	int64_t fraction_us = 0;
	if (!read_digits(text, 2, &hour) || !skip(text, ':') || !read_digits(text, 2, &minute) || !skip(text, ':')
	    || !read_digits(text, 2, &second))
		return "the time is not HH:MM:SS";
	if (hour > 23)
		return "the hour is not 00 to 23";
	if (minute > 59)
		return "the minute is not 00 to 59";
	if (second > 59)
		return "the second is not 00 to 59";
	if (skip(text, '.')) {
		const char *reason = read_fraction(text, &fraction_us);
		if (reason != NULL)
			return reason;
	}
	*ret_us = ((hour * 60 + minute) * 60 + second) * SECOND_US + fraction_us;
	return NULL;
}

static const char *read_zone(reader *text, bool *ret_has_zone, int64_t *ret_offset_us)
{
	int64_t hours;
	int64_t minutes = 0;
	*ret_has_zone = text->next < text->end;
	*ret_offset_us = 0;
	if (!*ret_has_zone || skip(text, 'Z') || skip(text, 'z'))
		return NULL;
	bool is_west = skip(text, '-');
	if (!is_west && !skip(text, '+'))
		return "something other than Z or an offset stands after the time";
	if (!read_digits(text, 2, &hours) || ((skip(text, ':') || has_digit(text)) && !read_digits(text, 2, &minutes)))
		return "the offset is not +HH:MM, +HHMM or +HH";
	if (hours > 23 || minutes > 59)
		return "the offset is not 00:00 to 23:59";
	*ret_offset_us = (is_west ? -1 : 1) * (hours * 60 + minutes) * 60 * SECOND_US;
	return NULL;
}

bool pawl_time_parse(const char *text, size_t length, pawl_time_parts *ret_parts, const char **ret_reason)
{
	reader rest = {text, text + length};
	pawl_time_parts parts = {0};
	int64_t days = 0;
	int64_t time_us = 0;
	int64_t offset_us = 0;
	const char *reason = read_date(&rest, &days);
	if (reason == NULL && rest.next < rest.end) {
		parts.has_time = skip(&rest, 'T') || skip(&rest, 't') || skip(&rest, ' ');
		reason = parts.has_time ? read_time(&rest, &time_us) : "something other than a time stands after the date";
		if (reason == NULL)
			reason = read_zone(&rest, &parts.has_zone, &offset_us);
	}
	if (reason == NULL && rest.next < rest.end)
		reason = "something stands after the time zone";
	if (reason != NULL) {
		*ret_reason = reason;
		return false;
	}
	parts.local_us = days * DAY_US + time_us;
	parts.utc_us = parts.local_us - offset_us;
	*ret_parts = parts;
	return true;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* Both put text at `out` and return its end. */
static char *put_digits(char *out, int64_t number, int width)
{
	for (int place = width; place > 0; number /= 10)
		out[--place] = (char) ('0' + number % 10);
	return out + width;
}

static char *put_date(char *out, int64_t days)
{
	civil date = civil_from_days(days);
	int64_t year = date.year < 0 ? -date.year : date.year;
	int width = 4;
	for (int64_t limit = 10000; year >= limit; limit *= 10)
		width++;
	if (date.year < 0 || width > 4)
		*out++ = date.year < 0 ? '-' : '+';
	out = put_digits(out, year, width);
	*out++ = '-';
	out = put_digits(out, date.month, 2);
	*out++ = '-';
	return put_digits(out, date.day, 2);
}

static char *put_datetime(char *out, int64_t us)
{
	int64_t time_us = us % DAY_US + (us % DAY_US < 0 ? DAY_US : 0); /* since midnight */
	int64_t second = time_us / SECOND_US;
	int64_t fraction_us = time_us % SECOND_US;
	out = put_date(out, divide_down(us, DAY_US));
	*out++ = 'T';
	out = put_digits(out, second / 3600, 2);
	*out++ = ':';
	out = put_digits(out, second / 60 % 60, 2);
	*out++ = ':';
	out = put_digits(out, second % 60, 2);
	if (fraction_us == 0)
		return out;
	*out++ = '.';
	out = put_digits(out, fraction_us, 6);
	while (out[-1] == '0')
		out--;
	return out;
}

void pawl_time_format_utc(int64_t us, char out[PAWL_TIME_TEXT_BYTES])
{
	char *end = put_datetime(out, us);
	*end++ = 'Z';
	*end = '\0';
}

void pawl_time_format_naive(int64_t us, char out[PAWL_TIME_TEXT_BYTES])
{
	*put_datetime(out, us) = '\0';
}

void pawl_time_format_date(int32_t days, char out[PAWL_TIME_TEXT_BYTES])
{
	*put_date(out, days) = '\0';
}

/* ---- clocks ---------------------------------------------------------------------------------------------------------- */

static int64_t read_clock_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now); /* cannot fail: both clocks exist on every Linux */
	return (int64_t) now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

int64_t pawl_time_now_us(void)
{
	return read_clock_us(CLOCK_REALTIME);
}

int64_t pawl_time_monotonic_us(void)
{
	return read_clock_us(CLOCK_MONOTONIC);
}
