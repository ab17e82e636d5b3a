//! Two years of incidents on the drawn town.

use geo::Coord;
use jiff::ToSpan;
use jiff::civil::Date;

use super::dice::Dice;
use super::geom::{V, dist};
use super::profile::{PROFILES, Profile};
use super::rhythm::{self, Hours};
use super::site::{self, Site, Sites};
use super::town::{Town, meta};
use crate::model::{FoundBy, Incident, IncidentKind, Timestamp};

/// About how many incidents two years bring.
const TOTAL: f64 = 59_500.0;
/// How much busier the last day is than the first.
const GROWTH: f64 = 0.16;

/// A cluster that was put in on purpose: the truth for whoever looks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedCluster {
    /// Name of the place nearest to its middle.
    pub name: String,
    /// Its middle, WGS84 degrees.
    pub center: Coord<f64>,
    /// All its incidents lie within this many metres of the middle.
    pub radius_m: f64,
    /// First day.
    pub from: Date,
    /// Last day (it belongs to the cluster).
    pub to: Date,
    /// Category code.
    pub category: &'static str,
    /// How many incidents were put in above what happens anyway.
    pub count: usize,
}

/// How a cluster is planted.
struct Seedling {
    /// The compound, or the two streets' nearer site, it lies around.
    near: &'static str,
    radius_m: f64,
    /// Days before the last day.
    from: i32,
    to: i32,
    category: &'static str,
    count: usize,
    hours: &'static Hours,
}

const SEEDLINGS: [Seedling; 3] = [
    Seedling {
        near: "板桥农贸市场",
        radius_m: 120.0,
        from: 560,
        to: 0,
        category: "hotline.sanitation.stall",
        count: 420,
        hours: &rhythm::EVENING,
    },
    Seedling {
        near: "元一名城C区",
        radius_m: 130.0,
        from: 310,
        to: 130,
        category: "dispute.parking",
        count: 230,
        hours: &rhythm::EVENING,
    },
    Seedling {
        near: "利港银河新城",
        radius_m: 140.0,
        from: 23,
        to: 0,
        category: "police.theft.ebike",
        count: 48,
        hours: &rhythm::NIGHT,
    },
];

/// Where a seedling lies in this town; `None` if the town lacks the place.
fn middle(town: &Town, seedling: &Seedling) -> Option<V> {
    let lot = town.drawing.lots.iter().find(|l| l.name == seedling.near)?;
    // The gate draws people, so the cluster sits there and not in the middle
    // of the lawn.
    lot.gates
        .first()
        .map(|g| g.v())
        .or_else(|| lot.ring.first().map(|p| p.v()))
}

/// The clusters that [`incidents`] plants for this last day.
pub fn clusters(town: &Town, until: Date) -> Vec<PlantedCluster> {
    SEEDLINGS
        .iter()
        .filter_map(|s| {
            let at = middle(town, s)?;
            Some(PlantedCluster {
                name: s.near.to_owned(),
                center: super::geom::Pt::snap(at).lonlat(),
                radius_m: s.radius_m,
                from: until.saturating_sub(s.from.days()),
                to: until.saturating_sub(s.to.days()),
                category: s.category,
                count: s.count,
            })
        })
        .collect()
}

/// An incident before it has a number.
struct Raw {
    profile: &'static Profile,
    day: Date,
    second: i64,
    place: Option<(super::geom::Pt, usize)>,
}

/// Two years of incidents, the last of them on the day `until`, in order of
/// time. The same arguments give the same incidents.
pub fn incidents(town: &Town, seed: u64, until: Date) -> Vec<Incident> {
    let sites = site::lay_out(&town.drawing, seed);
    let mut dice = Dice::new(seed, 11);
    let mut raw = everyday(&sites, until, &mut dice);
    for seedling in &SEEDLINGS {
        if let Some(at) = middle(town, seedling) {
            raw.extend(planted(&sites, seedling, at, until, &mut dice));
        }
    }
    raw.sort_by_key(|r| (r.day, r.second));
    let mut today = (until, 0);
    raw.into_iter()
        .filter_map(|r| {
            today = if today.0 == r.day {
                (r.day, today.1 + 1)
            } else {
                (r.day, 1)
            };
            finish(&r, today.1, &sites, until, &mut dice)
        })
        .collect()
}

/// Cumulative weights of the sites for one category.
fn pull(sites: &Sites, profile: &Profile, dice: &mut Dice) -> Vec<f64> {
    let mut sum = 0.0;
    sites
        .sites
        .iter()
        .map(|s| {
            // Each category has its own favorite doors.
            let own = (0.7 * dice.normal()).exp();
            sum += s.weight * profile.place[s.setting as usize] * own;
            sum
        })
        .collect()
}

fn cumulative(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    weights
        .map(|w| {
            sum += w;
            sum
        })
        .collect()
}

