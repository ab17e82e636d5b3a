//! All rows of a table to entities of one layer: read on as many threads as
//! there are processors, taken in the order of the file.
//!
//! A row depends on the rows before it in three things: its key may be taken,
//! its category may be new, its unknown word may have been told. The first is
//! decided when the row is taken. Where a row meets something new, it is read a
//! second time, when all rows before it have been.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::entity::Draft;
use super::options::{Items, Parsed, Repeat, Report};
use super::personal::MaskKind;
use super::problem::{Code, Problem, Refusal, Severity, quote};
use super::reason::Reason;
use super::row::{Context, Learned, Learning, Row};
use super::seen::{SeenRow, Watcher, as_seen};
use super::table::{Record, Table};

/// Rows read at a time.
const MANY: usize = 8192;

/// Rows below which one thread is quicker.
const FEW: usize = 512;

/// Threads at most: the memory of a reading process has a limit.
const THREADS: usize = 4;

/// A row that was read and not yet taken.
struct Read<T> {
    number: u64,
    result: Result<T, Refusal>,
    masked: Vec<MaskKind>,
    warnings: Vec<Refusal>,
    repairs: Vec<Refusal>,
    /// What the watcher is told, but for the notes.
    seen: Option<SeenRow>,
}

/// All rows of a table as entities of one layer.
pub(super) fn rows<T: Draft>(
    table: &dyn Table,
    context: &Context<'_>,
    report: Report,
    watcher: Option<Watcher<'_>>,
    wrap: fn(Vec<T>) -> Items,
) -> Parsed {
    rows_by(MANY, table, context, report, watcher, wrap)
}

fn rows_by<T: Draft>(
    many: usize,
    table: &dyn Table,
    context: &Context<'_>,
    report: Report,
    watcher: Option<Watcher<'_>>,
    wrap: fn(Vec<T>) -> Items,
) -> Parsed {
    let cells = watcher.as_ref().map(|watcher| watcher.cells);
    let mut learned = Learned::default();
    let mut taker = Taker::new(context, report, watcher);
    let mut pool = None;
    // Read, to be taken while the next ones are read.
    let mut ready: Vec<Read<T>> = Vec::new();
    table.visit_many(many, &mut |records| {
        let pays = records.len() > FEW;
        if pool.is_none() && pays && records.len() == many {
            pool = Some(threads());
        }
        match pool.as_ref().and_then(Option::as_ref).filter(|_| pays) {
            Some(pool) => {
                let read = side_by_side(pool, &records, (context, &learned, cells), || {
                    ready.drain(..).for_each(|read| taker.take(read));
                });
                ready.extend(read.into_iter().zip(&records).map(|(read, record)| {
                    read.unwrap_or_else(|| in_order(record, context, &mut learned, cells))
                }));
            }
            None => {
                ready.drain(..).for_each(|read| taker.take(read));
                for record in &records {
                    taker.take(in_order(record, context, &mut learned, cells));
                }
            }
        }
    });
    ready.into_iter().for_each(|read| taker.take(read));
    taker.finish(learned, wrap)
}

/// One thread per processor; none where one is enough, or where the system
/// gives no more.
fn threads() -> Option<ThreadPool> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let builder = ThreadPoolBuilder::new().num_threads(cores.min(THREADS));
    (cores > 1).then(|| builder.build().ok()).flatten()
}

