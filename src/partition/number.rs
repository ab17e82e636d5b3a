//! A proposal as grids with codes.

use jiff::civil::Date;

use super::proposal::{Proposal, reading_order};
use crate::model::{Grid, GridKind, Meta};

/// Where grids of a proposal say they come from.
const SOURCE: &str = "partition";

/// The grids of a proposal, in rows from north to south and in a row from west
/// to east. Codes are `prefix` and three digits, so that the 12 digits of a
/// community make the usual 15. Ids are [`crate::model::FeatureId::NEW`].
pub fn to_grids(
    proposal: &Proposal,
    prefix: &str,
    community: &str,
    valid_from: Option<Date>,
) -> Vec<Grid> {
    let part: Vec<usize> = proposal.grid_of.iter().map(|g| *g as usize).collect();
    let fits = part.len() == proposal.faces.len()
        && part.iter().all(|p| *p < proposal.grids.len())
        && proposal.faces.is_sound();
    if !fits {
        return Vec::new();
    }
    let short = community.strip_suffix("社区").unwrap_or(community);
    let order = reading_order(&proposal.faces, &part, proposal.grids.len());
    let numbered = order.into_iter().zip(1..);
    numbered
        .map(|(at, number): (usize, usize)| {
            let grid = &proposal.grids[at];
            let code = format!("{prefix}{number:03}");
            let known = proposal.faces.has_households();
            Grid {
                meta: Meta {
                    source: SOURCE.to_owned(),
                    source_id: code.clone(),
                    ..Meta::default()
                },
                code,
                name: format!("{short}第{number}网格"),
                kind: GridKind::Basic,
                community: community.to_owned(),
                post: String::new(),
                households: known.then(|| grid.households.round() as u32),
                valid_from,
                valid_to: None,
                area: grid.area.clone(),
            }
        })
        .collect()
}
