#include "replicate/run.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/step.h"
#include "base/time.h"
#include "replicate/run/internal.h"

#define TICK_US INT64_C(100000)

/* Wider tables are synced one at a time, as each takes the memory of several. */
enum { WIDE_COLUMNS = 64 };

/* ---- one table ------------------------------------------------------------------------------------------------------- */

/* Another one of the kind that the worker has. */
static pawl_status open_source(const pawl_replicate_worker *worker, pawl_source **ret_source, pawl_error *error)
{
	pawl_source_options options = pawl_plan_source_options(worker->run->job, pawl_replica_engine(worker->replica));
	options.location = worker->run->plan.source_location;
	return worker->source->driver->open(&options, ret_source, error);
}

/* Another server may answer to the same name by now. */
static pawl_status check_identity(const pawl_replicate_run *run, pawl_source *source, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *identity = NULL;

	PAWL_TRY(source->driver->identity(source, &identity, error));
	if (strcmp(identity, run->plan.source_identity) == 0)
		return PAWL_OK;
	return pawl_error_set(error, PAWL_INVALID, "the source was '%s' when the run began, and is '%s' now",
	                      run->plan.source_identity, identity);
}

/* Not in the midst of a tick, which may ask the source to stop. */
static pawl_status reconnect(void *context, pawl_table_sync *sync, pawl_error *error)
{
	PAWL_CLEANUP(pawl_source_close_pointer) pawl_source *source = NULL;
	pawl_replicate_worker *worker = context;
	pawl_replicate_run *run = worker->run;

	PAWL_TRY(open_source(worker, &source, error));
	PAWL_TRY(check_identity(run, source, error));
	pthread_mutex_lock(&run->mutex);
	sync->source = source;
	source = worker->source; /* to be closed */
	worker->source = sync->source;
	if (!worker->is_own)
		run->plan.source = sync->source;
	pthread_mutex_unlock(&run->mutex);
	return PAWL_OK;
}

static pawl_status sync_planned(pawl_replicate_worker *worker, pawl_table_sync *sync, pawl_error *error)
{
	const pawl_replicate_run *run = worker->run;

	if (pawl_replicate_run_is_stopping(run))
		return pawl_replicate_stopped(error);
	pawl_status status = pawl_replicate_with_retries(sync, reconnect, worker, error);
	if (status == PAWL_OK)
		return PAWL_OK;
	if (run->job->receiver != NULL && pawl_replicate_run_is_stopping(run))
		return pawl_replicate_stopped(error); /* whatever was interrupted */
	pawl_plan_hint_where(sync->plan, error);
	return status;
}

static void sync_table(pawl_replicate_worker *worker, size_t index)
{
	pawl_replicate_run *run = worker->run;
	const pawl_replicate_hooks hooks = pawl_replicate_run_hooks(run);
	pawl_table_sync sync = {
		.replica = worker->replica,
		.source = worker->source,
		.job = run->job,
		.hooks = &hooks,
		.plan = &run->plan.tables[index],
		.index = index,
	};
	pawl_error *error = &run->texts[index].error;

	pawl_replicate_run_begin_table(run, index);
	pawl_status status = sync.plan->error.status;
	if (status != PAWL_OK)
		*error = sync.plan->error;
	else
		status = sync_planned(worker, &sync, error);
	PAWL_STEP("run: table done");
	pawl_replicate_run_end_table(run, index, status);
}

/* ---- threads --------------------------------------------------------------------------------------------------------- */

static bool take_table(pawl_replicate_run *run, size_t *ret_index)
{
	pthread_mutex_lock(&run->mutex);
	bool has_one = run->next < run->plan.table_count;
	*ret_index = run->next;
	run->next += has_one;
	pthread_mutex_unlock(&run->mutex);
	return has_one;
}

static void *work(void *context)
{
	pawl_replicate_worker *worker = context;
	pawl_replicate_run *run = worker->run;
	size_t index;

	while (take_table(run, &index))
		sync_table(worker, index);
	pthread_mutex_lock(&run->mutex);
	run->active--;
	pthread_cond_signal(&run->changed);
	pthread_mutex_unlock(&run->mutex);
	return NULL;
}

/* The columns of the widest tables, as many as are in flight at a time. */
static size_t count_columns(const pawl_replicate_run *run, size_t tables)
{
	size_t widest = 0;
	for (size_t i = 0; i < run->plan.table_count; i++)
		if (run->plan.tables[i].target.column_count > widest)
			widest = run->plan.tables[i].target.column_count;
	return widest * tables;
}

/* Of the longest rows that are read. */
static pawl_status weigh_tables(pawl_replicate_run *run, int64_t *ret_text_bytes, pawl_error *error)
{
	*ret_text_bytes = 0;
	for (size_t i = 0; i < run->plan.table_count; i++) {
		pawl_table_plan *table = &run->plan.tables[i];
		if (table->error.status != PAWL_OK)
			continue;
		PAWL_TRY(pawl_plan_weigh(&run->plan, table, error));
		if (table->state.text_bytes > *ret_text_bytes)
			*ret_text_bytes = table->state.text_bytes;
	}
	return PAWL_OK;
}

