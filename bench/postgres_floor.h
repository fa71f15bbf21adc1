/* The functions of postgres_floor.c, for the SQL of duck_floor.c. */
#ifndef PAWL_BENCH_POSTGRES_FLOOR_H
#define PAWL_BENCH_POSTGRES_FLOOR_H

#include <duckdb.h>

void postgres_floor_register(duckdb_connection connection);

#endif
