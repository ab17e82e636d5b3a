//! Classes of a choropleth: where the colours change.

/// Steps that people read easily, times a power of ten.
const EASY: [f64; 11] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];

/// The lower bounds of at most `count` classes by quantiles, rounded to easy
/// numbers, ascending. Zero, which is a class of its own, negatives and
/// non-numbers do not count; two different values make two classes, not more.
/// The first class reaches down to the smallest value.
pub fn quantile_breaks(values: &[f64], count: usize, whole: bool) -> Vec<f64> {
    let mut above: Vec<f64> = values
        .iter()
        .copied()
        .filter(|v| v.is_finite() && *v > 0.0)
        .collect();
    above.sort_unstable_by(f64::total_cmp);
    let (Some(&min), Some(&max)) = (above.first(), above.last()) else {
        return Vec::new();
    };
    let mut out: Vec<f64> = Vec::new();
    for i in 0..count {
        let rounded = if i == 0 {
            easy_below(min, whole)
        } else {
            easy(quantile(&above, i as f64 / count as f64), whole)
        };
        if out
            .last()
            .is_none_or(|last| rounded > *last && rounded <= max)
        {
            out.push(rounded);
        }
    }
    out
}

/// The class of a value: 0 for zero and less, else 1 to the number of breaks.
pub fn class_of(value: f64, breaks: &[f64]) -> usize {
    if value > 0.0 {
        breaks.iter().take_while(|b| value >= **b).count()
    } else {
        0
    }
}

/// Which of five colours class `i` of `n` takes, 0 to 4: few classes are spread
/// over the ramp, so that the strongest always has the strongest colour.
pub fn ramp_step(i: usize, n: usize) -> usize {
    match (i, n) {
        (0, _) => 0,
        (_, 0 | 1) => 2,
        _ => ((i - 1) as f64 * 4.0 / (n - 1) as f64).round() as usize,
    }
    .min(4)
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() - 1) as f64 * share;
    let low = at.floor() as usize;
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + (sorted[high] - sorted[low]) * at.fract()
}

fn steps(value: f64, whole: bool) -> impl Iterator<Item = f64> {
    let power = 10_f64.powf(value.log10().floor());
    EASY.into_iter()
        // The power is not exact below one; six digits are.
        .map(move |step| format!("{:.5e}", step * power).parse().unwrap_or(power))
        .filter(move |v: &f64| !whole || v.fract() == 0.0)
}

/// The easy number nearest by ratio.
fn easy(value: f64, whole: bool) -> f64 {
    let away = |v: f64| (v / value).ln().abs();
    let best = steps(value, whole).min_by(|a, b| away(*a).total_cmp(&away(*b)));
    let best = best.unwrap_or(value);
    if whole { best.max(1.0) } else { best }
}

/// The greatest easy number not above the value.
fn easy_below(value: f64, whole: bool) -> f64 {
    if whole && value < 2.0 {
        return 1.0;
    }
    steps(value, whole)
        .filter(|v| *v <= value)
        .fold(f64::NEG_INFINITY, f64::max)
        .max(if whole { 1.0 } else { f64::MIN_POSITIVE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn breaks_are_easy_to_read() {
        let counts: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(
            quantile_breaks(&counts, 5, true),
            [1.0, 20.0, 40.0, 60.0, 80.0]
        );
        assert_eq!(quantile_breaks(&[3.0, 3.0, 7.0], 5, true), [3.0, 4.0, 5.0]);
        assert!(quantile_breaks(&[0.0, -1.0, f64::NAN], 5, true).is_empty());
        assert_eq!(class_of(0.0, &[1.0, 5.0]), 0);
        assert_eq!(class_of(5.0, &[1.0, 5.0]), 2);
        assert_eq!([1, 2, 3].map(|i| ramp_step(i, 3)), [0, 2, 4]);
    }

    proptest! {
        #[test]
        fn every_value_has_a_class_and_classes_ascend(
            values in prop::collection::vec(0.0_f64..1e6, 1..60), whole: bool,
        ) {
            let values: Vec<f64> = values.iter().map(|v| if whole { v.floor() } else { *v }).collect();
            let breaks = quantile_breaks(&values, 5, whole);
            prop_assert!(breaks.windows(2).all(|w| w[0] < w[1]));
            for v in values.iter().filter(|v| **v > 0.0) {
                prop_assert!((1..=5).contains(&class_of(*v, &breaks)), "{v} in {breaks:?}");
            }
        }
    }
}