fn everyday(sites: &Sites, until: Date, dice: &mut Dice) -> Vec<Raw> {
    let first = until.saturating_sub(24.months()).saturating_add(1.day());
    let days: Vec<Date> = first.series(1.day()).take_while(|d| *d <= until).collect();
    let n = days.len().max(1) as f64;
    let level: Vec<f64> = days
        .iter()
        .enumerate()
        .map(|(i, &d)| {
            let growth = 1.0 + GROWTH * (i as f64 / n - 0.5);
            growth * rhythm::calendar(d) * (0.09 * dice.normal()).exp()
        })
        .collect();
    let mean_level = level.iter().sum::<f64>() / n;
    let shares: f64 = PROFILES.iter().map(|p| p.share).sum();
    let mut out = Vec::with_capacity(TOTAL as usize + 2_000);
    for profile in PROFILES {
        let pull = pull(sites, profile, dice);
        let hours = cumulative(profile.hours.iter().copied());
        let rhythm: Vec<f64> = days
            .iter()
            .zip(&level)
            .map(|(&d, level)| level * week(profile, d) * profile.season.factor(d))
            .collect();
        // The season bends the year; it does not make a category bigger.
        let mean = rhythm.iter().sum::<f64>() / n;
        let a_day = TOTAL * profile.share / shares / n;
        for (&day, &factor) in days.iter().zip(&rhythm) {
            for _ in 0..dice.poisson(a_day * factor / mean.max(mean_level * 1e-6)) {
                let site = dice.weighted(&pull);
                out.push(Raw {
                    profile,
                    day,
                    second: clock(&hours, dice),
                    place: Some((sites.sites[site].near(dice), sites.sites[site].name)),
                });
            }
        }
    }
    out
}

/// Factor of the weekday.
fn week(profile: &Profile, day: Date) -> f64 {
    use jiff::civil::Weekday;
    match day.weekday() {
        Weekday::Saturday | Weekday::Sunday => profile.weekend,
        Weekday::Friday => 0.3 + 0.7 * profile.weekend.max(0.9) + 0.05,
        Weekday::Monday if profile.weekend < 0.9 => 1.12,
        _ => 1.0,
    }
}

/// Second of the day by hourly weights.
fn clock(hours: &[f64], dice: &mut Dice) -> i64 {
    let hour = dice.weighted(hours) as i64;
    hour * 3600 + (dice.unit() * 3600.0) as i64
}

fn planted(sites: &Sites, seedling: &Seedling, at: V, until: Date, dice: &mut Dice) -> Vec<Raw> {
    let Some(profile) = PROFILES.iter().find(|p| p.code == seedling.category) else {
        return Vec::new();
    };
    let near: Vec<&Site> = sites
        .sites
        .iter()
        .filter(|s| dist(s.at, at) < seedling.radius_m - 25.0)
        .collect();
    if near.is_empty() {
        return Vec::new();
    }
    let pull = cumulative(near.iter().map(|s| {
        let close = 1.0 - 0.6 * dist(s.at, at) / seedling.radius_m;
        s.weight.sqrt() * close
    }));
    let hours = cumulative(seedling.hours.iter().copied());
    let span = f64::from(seedling.from - seedling.to + 1);
    (0..seedling.count)
        .map(|i| {
            // The first and the last day of the window are always hit.
            let back = match i {
                0 => seedling.from,
                1 => seedling.to,
                _ => seedling.to + (dice.unit() * span) as i32,
            };
            let mut place = near[dice.weighted(&pull)];
            let mut spot = place.near(dice);
            while dist(spot.v(), at) > seedling.radius_m {
                place = near[dice.weighted(&pull)];
                spot = place.near(dice);
            }
            Raw {
                profile,
                day: until.saturating_sub(back.days()),
                second: clock(&hours, dice),
                place: Some((spot, place.name)),
            }
        })
        .collect()
}

/// Minutes until something is reported: short for noise, long for fraud.
fn delay_s(profile: &Profile, dice: &mut Dice) -> i64 {
    let median_min: f64 = match profile.code {
        c if c.starts_with("police.fraud") || c.starts_with("police.elder") => 600.0,
        c if c.starts_with("police.theft") => 75.0,
        c if c.starts_with("police") => 6.0,
        c if c.starts_with("dispute") => 40.0,
        _ => 90.0,
    };
    (median_min * (0.9 * dice.normal()).exp() * 60.0) as i64
}

fn finish(
    raw: &Raw,
    number: usize,
    sites: &Sites,
    until: Date,
    dice: &mut Dice,
) -> Option<Incident> {
    let profile = raw.profile;
    let date_only = dice.chance(0.006);
    let midnight = Timestamp::from_local_date(raw.day)?;
    let end = Timestamp::from_local_date(until)?.0 + 86_399;
    let occurred = midnight.0 + if date_only { 0 } else { raw.second };
    let reported = (midnight.0 + raw.second + delay_s(profile, dice)).min(end);
    let placed = raw.place.filter(|_| !dice.chance(0.015));
    let what = profile.texts[dice.below(profile.texts.len())];
    let name = placed.map_or("地址不详", |(_, name)| sites.names[name].as_str());
    let age_days = until.duration_since(raw.day).as_hours() / 24;
    let letter = match profile.kind {
        IncidentKind::Police => 'J',
        IncidentKind::Dispute => 'D',
        IncidentKind::Hotline => 'R',
    };
    Some(Incident {
        meta: meta(format!("{letter}{}{number:03}", raw.day.strftime("%Y%m%d"))),
        kind: profile.kind,
        category: profile.code.to_owned(),
        found_by: if dice.chance(profile.patrol) {
            FoundBy::Patrol
        } else {
            FoundBy::Resident
        },
        occurred_at: Timestamp(occurred),
        date_only,
        reported_at: Some(Timestamp(reported)),
        status: status(age_days, dice).to_owned(),
        text: format!("{name} {what}"),
        at: placed.map(|(at, _)| at.lonlat()),
    })
}

/// What has become of it by the last day.
fn status(age_days: i64, dice: &mut Dice) -> &'static str {
    let (new, open) = match age_days {
        0..=1 => (0.45, 0.40),
        2..=9 => (0.08, 0.30),
        10..=29 => (0.01, 0.08),
        _ => (0.0, 0.004),
    };
    let x = dice.unit();
    if x < new {
        "已派单"
    } else if x < new + open {
        "处置中"
    } else {
        "已办结"
    }
}
