/*
 * ledger: what every operation does, as a program. It has no source and no schema(): it declares its tables as it goes, all
 * their columns are inferred, and each sync plays the next act of a script. After each call a comment says what the warehouse
 * holds of that row from the next checkpoint on; expected/ holds the tables as they are in the end.
 *
 * In the comments: NULL is a column without a value, "deleted" is _fivetran_deleted = true.
 */
#include <float.h>

#include <pawl/pawl.h>

/* The primary key of `entries` has two columns; every operation on a row gives both. */
#define ENTRY(book, line) {"book", pawl_of(book)}, {"line", pawl_of(line)}

/* Act 1: rows come, change and go. */
static void open_books(pawl_sync *sync)
{
	pawl_upsert(sync, "entries", ENTRY("cash", 1), {"amount", pawl_of(100)}, {"memo", pawl_of("opening")});
	/* cash 1: amount 100, memo 'opening' */
	pawl_upsert(sync, "entries", ENTRY("cash", 2), {"amount", pawl_of(200)}, {"memo", pawl_of("rent")});
	/* cash 2: amount 200, memo 'rent' */
	pawl_upsert(sync, "entries", ENTRY("bank", 1), {"amount", pawl_of(300)});
	/* bank 1: amount 300, memo NULL: the same `line` as cash 1, another row */

	pawl_update(sync, "entries", ENTRY("cash", 2), {"amount", pawl_of(250)});
	/* cash 2: amount 250, memo 'rent': an update changes what it names, and nothing else */
	pawl_upsert(sync, "entries", ENTRY("cash", 1), {"amount", pawl_of(110)});
	/* cash 1: amount 110, memo NULL: an upsert replaces the whole row */
	pawl_update(sync, "entries", ENTRY("cash", 9), {"amount", pawl_of(1)});
	/* no cash 9: an update of a row that is not there is ignored */

	pawl_delete(sync, "entries", ENTRY("bank", 1));
	/* bank 1: amount 300, deleted: the row stays, marked */
	pawl_delete(sync, "entries", ENTRY("bank", 9));
	/* no bank 9: so is a delete */
}

/* Act 2: deleted rows, columns that appear later, a column that outgrows its type, two tables in turn. */
static void post_entries(pawl_sync *sync)
{
	pawl_update(sync, "entries", ENTRY("bank", 1), {"memo", pawl_of("late fee")});
	/* bank 1: amount 300, memo 'late fee', deleted: an update does not revive */
	pawl_upsert(sync, "readings", {"meter", pawl_of("north")}, {"hour", pawl_of(1)}, {"value", pawl_of(20)});
	/* north 1: value 20, and `value` is a LONG */
	pawl_upsert(sync, "entries", ENTRY("bank", 1), {"amount", pawl_of(310)});
	/* bank 1: amount 310, memo NULL, not deleted: an upsert does revive */

	pawl_update(sync, "entries", ENTRY("cash", 2), {"currencyCode", pawl_of("EUR")});
	/* cash 2: currency_code 'EUR', amount 250, memo 'rent': a new column, named by the destination's rules; NULL elsewhere */
	pawl_update(sync, "entries", ENTRY("cash", 2), {"memo", pawl_null()});
	/* cash 2: memo NULL: a NULL that is given is a value; one that is left out of an update is not */

	pawl_upsert(sync, "entries", ENTRY("bank", 2), {"amount", pawl_decimal("1234567890123456789012.25")});
	/* bank 2: amount 1234567890123456789012.25, and `amount` is now a DECIMAL: cash 1 reads 110.00 */
	pawl_upsert(sync, "readings", {"meter", pawl_of("north")}, {"hour", pawl_of(2)}, {"value", pawl_of(20.5)});
	/* north 2: value '20.5', and `value` is now a STRING: no number type keeps every LONG and every DOUBLE */

	pawl_upsert(sync, "entries", ENTRY("cash", 3), {"amount", pawl_of(30)}, {"memo", pawl_of("draft")});
	pawl_delete(sync, "entries", ENTRY("cash", 3));
	pawl_upsert(sync, "entries", ENTRY("cash", 3), {"amount", pawl_of(33)});
	/* cash 3: amount 33, memo NULL, not deleted: between two checkpoints the order of the calls still counts */
}

/* Act 3: truncate, with rows before and after it, and two checkpoints in one sync. */
static void close_year(pawl_sync *sync)
{
	pawl_upsert(sync, "entries", ENTRY("cash", 4), {"amount", pawl_of(40)}, {"memo", pawl_of("last of the year")});
	/* cash 4: amount 40 */
	pawl_truncate(sync, "entries");
	/* cash 1 to 4, bank 1 and 2: deleted, their values as they were; `readings` is another table */
	pawl_upsert(sync, "entries", ENTRY("cash", 1), {"amount", pawl_of(120)}, {"memo", pawl_of("brought forward")});
	/* cash 1: amount 120, memo 'brought forward', not deleted: what comes after a truncate is not touched by it */
	pawl_update(sync, "entries", ENTRY("cash", 2), {"amount", pawl_of(260)});
	/* cash 2: amount 260, currency_code 'EUR', deleted */
	pawl_checkpoint(sync, {"act", pawl_of(2)});
	/* all of the above is kept, whatever happens from here; were the sync to fail now, the next one would play act 3 again */

	pawl_upsert(sync, "entries", ENTRY("bank", 3), {"amount", pawl_decimal("0.50")});
	/* bank 3: amount 0.50 */
	pawl_delete(sync, "entries", ENTRY("cash", 4));
	/* cash 4: deleted, as it was */
}

