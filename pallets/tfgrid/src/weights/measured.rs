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
    fn create_twin() -> Weight {
        Weight::from_parts(65_493_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn update_twin() -> Weight {
        Weight::from_parts(25_246_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn delete_twin() -> Weight {
        Weight::from_parts(66_341_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    fn sponsor_twin() -> Weight {
        Weight::from_parts(57_503_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn withdraw_sponsorship() -> Weight {
        Weight::from_parts(45_065_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn create_entity() -> Weight {
        Weight::from_parts(149_711_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn update_entity() -> Weight {
        Weight::from_parts(919_572_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn delete_entity() -> Weight {
        Weight::from_parts(1_015_883_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn add_twin_entity() -> Weight {
        Weight::from_parts(172_588_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    fn delete_twin_entity() -> Weight {
        Weight::from_parts(1_026_171_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn add_certifier() -> Weight {
        Weight::from_parts(13_393_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn remove_certifier() -> Weight {
        Weight::from_parts(12_761_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn set_node_certification() -> Weight {
        Weight::from_parts(30_571_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn create_pricing_policy() -> Weight {
        Weight::from_parts(76_392_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn update_pricing_policy() -> Weight {
        Weight::from_parts(20_599_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn delete_pricing_policy() -> Weight {
        Weight::from_parts(66_804_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn set_price_floor() -> Weight {
        Weight::from_parts(5_163_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    fn create_farm() -> Weight {
        Weight::from_parts(79_936_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    fn update_farm() -> Weight {
        Weight::from_parts(40_168_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn set_farm_payout() -> Weight {
        Weight::from_parts(18_312_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn delete_farm() -> Weight {
        Weight::from_parts(78_415_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn add_farm_ip() -> Weight {
        Weight::from_parts(77_832_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn remove_farm_ip() -> Weight {
        Weight::from_parts(68_890_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn verify_farm_ip() -> Weight {
        Weight::from_parts(30_046_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    fn force_remove_farm_ip() -> Weight {
        Weight::from_parts(71_796_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn authorize_node() -> Weight {
        Weight::from_parts(70_990_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn revoke_node_authorization() -> Weight {
        Weight::from_parts(66_057_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    // `i` was measured from 0 to 16.
    fn create_node(i: u32) -> Weight {
        Weight::from_parts(179_064_403, 0)
            .saturating_add(Weight::from_parts(891_301, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(11))
    }

    // `i` was measured from 0 to 16.
    fn update_node(i: u32) -> Weight {
        Weight::from_parts(45_840_234, 0)
            .saturating_add(Weight::from_parts(846_845, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn set_node_agent() -> Weight {
        Weight::from_parts(42_944_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn accept_agent() -> Weight {
        Weight::from_parts(23_962_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn resign_agent() -> Weight {
        Weight::from_parts(39_089_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn set_node_public_config() -> Weight {
        Weight::from_parts(45_991_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn delete_node() -> Weight {
        Weight::from_parts(97_229_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(10))
    }

    fn report_uptime() -> Weight {
        Weight::from_parts(51_162_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn report_degraded() -> Weight {
        Weight::from_parts(33_668_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn change_power_target() -> Weight {
        Weight::from_parts(36_371_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn change_power_state() -> Weight {
        Weight::from_parts(59_288_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn set_node_rent_terms() -> Weight {
        Weight::from_parts(34_643_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    fn move_node() -> Weight {
        Weight::from_parts(113_517_000, 0)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(9))
    }

    // `n` was measured from 1 to 64.
    fn reserve_ips(n: u32) -> Weight {
        Weight::from_parts(15_861_511, 0)
            .saturating_add(Weight::from_parts(5_861_006, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
    }

    // `n` was measured from 1 to 64.
    fn release_ips(n: u32) -> Weight {
        Weight::from_parts(12_124_547, 0)
            .saturating_add(Weight::from_parts(5_063_800, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
    }
}
