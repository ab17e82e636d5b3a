//! The reading process itself: a job and bytes in, rows out. It knows no
//! store and no network, and ends with its input.

use std::io::{self, Read, Write};
use std::sync::Arc;

use super::limits::confine;
use super::open::{self, File, Opened, refusal};
use super::page;
use super::wire::{self, GroundJob, Job, Message, Note, Refusal, Seen, Severity, Summary};
use crate::format::{
    self, Items, Options, Parsed, Problem, Repeat, SeenRow, Watcher, import_watched, mask_text,
};
use crate::model::LayerName;
use crate::service::Rows;
use crate::tile::Bounds;

/// Rows that are sent together.
const CHUNK: usize = 500;

/// Characters of a cell that a preview shows; refused rows keep theirs whole,
/// since they can be taken home.
const SHOWN: usize = 120;

/// Does one job: what `gridmap read-child` is.
///
/// # Errors
/// When the pipes break or the limits cannot be set; what is wrong with the
/// file is an answer, not an error.
pub fn read_child(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut room = u64::MAX;
    let job: Job = wire::receive(input, &mut room)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    confine(job.memory_bytes, job.cpu_s)?;
    let mut files = Vec::with_capacity(job.files.len());
    for head in &job.files {
        let mut bytes = Vec::new();
        let length = usize::try_from(head.bytes).map_err(|_wide| io::ErrorKind::OutOfMemory)?;
        bytes.try_reserve_exact(length)?;
        input.by_ref().take(head.bytes).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        files.push(File {
            name: head.name.clone(),
            bytes,
        });
    }
    let answered = answer(&job, files, output)?;
    if let Err(refusal) = answered {
        wire::send(output, &Message::Refused(refusal))?;
    }
    output.flush()
}

