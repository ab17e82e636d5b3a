//! The statements of each layer as constant text: one macro writes them for
//! all five, so that nothing is ever put together at run time.

use crate::model::LayerName;

/// Rows of one [`LayerSql::put_many`].
pub(super) const MANY: usize = 64;

/// Rows of one [`BulkSql::put_rowids`].
pub(super) const ROWIDS: usize = 256;

/// The statements that put many new rows into a layer table at once.
#[derive(Debug)]
pub(super) struct BulkSql {
    /// 1 if there is a row.
    pub(super) any: &'static str,
    /// The highest id that was ever given.
    pub(super) last_id: &'static str,
    /// Takes the insert triggers off.
    pub(super) begin: &'static str,
    /// Puts them back; texts as in the migrations, which a test compares.
    pub(super) end: &'static str,
    /// Drops the index over the keys.
    pub(super) drop_key: &'static str,
    /// Makes it.
    pub(super) make_key: &'static str,
    /// Puts the rows above the id `?1` into the R-tree.
    pub(super) index_above: &'static str,
    /// Logs the rows above the id `?1`, one log row per run of ids.
    pub(super) log_above: &'static str,
    /// Node `?1` of the R-tree is the bytes `?2`.
    pub(super) put_node: &'static str,
    /// Node `?1` lies under `?2`.
    pub(super) put_parent: &'static str,
    /// Logs the new rows from `?1` to `?2`; `?2` is nothing for one row.
    pub(super) log_run: &'static str,
    /// The row `?1` is in the leaf `?2`.
    pub(super) put_rowid: &'static str,
    /// [`ROWIDS`] such rows.
    pub(super) put_rowids: &'static str,
}

/// The statements of one layer table. Columns are `fid, geom`, the layer's
/// own, then `source, source_id, extra`.
#[derive(Debug)]
pub(super) struct LayerSql {
    /// Table name.
    pub(super) table: &'static str,
    /// Its own columns with the statement that adds each to a table made
    /// elsewhere.
    pub(super) columns: &'static [(&'static str, &'static str)],
    /// Inserts or replaces one row.
    pub(super) put_one: &'static str,
    /// Inserts or replaces [`MANY`] rows.
    pub(super) put_many: &'static str,
    /// Inserts one row with an id and a key that are not there.
    pub(super) add_one: &'static str,
    /// Inserts [`MANY`] such rows.
    pub(super) add_many: &'static str,
    /// Rows with ids from `?1` to `?2`, in order.
    pub(super) all: &'static str,
    /// Rows that the log names one by one after `?1`.
    pub(super) changed: &'static str,
    /// Rows that the log names only as part of a run after `?1`.
    pub(super) changed_runs: &'static str,
    /// Ids that the log names after `?1` and that are gone.
    pub(super) gone: &'static str,
    /// Deletes the ids in the JSON array `?1`.
    pub(super) delete: &'static str,
    /// Deletes all but the ids in the JSON array `?1`.
    pub(super) delete_others: &'static str,
    /// Names of the table's columns.
    pub(super) describe: &'static str,
    /// Notes the time of the change and widens the bounds to `?1`…`?4`.
    pub(super) widen: &'static str,
    /// Sets the bounds to those of the index.
    pub(super) measure: &'static str,
    /// For many rows.
    pub(super) bulk: BulkSql,
}

macro_rules! times4 {
    ($($row:tt)*) => { concat!($($row)*, ",", $($row)*, ",", $($row)*, ",", $($row)*) };
}

macro_rules! mark {
    ($column:literal) => {
        ",?"
    };
}