/* Act 4: one row of large values, one of small ones, one of NULLs; and a table that nobody declared. */
static void try_values(pawl_sync *sync)
{
	static const unsigned char bytes[] = {0x00, 'A', 0xff};

	pawl_upsert(sync, "kinds", {"day", pawl_naive_date(19782)}, {"name", pawl_of("large")}, /* 2024-02-29 */
	            {"order", pawl_of(INT64_MAX)},    /* LONG; names that SQL reserves need no care */
	            {"counter", pawl_of(UINT64_MAX)}, /* DECIMAL(20,0): exact, never a double */
	            {"flag", pawl_boolean(true)},     /* BOOLEAN; pawl_of(true) is a LONG, `true` being an int in C */
	            {"ratio", pawl_of(1.5f)},         /* FLOAT */
	            {"measure", pawl_of(DBL_MAX)},    /* DOUBLE */
	            {"price", pawl_decimal("99999999999999999999999999.999999999999")},   /* DECIMAL(38,12) */
	            {"local_time", pawl_naive_datetime(1709251199999999)},                /* 2024-02-29 23:59:59.999999 */
	            {"instant", pawl_utc_datetime(1709251199999999)},                     /* the same, in UTC */
	            {"bytes", pawl_binary(bytes, sizeof bytes)},                          /* BINARY */
	            {"text", pawl_of("Zoë said \"no, thanks\"")},                         /* STRING */
	            {"document", pawl_json("{\"big\": 123456789012345678901234567890}")}, /* JSON, kept byte for byte */
	            {"markup", pawl_xml("<a b=\"c\"/>")});                                /* XML */

	pawl_upsert(sync, "kinds", {"day", pawl_naive_date(-719162)}, {"name", pawl_of("small")}, /* 0001-01-01 */
	            {"order", pawl_of(INT64_MIN)},
	            {"counter", pawl_of(0)}, /* a LONG fits into DECIMAL(20,0) */
	            {"flag", pawl_boolean(false)},
	            {"ratio", pawl_of(-0.25f)},
	            {"measure", pawl_of(-0.1)},
	            {"price", pawl_decimal("-0.000000000001")},
	            {"local_time", pawl_naive_datetime(-1)}, /* 1969-12-31 23:59:59.999999 */
	            {"instant", pawl_utc_datetime(-1)},
	            {"bytes", pawl_binary(bytes, 0)}, /* empty, not NULL */
	            {"text", pawl_of("")},            /* the same */
	            {"document", pawl_json("[]")},
	            {"markup", pawl_xml("")});

	pawl_upsert(sync, "kinds", {"day", pawl_naive_date(0)}, {"name", pawl_of("none")}, {"text", pawl_null()});
	/* 1970-01-01 'none': every other column NULL, the one that was given as NULL like those that were not */

	pawl_upsert(sync, "journal", {"event", pawl_of("year closed")}, {"entries", pawl_of(7)});
	pawl_upsert(sync, "journal", {"event", pawl_of("year closed")}, {"entries", pawl_of(7)});
	pawl_upsert(sync, "journal", {"event", pawl_of("books audited")}, {"entries", pawl_of(7)});
	/* two rows: without a primary key the key is _fivetran_id, a hash of all values, so equal rows are one; an update or
	 * delete of such a table is an error */
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	int64_t act = pawl_state_integer(state, "act", 0);
	(void) configuration;

	/* In every sync, before the first operation. `journal` is left out on purpose. */
	pawl_sync_table(sync, "entries", PAWL_KEYS("book", "line"), NULL);
	pawl_sync_table(sync, "readings", PAWL_KEYS("meter", "hour"), NULL);
	pawl_sync_table(sync, "kinds", PAWL_KEYS("day", "name"), NULL);

	switch (++act) {
	case 1:
		open_books(sync);
		break;
	case 2:
		post_entries(sync);
		break;
	case 3:
		close_year(sync);
		break;
	case 4:
		try_values(sync);
		break;
	default:
		act--;
		pawl_log_info(sync, "the script has ended; start again with --reset");
	}
	/* One check for all calls above: the first that failed has made this one fail too, and nothing of the act is kept. */
	return pawl_checkpoint(sync, {"act", pawl_of(act)});
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {.name = "ledger", .update = update};
	return pawl_connector_main(argc, argv, &connector);
}
