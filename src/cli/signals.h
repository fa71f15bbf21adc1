/*
 * cli/signals.h: Ctrl-C and SIGTERM ask a run to stop where it can go on later; the second one ends the process at once.
 *
 *     pawl_signals signals;
 *     pawl_signals_catch(&signals, pawl_sync_request_stop);
 *     run();
 *     pawl_signals_release(&signals);
 */
#ifndef PAWL_CLI_SIGNALS_H
#define PAWL_CLI_SIGNALS_H

#include <signal.h>

enum { PAWL_SIGNAL_COUNT = 2 };

typedef struct pawl_signals {
	struct sigaction old[PAWL_SIGNAL_COUNT];
} pawl_signals;

/* `request_stop` is called in a signal handler. One run at a time in a process. */
void pawl_signals_catch(pawl_signals *signals, void (*request_stop)(void));
void pawl_signals_release(const pawl_signals *signals);

#endif
