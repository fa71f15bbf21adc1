/*
 * source/postgres/reading.h: a read in progress.
 *
 *     read.c     begin and end, windows
 *     lanes.c    its connections, and what each of them reads next
 *     copy.c     rows of COPY, as they come from the server
 *     fill.c     takes rows, under their lane's lock, and cuts windows
 *     decode.c   makes cells of what was taken, outside of it
 *     exact.c    numbers and times, exactly or not at all
 *
 * A connection is read by one thread at a time. What it gives are rows as libpq allocated them, which are decoded, and freed, when
 * the next thread reads already. A read in no order of a large table has several, its lanes, which share a snapshot; each reads one
 * range of the table's blocks after the other. What has an order has one lane.
 */
#ifndef PAWL_SOURCE_POSTGRES_READING_H
#define PAWL_SOURCE_POSTGRES_READING_H

#include <endian.h>
#include <pthread.h>
#include <string.h>

#include "base/decimal.h"
#include "source/postgres/internal.h"

#define PAWL_POSTGRES_VALUE_BYTES ((size_t) 8 << 20) /* one value has at most so many, and a chunk ends when it has more */

/* A row as it came. */
typedef struct pawl_postgres_row {
	char *memory;       /* libpq's */
	const char *fields; /* within it: behind the number of fields */
	size_t length;      /* of what is there from `fields` on */
} pawl_postgres_row;

/* A value in a row; its bytes are NULL for NULL. */
typedef struct pawl_postgres_field {
	const char *bytes;
	size_t length;
} pawl_postgres_field;

/* Where in a row we are. */
typedef struct pawl_postgres_cursor {
	const char *next;
	size_t left;
} pawl_postgres_cursor;

/* A column of the relation. */
typedef struct pawl_postgres_output {
	const char *name; /* in the table */
	pawl_postgres_type type;
	pawl_key_format format;
	const char *type_name; /* DuckDB's */
} pawl_postgres_output;

typedef enum pawl_postgres_problem {
	PAWL_POSTGRES_NO_PROBLEM,
	PAWL_POSTGRES_MISFIT,
	PAWL_POSTGRES_NOT_UTF8,
	PAWL_POSTGRES_TOO_LARGE,
	PAWL_POSTGRES_MALFORMED /* not what the protocol says */
} pawl_postgres_problem;

/* What one statement reads. */
typedef struct pawl_postgres_part {
	pawl_postgres_phase phase;
	pawl_postgres_range range;
} pawl_postgres_part;

/* A connection, and what runs on it. */
typedef struct pawl_postgres_lane {
	pawl_postgres_reading *reading;
	pawl_postgres_source *postgres; /* of the first lane, the read's own; NULL: the lane is not open */
	pthread_mutex_t mutex;          /* of the connection and of what follows; before the reading's */
	pawl_postgres_part part;
	bool is_copying; /* the part's statement runs */
	bool has_header, has_trailer;
	bool is_done;
	pawl_postgres_row row; /* came, and was not taken yet; its memory is NULL when there is none */
} pawl_postgres_lane;

#define PAWL_POSTGRES_LANES 4 /* at most */

/* Ranges become smaller to the end of the table, so that no lane has much to do when the others are done; this is the smallest. */
#define PAWL_POSTGRES_RANGE_BLOCKS INT64_C(256)

/* What a thread has taken last. */
typedef struct pawl_postgres_batch {
	pawl_postgres_reading *reading;
	size_t lane; /* the one that its thread asks first */
	pawl_postgres_row rows[PAWL_STREAM_ROWS];
	size_t row_count;
	size_t length;     /* bytes of all rows */
	int64_t first_row; /* its number in the read, from 1 */
	int64_t failed_row;
	size_t failed_column;
	bool is_misfit;
} pawl_postgres_batch;

struct pawl_postgres_reading {
	pawl_postgres_source *postgres;
	pawl_postgres_plan plan;
	pawl_postgres_output *outputs;
	size_t column_count; /* of the statement */
	pawl_stream *stream;
	pawl_window_limit limit;
	int64_t window_started_us;
	atomic_size_t thread_count;

	pawl_postgres_lane lanes[PAWL_POSTGRES_LANES];
	size_t lane_count;
	bool has_lanes; /* how many there are is settled */
	int64_t blocks; /* of the table, which is read in ranges of them; 0: it is not */

