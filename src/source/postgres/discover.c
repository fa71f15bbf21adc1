#include "source/postgres/internal.h"

#include <string.h>

/*
 * Partitions come with the table that they are of. Of a table with children of the older kind of inheritance the rows of all are
 * read, and its primary key does not keep those of different tables apart: it is left out.
 */
#define TABLES                                                                                                                    \
	"FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "                                                          \
	"WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't' "                      \
	"AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' "

#define READABLE "(has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')) "

/* As counted by the last ANALYZE or VACUUM; of a table that has seen none, a guess by its size, with rows of 100 bytes. */
#define ROWS_OF(table)                                                                                                            \
	"CASE WHEN " table ".relpages > 0 AND " table ".reltuples >= 0 THEN " table ".reltuples::bigint "                             \
	"ELSE pg_relation_size(" table ".oid) / 100 END "

static const char find_tables[] =
	"SELECT c.oid, n.nspname, c.relname, c.relkind IN ('v', 'm', 'f'), "
	"CASE WHEN c.relkind = 'p' THEN (SELECT sum(" ROWS_OF("l") ")::bigint "
	"FROM pg_partition_tree(c.oid) p JOIN pg_class l ON l.oid = p.relid WHERE p.isleaf) "
	"WHEN c.relkind IN ('r', 'm') THEN " ROWS_OF("c") "ELSE -1 END " TABLES "AND " READABLE
	"ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

static const char find_denied[] =
	"SELECT n.nspname, c.relname, CASE WHEN has_schema_privilege(n.oid, 'USAGE') THEN '' "
	"ELSE format('GRANT USAGE ON SCHEMA %I TO %I; ', n.nspname, current_user) END "
	"|| format('GRANT SELECT ON %I.%I TO %I', n.nspname, c.relname, current_user) " TABLES "AND NOT " READABLE
	"ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

