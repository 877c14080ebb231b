//! Measured by `scripts/weights`, which writes this file anew: do not edit it.
//!
//! 2026-11-21, Intel(R) Xeon(R) Processor, 20 steps, 20 repeats. Time in picoseconds, of the runtime's WebAssembly; storage
//! accesses at the declared cost of the runtime's database. No sizes of proofs: this is not a parachain.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

use super::WeightInfo;

/// What calls and hooks cost.
pub struct MeasuredWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    // `d` was measured from 0 to 8192.
    // `p` was measured from 0 to 64.
    fn create_contract(d: u32, p: u32) -> Weight {
        Weight::from_parts(204_314_816, 0)
            .saturating_add(Weight::from_parts(1_698, 0).saturating_mul(d.into()))
            .saturating_add(Weight::from_parts(6_812_235, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(11))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(p.into())))
    }

    // `d` was measured from 0 to 8192.
    // `p` was measured from 0 to 64.
    fn update_contract(_d: u32, p: u32) -> Weight {
        Weight::from_parts(331_975_116, 0)
            .saturating_add(Weight::from_parts(6_967_162, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(24))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(11))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(p.into())))
    }

    // `p` was measured from 0 to 64.
    fn end_contract(p: u32) -> Weight {
        Weight::from_parts(290_162_160, 0)
            .saturating_add(Weight::from_parts(6_487_038, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(24))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(16))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(p.into())))
    }

    fn report_deployment() -> Weight {
        Weight::from_parts(136_581_000, 0)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(8))
    }

    // `n` was measured from 1 to 500.
    fn add_reports(n: u32) -> Weight {
        Weight::from_parts(158_399_703, 0)
            .saturating_add(Weight::from_parts(10_496_139, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(22))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
    }

    // `n` was measured from 1 to 500.
    fn add_reports_refilling(n: u32) -> Weight {
        Weight::from_parts(226_536_000, 0)
            .saturating_add(Weight::from_parts(55_640_489, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(22))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
    }

    // `n` was measured from 1 to 500.
    fn add_reports_unfunded(n: u32) -> Weight {
        Weight::from_parts(268_694_000, 0)
            .saturating_add(Weight::from_parts(80_974_409, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(22))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(n.into())))
    }

    fn fund_contract() -> Weight {
        Weight::from_parts(243_333_000, 0)
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().writes(10))
    }

    fn set_cushion() -> Weight {
        Weight::from_parts(114_601_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn resume_contract() -> Weight {
        Weight::from_parts(230_004_000, 0)
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().writes(10))
    }

    fn set_refill_limit() -> Weight {
        Weight::from_parts(30_689_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn claim() -> Weight {
        Weight::from_parts(82_036_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    fn announce_split() -> Weight {
        Weight::from_parts(32_192_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn create_name_contract() -> Weight {
        Weight::from_parts(206_558_000, 0)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(10))
    }

    fn renew_name_contract() -> Weight {
        Weight::from_parts(144_511_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn cancel_name_contract() -> Weight {
        Weight::from_parts(97_216_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn pay_foundation() -> Weight {
        Weight::from_parts(71_533_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn set_name_price() -> Weight {
        Weight::from_parts(26_341_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn create_rent_contract() -> Weight {
        Weight::from_parts(180_434_000, 0)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(10))
    }

    fn note_block_time() -> Weight {
        Weight::from_parts(25_167_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn wind_down_base() -> Weight {
        Weight::from_parts(15_037_000, 0).saturating_add(T::DbWeight::get().reads(2))
    }

    fn wind_down_step() -> Weight {
        Weight::from_parts(851_016_000, 0)
            .saturating_add(T::DbWeight::get().reads(90))
            .saturating_add(T::DbWeight::get().writes(143))
    }

    fn serve_agenda_base() -> Weight {
        Weight::from_parts(11_679_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn serve_agenda_tick() -> Weight {
        Weight::from_parts(15_554_000, 0).saturating_add(T::DbWeight::get().reads(2))
    }

    // `p` was measured from 0 to 64.
    fn serve_agenda_entry(p: u32) -> Weight {
        Weight::from_parts(326_674_443, 0)
            .saturating_add(Weight::from_parts(6_706_567, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(25))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(16))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(p.into())))
    }

    fn serve_agenda_lease() -> Weight {
        Weight::from_parts(130_155_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(6))
    }
}
