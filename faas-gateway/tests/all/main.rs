//! The gateway, over HTTP as its users meet it. One program, so that what all tests share is compiled and linked once.

#[path = "../support/mod.rs"]
mod support;

mod abuse;
mod access;
mod bad_functions;
mod calls;
mod components;
mod conformance;
mod egress;
mod examples;
mod hostile;
mod life;
mod logs;
mod metrics;
mod modules;
mod namespaces;
mod process;
mod queue;
mod scale;
mod secrets;
mod sources;
mod usage;
