//! The Lab: the page in which one watches interrupts, exits and EOIs happen.
//!
//! The page holds no run. `store` is the one owner of what it knows, `bridge` speaks with the worker
//! that holds the machines, `links` reads and writes the page's address, `app` draws the chrome and
//! composes the `views`. All that it says is in `words`, or comes from the scenario.

mod app;
mod bridge;
#[cfg(test)]
mod contrast;
#[cfg(feature = "demo")]
mod demo;
mod host;
mod links;
mod load;
mod port;
mod raf;
mod save;
mod store;
mod units;
mod views;
mod words;

fn main() {
    app::mount();
}
