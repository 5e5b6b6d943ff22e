//! Independent machines on several threads, results in the tasks' order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use observe::failure::{Failure, Outcome};

/// Runs `work` on every task, at most `jobs` at the same time. The first failure in the tasks'
/// order is returned; which thread ran what changes nothing.
pub fn run<T: Sync, R: Send>(
    jobs: usize,
    tasks: &[T],
    work: impl Fn(&T) -> Outcome<R> + Sync,
) -> Outcome<Vec<R>> {
    let next = AtomicUsize::new(0);
    let results: Vec<_> = tasks.iter().map(|_| Mutex::new(None)).collect();
    let worker = || {
        while let Some((task, slot)) = pick(&next, tasks, &results) {
            let result = work(task);
            if let Ok(mut slot) = slot.lock() {
                *slot = Some(result);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, tasks.len().max(1)) {
            scope.spawn(worker);
        }
    });
    let lost = || Failure::Failed("a machine's thread ended without a result".to_string());
    results.into_iter().map(|slot| slot.into_inner().ok().flatten().unwrap_or_else(|| Err(lost()))).collect()
}

fn pick<'a, T, R>(next: &AtomicUsize, tasks: &'a [T], slots: &'a [R]) -> Option<(&'a T, &'a R)> {
    let i = next.fetch_add(1, Ordering::Relaxed);
    Some((tasks.get(i)?, slots.get(i)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_tasks_order_whatever_the_threads() {
        let tasks: Vec<u64> = (0..50).collect();
        for jobs in [0, 1, 3, 100] {
            assert_eq!(
                run(jobs, &tasks, |n| Ok(n * n)).unwrap(),
                tasks.iter().map(|n| n * n).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn the_first_failure_in_order_is_returned() {
        let result =
            run(4, &[1, 2, 3], |n| if *n == 1 { Ok(()) } else { Err(Failure::Failed(n.to_string())) });
        assert_eq!(result, Err(Failure::Failed("2".to_string())));
    }
}
