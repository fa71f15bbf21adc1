#include "source/postgres/libpq.h"

#include <dlfcn.h>
#include <pthread.h>

/* The interface has had this number since PostgreSQL 8.2. */
#define LIBRARY "libpq.so.5"

pawl_pq_functions pawl_pq;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pawl_error problem; /* its status is PAWL_OK: none */

static const struct function {
	const char *name;
	void *member;
} functions[] = {
#define FUNCTION(name) {"PQ" #name, &pawl_pq.name},
	PAWL_PQ_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

static pawl_status find_function(void *library, const struct function *function, pawl_error *error)
{
	void *found = dlsym(library, function->name);

	if (found == NULL)
		return pawl_error_set(error, PAWL_IO, "%s: %s", LIBRARY, dlerror());
	*(void **) function->member = found; /* POSIX: a pointer to a function fits one to an object */
	return PAWL_OK;
}

static pawl_status load(pawl_error *error)
{
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);

	if (library == NULL)
		return pawl_error_set(error, PAWL_IO, "%s cannot be loaded: %s", LIBRARY, dlerror());
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		PAWL_TRY(find_function(library, &functions[i], error));
	return PAWL_OK;
}

static void load_once(void)
{
	if (load(&problem) != PAWL_OK)
		pawl_error_hint(&problem, "PostgreSQL sources need PostgreSQL's client library: install libpq5, or the package of your "
		                          "system that has %s", LIBRARY);
}

pawl_status pawl_pq_load(pawl_error *error)
{
	pthread_once(&once, load_once);
	if (problem.status != PAWL_OK)
		*error = problem;
	return problem.status;
}
