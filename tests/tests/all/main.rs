//! The whole, end to end: real processes but for what CONTRIBUTING.md names. One program, so that what all share is compiled and
//! linked once; `kills` is another, as its many processes leave nothing for others.

mod bad_endpoints;
mod chain_in_memory;
mod chain_loss;
mod commands;
mod doors;
mod drain;
mod examples;
mod lost;
mod main_job;
mod operations;
mod pause;
mod refusals;
mod same_tale;
mod views;
