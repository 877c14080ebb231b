//! Who and what is on the grid: what a record costs, which addresses a farm may offer, and what signs.

use crate::{
    configs::AdminOrigin, currency::deposit, AccountId, Balance, Balances, Runtime, RuntimeHoldReason, Signature,
    SmartContractModule, Timestamp,
};
use core::net::{Ipv4Addr, Ipv6Addr};
use frame_support::{parameter_types, traits::Contains};
use pallet_smart_contract::{DarkTime, HeartbeatPeriod, LiveContracts, UnseenAfter};
use sp_runtime::traits::Verify;

parameter_types! {
    /// Held for a twin, base units: its record with the longest relay and key.
    pub const TwinDeposit: Balance = deposit(1, 1_200);
    /// Held for an entity, base units: its record, its name and its account.
    pub const EntityDeposit: Balance = deposit(3, 350);
    /// Held for an entity's signature in a twin, base units.
    pub const TwinEntityDeposit: Balance = deposit(1, 130);
    /// Held for a pricing policy, base units.
    pub const PricingPolicyDeposit: Balance = deposit(1, 150);
    /// Held for a farm, base units: its record and its name.
    pub const FarmDeposit: Balance = deposit(2, 250);
    /// Held for a public address, claimed or verified, base units.
    pub const PublicIpDeposit: Balance = deposit(1, 50);
    /// Held while an account may join a farm with a node, base units.
    pub const NodeAuthorizationDeposit: Balance = deposit(1, 50);
    /// Held for a node, base units: its record, its status and its place in the indexes.
    pub const NodeDeposit: Balance = deposit(3, 2_000);
}

/// Addresses that a farm may offer: those that the public internet routes to one host.
///
/// A chain that verifies addresses by itself, for development, also takes the ranges that are reserved for
/// documentation (RFC 5737): examples work with them, and nobody's real address is used.
pub struct AllowedAddresses;

impl Contains<u32> for AllowedAddresses {
    fn contains(address: &u32) -> bool {
        let address = Ipv4Addr::from_bits(*address);
        if address.is_documentation() {
            return pallet_tfgrid::AutoVerifyIps::<Runtime>::get();
        }
        let special = matches!(
            address.octets(),
            // "This network", carriers' shared space, protocol assignments, relays from IPv6 to IPv4 (anycast: no one host's),
            // benchmarks, and what is reserved.
            [0, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [240..=255, ..]
        );
        !special
            && !address.is_private()
            && !address.is_loopback()
            && !address.is_link_local()
            && !address.is_multicast()
    }
}

/// IPv6 addresses that a node may call its own: those of the public internet (2000::/3), without the ranges that are
/// reserved for documentation; where the chain verifies by itself, with them (RFC 3849, RFC 9637).
pub struct AllowedIpv6Addresses;

impl Contains<[u8; 16]> for AllowedIpv6Addresses {
    fn contains(address: &[u8; 16]) -> bool {
        match Ipv6Addr::from(*address).segments() {
            [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => pallet_tfgrid::AutoVerifyIps::<Runtime>::get(),
            // Protocol assignments, and addresses that carry an IPv4 address of which nothing is known.
            [0x2001, 0..=0x1ff, ..] | [0x2002, ..] => false,
            [first, ..] => first & 0xe000 == 0x2000,
        }
    }
}

/// Accounts of the runtime itself, which cannot be a twin, an agent or a payout.
pub struct PalletAccounts;

impl Contains<AccountId> for PalletAccounts {
    fn contains(account: &AccountId) -> bool {
        *account == SmartContractModule::account_id()
    }
}

impl pallet_tfgrid::Config for Runtime {
    type NativeToken = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type UnixTime = Timestamp;
    type Signature = Signature;
    type Signer = <Signature as Verify>::Signer;
    type AdminOrigin = AdminOrigin;
    type AllowedAddresses = AllowedAddresses;
    type AllowedIpv6Addresses = AllowedIpv6Addresses;
    type ReservedAccounts = PalletAccounts;
    type LiveContracts = LiveContracts<Runtime>;
    type TwinDeposit = TwinDeposit;
    type EntityDeposit = EntityDeposit;
    type TwinEntityDeposit = TwinEntityDeposit;
    type PricingPolicyDeposit = PricingPolicyDeposit;
    type FarmDeposit = FarmDeposit;
    type PublicIpDeposit = PublicIpDeposit;
    type NodeAuthorizationDeposit = NodeAuthorizationDeposit;
    type NodeDeposit = NodeDeposit;
    type HeartbeatPeriod = HeartbeatPeriod<Runtime>;
    type UnseenAfter = UnseenAfter<Runtime>;
    type DarkTime = DarkTime<Runtime>;
    type WeightInfo = pallet_tfgrid::weights::MeasuredWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::Signer;
}