/// Reads rows on the threads of the pool while this one does something else;
/// `None` for those that have to be read in order.
fn side_by_side<T: Draft>(
    pool: &ThreadPool,
    records: &[Record<'_>],
    (context, learned, cells): (&Context<'_>, &Learned, Option<bool>),
    meanwhile: impl FnOnce(),
) -> Vec<Option<Read<T>>> {
    let read = Mutex::new(Vec::new());
    pool.in_place_scope(|scope| {
        scope.spawn(|_| {
            let all = records.par_iter().with_min_len(64).map(|record| {
                let mut learning = Learning::Later(learned, false);
                let read = one(record, context, &mut learning, cells);
                matches!(learning, Learning::Later(_, false)).then_some(read)
            });
            let all: Vec<Option<Read<T>>> = all.collect();
            *lock(&read) = all;
        });
        meanwhile();
    });
    std::mem::take(&mut *lock(&read))
}

/// A poisoned lock still guards whole rows: they are put there in one step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn in_order<T: Draft>(
    record: &Record<'_>,
    context: &Context<'_>,
    learned: &mut Learned,
    cells: Option<bool>,
) -> Read<T> {
    one(record, context, &mut Learning::Now(learned), cells)
}

/// Reads one row; `cells` says whether a watcher is there, and wants cells.
fn one<'a, T: Draft>(
    record: &Record<'_>,
    context: &Context<'a>,
    learning: &mut Learning<'a>,
    cells: Option<bool>,
) -> Read<T> {
    let mut row = Row::new(record, context, learning);
    let result = match &record.refusal {
        Some(refusal) => Err(refusal.clone()),
        None => T::read(&mut row),
    };
    let seen = cells.map(|wanted| {
        let unplaced = result.as_ref().is_ok_and(|item| item.geometry().is_none());
        let refused = result.as_ref().err();
        as_seen(&row, wanted, unplaced, refused)
    });
    Read {
        number: record.row,
        result,
        masked: row.masked,
        warnings: row.warnings,
        repairs: row.repairs,
        seen,
    }
}

/// Rows of a source by their id: the first row, and how often the id came.
type Ids = HashMap<String, (u64, u32)>;

/// Takes rows in the order of the file.
struct Taker<'x, 'w, T> {
    context: &'x Context<'x>,
    report: Report,
    watcher: Option<Watcher<'w>>,
    items: Vec<T>,
    numbers: Vec<u64>,
    seen: HashMap<String, Ids>,
}

