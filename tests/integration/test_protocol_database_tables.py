"""pawl serve: which tables there are, and which files are opened for them."""
import json

import tap
from database_harness import MANY, T, fill, fill_long, refuses_writers, served, try_test
from harness import contains, equal
from protocol_harness import sdk


@served("sqlite")
def overrides_choose_no_tables(shop):
    shop.source(T, T.replace("TABLE t", "TABLE u"), "CREATE VIEW v AS SELECT * FROM t")

    def seen(**settings):
        schema = server.stub().Schema(sdk.SchemaRequest(configuration=shop.configuration(**settings)))
        return [table.name for each in schema.with_schema.schemas for table in each.tables]

    with shop.serve() as server:
        equal(seen(tables="t", overrides='{"*": {"mode": "replace"}}'), ["t"])
        equal(seen(tables="t", overrides='{"u": {"mode": "replace"}}'), ["t"])
        equal(seen(overrides='{"v": {"mode": "replace"}}'), ["t", "u"])
        equal(seen(tables="v", overrides='{"v": {"mode": "replace"}}'), ["v"])


@served("postgres")
def names_that_differ_in_case(shop):
    shop.source(T.replace("TABLE t", 'TABLE "Orders"'), T.replace("TABLE t", "TABLE orders"))
    with shop.serve() as server:
        for day in (1, 2):  # of one table the keys are far ahead of the other's
            fill(shop, 10 * day, 10 * day + 9, at=f"2024-02-0{day} 00:00:00", table='"Orders"')
            fill(shop, 10 * day, 10 * day, at=f"2024-01-0{day} 00:00:00", table="orders")
            shop.update(server)
            equal((len(shop.sent("Orders")), len(shop.sent("orders"))), (10 * day, day))
    equal(sorted(table["table_name"] for table in json.loads(shop.client.state)["tables"]), ["Orders", "orders"])


@served("sqlite", "duckdb")
def a_file_that_is_held_to_be_another(shop):
    other = "duckdb" if shop.kind == "sqlite" else "sqlite"
    fill_long(shop)
    with shop.serve() as server:
        slow = server.stub().Update(sdk.UpdateRequest(configuration=shop.configuration()))
        next(slow)
        count = len(next(slow).records.records)
        contains(try_test(shop, server, "connection", source=str(shop.file)), "does not begin with the kind of database")
        equal(try_test(shop, server, "connection", source=f"{other}:{shop.file}"),
              f"source '{shop.file}': it is open as a file of another kind (is it {shop.kind}:FILE, and not {other}:FILE?)")
        refuses_writers(shop)
        count += sum(len(message.records.records) for message in slow)
        equal(count, MANY)
        contains(try_test(shop, server, "connection", source=f"{other}:{shop.file}"), "not a")


tap.main()
