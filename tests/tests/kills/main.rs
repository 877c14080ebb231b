//! Whatever is killed, and whenever: the end is the same. One program, so that stories that wait do so side by side.

mod gateway;
mod matrix;
mod random;
mod real_node;
mod sources;
