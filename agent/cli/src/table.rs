//! Tables that fit the terminal.

use sspr_core::{plain::plain, wrapped::wrapped};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The gap between two columns.
const GAP: &str = "  ";
/// No column is made narrower than this.
const NARROWEST: usize = 6;

/// Rows below headings.
#[derive(Clone, Debug)]
pub struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    least: Vec<usize>,
    narrowest: Vec<usize>,
    wraps: bool,
}

impl Table {
    /// An empty table.
    pub fn new(heads: &[&'static str]) -> Self {
        Self {
            heads: heads.to_vec(),
            rows: Vec::new(),
            least: vec![0; heads.len()],
            narrowest: vec![NARROWEST; heads.len()],
            wraps: false,
        }
    }

    /// Text that does not fit its column continues on the next line, broken at blanks, instead of being truncated.
    #[must_use]
    pub const fn wrapping(mut self) -> Self {
        self.wraps = true;
        self
    }

    /// Columns have at least these widths: for tables that are printed in parts.
    #[must_use]
    pub fn at_least(mut self, widths: &[usize]) -> Self {
        self.least = widths.to_vec();
        self
    }

    /// Columns are never made narrower than these widths.
    #[must_use]
    pub fn narrowest(mut self, widths: &[usize]) -> Self {
        self.narrowest = widths.to_vec();
        self
    }

    /// Adds a row, with a cell for each heading.
    pub fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.iter().map(|cell| plain(cell)).collect());
    }

    /// The lines, at most `width` columns wide if it is given. Without `heads`, only the rows.
    pub fn render(&self, width: Option<usize>, heads: bool) -> String {
        let widths = self.widths(width);
        let head: Vec<String> = self.heads.iter().map(|head| (*head).to_owned()).collect();
        let rows = heads.then_some(&head).into_iter().chain(&self.rows);
        rows.map(|row| if self.wraps { lines(row, &widths) } else { line(row, &widths) + "\n" }).collect()
    }

    fn widths(&self, width: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.heads.iter().map(|head| head.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        for (width, least) in widths.iter_mut().zip(&self.least) {
            *width = (*width).max(*least);
        }
        let Some(most) = width else { return widths };
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        // Shrinks the column with the most space to spare.
        while widths.iter().sum::<usize>() + gaps > most {
            let spare =
                widths.iter_mut().zip(&self.narrowest).map(|(width, least)| (width.saturating_sub(*least), width));
            let Some((1.., width)) = spare.max_by_key(|(spare, _)| *spare) else { break };
            *width -= 1;
        }
        widths
    }
}

/// A row whose cells continue on the next lines.
fn lines(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| wrapped(cell, *width)).collect();
    let high = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
    let piece =
        |at: usize| -> Vec<String> { cells.iter().map(|cell| cell.get(at).cloned().unwrap_or_default()).collect() };
    (0..high).map(|at| line(&piece(at), widths) + "\n").collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
        if place > 0 {
            line.push_str(GAP);
        }
        let cell = cut(cell, *width);
        line.push_str(&cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width())));
    }
    line.truncate(line.trim_end().len());
    line
}

/// `text` in at most `width` columns; an ellipsis replaces the truncated part.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or_default();
        if used > width {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["NAME", "METHODS", "STATE"]);
        table.row(&["alice".into(), "email, phone, app".into(), "can reset".into()]);
        table.row(&["山田太郎".into(), "email".into(), String::new()]);
        table
    }

    #[test]
    fn columns_stand_under_their_heads_by_the_width_of_what_is_shown_and_lines_end_without_blanks() {
        assert_eq!(
            table().render(None, true),
            "NAME      METHODS            STATE\nalice     email, phone, app  can reset\n山田太郎  email\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_the_widest_column_gives_way_first() {
        for width in 26..60 {
            for line in table().render(Some(width), true).lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
        let narrow = table().render(Some(30), true);
        assert!(narrow.contains("alice") && narrow.contains("email, p…"), "{narrow}");
    }

    #[test]
    fn a_column_that_says_the_most_is_cut_last() {
        let mut table = Table::new(&["TIME", "EVENT", "DETAILS"]).narrowest(&[10, 5, 7]);
        table.row(&["2026-11-22".into(), "Reset".into(), "by somebody".into()]);
        assert_eq!(table.render(Some(26), false), "2026-11-22  Reset  by som…\n");
    }

    #[test]
    fn what_does_not_fit_goes_on_below_where_a_table_wraps_and_a_word_that_is_too_long_is_cut() {
        let mut table = Table::new(&["NAME", "DETAILS"]).narrowest(&[6, 14]).wrapping();
        table.row(&["maximilian".into(), "email, by carol, sshd from 192.0.2.1".into()]);
        table.row(&["al".into(), String::new()]);
        assert_eq!(
            table.render(Some(24), true),
            "NAME     DETAILS\nmaximi…  email, by\n         carol, sshd\n         from 192.0.2.1\nal\n"
        );
        assert!(table.render(None, true).contains("maximilian  email, by carol, sshd from 192.0.2.1\n"));
    }

    #[test]
    fn a_column_can_be_kept_as_wide_as_before_and_heads_left_out() {
        let mut table = Table::new(&["A", "B"]).at_least(&[5, 0]);
        table.row(&["x".into(), "y".into()]);
        assert_eq!(table.render(Some(80), false), "x      y\n");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        let mut table = Table::new(&["A"]);
        table.row(&["\u{1b}[2Jx\ny\u{9b}z\u{202e}".into()]);
        assert_eq!(table.render(None, false), "\u{fffd}[2Jx\u{fffd}y\u{fffd}z\u{fffd}\n");
    }
}
