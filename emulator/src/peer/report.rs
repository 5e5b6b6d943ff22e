//! What the peer saw: how much, how fast, how wrong.

use crate::state::Node;
use crate::time::Time;

/// Buckets of the latency histogram.
pub const BUCKETS: usize = 176;
/// The histogram's unit, 0.1 us, in picoseconds.
const UNIT: u64 = 100_000;

/// The peer's counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerReport {
    /// Messages, transactions, requests or operations completed and verified, warm-up excluded.
    pub operations: u64,
    /// Verified payload bytes of these.
    pub bytes: u64,
    /// Operations that only prepare (the first `set` of each key).
    pub warmup_operations: u64,
    /// When the first operation that is no warm-up was complete.
    pub steady_since: Option<Time>,
    /// Everything the peer found wrong.
    pub errors: u64,
    /// The first of these in words.
    pub first_error: Option<String>,
    /// Sum of all latencies, in picoseconds.
    pub latency_sum: u64,
    /// The shortest latency, in picoseconds; `u64::MAX` if there is none.
    pub latency_min: u64,
    /// The longest latency, in picoseconds.
    pub latency_max: u64,
    /// Latencies measured.
    pub latency_count: u64,
    /// Latencies by [`bucket`]: exact to an eighth.
    pub latency_histogram: [u32; BUCKETS],
    /// Segments and requests that the peer sent again.
    pub retransmissions: u64,
    /// Segments and replies from the guest that the peer had already.
    pub duplicates: u64,
    /// Segments from the guest that came after a gap.
    pub out_of_order: u64,
    /// Connections that ended in a reset or a time-out.
    pub resets: u64,
    /// Connections established.
    pub tcp_connections: u64,
    /// Frames received.
    pub frames_received: u64,
    /// Frames sent.
    pub frames_sent: u64,
    /// When the last operation was complete.
    pub last_progress: Time,
}

impl Default for PeerReport {
    fn default() -> Self {
        PeerReport {
            operations: 0,
            bytes: 0,
            warmup_operations: 0,
            steady_since: None,
            errors: 0,
            first_error: None,
            latency_sum: 0,
            latency_min: u64::MAX,
            latency_max: 0,
            latency_count: 0,
            latency_histogram: [0; BUCKETS],
            retransmissions: 0,
            duplicates: 0,
            out_of_order: 0,
            resets: 0,
            tcp_connections: 0,
            frames_received: 0,
            frames_sent: 0,
            last_progress: Time::ZERO,
        }
    }
}

/// The histogram's bucket of a latency: 0.1 us wide up to 1.6 us, then eight to a power of two.
pub fn bucket(latency: Time) -> usize {
    let v = latency.0 / UNIT;
    let octave = (63 - (v | 1).leading_zeros()).saturating_sub(3);
    (octave as usize * 8 + (v >> octave) as usize).min(BUCKETS - 1)
}

/// The shortest latency of a bucket.
pub fn bucket_start(bucket: usize) -> Time {
    let octave = (bucket / 8).saturating_sub(1).min(40);
    Time((((bucket - octave * 8) as u64) << octave).saturating_mul(UNIT))
}

impl PeerReport {
    /// The median at 500, the 99th percentile at 990: the start of the bucket that holds it.
    pub fn percentile(&self, permille: u64) -> Time {
        let rank = self.latency_count.saturating_mul(permille).div_ceil(1000);
        let mut seen = 0u64;
        for (i, n) in self.latency_histogram.iter().enumerate() {
            seen += u64::from(*n);
            if *n != 0 && seen >= rank {
                return bucket_start(i);
            }
        }
        Time(self.latency_max)
    }

    pub(super) fn complete(&mut self, now: Time, bytes: u64) {
        self.operations += 1;
        self.bytes = self.bytes.wrapping_add(bytes);
        self.steady_since.get_or_insert(now);
        self.last_progress = now;
    }

    pub(super) fn complete_warmup(&mut self, now: Time) {
        self.warmup_operations += 1;
        self.last_progress = now;
    }

    pub(super) fn latency(&mut self, latency: Time) {
        self.latency_sum = self.latency_sum.saturating_add(latency.0);
        self.latency_min = self.latency_min.min(latency.0);
        self.latency_max = self.latency_max.max(latency.0);
        self.latency_count += 1;
        if let Some(n) = self.latency_histogram.get_mut(bucket(latency)) {
            *n = n.saturating_add(1);
        }
    }

    /// Counts an error; only the first is put into words.
    pub(super) fn error(&mut self, now: Time, words: impl FnOnce() -> String) {
        self.errors += 1;
        self.first_error.get_or_insert_with(|| format!("at {now}: {}", words()));
    }

    pub(super) fn inspect(&self) -> Node {
        Node::group(
            "report",
            vec![
                Node::count("operations", self.operations),
                Node::count("bytes", self.bytes),
                Node::count("warmup_operations", self.warmup_operations),
                Node::count("errors", self.errors),
                Node::text("first_error", self.first_error.as_deref().unwrap_or("")),
                Node::count("latency_count", self.latency_count),
                Node::text("latency_median", self.percentile(500).to_string()),
                Node::text("latency_99", self.percentile(990).to_string()),
                Node::count("retransmissions", self.retransmissions),
                Node::count("duplicates", self.duplicates),
                Node::count("out_of_order", self.out_of_order),
                Node::count("resets", self.resets),
                Node::count("tcp_connections", self.tcp_connections),
                Node::count("frames_received", self.frames_received),
                Node::count("frames_sent", self.frames_sent),
                Node::text("last_progress", self.last_progress.to_string()),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_latency_lies_in_its_bucket() {
        for us in [0, 1, 2, 3, 7, 30, 36, 99, 100, 101, 999, 5_000, 1_000_000] {
            let (t, b) = (Time::us(us), bucket(Time::us(us)));
            assert!(bucket_start(b) <= t && t < bucket_start(b + 1), "{us} us in bucket {b}");
        }
        assert!((1..BUCKETS).all(|b| bucket(bucket_start(b)) == b));
        assert_eq!(bucket(Time::NEVER), BUCKETS - 1);
    }

    #[test]
    fn percentiles_come_from_the_histogram() {
        let mut report = PeerReport::default();
        (0..99).for_each(|_| report.latency(Time::us(30)));
        report.latency(Time::us(800));
        assert_eq!(report.percentile(500), bucket_start(bucket(Time::us(30))));
        assert_eq!(report.percentile(1000), bucket_start(bucket(Time::us(800))));
    }

    #[test]
    fn only_the_first_error_is_kept_in_words() {
        let mut report = PeerReport::default();
        report.error(Time::us(1), || "one".into());
        report.error(Time::us(2), || "two".into());
        assert_eq!((report.errors, report.first_error.as_deref()), (2, Some("at 1.000000 us: one")));
    }
}
