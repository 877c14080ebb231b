//! The agent, beside a chain in memory or none. One program, so that what all tests share is compiled and linked once.

#[path = "../support/mod.rs"]
mod support;

mod accept;
mod bad_gateway;
mod bus;
mod command;
mod doors;
mod endpoints;
mod external_gateway;
mod given;
mod life;
mod logs;
mod operations;
mod refusals;
mod rent;
mod reports;
mod restart;
mod rmb;
mod sealed;
mod signatures;
