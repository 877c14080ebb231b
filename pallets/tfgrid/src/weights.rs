//! What calls cost.
//!
//! **Counted, not yet measured.** Each figure is the number of storage reads and writes on the longest path of a call,
//! counted by hand from the code, priced by the runtime's database weights, plus `BASE` of computing for the call,
//! `PER_ACCESS` for encoding and hashing at each access, and `PER_INTERFACE` for each list item. Benchmarks replace
//! [`CountedWeight`] without a change elsewhere; the trait and its components stay.
//!
//! Reads and writes of the fee payment, the nonce and the events are in the base weight of an extrinsic. Building
//! stones:
//!
//! | step | reads | writes |
//! | --- | --- | --- |
//! | an id from a counter | 1 | 1 |
//! | take a deposit: account, its holds, `Deposits` | 2 | 3 |
//! | return a deposit: `Deposits`, account, its holds | 3 | 3 |
//! | change what hangs on a twin: `TwinUsage` | 1 | 1 |

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Computing of one call, picoseconds.
const BASE: u64 = 20_000_000;
/// Encoding, decoding and hashing of one storage access, picoseconds.
const PER_ACCESS: u64 = 1_000_000;
/// Checking and encoding one network interface, picoseconds.
const PER_INTERFACE: u64 = 1_000_000;
/// Checking one signature of any of the four kinds, picoseconds.
const SIGNATURE: u64 = 200_000_000;
/// The most that one storage access adds to a proof, bytes: the largest record with its path.
const PROOF_PER_ACCESS: u64 = 4_096;

/// The weights of the calls, and of what contracts do here.
pub trait WeightInfo {
    /// [`crate::Pallet::create_twin`]
    fn create_twin() -> Weight;
    /// [`crate::Pallet::update_twin`]
    fn update_twin() -> Weight;
    /// [`crate::Pallet::delete_twin`]
    fn delete_twin() -> Weight;
    /// [`crate::Pallet::create_pricing_policy`]
    fn create_pricing_policy() -> Weight;
    /// [`crate::Pallet::update_pricing_policy`]
    fn update_pricing_policy() -> Weight;
    /// [`crate::Pallet::delete_pricing_policy`]
    fn delete_pricing_policy() -> Weight;
    /// [`crate::Pallet::set_price_floor`]
    fn set_price_floor() -> Weight;
    /// [`crate::Pallet::create_farm`]
    fn create_farm() -> Weight;
    /// [`crate::Pallet::update_farm`]
    fn update_farm() -> Weight;
    /// [`crate::Pallet::set_farm_payout`]
    fn set_farm_payout() -> Weight;
    /// [`crate::Pallet::delete_farm`]
    fn delete_farm() -> Weight;
    /// [`crate::Pallet::add_farm_ip`]
    fn add_farm_ip() -> Weight;
    /// [`crate::Pallet::remove_farm_ip`]
    fn remove_farm_ip() -> Weight;
    /// [`crate::Pallet::verify_farm_ip`]
    fn verify_farm_ip() -> Weight;
    /// [`crate::Pallet::authorize_node`]
    fn authorize_node() -> Weight;
    /// [`crate::Pallet::revoke_node_authorization`]
    fn revoke_node_authorization() -> Weight;
    /// [`crate::Pallet::create_node`] with `interfaces` network interfaces
    fn create_node(interfaces: u32) -> Weight;
    /// [`crate::Pallet::update_node`] with `interfaces` network interfaces
    fn update_node(interfaces: u32) -> Weight;
    /// [`crate::Pallet::set_node_agent`]
    fn set_node_agent() -> Weight;
    /// [`crate::Pallet::delete_node`]
    fn delete_node() -> Weight;
    /// [`crate::Pallet::report_uptime`]
    fn report_uptime() -> Weight;
    /// [`crate::Pallet::report_degraded`]
    fn report_degraded() -> Weight;
    /// [`crate::Pallet::change_power_target`]
    fn change_power_target() -> Weight;
    /// [`crate::Pallet::change_power_state`]
    fn change_power_state() -> Weight;
    /// [`crate::Pallet::set_node_rent_terms`]
    fn set_node_rent_terms() -> Weight;
    /// [`crate::Pallet::move_node`]
    fn move_node() -> Weight;
    /// [`crate::Pallet::sponsor_twin`]
    fn sponsor_twin() -> Weight;
    /// [`crate::Pallet::withdraw_sponsorship`]
    fn withdraw_sponsorship() -> Weight;
    /// [`crate::Pallet::create_entity`]
    fn create_entity() -> Weight;
    /// [`crate::Pallet::update_entity`]
    fn update_entity() -> Weight;
    /// [`crate::Pallet::delete_entity`]
    fn delete_entity() -> Weight;
    /// [`crate::Pallet::add_twin_entity`]
    fn add_twin_entity() -> Weight;
    /// [`crate::Pallet::delete_twin_entity`]
    fn delete_twin_entity() -> Weight;
    /// [`crate::Pallet::add_certifier`]
    fn add_certifier() -> Weight;
    /// [`crate::Pallet::remove_certifier`]
    fn remove_certifier() -> Weight;
    /// [`crate::Pallet::set_node_certification`]
    fn set_node_certification() -> Weight;
    /// [`crate::Pallet::force_remove_farm_ip`]
    fn force_remove_farm_ip() -> Weight;
    /// [`crate::Pallet::set_node_public_config`]
    fn set_node_public_config() -> Weight;
    /// [`crate::Pallet::accept_agent`]
    fn accept_agent() -> Weight;
    /// [`crate::Pallet::resign_agent`]
    fn resign_agent() -> Weight;
    /// [`crate::Pallet::reserve_ips`] of `addresses` addresses, as a part of another call
    fn reserve_ips(addresses: u32) -> Weight;
    /// [`crate::Pallet::release_ips`] of `addresses` addresses, as a part of another call
    fn release_ips(addresses: u32) -> Weight;
}