/* A domain's values are those of the type that it is of, at the end of it all. */
static const char find_columns[] =
	"WITH RECURSIVE t AS (SELECT c.oid, c.relkind = 'r' AND c.relhassubclass AS has_children, n.nspname, c.relname "
	TABLES "AND " READABLE "), "
	"base AS (SELECT oid AS domain, typbasetype AS type, typtypmod AS typmod FROM pg_type WHERE typtype = 'd' "
	"UNION ALL SELECT b.domain, d.typbasetype, CASE WHEN b.typmod >= 0 THEN b.typmod ELSE d.typtypmod END "
	"FROM base b JOIN pg_type d ON d.oid = b.type WHERE d.typtype = 'd'), "
	"a AS (SELECT t.*, a.attnum, a.attname, a.attnotnull, a.attidentity, a.attgenerated, a.attcollation, "
	"coalesce(b.type, a.atttypid) AS type, coalesce(b.typmod, a.atttypmod) AS typmod "
	"FROM t JOIN pg_attribute a ON a.attrelid = t.oid "
	"LEFT JOIN base b ON b.domain = a.atttypid AND NOT EXISTS (SELECT FROM pg_type d WHERE d.oid = b.type AND d.typtype = 'd') "
	"WHERE a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(t.oid, a.attnum, 'SELECT')) "
	"SELECT a.oid, a.attname, format_type(a.type, a.typmod), "
	"CASE WHEN y.typnamespace = 'pg_catalog'::regnamespace OR y.typname = 'citext' THEN y.typname ELSE '' END, a.typmod, "
	/* What is NOT NULL in a table need not be so in its children; and since PostgreSQL 18 not in the rows that were there before. */
	"NOT a.attnotnull OR a.has_children OR EXISTS (SELECT FROM pg_constraint n WHERE n.conrelid = a.oid AND n.contype = 'n' "
	"AND n.conkey[1] = a.attnum AND NOT n.convalidated), f.text, x.problem, "
	"EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid WHERE g.tgrelid = a.oid AND NOT g.tgisinternal "
	"AND g.tgenabled <> 'D' AND g.tgtype & 19 = 19 " /* BEFORE UPDATE FOR EACH ROW */
	"AND p.prosrc ~* ('(^|;|\\mbegin\\M|\\mthen\\M|\\melse\\M|\\mloop\\M)\\s*new\\s*\\.\\s*\"?' "
	"|| regexp_replace(a.attname, '(\\W)', '\\\\\\1', 'g') || '\"?\\s*:?=')), "
	"f.text ~* '\\m(now|clock_timestamp|statement_timestamp|transaction_timestamp)\\s*\\(|"
	"\\m(current_timestamp|current_date|localtimestamp)\\M', "
	"coalesce(q.seqincrement > 0 AND NOT q.seqcycle, false), coalesce(q.seqcache > 1, false), "
	"CASE WHEN a.has_children THEN 0 ELSE coalesce(array_position(k.conkey, a.attnum), 0) END "
	"FROM a JOIN pg_type y ON y.oid = a.type "
	/* Of the indexes that lead with the column, one that can be used if there is any; its problem is '' then. */
	"LEFT JOIN LATERAL (SELECT CASE WHEN m.amname <> 'btree' THEN format('index %I is of type %s', c.relname, m.amname) "
	"WHEN i.indpred IS NOT NULL THEN format('index %I is partial', c.relname) "
	"WHEN NOT i.indisvalid OR NOT i.indisready THEN format('index %I is not valid', c.relname) "
	"WHEN i.indcollation[0] <> a.attcollation OR o.opcname LIKE '%pattern_ops' "
	"THEN format('index %I has another order', c.relname) ELSE '' END AS problem "
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam JOIN pg_opclass o ON o.oid = i.indclass[0] "
	"WHERE i.indrelid = a.oid AND i.indkey[0] = a.attnum ORDER BY 1 LIMIT 1) x ON true "
	"LEFT JOIN pg_constraint k ON k.conrelid = a.oid AND k.contype = 'p' "
	"LEFT JOIN LATERAL (SELECT pg_get_expr(d.adbin, d.adrelid) AS text FROM pg_attrdef d "
	"WHERE d.adrelid = a.oid AND d.adnum = a.attnum AND a.attgenerated = '') f ON true "
	/* The sequence that an identity has of its own, or that a default takes from. */
	"LEFT JOIN LATERAL (SELECT s.* FROM pg_sequence s JOIN pg_depend e ON e.classid = 'pg_class'::regclass AND e.objid = s.seqrelid "
	"WHERE a.attidentity <> '' AND e.refobjid = a.oid AND e.refobjsubid = a.attnum AND e.deptype = 'i' "
	"UNION ALL SELECT s.* FROM pg_attrdef d JOIN pg_depend e ON e.classid = 'pg_attrdef'::regclass AND e.objid = d.oid "
	"JOIN pg_sequence s ON s.seqrelid = e.refobjid WHERE f.text ~* '^nextval\\(' AND d.adrelid = a.oid AND d.adnum = a.attnum "
	"AND e.refclassid = 'pg_class'::regclass LIMIT 1) q ON true "
	"ORDER BY a.nspname COLLATE \"C\", a.relname COLLATE \"C\", a.attnum";

/* ---- columns --------------------------------------------------------------------------------------------------------- */