macro_rules! layer_sql {
    ($table:literal, $($column:literal $type:literal),+) => {
        LayerSql {
            table: $table,
            columns: &[
                $(($column, concat!("ALTER TABLE ", $table, " ADD COLUMN ", $column, " ", $type)),)+
                ("source", concat!("ALTER TABLE ", $table, " ADD COLUMN source TEXT")),
                ("source_id", concat!("ALTER TABLE ", $table, " ADD COLUMN source_id TEXT")),
                ("extra", concat!("ALTER TABLE ", $table, " ADD COLUMN extra TEXT")),
            ],
            put_one: layer_sql!(@put $table, concat!("(?,?", $(mark!($column),)+ ",?,?,?)"), $($column),+),
            put_many: layer_sql!(@put $table,
                times4!(times4!(times4!(concat!("(?,?", $(mark!($column),)+ ",?,?,?)")))), $($column),+),
            add_one: layer_sql!(@add $table, concat!("(?,?", $(mark!($column),)+ ",?,?,?)"), $($column),+),
            add_many: layer_sql!(@add $table,
                times4!(times4!(times4!(concat!("(?,?", $(mark!($column),)+ ",?,?,?)")))), $($column),+),
            all: concat!(layer_sql!(@select $table, $($column),+), " WHERE fid BETWEEN ?1 AND ?2 ORDER BY fid"),
            changed: concat!(layer_sql!(@select $table, $($column),+),
                " WHERE fid IN (SELECT fid FROM gridmap_changes WHERE seq > ?1 AND layer = '", $table, "' AND fid_to ISNULL) ORDER BY fid"),
            changed_runs: concat!("SELECT fid, geom", $(", ", $column,)+ ", source, source_id, extra \
                FROM (SELECT fid AS run_from, fid_to AS run_to FROM gridmap_changes WHERE seq > ?1 AND layer = '", $table, "' AND fid_to NOTNULL) \
                CROSS JOIN ", $table, " ON fid BETWEEN run_from AND run_to \
                WHERE fid NOT IN (SELECT fid FROM gridmap_changes WHERE seq > ?1 AND layer = '", $table, "' AND fid_to ISNULL)"),
            gone: concat!("SELECT DISTINCT fid FROM gridmap_changes WHERE seq > ?1 AND layer = '", $table,
                "' AND fid_to ISNULL AND fid NOT IN (SELECT fid FROM ", $table, ") ORDER BY fid"),
            delete: concat!("DELETE FROM ", $table, " WHERE fid IN (SELECT value FROM json_each(?1))"),
            delete_others: concat!("DELETE FROM ", $table, " WHERE fid NOT IN (SELECT value FROM json_each(?1))"),
            describe: concat!("SELECT name, pk FROM pragma_table_info('", $table, "')"),
            widen: concat!("UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now'), \
                min_x = min(coalesce(min_x, ?1), ?1), min_y = min(coalesce(min_y, ?2), ?2), \
                max_x = max(coalesce(max_x, ?3), ?3), max_y = max(coalesce(max_y, ?4), ?4) \
                WHERE table_name = '", $table, "'"),
            measure: concat!("UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now'), \
                (min_x, min_y, max_x, max_y) = (SELECT min(minx), min(miny), max(maxx), max(maxy) FROM rtree_", $table, "_geom) \
                WHERE table_name = '", $table, "'"),
            bulk: layer_sql!(@bulk $table),
        }
    };
    (@bulk $table:literal) => {
        BulkSql {
            any: concat!("SELECT EXISTS (SELECT 1 FROM ", $table, ")"),
            last_id: concat!("SELECT max(coalesce((SELECT max(fid) FROM ", $table, "), 0), \
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = '", $table, "'), 0))"),
            begin: concat!("DROP TRIGGER rtree_", $table, "_geom_insert; DROP TRIGGER gridmap_", $table, "_insert"),
            end: concat!("CREATE TRIGGER \"rtree_", $table, "_geom_insert\" AFTER INSERT ON \"", $table,
                "\" WHEN (NEW.\"geom\" NOT NULL AND NOT ST_IsEmpty(NEW.\"geom\")) BEGIN INSERT OR REPLACE INTO \"rtree_", $table,
                "_geom\" VALUES (NEW.\"fid\", ST_MinX(NEW.\"geom\"), ST_MaxX(NEW.\"geom\"), ST_MinY(NEW.\"geom\"), ST_MaxY(NEW.\"geom\")); END;\n\
                CREATE TRIGGER gridmap_", $table, "_insert AFTER INSERT ON ", $table, "\nBEGIN\n  \
                INSERT INTO gridmap_changes (layer, fid, op, at, before) SELECT r.layer, r.fid, 'delete', strftime('%s','now'), r.before\n    \
                FROM gridmap_replaced r WHERE r.layer = '", $table, "'\n    \
                AND (r.fid = NEW.fid OR NOT EXISTS (SELECT 1 FROM ", $table, " o WHERE o.fid = r.fid)) ORDER BY r.id;\n  \
                DELETE FROM gridmap_replaced WHERE layer = '", $table, "';\n  \
                INSERT INTO gridmap_changes (layer, fid, op, at) VALUES ('", $table, "', NEW.fid, 'insert', strftime('%s','now'));\nEND;"),
            drop_key: concat!("DROP INDEX ", $table, "_key"),
            make_key: concat!("CREATE UNIQUE INDEX ", $table, "_key ON ", $table, " (source, source_id)"),
            index_above: concat!("INSERT OR REPLACE INTO rtree_", $table, "_geom SELECT fid, ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), ST_MaxY(geom) \
                FROM ", $table, " WHERE fid > ?1 AND geom NOT NULL AND NOT ST_IsEmpty(geom)"),
            log_above: concat!("INSERT INTO gridmap_changes (layer, fid, fid_to, op, at) \
                SELECT '", $table, "', min(fid), nullif(max(fid), min(fid)), 'insert', strftime('%s','now') \
                FROM (SELECT fid, fid - row_number() OVER (ORDER BY fid) AS run FROM ", $table, " WHERE fid > ?1) GROUP BY run ORDER BY 2"),
            put_node: concat!("INSERT OR REPLACE INTO rtree_", $table, "_geom_node (nodeno, data) VALUES (?1, ?2)"),
            put_parent: concat!("INSERT INTO rtree_", $table, "_geom_parent (nodeno, parentnode) VALUES (?1, ?2)"),
            log_run: concat!("INSERT INTO gridmap_changes (layer, fid, fid_to, op, at) VALUES ('", $table, "', ?1, ?2, 'insert', strftime('%s','now'))"),
            put_rowid: concat!("INSERT INTO rtree_", $table, "_geom_rowid (rowid, nodeno) VALUES (?, ?)"),
            put_rowids: concat!("INSERT INTO rtree_", $table, "_geom_rowid (rowid, nodeno) VALUES ",
                times4!(times4!(times4!(times4!("(?,?)"))))),
        }
    };
    (@select $table:literal, $($column:literal),+) => {
        concat!("SELECT fid, geom", $(", ", $column,)+ ", source, source_id, extra FROM ", $table)
    };
    (@add $table:literal, $rows:expr, $($column:literal),+) => {
        concat!("INSERT INTO ", $table, " (fid, geom", $(", ", $column,)+ ", source, source_id, extra) VALUES ", $rows)
    };
    (@put $table:literal, $rows:expr, $($column:literal),+) => {
        concat!(layer_sql!(@add $table, $rows, $($column),+),
            " ON CONFLICT (fid) DO UPDATE SET ", layer_sql!(@set $($column),+),
            " ON CONFLICT (source, source_id) DO UPDATE SET ", layer_sql!(@set $($column),+))
    };
    (@set $($column:literal),+) => {
        concat!("geom = excluded.geom", $(", ", $column, " = excluded.", $column,)+
            ", source = excluded.source, source_id = excluded.source_id, extra = excluded.extra")
    };
}

