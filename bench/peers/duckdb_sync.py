"""One sync with DuckDB's postgres extension: duckdb_sync.py URL TABLE FILE LAG. Runs in an environment of its own, see tools.py.

The first is CREATE TABLE AS. The next ones read by postgres_query(), since a condition on the attached table becomes one of
ranges of ctid, which is a scan of the whole table; and replace the rows by DELETE and INSERT, which is faster than MERGE INTO.
"""
import pathlib
import sys

import duckdb
import duckdb_extension_postgres_scanner

STEPS = """
CREATE TEMP TABLE changed AS FROM postgres_query('source', 'SELECT * FROM {table} WHERE updated_at >= ''{cursor}''');
BEGIN;
DELETE FROM {table} AS t USING changed WHERE t.id = changed.id;
INSERT INTO {table} FROM changed;
COMMIT;
"""


def main():
    url, table, file, lag = sys.argv[1:]
    folder = pathlib.Path(duckdb_extension_postgres_scanner.__file__).parent
    warehouse = duckdb.connect(file)
    warehouse.execute(f"LOAD '{next(folder.glob('extensions/*/*.duckdb_extension'))}'")
    warehouse.execute(f"ATTACH '{url}' AS source (TYPE postgres, READ_ONLY)")
    if warehouse.execute(f"SELECT count(*) FROM duckdb_tables() WHERE table_name = '{table}' AND NOT internal "
                         "AND database_name = current_database()").fetchone() == (0,):
        warehouse.execute(f"CREATE TABLE {table} AS FROM source.public.{table}")
    else:
        cursor, = warehouse.execute(
            f"SELECT strftime((max(updated_at) - to_microseconds({round(float(lag) * 1e6)}))::TIMESTAMP, '%Y-%m-%d %H:%M:%S.%f+00')"
            f" FROM {table}").fetchone()
        warehouse.execute(STEPS.format(table=table, cursor=cursor))
    warehouse.close()


main()
