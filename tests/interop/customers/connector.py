"""The connector of examples/customers, made with the official SDK."""
from fivetran_connector_sdk import Connector, Logging as log, Operations as op

CUSTOMERS = [(1, "Mathew", "Perry", "mathew@fivetran.com", "2023-12-31T23:59:59Z"),
             (2, "Joe", "Doe", "joe@fivetran.com", "2024-01-31T23:04:39Z"),
             (3, "Jake", "Anderson", "jake@fivetran.com", "2023-11-01T23:59:59Z"),
             (4, "John", "William", "john@fivetran.com", "2024-02-14T22:59:59Z"),
             (5, "Ricky", "Roma", "ricky@fivetran.com", "2024-03-16T16:40:29Z")]
COLUMNS = {"customer_id": "INT", "first_name": "STRING", "last_name": "STRING", "email": "STRING", "updated_at": "UTC_DATETIME"}


def schema(configuration):
    return [{"table": "customers", "primary_key": ["customer_id"], "columns": COLUMNS}]


def update(configuration, state):
    log.warning("Example: Source Examples - Common Patterns - Key Based Replication")
    cursor = state.get("last_updated_at", "2024-01-01T00:00:00Z")
    log.debug(f"fetching records from `customer` table modified after {cursor}")
    for customer in sorted(CUSTOMERS, key=lambda customer: customer[-1]):
        if customer[-1] > cursor:
            op.upsert("customers", dict(zip(COLUMNS, customer)))
            cursor = customer[-1]
    op.checkpoint({"last_updated_at": cursor})


connector = Connector(update=update, schema=schema)
