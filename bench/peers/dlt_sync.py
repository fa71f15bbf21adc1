"""One sync with dlt: dlt_sync.py URL BACKEND TABLE FOLDER LAG. Runs in dlt's own environment, see tools.py.

After dlt's pages on sql_database: `arrow_stream`, so that connectorx does not hold the whole table in memory, and no search for
doubles at the cursor, which the merge by primary key makes needless. The first sync has nothing to merge with.
"""
import sys

import dlt
from dlt.sources.sql_database import sql_table


def main():
    url, backend, table, folder, lag = sys.argv[1:]
    rows = sql_table(
        credentials=url.replace("postgresql:", "postgresql+psycopg2:"), schema="public", table=table, backend=backend,
        chunk_size=100_000, backend_kwargs={"return_type": "arrow_stream"} if backend == "connectorx" else None,
        incremental=dlt.sources.incremental("updated_at", primary_key=(), lag=float(lag) or None))
    pipeline = dlt.pipeline("peers", pipelines_dir=folder, dataset_name="shop",
                            destination=dlt.destinations.duckdb(f"{folder}/warehouse.duckdb"))
    rows.apply_hints(primary_key="id", write_disposition="append" if pipeline.first_run else "merge")
    pipeline.run(rows)


main()