static pawl_status open_worker(pawl_replicate_run *run, pawl_replicate_worker *opened, pawl_error *error)
{
	pawl_source *source;

	PAWL_TRY(pawl_replica_connect(run->plan.replica, &opened->replica, error));
	if (open_source(opened, &source, error) != PAWL_OK) {
		pawl_replica_close(PAWL_TAKE(opened->replica));
		return error->status;
	}
	opened->source = source;
	opened->is_own = true;
	return PAWL_OK;
}

static pawl_status open_workers(pawl_replicate_run *run, pawl_error *error)
{
	size_t count = run->job->receiver == NULL ? (size_t) run->job->tables_at_once : 1;
	int64_t text_bytes;

	count = count > run->plan.table_count ? run->plan.table_count : count;
	count = count > PAWL_REPLICATE_THREADS_MAX ? PAWL_REPLICATE_THREADS_MAX : count < 1 ? 1 : count;
	if (count_columns(run, 1) > WIDE_COLUMNS)
		count = 1;
	PAWL_TRY(weigh_tables(run, &text_bytes, error));
	PAWL_TRY(pawl_replica_fit(run->plan.replica, count_columns(run, count), (int64_t) count * text_bytes, error));
	for (size_t i = 0; i < count; i++) {
		pawl_replicate_worker *opened = &run->workers[run->worker_count++];
		opened->run = run;
		opened->replica = run->plan.replica;
		opened->source = run->plan.source;
		if (i > 0)
			PAWL_TRY(open_worker(run, opened, error));
	}
	return PAWL_OK;
}

static void close_workers(pawl_replicate_run *run)
{
	for (size_t i = 0; i < run->worker_count; i++) {
		if (!run->workers[i].is_own)
			continue;
		pawl_source_close_pointer(&run->workers[i].source);
		pawl_replica_close(run->workers[i].replica);
	}
}

/* ---- waiting --------------------------------------------------------------------------------------------------------- */

static void stop_sources(pawl_replicate_run *run)
{
	for (size_t i = 0; i < run->worker_count; i++) {
		const pawl_replicate_worker *worker = &run->workers[i];
		pawl_source_stop(worker->source);
		/* Nobody waits for a checkpoint, and the source's statement is the engine's own. */
		if (run->job->receiver != NULL && worker->source->driver->relation != NULL)
			pawl_duck_interrupt(pawl_replica_engine(worker->replica));
	}
}

static void tick(pawl_replicate_run *run)
{
	pawl_replicate_run_tell_progress(run);
	if (pawl_replicate_run_is_stopping(run))
		stop_sources(run);
}

static void wait_for_workers(pawl_replicate_run *run)
{
	pthread_mutex_lock(&run->mutex);
	while (run->active > 0) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += TICK_US * 1000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&run->changed, &run->mutex, &until);
		if (run->active > 0)
			tick(run);
	}
	pthread_mutex_unlock(&run->mutex);
}

static pawl_status run_workers(pawl_replicate_run *run, pawl_error *error)
{
	pawl_status status = PAWL_OK;

	/* From here on, so that each run comes further, however long it took to plan it. */
	if (run->job->limit_time_us > 0)
		run->deadline_us = pawl_time_monotonic_us() + run->job->limit_time_us;
	run->active = run->worker_count;
	for (size_t i = 0; i < run->worker_count; i++) {
		run->workers[i].is_started = pthread_create(&run->workers[i].thread, NULL, work, &run->workers[i]) == 0;
		if (run->workers[i].is_started)
			continue;
		pthread_mutex_lock(&run->mutex);
		run->active--;
		pthread_mutex_unlock(&run->mutex);
		if (i == 0) {
			status = pawl_error_set(error, PAWL_INTERNAL, "no thread can be started");
			run->next = run->plan.table_count;
		}
	}
	wait_for_workers(run);
	for (size_t i = 0; i < run->worker_count; i++)
		if (run->workers[i].is_started)
			pthread_join(run->workers[i].thread, NULL);
	return status;
}

/* ---- the run --------------------------------------------------------------------------------------------------------- */

static pawl_status make_reports(pawl_replicate_run *run, pawl_error *error)
{
	size_t count = run->plan.table_count;

	run->reports = pawl_allocate_array(count, sizeof(*run->reports));
	run->texts = pawl_allocate_array(count, sizeof(*run->texts));
	if (run->reports == NULL || run->texts == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < count; i++) {
		const pawl_table_plan *plan = &run->plan.tables[i];
		bool is_planned = plan->error.status == PAWL_OK;
		run->reports[i] = (pawl_table_report) {
			.source_name = plan->source_name,
			.destination_name = plan->target_name == NULL ? "" : plan->target_name,
			.phase = is_planned ? plan->phase : PAWL_PHASE_NONE,
			.mode = plan->mode,
			.key = plan->key_text,
			.guarantee = is_planned ? plan->guarantee_text : NULL,
			.guarantee_reason = is_planned ? plan->guarantee_reason : NULL,
			.estimated_rows = -1,
			.bytes_read = -1,
		};
	}
	return PAWL_OK;
}

