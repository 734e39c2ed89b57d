//! Samples, medians, and the words for them.

use std::fmt::Write as _;

/// Values of one kind, in nanoseconds unless it is said otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(50)
    }

    /// The samples themselves, in order of their size.
    pub(crate) fn values(&self) -> &[f64] {
        &self.0
    }

    /// The value below which so many per cent of the samples are.
    pub(crate) fn quantile(&self, per_cent: usize) -> f64 {
        assert!(!self.0.is_empty(), "nothing was measured");
        self.0[(self.0.len() - 1) * per_cent / 100]
    }

    /// The median in milliseconds, with the range of the middle 80 %.
    pub(crate) fn in_words(&self) -> String {
        let [low, middle, high] = [10, 50, 90].map(|per_cent| milliseconds(self.quantile(per_cent)));
        format!("{middle} ms (8 in 10 within {low} to {high})")
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

/// Nanoseconds as milliseconds, with three digits that count.
pub(crate) fn milliseconds(nanoseconds: f64) -> String {
    let value = nanoseconds / 1e6;
    match value.abs() {
        value if value < 1.0 => format!("{:.3}", nanoseconds / 1e6),
        value if value < 10.0 => format!("{:.2}", nanoseconds / 1e6),
        _ => format!("{value:.1}"),
    }
}

/// Kibibytes as mebibytes.
pub(crate) fn mebibytes(kibibytes: f64) -> String {
    format!("{:.1} MiB", kibibytes / 1024.0)
}

/// How much more `with` is than `without`, in per cent.
pub(crate) fn per_cent_more(with: f64, without: f64) -> f64 {
    (with / without - 1.0) * 100.0
}

/// The median ratio of the second to the first, with its interval of 95 %: by rank, so that a pause of the machine is one value among
/// others.
pub(crate) fn ratio(pairs: &[Vec<f64>]) -> (f64, f64, f64) {
    let ratios: Samples = pairs.iter().map(|pair| pair[1] / pair[0]).collect();
    let (values, count) = (ratios.values(), ratios.count() as f64);
    let half = 0.98 * count.sqrt();
    let least = (0..values.len()).rev().find(|at| (*at as f64) <= count / 2.0 - half).unwrap_or(0);
    (values[least], ratios.median(), values[values.len() - 1 - least])
}

/// One figure: what, what it should be, what it is, and the least that it can be.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) aim: Option<&'static str>,
    pub(crate) measured: String,
    pub(crate) floor: String,
    /// Whether the aim is met, where there is one.
    pub(crate) met: Option<bool>,
}

impl Row {
    /// A figure with an aim.
    pub(crate) fn aimed(what: impl Into<String>, aim: &'static str, met: bool, measured: String) -> Self {
        Self { what: what.into(), aim: Some(aim), measured, floor: String::new(), met: Some(met) }
    }

    /// A figure that is only told.
    pub(crate) fn told(what: impl Into<String>, measured: String) -> Self {
        Self { what: what.into(), aim: None, measured, floor: String::new(), met: None }
    }

    pub(crate) fn floor(mut self, floor: impl Into<String>) -> Self {
        self.floor = floor.into();
        self
    }
}

/// The rows as a table.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = "| What | Aim | Measured | Floor |\n|---|---|---|---|\n".to_owned();
    for Row { what, aim, measured, floor, met } in rows {
        let verdict = match met {
            Some(true) => " ✓",
            Some(false) => " ✗",
            None => "",
        };
        let _ = writeln!(text, "| {what} | {}{verdict} | {measured} | {floor} |", aim.unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_range_do_not_depend_on_the_order_of_the_samples() {
        let mut samples: Samples = [5e6, 1e6, 4e6, 2e6].into_iter().collect();
        samples.push(3e6);
        assert_eq!(samples.in_words(), "3.00 ms (8 in 10 within 1.00 to 4.00)");
    }

    #[test]
    fn a_missed_aim_is_marked_and_a_figure_without_an_aim_is_not() {
        let text = table(&[Row::aimed("a", "at most 1", false, "2".into()), Row::told("b", "3".into())]);
        assert!(text.ends_with("| a | at most 1 ✗ | 2 |  |\n| b |  | 3 |  |\n"), "{text}");
    }

    #[test]
    fn the_interval_of_a_ratio_holds_it_and_narrows_with_the_number_of_pairs() {
        let pairs =
            |count: usize| (0..count).map(|n| vec![100.0, 90.0 + 20.0 * n as f64 / count as f64]).collect::<Vec<_>>();
        let (low, middle, high) = ratio(&pairs(20));
        assert!(low < middle && middle < high && (middle - 1.0).abs() < 0.02, "{low} {middle} {high}");
        let (narrow, _, wide) = ratio(&pairs(200));
        assert!(narrow > low && wide < high, "{narrow} {wide}");
        let mut with_a_pause = pairs(20);
        with_a_pause[19][1] = 10_000.0;
        assert_eq!(ratio(&with_a_pause).2.to_bits(), high.to_bits());
    }
}
