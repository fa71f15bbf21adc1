"""The connector of bench/connector_ops.c, made with the official SDK: $ROWS upserts of five columns."""
import datetime
import os

from fivetran_connector_sdk import Connector, Operations as op

START = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)
COLUMNS = {"customer_id": "LONG", "first_name": "STRING", "last_name": "STRING", "email": "STRING", "updated_at": "UTC_DATETIME"}


def schema(configuration):
    return [{"table": "customers", "primary_key": ["customer_id"], "columns": COLUMNS}]


def update(configuration, state):
    for number in range(int(os.environ["ROWS"])):
        op.upsert("customers", {"customer_id": number, "first_name": f"first{number % 1000}", "last_name": f"last{number % 5000}",
                                "email": f"user{number}@example.com", "updated_at": START + datetime.timedelta(milliseconds=number)})
    op.checkpoint({"next": number + 1})


connector = Connector(update=update, schema=schema)
