/* A connector in Python, which the official SDK serves, as a child of this process. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/time.h"
#include "protocol/fivetran.h"
#include "protocol/grpc.h"

extern char **environ;

enum { GRACE_US = 2000000, MOMENT_US = 500000, LOOK_US = 20000 }; /* the SDK's own runner gives its server two seconds, too */

/*
 * What the SDK's `debug` does, less the tester: on 127.0.0.1 alone, which it does only when it believes that it is debugging; with
 * the lines of level DEBUG; and with the place of the project, without which it cannot tell of an error. Documented is the object
 * `connector` in connector.py, and its method `run`.
 */
static const char program[] =
	"import sys\n"
	"sys.path.insert(0, '.')\n"
	"from fivetran_connector_sdk import Logging, constants\n"
	"constants.DEBUGGING = True\n"
	"import connector\n"
	"connector.connector.project_path = '.'\n"
	"server = connector.connector.run(port=int(sys.argv[1]), log_level=Logging.Level.DEBUG)\n"
	"if server is not None:\n"
	"    server.wait_for_termination()\n";

struct pawl_fivetran_python {
	pid_t process; /* 0: it has ended, and was waited for */
	int wait_status;
	int port;
};

/* Its standard output would mix with ours, which may be JSON. */
static int spawn(const char *folder, const char *interpreter, int port, pid_t *ret_process)
{
	char digits[12];
	snprintf(digits, sizeof(digits), "%d", port);
	const char *const arguments[] = {interpreter, "-u", "-c", program, digits, NULL};
	union {
		const char *const *constant;
		char *const *variable; /* posix_spawn does not write to them */
	} words = {arguments};
	posix_spawn_file_actions_t actions;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	int result = posix_spawn_file_actions_addchdir_np(&actions, folder);
	if (result == 0)
		result = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
	if (result == 0)
		result = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	if (result == 0)
		result = posix_spawnp(ret_process, interpreter, &actions, NULL, words.variable, environ);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

static pawl_status check_project(const char *folder, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer path = {0};
	pawl_buffer_appendf(&path, "%s/connector.py", folder);
	PAWL_TRY(pawl_buffer_status(&path, error));
	if (pawl_file_exists(path.text))
		return PAWL_OK;
	pawl_error_set(error, PAWL_NOT_FOUND, "there is no '%s'", path.text);
	return pawl_error_hint(error, "name the folder of a connector's project, which holds a connector.py");
}

pawl_status pawl_fivetran_python_start(const char *folder, const char *interpreter, pawl_fivetran_python **ret_python,
                                       pawl_error *error)
{
	PAWL_TRY(check_project(folder, error));
	pawl_fivetran_python *python = pawl_allocate(sizeof(*python));
	if (python == NULL)
		return pawl_error_out_of_memory(error);
	pawl_status status = pawl_grpc_free_port(&python->port, error);
	if (status == PAWL_OK) {
		int result = spawn(folder, interpreter, python->port, &python->process);
		if (result != 0)
			status = pawl_error_set(error, PAWL_IO, "starting '%s': %s", interpreter, strerror(result));
	}
	if (status != PAWL_OK) {
		pawl_free(python);
		return status;
	}
	*ret_python = python;
	return PAWL_OK;
}

int pawl_fivetran_python_port(const pawl_fivetran_python *python)
{
	return python->port;
}

bool pawl_fivetran_python_is_running(pawl_fivetran_python *python)
{
	if (python->process != 0 && waitpid(python->process, &python->wait_status, WNOHANG) == python->process)
		python->process = 0;
	return python->process != 0;
}

pawl_status pawl_fivetran_python_explain(pawl_fivetran_python *python, pawl_error *error)
{
	/* A connection is lost a moment before the process has ended. */
	for (int64_t end_us = pawl_time_monotonic_us() + MOMENT_US; error->status == PAWL_IO && pawl_time_monotonic_us() < end_us;) {
		if (!pawl_fivetran_python_is_running(python))
			break;
		usleep(LOOK_US);
	}
	if (pawl_fivetran_python_is_running(python))
		return error->status;
	if (WIFSIGNALED(python->wait_status))
		return pawl_error_set(error, PAWL_CONNECTOR, "the connector's process was ended by signal %d", WTERMSIG(python->wait_status));
	pawl_error_set(error, PAWL_CONNECTOR, "the connector's process has ended with status %d", WEXITSTATUS(python->wait_status));
	return pawl_error_hint(error, "what it printed says why; it needs the package fivetran-connector-sdk: pip install "
	                              "fivetran-connector-sdk, or name another interpreter with --python");
}

void pawl_fivetran_python_stop(pawl_fivetran_python *python)
{
	if (python == NULL)
		return;
	int64_t end_us = pawl_time_monotonic_us() + GRACE_US;
	if (pawl_fivetran_python_is_running(python))
		kill(python->process, SIGTERM);
	while (pawl_fivetran_python_is_running(python) && pawl_time_monotonic_us() < end_us)
		usleep(LOOK_US);
	if (pawl_fivetran_python_is_running(python)) {
		kill(python->process, SIGKILL);
		waitpid(python->process, &python->wait_status, 0);
	}
	pawl_free(python);
}
