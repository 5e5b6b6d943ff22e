//! The log: rows of the records that pass a filter.

use lab_protocol::{LogRow, LogView, LogWindow};

use crate::side::Side;
use crate::words;

/// Rows that one frame holds at most.
const MOST: u16 = 50;

/// The rows that a window asks for, up to the cursor's end of what is recorded.
pub fn view(side: &mut Side, window: LogWindow, cursor: Option<u64>) -> LogView {
    let rows = u64::from(window.rows.min(MOST));
    let total = side.index().rows(window.kinds);
    let first = match window.first {
        Some(first) => first.min(total.saturating_sub(1)),
        None => {
            let cursor = cursor.map_or(0, |event| event + 1);
            side.rows_before(cursor, window.kinds)
                .saturating_sub(rows / 2 + 1)
                .min(total.saturating_sub(rows))
        }
    };
    let (mut event, mut row) = side.index().look_from(first, window.kinds);
    let mut view = LogView { first, total, rows: Vec::new() };
    while (view.rows.len() as u64) < rows && row < total {
        let Some(record) = side.record(event) else { break };
        if window.kinds >> record.kind as u8 & 1 == 1 {
            if row >= first {
                view.rows.push(LogRow {
                    event,
                    time: record.time.0,
                    kind: record.kind as u8,
                    name: record.kind.name().to_string(),
                    text: words::sentence(&record),
                    life: side.number(record.life),
                });
            }
            row += 1;
        }
        event += 1;
    }
    view
}