/// Weights from counted storage accesses, priced by the runtime's database weights.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> CountedWeight<T> {
    /// A call with so many accesses.
    fn call(reads: u64, writes: u64) -> Weight {
        Weight::from_parts(BASE, 0).saturating_add(Self::part(reads, writes))
    }

    /// A part of a call with so many accesses.
    fn part(reads: u64, writes: u64) -> Weight {
        let computing = reads.saturating_add(writes).saturating_mul(PER_ACCESS);
        Weight::from_parts(computing, reads.saturating_mul(PROOF_PER_ACCESS))
            .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
    }

    fn signature() -> Weight {
        Weight::from_parts(SIGNATURE, 0)
    }

    fn interfaces(count: u32) -> Weight {
        Weight::from_parts(PER_INTERFACE.saturating_mul(u64::from(count)), 0)
    }
}

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
    // Reads: TwinIdByAccountID, id, TwinSponsors, deposit 2. Writes: Twins, TwinIdByAccountID, id, TwinSponsors,
    // deposit 3.
    fn create_twin() -> Weight {
        Self::call(5, 7)
    }

    // Reads: TwinIdByAccountID, Twins. Writes: Twins.
    fn update_twin() -> Weight {
        Self::call(2, 1)
    }

    // Reads: TwinIdByAccountID, Twins, TwinUsage, LiveContracts 2, deposit 3. Writes: Twins, TwinIdByAccountID,
    // deposit 3.
    fn delete_twin() -> Weight {
        Self::call(8, 5)
    }

    // Reads: TwinIdByAccountID, PriceFloor, PricingPolicyIdByName, id, deposit 2, TwinUsage.
    // Writes: id, deposit 3, TwinUsage, PricingPolicyIdByName, PricingPolicies.
    fn create_pricing_policy() -> Weight {
        Self::call(7, 7)
    }

    // Reads: TwinIdByAccountID, PricingPolicies, PriceFloor. Writes: PricingPolicies.
    fn update_pricing_policy() -> Weight {
        Self::call(3, 1)
    }

    // Reads: TwinIdByAccountID, PricingPolicies, FarmsOfPolicy, TwinUsage, deposit 3.
    // Writes: PricingPolicies, PricingPolicyIdByName, TwinUsage, deposit 3.
    fn delete_pricing_policy() -> Weight {
        Self::call(7, 6)
    }

    // Writes: PriceFloor.
    fn set_price_floor() -> Weight {
        Self::call(0, 1)
    }

    // Reads: TwinIdByAccountID, FarmIdByName, PricingPolicies, id, deposit 2, FarmsOfPolicy, TwinUsage.
    // Writes: id, deposit 3, FarmsOfPolicy, TwinUsage, FarmIdByName, Farms.
    fn create_farm() -> Weight {
        Self::call(8, 8)
    }

    // Reads: TwinIdByAccountID, Farms, FarmIdByName, PricingPolicies, FarmsOfPolicy 2.
    // Writes: FarmIdByName 2, FarmsOfPolicy 2, Farms.
    fn update_farm() -> Weight {
        Self::call(6, 5)
    }

    // Reads: TwinIdByAccountID, Farms. Writes: Farms.
    fn set_farm_payout() -> Weight {
        Self::call(2, 1)
    }

    // Reads: TwinIdByAccountID, Farms, first key of three indexes, FarmsOfPolicy, TwinUsage, deposit 3.
    // Writes: Farms, FarmIdByName, FarmsOfPolicy, TwinUsage, deposit 3.
    fn delete_farm() -> Weight {
        Self::call(10, 7)
    }

    // Reads: TwinIdByAccountID, Farms, PublicIps, IpClaims, deposit 2, AutoVerifyIps.
    // Writes: deposit 3, PublicIps, FreeIps, Farms.
    fn add_farm_ip() -> Weight {
        Self::call(7, 6)
    }

    // Reads: TwinIdByAccountID, Farms, PublicIps, IpClaims, deposit 3. Writes: PublicIps, FreeIps, Farms, deposit 3.
    fn remove_farm_ip() -> Weight {
        Self::call(7, 6)
    }

    // Reads: Certifiers, Farms, IpClaims, PublicIps. Writes: IpClaims, PublicIps, FreeIps, Farms.
    fn verify_farm_ip() -> Weight {
        Self::call(4, 4)
    }

    // Reads: TwinIdByAccountID, Farms, NodeAuthorizations, deposit 2. Writes: deposit 3, NodeAuthorizations.
    fn authorize_node() -> Weight {
        Self::call(5, 4)
    }

    // Reads: TwinIdByAccountID, Farms, NodeAuthorizations, deposit 3. Writes: NodeAuthorizations, deposit 3.
    fn revoke_node_authorization() -> Weight {
        Self::call(6, 4)
    }

    // Reads: TwinIdByAccountID, Farms, NodeAuthorizations, NodeIdByTwinID, NodeIdByAgent, id, farmer's deposit 3,
    // deposit 2, TwinUsage, time. Writes: id, NodeAuthorizations, farmer's deposit 3, deposit 3, TwinUsage,
    // NodeIdByTwinID, NodeIdByAgent, NodesByFarm, Nodes.
    fn create_node(interfaces: u32) -> Weight {
        Self::call(13, 13).saturating_add(Self::interfaces(interfaces))
    }

    // Reads: TwinIdByAccountID, Nodes, NodeStatus, Leaving. Writes: Nodes, Leaving.
    fn update_node(interfaces: u32) -> Weight {
        Self::call(4, 2).saturating_add(Self::interfaces(interfaces))
    }

    // Reads: TwinIdByAccountID, Nodes, Farms, NodeIdByAgent 2. Writes: NodeIdByAgent 2, Nodes.
    fn set_node_agent() -> Weight {
        Self::call(5, 3)
    }

    // Reads: TwinIdByAccountID, Nodes, Farms, NodeStatus, NodeIdByAgent, TwinUsage, deposit 3.
    // Writes: Nodes, NodeIdByTwinID, NodeIdByAgent, NodesByFarm, NodeStatus, Leaving, TwinUsage, deposit 3.
    fn delete_node() -> Weight {
        Self::call(9, 10)
    }

    // Reads: NodeIdByAgent, time, NodeStatus, HeartbeatPeriod, stalls. Writes: NodeStatus.
    fn report_uptime() -> Weight {
        Self::call(5, 1)
    }

    // Reads: NodeIdByAgent, Nodes, NodeStatus. Writes: Nodes, Leaving.
    fn report_degraded() -> Weight {
        Self::call(3, 2)
    }

    // Reads: TwinIdByAccountID, Nodes, Farms, NodeStatus. Writes: Nodes.
    fn change_power_target() -> Weight {
        Self::call(4, 1)
    }

    // Reads: NodeIdByAgent, Nodes, NodeStatus, time. Writes: Nodes.
    fn change_power_state() -> Weight {
        Self::call(4, 1)
    }

    // Reads: TwinIdByAccountID, Nodes, Farms. Writes: Nodes.
    fn set_node_rent_terms() -> Weight {
        Self::call(3, 1)
    }

    // Reads: TwinIdByAccountID, Nodes, Farms 2, NodeAuthorizations, NodeStatus, farmer's deposit 3, NodeIdByAgent 2.
    // Writes: NodeAuthorizations, farmer's deposit 3, NodesByFarm 2, NodeIdByAgent 2, Nodes.
    fn move_node() -> Weight {
        Self::call(11, 9)
    }

    // Reads: TwinIdByAccountID, TwinSponsors, account and holds 2. Writes: account and holds 2, TwinSponsors.
    fn sponsor_twin() -> Weight {
        Self::call(4, 3)
    }

    // Reads: TwinSponsors, account and holds 2. Writes: TwinSponsors, account and holds 2.
    fn withdraw_sponsorship() -> Weight {
        Self::call(3, 3)
    }

    // Reads: EntityIdByAccount, EntityIdByName, genesis hash, time, id, deposit 2. Writes: id, deposit 3,
    // EntityIdByName, EntityIdByAccount, Entities.
    fn create_entity() -> Weight {
        Self::call(7, 7).saturating_add(Self::signature())
    }

    // Reads: EntityIdByAccount, Entities, EntityIdByName. Writes: EntityIdByName 2, Entities.
    fn update_entity() -> Weight {
        Self::call(3, 3)
    }

    // Reads: EntityIdByAccount, Entities, first key of TwinsOfEntity, time, deposit 3. Writes: Entities,
    // EntityIdByName, EntityIdByAccount, deposit 3.
    fn delete_entity() -> Weight {
        Self::call(7, 6)
    }

    // Reads: TwinIdByAccountID, Entities, TwinsOfEntity, Twins, genesis hash, time, deposit 2. Writes: deposit 3,
    // TwinsOfEntity, Twins.
    fn add_twin_entity() -> Weight {
        Self::call(8, 5).saturating_add(Self::signature())
    }

    // Reads: TwinsOfEntity, Twins, Entities, time, deposit 3. Writes: TwinsOfEntity, Twins, deposit 3.
    fn delete_twin_entity() -> Weight {
        Self::call(7, 5)
    }

    // Reads: Certifiers, its counter. Writes: Certifiers, its counter.
    fn add_certifier() -> Weight {
        Self::call(2, 2)
    }

    // Reads: Certifiers, its counter. Writes: Certifiers, its counter.
    fn remove_certifier() -> Weight {
        Self::call(2, 2)
    }

    // Reads: Certifiers, Nodes. Writes: Nodes.
    fn set_node_certification() -> Weight {
        Self::call(2, 1)
    }

    // Reads: Certifiers, Farms, PublicIps, IpClaims, deposit 3. Writes: PublicIps, FreeIps, Farms, deposit 3.
    fn force_remove_farm_ip() -> Weight {
        Self::call(7, 6)
    }

    // Reads: TwinIdByAccountID, Nodes, Farms, PublicIps, AutoVerifyIps. Writes: Nodes.
    fn set_node_public_config() -> Weight {
        Self::call(5, 1)
    }

    // Reads: Nodes, NodeIdByAgent. Writes: NodeIdByAgent.
    fn accept_agent() -> Weight {
        Self::call(2, 1)
    }

    // Reads: NodeIdByAgent, Nodes, Twins. Writes: NodeIdByAgent, Nodes.
    fn resign_agent() -> Weight {
        Self::call(3, 2)
    }

    // Reads: for each address its key in FreeIps and its PublicIps. Writes: for each FreeIps and PublicIps.
    fn reserve_ips(addresses: u32) -> Weight {
        let each = u64::from(addresses).saturating_mul(2);
        Self::part(each, each)
    }

    // Reads: for each address its PublicIps. Writes: for each FreeIps and PublicIps.
    fn release_ips(addresses: u32) -> Weight {
        let count = u64::from(addresses);
        Self::part(count, count.saturating_mul(2))
    }
}