/* Before there are several threads, of which two could want the same one. */
static pawl_status make_schemas(pawl_replicate_run *run, pawl_error *error)
{
	const char *last = "main";

	for (size_t i = 0; i < run->plan.table_count; i++) {
		const pawl_table_plan *plan = &run->plan.tables[i];
		if (plan->error.status != PAWL_OK || plan->has_target || strcmp(plan->target.schema, last) == 0)
			continue;
		last = plan->target.schema;
		PAWL_TRY(pawl_replica_create_schema(run->plan.replica, last, error));
	}
	return PAWL_OK;
}

static pawl_status execute(pawl_replicate_run *run, pawl_error *error)
{
	if (run->job->receiver == NULL)
		PAWL_TRY(pawl_lock_take(run->job->destination, &run->lock, error));
	PAWL_TRY(pawl_plan_make(run->job, PAWL_PLAN_SYNC, &run->plan, error));
	PAWL_TRY(make_reports(run, error));
	PAWL_TRY(open_workers(run, error));
	PAWL_TRY(pawl_replica_prepare(run->plan.replica, error));
	PAWL_TRY(make_schemas(run, error));
	pawl_replicate_run_tell_start(run);
	PAWL_TRY(run_workers(run, error));
	pawl_replicate_record(&run->plan, run->reports, run->started_at_us);
	return pawl_replica_finish(run->plan.replica, error);
}

static pawl_status find_outcome(const pawl_sync_result *result, pawl_error *error)
{
	for (size_t i = 0; i < result->table_count; i++)
		if (result->tables[i].outcome == PAWL_TABLE_FAILED) {
			*error = *result->tables[i].error;
			return pawl_plan_name_table(result->tables[i].source_name, error);
		}
	return result->stopped_count > 0 ? pawl_replicate_stopped(error) : PAWL_OK;
}

static void count_outcomes(pawl_sync_result *result)
{
	for (size_t i = 0; i < result->table_count; i++) {
		const pawl_table_report *report = &result->tables[i];
		result->rows_read += report->rows_read;
		result->rows_written += report->rows_written;
		result->failed_count += report->outcome == PAWL_TABLE_FAILED;
		result->stopped_count += report->outcome == PAWL_TABLE_STOPPED || report->outcome == PAWL_TABLE_WAITING;
	}
}

/* The result keeps the run for its texts; what is open in it is closed. */
static void close_run(pawl_replicate_run *run)
{
	close_workers(run);
	run->worker_count = 0;
	pawl_source_close_pointer(&run->plan.source);
	pawl_replica_close(PAWL_TAKE(run->plan.replica));
	pawl_lock_release(PAWL_TAKE(run->lock));
}

void pawl_sync_result_clear(pawl_sync_result *result)
{
	pawl_replicate_run *run = result->owned;

	if (run != NULL) {
		for (size_t i = 0; run->texts != NULL && i < run->plan.table_count; i++) {
			pawl_free(run->texts[i].cursor_from);
			pawl_free(run->texts[i].cursor_to);
		}
		pawl_free(run->texts);
		pawl_free(run->reports);
		pawl_plan_clear(&run->plan);
		pthread_cond_destroy(&run->changed);
		pthread_mutex_destroy(&run->mutex);
		pawl_free(run);
	}
	*result = (pawl_sync_result) {0};
}

pawl_status pawl_sync_run(const pawl_job *job, const pawl_sync_observer *observer, pawl_sync_result *ret_result,
                          pawl_error *error)
{
	pawl_replicate_run *run = pawl_allocate(sizeof(*run));

	*ret_result = (pawl_sync_result) {0};
	if (run == NULL)
		return pawl_error_out_of_memory(error);
	run->job = job;
	run->observer = observer;
	run->started_us = pawl_time_monotonic_us();
	run->started_at_us = pawl_time_now_us();
	pthread_mutex_init(&run->mutex, NULL);
	pthread_cond_init(&run->changed, NULL);
	pawl_status status = execute(run, error);
	close_run(run);
	*ret_result = (pawl_sync_result) {
		.tables = run->reports,
		.table_count = run->reports == NULL ? 0 : run->plan.table_count,
		.elapsed_us = pawl_time_monotonic_us() - run->started_us,
		.peak_memory_bytes = pawl_memory_peak_bytes(),
		.warnings = run->warnings,
		.owned = run,
	};
	count_outcomes(ret_result);
	return status == PAWL_OK ? find_outcome(ret_result, error) : status;
}
