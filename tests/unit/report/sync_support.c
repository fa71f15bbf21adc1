#include "sync_support.h"

int64_t test_clock_us;

static int64_t clock_us(void)
{
	return test_clock_us;
}

const pawl_report_clock test_clock = {clock_us, clock_us};

pawl_table_report waiting(const char *name)
{
	return (pawl_table_report){
		.source_name = name,
		.destination_name = name,
		.mode = PAWL_MODE_UPSERT,
		.estimated_rows = -1,
		.bytes_read = -1,
	};
}

pawl_table_report in_flight(const char *name, int64_t started_us)
{
	pawl_table_report table = waiting(name);
	table.outcome = PAWL_TABLE_IN_FLIGHT;
	table.phase = PAWL_PHASE_BACKFILL;
	table.key = "updated_at";
	table.started_us = started_us;
	return table;
}

pawl_table_report done(const char *name)
{
	pawl_table_report table = in_flight(name, 1000000);
	table.outcome = PAWL_TABLE_DONE;
	table.phase = PAWL_PHASE_INCREMENTAL;
	table.guarantee = "exact";
	table.guarantee_reason = "the file is opened read-only: nobody can write";
	table.rows_read = 1234;
	table.rows_written = 1230;
	table.windows = 1;
	table.cursor_from = "2024-01-01";
	table.cursor_to = "2024-03-16";
	table.ended_us = 1710000;
	return table;
}

pawl_table_report failed(const char *name)
{
	static const pawl_error error = {
		.status = PAWL_DATABASE,
		.message = "cannot read 'a\tb'",
		.hint = "look at the log of the server",
	};
	pawl_table_report table = in_flight(name, 1000000);
	table.outcome = PAWL_TABLE_FAILED;
	table.guarantee = "lag 60s";
	table.guarantee_reason = "the key is set by applications";
	table.ended_us = 1120000;
	table.error = &error;
	return table;
}