static pawl_status copy_text(const char *text, char **ret_copy, pawl_error *error)
{
	*ret_copy = pawl_duplicate(text == NULL ? "" : text);
	return *ret_copy == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

static pawl_status fill_index(pawl_source_column *column, const char *problem, pawl_error *error)
{
	column->is_indexed = problem != NULL && *problem == '\0';
	return problem == NULL || column->is_indexed ? PAWL_OK : copy_text(problem, &column->index_problem, error);
}

static pawl_status fill_column(pawl_source_column *column, const PGresult *found, int row, pawl_error *error)
{
	char type[PAWL_POSTGRES_TYPE_BYTES];
	const char *default_text = pawl_postgres_text(found, row, 6);

	PAWL_TRY(copy_text(pawl_postgres_text(found, row, 1), &column->name, error));
	PAWL_TRY(copy_text(pawl_postgres_text(found, row, 2), &column->native_type, error));
	pawl_postgres_type_name(pawl_pq.getvalue(found, row, 3), pawl_postgres_integer(found, row, 4), type, &column->key_class);
	PAWL_TRY(copy_text(type, &column->type, error));
	if (default_text != NULL)
		PAWL_TRY(copy_text(default_text, &column->default_text, error));
	column->is_nullable = pawl_postgres_is_true(found, row, 5);
	PAWL_TRY(fill_index(column, pawl_postgres_text(found, row, 7), error));
	column->is_set_by_trigger = pawl_postgres_is_true(found, row, 8);
	column->is_set_by_default = pawl_postgres_is_true(found, row, 9);
	column->is_sequence = pawl_postgres_is_true(found, row, 10);
	column->is_sequence_cached = pawl_postgres_is_true(found, row, 11);
	column->key_rank = (int) pawl_postgres_integer(found, row, 12);
	return PAWL_OK;
}

static pawl_status add_column(pawl_source_table *table, const PGresult *found, int row, pawl_error *error)
{
	pawl_source_column *column = pawl_source_table_add(table);

	if (column == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(fill_column(column, found, row, error));
	table->has_primary_key = table->has_primary_key || column->key_rank > 0;
	return PAWL_OK;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

/* `*row` is the first one of this table in `columns`, or of one behind it; it is moved to the next table's. */
static pawl_status add_table(pawl_source_catalog *catalog, const PGresult *tables, int number, const PGresult *columns, int *row,
                             pawl_error *error)
{
	pawl_source_table *table = pawl_source_catalog_add(catalog);

	if (table == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(copy_text(pawl_postgres_text(tables, number, 1), &table->schema, error));
	PAWL_TRY(copy_text(pawl_postgres_text(tables, number, 2), &table->name, error));
	table->is_view = pawl_postgres_is_true(tables, number, 3);
	table->estimated_rows = pawl_pq.getisnull(tables, number, 4) ? -1 : pawl_postgres_integer(tables, number, 4);
	const char *place = pawl_pq.getvalue(tables, number, 0);
	for (; *row < pawl_pq.ntuples(columns) && strcmp(pawl_pq.getvalue(columns, *row, 0), place) == 0; (*row)++)
		PAWL_TRY(add_column(table, columns, *row, error));
	return PAWL_OK;
}

static pawl_status deny_table(pawl_source_catalog *catalog, const PGresult *denied, int row, pawl_error *error)
{
	pawl_source_denied *table = pawl_source_catalog_deny(catalog);

	if (table == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(copy_text(pawl_postgres_text(denied, row, 0), &table->schema, error));
	PAWL_TRY(copy_text(pawl_postgres_text(denied, row, 1), &table->name, error));
	return copy_text(pawl_postgres_text(denied, row, 2), &table->remedy, error);
}

static pawl_status read_catalog(pawl_postgres_source *postgres, pawl_source_catalog *catalog, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *tables = NULL;
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *columns = NULL;
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *denied = NULL;
	int row = 0;

	PAWL_TRY(pawl_postgres_query(postgres, find_tables, &tables, error));
	PAWL_TRY(pawl_postgres_query(postgres, find_columns, &columns, error));
	for (int i = 0; i < pawl_pq.ntuples(tables); i++)
		PAWL_TRY(add_table(catalog, tables, i, columns, &row, error));
	PAWL_TRY(pawl_postgres_query(postgres, find_denied, &denied, error));
	for (int i = 0; i < pawl_pq.ntuples(denied); i++)
		PAWL_TRY(deny_table(catalog, denied, i, error));
	return PAWL_OK;
}

/* In one snapshot, so that all is of one schema. */
pawl_status pawl_postgres_discover(pawl_source *source, pawl_source_catalog *ret_catalog, pawl_error *error)
{
	PAWL_CLEANUP(pawl_source_catalog_clear) pawl_source_catalog catalog = {0};
	pawl_postgres_source *postgres = pawl_postgres_source_of(source);
	pawl_error ignored;

	if (!postgres->has_snapshot)
		PAWL_TRY(pawl_postgres_run(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error));
	pawl_status status = read_catalog(postgres, &catalog, error);
	if (!postgres->has_snapshot)
		(void) pawl_postgres_run(postgres, "ROLLBACK", &ignored); /* nothing was written */
	PAWL_TRY(status);
	*ret_catalog = catalog;
	catalog = (pawl_source_catalog) {0};
	return PAWL_OK;
}