const LAYERS: [LayerSql; 5] = [
    layer_sql!(
        "grids", "code" "TEXT", "name" "TEXT", "kind" "TEXT", "community" "TEXT", "post" "TEXT",
        "households" "MEDIUMINT", "valid_from" "DATE", "valid_to" "DATE"
    ),
    layer_sql!(
        "compounds", "code" "TEXT", "name" "TEXT", "kind" "TEXT", "community" "TEXT",
        "priority" "MEDIUMINT", "households" "MEDIUMINT", "gates" "TEXT"
    ),
    layer_sql!("streets", "name" "TEXT", "class" "TEXT", "oneway" "BOOLEAN", "foot" "BOOLEAN"),
    layer_sql!("routes", "code" "TEXT", "name" "TEXT", "mode" "TEXT", "checkpoints" "TEXT"),
    layer_sql!(
        "incidents", "kind" "TEXT", "category" "TEXT", "occurred_at" "DATETIME",
        "date_only" "BOOLEAN", "reported_at" "DATETIME", "status" "TEXT", "found" "TEXT",
        "text" "TEXT"
    ),
];

/// The statements of a layer.
pub(super) const fn of(layer: LayerName) -> &'static LayerSql {
    const TABLE: &[LayerSql; 5] = &LAYERS;
    &TABLE[layer.slot()]
}
