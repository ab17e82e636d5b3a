//! The statements of each layer as constant text: one macro writes them for
//! all five, so that nothing is ever put together at run time.

use crate::model::LayerName;

/// The statements of one layer table. Columns are `fid, geom`, the layer's
/// own, then `source, source_id, extra`.
#[derive(Debug)]
pub(super) struct LayerSql {
    /// How many rows there are.
    pub(super) count: &'static str,
    /// Sends all rows.
    pub(super) copy_out: &'static str,
    /// Rows of the ids `$1`.
    pub(super) by_id: &'static str,
    /// Deletes the ids `$1`.
    pub(super) delete: &'static str,
    /// Deletes all but the ids `$1`.
    pub(super) delete_others: &'static str,
    /// Makes the session's table of rows to come.
    pub(super) incoming: &'static str,
    /// Takes rows into it.
    pub(super) copy_in: &'static str,
    /// Tells the planner how many came.
    pub(super) analyze: &'static str,
    /// Gives rows whose key is known the id of the row they replace.
    pub(super) find: &'static str,
    /// Replaces rows that are there.
    pub(super) update: &'static str,
    /// Inserts rows that are not there, in the order in which they came.
    pub(super) insert: &'static str,
    /// Keeps ids that are given out above `$1`.
    pub(super) above: &'static str,
}

/// Makes the partitions that the rows to come need.
pub(super) const MAKE_MONTHS: &str = "SELECT gridmap.make_month(month) FROM \
    (SELECT DISTINCT date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS month FROM pg_temp.incoming_incidents) months";

/// True if there are no incidents.
pub(super) const NO_INCIDENTS: &str = "SELECT NOT EXISTS (SELECT FROM gridmap.incidents) AND NOT EXISTS (SELECT FROM gridmap.incident_keys)";

/// Keeps everybody else off the incidents, or fails at once.
pub(super) const LOCK_INCIDENTS: &str =
    "LOCK TABLE gridmap.incidents, gridmap.incident_keys IN ACCESS EXCLUSIVE MODE NOWAIT";

/// Drops the indexes that are quicker made than grown.
pub(super) const DROP_INDEXES: &str = "DROP INDEX gridmap.incidents_geom; \
    ALTER TABLE gridmap.incident_keys DROP CONSTRAINT incident_keys_pkey, DROP CONSTRAINT incident_keys_source_source_id_key";

/// Makes them, as the migrations do.
pub(super) const MAKE_INDEXES: &str = "CREATE INDEX incidents_geom ON gridmap.incidents USING gist (geom); \
    ALTER TABLE gridmap.incident_keys ADD PRIMARY KEY (fid), ADD UNIQUE (source, source_id)";

macro_rules! layer_sql {
    // `keys` knows the id and the key of every row; `also` joins it to the
    // table beside the id.
    ($table:literal, keys $keys:literal, also $also:literal, $($column:literal $type:literal),+) => {
        LayerSql {
            count: concat!("SELECT count(*) FROM gridmap.", $table),
            copy_out: concat!("COPY (SELECT fid, geom", $(", ", $column,)+ ", source, source_id, extra FROM gridmap.", $table,
                ") TO STDOUT (FORMAT binary)"),
            by_id: concat!("SELECT i.fid, i.geom", $(", i.", $column,)+ ", i.source, i.source_id, i.extra FROM ", $keys, " k JOIN gridmap.", $table,
                " i ON i.fid = k.fid", $also, " WHERE k.fid = ANY($1) ORDER BY 1"),
            delete: concat!("DELETE FROM gridmap.", $table, " i USING ", $keys, " k WHERE k.fid = ANY($1) AND i.fid = k.fid", $also),
            delete_others: concat!("DELETE FROM gridmap.", $table, " i WHERE NOT EXISTS (SELECT FROM unnest($1::bigint[]) kept WHERE kept = i.fid)"),
            incoming: concat!("CREATE TEMP TABLE IF NOT EXISTS incoming_", $table, " (n bigint, fid bigint, geom geometry",
                $(", ", $column, " ", $type,)+ ", source text, source_id text, extra text) ON COMMIT DELETE ROWS"),
            copy_in: concat!("COPY pg_temp.incoming_", $table, " (n, fid, geom", $(", ", $column,)+ ", source, source_id, extra) FROM STDIN (FORMAT binary)"),
            analyze: concat!("ANALYZE pg_temp.incoming_", $table),
            find: concat!("UPDATE pg_temp.incoming_", $table, " n SET fid = k.fid FROM ", $keys, " k \
                WHERE k.source = n.source AND k.source_id = n.source_id AND NOT EXISTS (SELECT FROM ", $keys, " e WHERE e.fid = n.fid)"),
            update: concat!("UPDATE gridmap.", $table, " i SET geom = n.geom", $(", ", $column, " = n.", $column,)+
                ", source = n.source, source_id = n.source_id, extra = n.extra FROM pg_temp.incoming_", $table, " n, ", $keys, " k \
                WHERE k.fid = n.fid AND i.fid = k.fid", $also),
            insert: concat!("INSERT INTO gridmap.", $table, " (fid, geom", $(", ", $column,)+ ", source, source_id, extra) \
                SELECT coalesce(n.fid, nextval('gridmap.", $table, "_fid_seq')), n.geom", $(", n.", $column,)+ ", n.source, n.source_id, n.extra \
                FROM (SELECT * FROM pg_temp.incoming_", $table, " ORDER BY n) n WHERE NOT EXISTS (SELECT FROM ", $keys, " k WHERE k.fid = n.fid)"),
            above: concat!("SELECT setval('gridmap.", $table, "_fid_seq', greatest($1, last_value)) FROM gridmap.", $table, "_fid_seq"),
        }
    };
}

const LAYERS: [LayerSql; 5] = [
    layer_sql!("grids", keys "gridmap.grids", also "", "code" "text", "name" "text", "kind" "text",
        "community" "text", "post" "text", "households" "bigint", "valid_from" "date", "valid_to" "date"),
    layer_sql!("compounds", keys "gridmap.compounds", also "", "code" "text", "name" "text", "kind" "text",
        "community" "text", "priority" "bigint", "households" "bigint", "gates" "text"),
    layer_sql!("streets", keys "gridmap.streets", also "", "name" "text", "class" "text",
        "oneway" "boolean", "foot" "boolean"),
    layer_sql!("routes", keys "gridmap.routes", also "", "code" "text", "name" "text", "mode" "text",
        "checkpoints" "text"),
    layer_sql!("incidents", keys "gridmap.incident_keys", also " AND i.occurred_at = k.occurred_at",
        "kind" "text", "category" "text", "occurred_at" "timestamptz", "date_only" "boolean",
        "reported_at" "timestamptz", "status" "text", "found" "text", "text" "text"),
];

/// The statements of a layer.
pub(super) const fn of(layer: LayerName) -> &'static LayerSql {
    const TABLE: &[LayerSql; 5] = &LAYERS;
    &TABLE[layer.slot()]
}