impl<'x, 'w, T: Draft> Taker<'x, 'w, T> {
    fn new(context: &'x Context<'x>, report: Report, watcher: Option<Watcher<'w>>) -> Self {
        Taker {
            context,
            report,
            watcher,
            items: Vec::new(),
            numbers: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn take(&mut self, read: Read<T>) {
        let Read {
            number,
            result,
            masked,
            warnings,
            repairs,
            mut seen,
        } = read;
        let repeat = self.context.options.repeat;
        let taken = result.and_then(|mut item| {
            let unique = unique(&mut item, number, repeat, &mut self.seen);
            if let (Err(_), Some(seen)) = (&unique, &mut seen) {
                seen.refuse();
            }
            unique.map(|()| item)
        });
        self.report.read += 1;
        let mut notes: Vec<Problem> = Vec::new();
        match taken {
            Ok(item) => {
                self.report.accepted += 1;
                self.report.unplaced += u64::from(item.geometry().is_none());
                for kind in masked {
                    self.report.masked.add(kind);
                }
                let repairs = repairs.into_iter().map(|note| (note, Severity::Repaired));
                let warnings = warnings.into_iter().map(|note| (note, Severity::Warning));
                let told = repairs.chain(warnings);
                notes.extend(told.map(|(note, severity)| note.on_row(number, severity)));
                self.items.push(item);
                self.numbers.push(number);
            }
            Err(refusal) => {
                self.report.rejected += 1;
                notes.push(refusal.on_row(number, Severity::Rejected));
            }
        }
        if let (Some(watcher), Some(mut seen)) = (&mut self.watcher, seen) {
            seen.notes.clone_from(&notes);
            watcher.tell(seen);
        }
        notes.into_iter().for_each(|note| self.report.add(note));
    }

    fn finish(self, learned: Learned, wrap: fn(Vec<T>) -> Items) -> Parsed {
        let Taker {
            context,
            mut report,
            items,
            numbers,
            ..
        } = self;
        if report.read == 0 {
            report.add(Problem::of_file(Code::Empty, Reason::NoRows));
        }
        if report.masked.total() > 0 {
            let kinds = report.masked.clone();
            report.add(Problem::of_file(Code::PiiMasked, Reason::Masked { kinds }));
        }
        report.review_from = report.problems.len();
        super::review::far_places(&items, &numbers, &mut report);
        T::review(&items, &numbers, &mut report);
        let kept = context.mapping.keep.iter();
        Parsed {
            extra_columns: kept.map(|(_, column)| column.clone()).collect(),
            new_categories: learned.new_categories,
            items: wrap(items),
            rows: numbers,
            report,
        }
    }
}

/// Sees that a key comes once; a second row is refused, or gets a number.
fn unique<T: Draft>(
    item: &mut T,
    row: u64,
    repeat: Repeat,
    seen: &mut HashMap<String, Ids>,
) -> Result<(), Refusal> {
    let meta = item.meta_mut();
    let ids = match seen.get_mut(&meta.source) {
        Some(ids) => ids,
        None => seen.entry(meta.source.clone()).or_default(),
    };
    let (first, times) = match ids.entry(meta.source_id.clone()) {
        Entry::Vacant(free) => {
            free.insert((row, 1));
            return Ok(());
        }
        Entry::Occupied(taken) => taken.into_mut(),
    };
    match repeat {
        Repeat::Reject => Err(Refusal::new(
            Code::DuplicateId,
            Reason::IdTaken {
                row: *first,
                id: quote(&meta.source_id),
            },
        )),
        Repeat::Keep => {
            *times += 1;
            let id = format!("{}~{times}", meta.source_id);
            meta.source_id.clone_from(&id);
            ids.entry(id).or_insert((row, 1));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::{Crs, Transformer};
    use crate::format::csv::CsvTable;
    use crate::format::geometry::Door;
    use crate::format::mapping::Mapping;
    use crate::format::options::Options;
    use crate::model::{Incident, LayerName};

    /// Rows that bring something new now and then, and all that can be wrong.
    fn file() -> String {
        let mut text = String::from("id,Category,Kind,Occurred,Status,Found by,Text,lon,lat\n");
        for n in 0..5_000_u32 {
            let id = if n % 97 == 0 { n / 2 } else { n };
            let kind = ["警情", "纠纷", "", "诉求"][n as usize % 4];
            let word = match n % 50 {
                0 => format!("新类{}", n / 400),
                1 => format!("新类{} 13800138000", n / 1000),
                _ => "盗窃".to_owned(),
            };
            let found = if n % 71 == 0 {
                format!("人{}", n / 142)
            } else {
                "群众".to_owned()
            };
            let lat = if n % 61 == 0 { "" } else { "31.9" };
            let lon = if n % 183 == 0 { "" } else { "117.3" };
            let hour = n % 25;
            let says = ["报警人张三", "住3栋2单元501室", "无", "电话13800138000"][n as usize % 4];
            text.push_str(&format!(
                "{id},{word},{kind},2026-03-01 {hour:02}:00:00,处置中,{found},{says},{lon},{lat}\n"
            ));
        }
        text
    }

    #[test]
    fn side_by_side_is_as_one_after_the_other() {
        let text = file();
        let table = CsvTable::new(text.as_bytes(), None).unwrap();
        for repeat in [Repeat::Reject, Repeat::Keep] {
            let options = Options {
                repeat,
                ..Options::default()
            };
            let mapping = Mapping::decide(&table, LayerName::Incidents, &options).unwrap();
            let context = Context {
                options: &options,
                mapping: &mapping,
                columns: table.columns(),
                door: Door::new(Transformer::new(Crs::Wgs84).unwrap(), false),
                has_shapes: false,
            };
            let read = |many: usize| {
                let mut seen = Vec::new();
                let mut told = |row: SeenRow| seen.push(row);
                let watcher = Watcher {
                    cells: true,
                    told: &mut told,
                };
                let report = Report::default();
                let wrap = Items::Incidents;
                let parsed =
                    rows_by::<Incident>(many, &table, &context, report, Some(watcher), wrap);
                (parsed, seen)
            };
            // At most `FEW` at a time are read one after the other.
            let (one_by_one, seen) = read(100);
            assert!(one_by_one.new_categories.len() > 5);
            assert!(one_by_one.report.rejected > 30 && one_by_one.report.accepted > 1_000);
            assert!(!one_by_one.report.problems.is_empty());
            for many in [FEW + 1, 2_000, 5_000] {
                let (parsed, told) = read(many);
                assert_eq!(parsed.items, one_by_one.items);
                assert_eq!(parsed.rows, one_by_one.rows);
                assert_eq!(parsed.report, one_by_one.report);
                assert_eq!(parsed.new_categories, one_by_one.new_categories);
                assert_eq!(told, seen);
            }
        }
    }
}
