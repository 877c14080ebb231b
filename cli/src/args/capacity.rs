//! Capacity, as far as it is given.

use clap::Args;
use grid_types::units::Capacity;

use crate::amount::{Bytes, Vcpu};

/// Parts of a machine's capacity. What leaving one out means is the command's to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub struct CapacityArgs {
    /// Processors, vCPU.
    #[arg(long, value_name = "VCPU")]
    pub cru: Option<Vcpu>,
    /// Memory.
    #[arg(long, value_name = "SIZE")]
    pub mru: Option<Bytes>,
    /// Fast disk (SSD).
    #[arg(long, value_name = "SIZE")]
    pub sru: Option<Bytes>,
    /// Slow disk (HDD).
    #[arg(long, value_name = "SIZE")]
    pub hru: Option<Bytes>,
}

impl CapacityArgs {
    /// What is given, and `default` for the rest.
    pub fn over(&self, default: Capacity) -> Capacity {
        Capacity {
            cru: self.cru.map_or(default.cru, |given| given.0),
            mru: self.mru.map_or(default.mru, |given| given.0),
            sru: self.sru.map_or(default.sru, |given| given.0),
            hru: self.hru.map_or(default.hru, |given| given.0),
        }
    }
}
