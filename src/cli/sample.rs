//! `gridmap sample`: the invented district as files or in a store.

use std::path::Path;

use super::args::SampleArgs;
use super::{Ending, demo, say};
use crate::config::Environment;
use crate::model::{ChangeSet, Incident, Timestamp};
use crate::sample;

pub(super) async fn run(args: SampleArgs, environment: &Environment) -> anyhow::Result<Ending> {
    let (seed, until, count) = (args.seed, args.until, args.count);
    if let Some(out) = &args.out {
        return write_files(seed, out);
    }
    let target = args.store.address(environment)?.open_to_write().await?;
    let made = tokio::task::spawn_blocking(move || {
        let mut made = sample::district(seed, until);
        if let Some(count) = count {
            scale(&mut made, count);
        }
        made
    })
    .await?;
    let reason = format!("seed {seed} until {until}");
    let filled = demo::replace(target.store.as_ref(), made, &reason).await;
    target.store.close().await;
    filled?;
    Ok(Ending::Done)
}

fn write_files(seed: u64, out: &Path) -> anyhow::Result<Ending> {
    std::fs::create_dir_all(out)?;
    let town = sample::town(seed);
    for (name, text) in sample::geojson(&town) {
        let path = out.join(name);
        std::fs::write(&path, text)?;
        say(&format!("{}\n", path.display()));
    }
    Ok(Ending::Done)
}

/// Cuts the incidents to a number, or repeats them some seconds and meters
/// apart, so that load can be measured on the same town.
fn scale(made: &mut ChangeSet, count: usize) {
    let incidents = &mut made.incidents.put;
    let original = incidents.len();
    if original == 0 {
        return;
    }
    incidents.truncate(count);
    incidents.reserve(count.saturating_sub(original));
    for n in original..count {
        let copy = repeat(&incidents[n % original], n / original);
        incidents.push(copy);
    }
}

fn repeat(incident: &Incident, round: usize) -> Incident {
    let mut copy = incident.clone();
    copy.meta.source_id = format!("{}-{round}", incident.meta.source_id);
    let step = u32::try_from(round % 1000).unwrap_or(0);
    copy.occurred_at = Timestamp(incident.occurred_at.0 - i64::from(step) * 7);
    // A spiral of at most some 100 m.
    let (angle, radius) = (f64::from(step) * 2.4, f64::from(step).sqrt() * 3e-5);
    copy.at = incident.at.map(|at| {
        crate::index::round_e7(geo::coord! {
            x: at.x + radius * angle.cos(),
            y: at.y + radius * angle.sin(),
        })
    });
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_can_be_scaled_both_ways() {
        let incident = crate::store::tests::incident;
        let rows = || ChangeSet {
            incidents: vec![incident("1", 117.0), incident("2", 117.1)].into(),
            ..ChangeSet::default()
        };
        let mut less = rows();
        scale(&mut less, 1);
        assert_eq!(less.incidents.put.len(), 1);
        let mut more = rows();
        scale(&mut more, 7);
        let mut ids: Vec<_> = more
            .incidents
            .put
            .iter()
            .map(|i| &i.meta.source_id)
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 7);
    }
}