fn answer(job: &Job, files: Vec<File>, output: &mut impl Write) -> io::Result<Result<(), Refusal>> {
    let options = options(job);
    let wanted = job.layer.or(job.sketch_layer);
    let opened = match Opened::new(files, job.options.sheet.as_deref(), wanted) {
        Ok(opened) => opened,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if job.sketch {
        match opened.sketch(job.sketch_layer, &options) {
            Ok(sketch) => wire::send(output, &Message::Sketch(Box::new(sketch)))?,
            Err(error) => return Ok(Err(refusal(&error))),
        }
    }
    if let Some(wanted) = &job.ground
        && let Err(refusal) = ground(wanted, &opened, output)?
    {
        return Ok(Err(refusal));
    }
    let Some(layer) = job.layer else {
        wire::send(output, &Message::Done(Box::default()))?;
        return Ok(Ok(()));
    };
    rows(layer, &opened, &options, output)
}

/// Reads the ground of an extract; other files have none.
fn ground(
    wanted: &GroundJob,
    opened: &Opened,
    output: &mut impl Write,
) -> io::Result<Result<(), Refusal>> {
    let Some(bytes) = opened.extract() else {
        return Ok(Ok(()));
    };
    let within = wanted.within.map(|[west, south, east, north]| Bounds {
        west,
        south,
        east,
        north,
    });
    let read = match format::read_background(bytes, within.as_ref()) {
        Ok(read) => read,
        Err(error) => return Ok(Err(open::refusal_of_ground(&error))),
    };
    let mut dropped = read.dropped;
    let mut features = read.features.into_iter();
    loop {
        let chunk: Vec<_> = features.by_ref().take(CHUNK).collect();
        let last = chunk.is_empty();
        let message = Message::Ground {
            features: chunk,
            dropped: std::mem::take(&mut dropped),
        };
        wire::send(output, &message)?;
        if last {
            return Ok(Ok(()));
        }
    }
}

fn rows(
    layer: LayerName,
    opened: &Opened,
    options: &Options,
    output: &mut impl Write,
) -> io::Result<Result<(), Refusal>> {
    let mut broken: io::Result<()> = Ok(());
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut done = 0;
    let mut told = |row: SeenRow| {
        done += 1;
        chunk.push(shown(row));
        if chunk.len() == CHUNK && broken.is_ok() {
            let rows = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
            broken = wire::send(output, &Message::Seen(rows))
                .and_then(|()| wire::send(output, &Message::Progress { done, total: 0 }))
                .and_then(|()| output.flush());
        }
    };
    let watcher = Watcher {
        cells: true,
        told: &mut told,
    };
    let input = match opened.input() {
        Ok(input) => input,
        Err(error) => return Ok(Err(refusal(&error))),
    };
    let parsed = import_watched(layer, input, options, Some(watcher));
    broken?;
    wire::send(output, &Message::Seen(chunk))?;
    match parsed {
        Ok(parsed) => finish(parsed, output).map(Ok),
        Err(error) => Ok(Err(refusal(&error))),
    }
}

fn finish(parsed: Parsed, output: &mut impl Write) -> io::Result<()> {
    let report = parsed.report;
    // What belongs to one row was told with it.
    let notes = report.problems.iter().enumerate();
    let notes = notes.filter(|(at, p)| p.row.is_none() || *at >= report.review_from);
    let summary = Summary {
        read: report.read,
        rejected: report.rejected,
        masked: report
            .masked
            .iter()
            .map(|(kind, count)| (kind.as_str().to_owned(), count))
            .collect(),
        dropped_columns: report.dropped_columns.clone(),
        new_categories: parsed.new_categories,
        extra_columns: parsed.extra_columns,
        crs: report.crs.clone(),
        encoding: report.encoding.clone(),
        notes: notes
            .map(|(_, problem)| (problem.row, note(problem)))
            .collect(),
    };
    match parsed.items {
        Items::Grids(rows) => send_items(rows, Rows::Grids, output)?,
        Items::Compounds(rows) => send_items(rows, Rows::Compounds, output)?,
        Items::Streets(rows) => send_items(rows, Rows::Streets, output)?,
        Items::Routes(rows) => send_items(rows, Rows::Routes, output)?,
        Items::Incidents(rows) => send_items(rows, Rows::Incidents, output)?,
    }
    wire::send(output, &Message::Done(Box::new(summary)))
}

fn send_items<T>(
    rows: Vec<T>,
    wrap: fn(Vec<T>) -> Rows,
    output: &mut impl Write,
) -> io::Result<()> {
    let mut rows = rows.into_iter();
    loop {
        let chunk: Vec<T> = rows.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        wire::send(output, &Message::Items(wrap(chunk)))?;
    }
}

fn options(job: &Job) -> Options {
    let said = &job.options;
    Options {
        sheet: said.sheet.clone(),
        encoding: said.encoding.as_deref().and_then(|name| name.parse().ok()),
        crs: open::crs(said.crs.as_deref()),
        map: said.map.clone(),
        set: said.set.clone(),
        keep: said.keep.clone(),
        swap: said.swap,
        repeat: if said.keep_repeats {
            Repeat::Keep
        } else {
            Repeat::Reject
        },
        source: said.source.clone(),
        now: Some(job.now),
        categories: Arc::new(job.categories.clone()),
        ..Options::default()
    }
}

fn shown(row: SeenRow) -> Seen {
    let short = |cell: String| match cell.char_indices().nth(SHOWN) {
        Some((end, _)) if row.accepted => format!("{}…", &cell[..end]),
        _ => cell,
    };
    Seen {
        row: row.row,
        cells: row.cells.into_iter().map(|cell| cell.map(short)).collect(),
        accepted: row.accepted,
        place: row.place,
        word: row.word,
        notes: row.notes.iter().map(note).collect(),
    }
}

/// The words may quote a cell: they are masked like one.
fn note(problem: &Problem) -> Note {
    let (zh, en) = page::words(&problem.reason);
    Note {
        column: problem.column.clone(),
        code: problem.code.as_str().to_owned(),
        severity: match problem.severity {
            format::Severity::Rejected => Severity::Rejected,
            format::Severity::Repaired => Severity::Repaired,
            format::Severity::Warning => Severity::Warning,
        },
        zh: mask_text(&zh).0,
        en: mask_text(&en).0,
    }
}
