#include "cli/signals.h"

#include <stddef.h>

static const int stop_signals[PAWL_SIGNAL_COUNT] = {SIGINT, SIGTERM};

static void (*on_first)(void);

static void on_stop_signal(int number)
{
	(void) number;
	for (int i = 0; i < PAWL_SIGNAL_COUNT; i++)
		signal(stop_signals[i], SIG_DFL);
	on_first();
}

/* A signal that is ignored already (nohup, a job in the background) stays so. System calls go on after the first one. */
void pawl_signals_catch(pawl_signals *signals, void (*request_stop)(void))
{
	struct sigaction action = {.sa_handler = on_stop_signal, .sa_flags = SA_RESTART};

	on_first = request_stop;
	sigemptyset(&action.sa_mask);
	for (int i = 0; i < PAWL_SIGNAL_COUNT; i++) {
		sigaction(stop_signals[i], NULL, &signals->old[i]);
		if (signals->old[i].sa_handler != SIG_IGN)
			sigaction(stop_signals[i], &action, NULL);
	}
}

void pawl_signals_release(const pawl_signals *signals)
{
	for (int i = 0; i < PAWL_SIGNAL_COUNT; i++)
		sigaction(stop_signals[i], &signals->old[i], NULL);
}
