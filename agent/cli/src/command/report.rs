//! `sspr admin report`.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _, process::ExitCode};

use clap::Args;
use sspr_protocol::admin::{Day, OfDirectory, Report, ReportOf, Share};

use crate::{client::Client, failure::Failure, out, table::Table};

/// Show how many accounts are registered, enabled and capable, by which methods, and the resets of each day.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Look back this many days, including today
    #[arg(short, long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=400))]
    days: u16,
    /// Add the numbers by group, for these groups or for those in the settings
    #[arg(long, value_name = "GROUP,...", num_args = 0.., require_equals = true, value_delimiter = ',')]
    by_group: Option<Vec<String>>,
    /// Print CSV with the columns kind, item and count
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Shows the report.
pub async fn run(client: &Client, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let report: Report =
        client.call("Report", &ReportOf { days: arguments.days, groups: arguments.by_group.clone() }).await?;
    if arguments.json {
        out::json(&report)?;
    } else if arguments.csv {
        out::print(&csv(&report))?;
    } else {
        out::print(&drawn(&report, out::width().unwrap_or(80), out::unicode()))?;
        if arguments.by_group.is_some() {
            out::print(&format!("\nBy group\n{}", groups(&report, out::width())))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(report: &Report) -> [(&'static str, u64, &'static str); 6] {
    [
        ("accounts", report.accounts, "people's accounts on this machine"),
        ("enabled", report.enabled, "self-service is on for them"),
        ("registered", report.registered, "have as many methods as they need"),
        ("capable", report.capable, "both: can reset the password"),
        ("exempt", report.exempt, "need not register"),
        ("resting", report.resting, "after too many wrong codes"),
    ]
}

const fn of_directory(users: &OfDirectory) -> [(&'static str, u64, &'static str); 6] {
    [
        ("known", users.known, "users of the directory with a registration here"),
        ("registered", users.registered, "have as many methods as they need"),
        ("capable", users.capable, "can reset the password now, if the directory lets them"),
        ("waiting", users.waiting, "registered first, can't reset yet"),
        ("exempt", users.exempt, "need not register"),
        ("resting", users.resting, "after too many wrong codes"),
    ]
}

fn by_method(text: &mut String, title: &str, numbers: &BTreeMap<String, u64>) {
    let _ = writeln!(text, "\n{title}");
    for (method, count) in numbers {
        let _ = writeln!(text, "  {method:<17}{count:>7}");
    }
}

fn csv(report: &Report) -> String {
    let mut text = "kind,item,count\n".to_owned();
    let mut row = |kind: &str, item: &str, count: u64| {
        let _ = writeln!(text, "{},{},{count}", field(kind), field(item));
    };
    for (item, count, _) in summary(report) {
        row("summary", item, count);
    }
    for (method, count) in &report.by_method {
        row("method", method, *count);
    }
    for day in &report.days {
        row("recoveries", &day.day, day.recoveries);
        row("refusals", &day.day, day.refusals);
    }
    for (group, share) in &report.by_group {
        for (item, count) in ITEMS.into_iter().zip(numbers(share)) {
            row(&format!("group {group}"), item, count);
        }
    }
    if let Some(users) = &report.directory {
        for (item, count, _) in of_directory(users) {
            row("directory", item, count);
        }
        for (method, count) in &users.by_method {
            row("directory method", method, *count);
        }
    }
    text
}

/// A field of CSV (RFC 4180): the name of a directory group may contain anything.
fn field(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

/// The names of the numbers of a group.
const ITEMS: [&str; 6] = ["accounts", "enabled", "registered", "capable", "exempt", "resting"];

const fn numbers(share: &Share) -> [u64; 6] {
    [share.accounts, share.enabled, share.registered, share.capable, share.exempt, share.resting]
}

/// A line for each group.
fn groups(report: &Report, width: Option<usize>) -> String {
    let mut table = Table::new(&["GROUP", "ACCOUNTS", "ENABLED", "REGISTERED", "CAPABLE", "EXEMPT", "SUSPENDED"]);
    for (group, share) in &report.by_group {
        let numbers = numbers(share).map(|number| number.to_string());
        table.row(&[std::slice::from_ref(group), numbers.as_slice()].concat());
    }
    table.render(width, true)
}

fn drawn(report: &Report, width: usize, unicode: bool) -> String {
    let mut text = String::new();
    let line = |text: &mut String, item: &str, count: u64, (all, of): (&str, u64), meaning: &str| {
        let share = if item == all || of == 0 { String::new() } else { format!("{} %", (count * 100 + of / 2) / of) };
        // The name in CSV and JSON is older.
        let item = if item == "resting" { "suspended" } else { item };
        let line = format!("{item:<12}{count:>7}{share:>7}   {meaning}");
        let _ = writeln!(text, "{}", line.chars().take(width).collect::<String>().trim_end());
    };
    for (item, count, meaning) in summary(report) {
        line(&mut text, item, count, ("accounts", report.accounts), meaning);
    }
    by_method(&mut text, "By method", &report.by_method);
    if let Some(users) = &report.directory {
        text.push('\n');
        for (item, count, meaning) in of_directory(users) {
            line(&mut text, item, count, ("known", users.known), meaning);
        }
        by_method(&mut text, "By method, in the directory", &users.by_method);
    }
    let (recovered, refused) = if unicode { ('█', '░') } else { ('#', '-') };
    let _ = writeln!(
        text,
        "\nThe last {}   {recovered} recoveries   {refused} refusals",
        out::number(report.days.len() as u64, "day", "days")
    );
    let most = report.days.iter().map(|day| day.recoveries.max(day.refusals)).max().unwrap_or_default();
    // A day, two bars, two numbers.
    let digits = most.max(1).to_string().len();
    let room = (width.saturating_sub(2 + 10 + 2 + 2 * (digits + 1) + 2) / 2).clamp(1, 30) as u64;
    for day in &report.days {
        let _ = writeln!(text, "{}", bars(day, most, room, [recovered, refused], digits));
    }
    text
}

/// One day's line. Every number above zero has a visible bar.
fn bars(day: &Day, most: u64, room: u64, marks: [char; 2], digits: usize) -> String {
    let bar = |count: u64, mark: char| {
        let long = if most <= room { count } else { (count * room).div_ceil(most) };
        let bar: String = std::iter::repeat_n(mark, usize::try_from(long).unwrap_or_default()).collect();
        let blanks = usize::try_from(room.min(most.max(1)) - long).unwrap_or_default();
        let number = if count == 0 { "·".to_owned() } else { count.to_string() };
        format!("{bar}{} {number:<digits$}", " ".repeat(blanks))
    };
    let number = if marks[0] == '█' { "·" } else { "." };
    let line = format!("  {}  {}  {}", day.day, bar(day.recoveries, marks[0]), bar(day.refusals, marks[1]));
    line.replace('·', number).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    fn report(days: &[(u64, u64)]) -> Report {
        let day = |(n, (recoveries, refusals)): (usize, &(u64, u64))| Day {
            day: format!("2026-11-{:02}", n + 1),
            recoveries: *recoveries,
            refusals: *refusals,
        };
        Report {
            accounts: 200,
            enabled: 120,
            registered: 61,
            capable: 60,
            by_method: [("email".to_owned(), 55), ("recovery codes".to_owned(), 9)].into(),
            days: days.iter().enumerate().map(day).collect(),
            ..Report::default()
        }
    }

    #[test]
    fn the_chart_shows_every_day_with_bars_in_proportion_and_numbers_beside_them() {
        let text = drawn(&report(&[(0, 0), (3, 1), (5, 0)]), 80, true);
        assert!(text.contains("enabled         120   60 %   self-service is on for them\n"), "{text}");
        assert!(text.contains("registered       61   31 %"), "{text}");
        assert!(text.contains("  email                 55\n"), "{text}");
        let days: Vec<&str> = text.lines().skip_while(|l| !l.starts_with("The last")).skip(1).collect();
        assert_eq!(
            days,
            ["  2026-11-01        ·        ·", "  2026-11-02  ███   3  ░     1", "  2026-11-03  █████ 5        ·"]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_one_of_a_thousand_can_still_be_seen() {
        for width in [40, 60, 80, 200] {
            let text = drawn(&report(&[(1000, 1), (0, 1000)]), width, true);
            assert!(text.lines().all(|line| line.width() <= width.max(48)), "{width}\n{text}");
            assert!(text.contains("░"), "{text}");
            let first = text.lines().find(|line| line.contains("2026-11-01")).unwrap();
            assert!(first.contains("░") && first.ends_with('1'), "{first}");
        }
    }

    #[test]
    fn a_terminal_without_utf_8_gets_ascii() {
        let text = drawn(&report(&[(2, 1), (0, 0)]), 80, false);
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("## 2  -  1"), "{text}");
    }

    #[test]
    fn a_group_has_a_line_of_its_own_and_rows_in_the_csv_whatever_its_name_is() {
        let share = Share { accounts: 12, enabled: 10, registered: 8, capable: 7, exempt: 1, resting: 2 };
        let by_group = [("staff".to_owned(), share), ("Sales, \"North\"".to_owned(), Share::default())].into();
        let report = Report { by_group, ..report(&[]) };
        let lines = groups(&report, None);
        let staff = lines.lines().find(|line| line.starts_with("staff ")).map(|line| line.split_whitespace());
        assert!(staff.is_some_and(|words| words.eq(["staff", "12", "10", "8", "7", "1", "2"])), "{lines}");
        let text = csv(&report);
        for row in ["group staff,registered,8\n", "\"group Sales, \"\"North\"\"\",accounts,0\n"] {
            assert!(text.contains(row), "{row}: {text}");
        }
        // Nobody asked for them.
        assert!(!csv(&Report { by_group: BTreeMap::new(), ..report }).contains("group"));
    }

    #[test]
    fn users_of_the_directory_have_numbers_of_their_own_where_there_is_one() {
        let by_method = [("email".to_owned(), 9)].into();
        let users =
            OfDirectory { known: 12, registered: 9, capable: 6, waiting: 3, by_method, ..OfDirectory::default() };
        let report = Report { directory: Some(users), ..report(&[]) };
        let text = drawn(&report, 80, true);
        assert!(text.contains("known            12          users of the directory with"), "{text}");
        assert!(text.contains("waiting           3   25 %   registered first, can't reset yet\n"), "{text}");
        assert!(text.contains("By method, in the directory\n  email                  9\n"), "{text}");
        let rows = csv(&report);
        assert!(rows.contains("directory,capable,6\n") && rows.contains("directory method,email,9\n"), "{rows}");
        assert!(!csv(&Report { directory: None, ..report }).contains("directory"), "{rows}");
    }

    #[test]
    fn the_csv_has_a_row_for_each_number() {
        let text = csv(&report(&[(3, 1)]));
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows[0], "kind,item,count");
        for row in ["summary,capable,60", "method,recovery codes,9", "recoveries,2026-11-01,3", "refusals,2026-11-01,1"]
        {
            assert!(rows.contains(&row), "{row}: {text}");
        }
    }
}
