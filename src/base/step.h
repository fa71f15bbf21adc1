/*
 * base/step.h: named places where a test may kill the process, to show that a crash there loses nothing.
 *
 *     PAWL_STEP("checkpoint: rows applied");
 *
 * Compiled to nothing unless test hooks are built in (meson -Dtest_hooks=true). Then PAWL_KILL_AT=n raises SIGKILL at the
 * n-th step that the process passes, "n name" at the n-th of that name, and PAWL_TRACE_STEPS=1 writes each one's number and name to
 * standard error.
 */
#ifndef PAWL_BASE_STEP_H
#define PAWL_BASE_STEP_H

#ifdef PAWL_TEST_HOOKS
void pawl_step(const char *name);
#define PAWL_STEP(name) pawl_step(name)
#else
#define PAWL_STEP(name) ((void) 0)
#endif

#endif