	/* With an order, and so under the lock of the only lane. */
	char **position; /* of the last row that was taken; as many as the plan says */
	bool is_ending;  /* the limit was reached within a group of equal keys: the window goes on to its end */
	pawl_postgres_phase group_phase;
	int64_t group; /* of the last row that was taken */

	pthread_mutex_t mutex; /* of what follows */
	int phase;             /* of the next part; PAWL_POSTGRES_PHASES: there is none */
	int64_t next_block;    /* where the next part begins */
	int64_t rows_taken;
	int64_t window_rows, window_bytes;
	bool is_window_over;
	bool has_failed;
	int64_t failed_row; /* the first row's failure is the one that is told */
	pawl_error failure;
	pawl_misfit misfit;
};

static inline uint16_t pawl_postgres_read16(const char *bytes)
{
	uint16_t number;
	memcpy(&number, bytes, sizeof(number));
	return be16toh(number);
}

static inline uint32_t pawl_postgres_read32(const char *bytes)
{
	uint32_t number;
	memcpy(&number, bytes, sizeof(number));
	return be32toh(number);
}

static inline uint64_t pawl_postgres_read64(const char *bytes)
{
	uint64_t number;
	memcpy(&number, bytes, sizeof(number));
	return be64toh(number);
}

/* The next value of a row; false when the row ends before the value does. */
static inline bool pawl_postgres_next(pawl_postgres_cursor *cursor, pawl_postgres_field *ret_field)
{
	if (cursor->left < 4)
		return false;
	int32_t length = (int32_t) pawl_postgres_read32(cursor->next);
	cursor->next += 4;
	cursor->left -= 4;
	*ret_field = (pawl_postgres_field) {NULL, 0};
	if (length == -1)
		return true;
	if (length < 0 || (size_t) length > cursor->left)
		return false;
	*ret_field = (pawl_postgres_field) {cursor->next, (size_t) length};
	cursor->next += length;
	cursor->left -= (size_t) length;
	return true;
}

/* ---- lanes.c --------------------------------------------------------------------------------------------------------- */

void pawl_postgres_lanes_init(pawl_postgres_reading *reading);

/* Before the first window: opens as many more as are of use. */
pawl_status pawl_postgres_lanes_open(pawl_postgres_reading *reading, pawl_error *error);
void pawl_postgres_lanes_close(pawl_postgres_reading *reading);

/* What the lane's next statement reads; false when nothing is left. */
bool pawl_postgres_take_part(pawl_postgres_lane *lane);

/* ---- copy.c ---------------------------------------------------------------------------------------------------------- */

/* Brings `row` to one that was not taken yet, or sets is_done. Only what the server calls the end is one. */
pawl_status pawl_postgres_find_row(pawl_postgres_lane *lane, pawl_error *error);

/* Ends a statement that has not come to its end; the snapshot stays. */
void pawl_postgres_stop_copy(pawl_postgres_lane *lane);

/* ---- fill.c ---------------------------------------------------------------------------------------------------------- */

/* Of pawl_stream_producer. */
pawl_status pawl_postgres_fill(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *error);
int64_t pawl_postgres_rows_left(void *context);
void pawl_postgres_free_batch(void *thread_state);

/* ---- decode.c -------------------------------------------------------------------------------------------------------- */

/* Makes the cells. Fails at the first value that cannot be kept, and notes it in the batch. */
pawl_status pawl_postgres_decode(pawl_postgres_batch *batch, pawl_stream_chunk *chunk, pawl_error *error);

/* ---- exact.c --------------------------------------------------------------------------------------------------------- */

/* numeric as DECIMAL(precision,scale) has it; PAWL_POSTGRES_MISFIT of NaN, infinities, and more digits than fit. */
pawl_postgres_problem pawl_postgres_exact_decimal(const pawl_postgres_field *field, int precision, int scale,
                                                  pawl_int128 *ret_unscaled);

/* Microseconds since 1970, or DuckDB's infinities, of microseconds since 2000. */
bool pawl_postgres_exact_timestamp(int64_t since_2000_us, int64_t *ret_us);
bool pawl_postgres_exact_date(int32_t since_2000_days, int32_t *ret_days);

/* Microseconds since 1970, UTC; false when the text is no time of that format. */
bool pawl_postgres_exact_formatted(const pawl_postgres_field *field, pawl_key_format format, int64_t *ret_us);

#endif
