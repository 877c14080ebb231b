//! Price lists, farms, public addresses.

use grid_types::units::Prices;
use gridchain_runtime::{AccountId, Runtime};
use pallet_tfgrid::{Call, FarmOf, IpClaim, IpClaims, Ipv4Cidr, PricingPolicies, PricingPolicy, PublicIps};

use super::{anyone, decision, entry, text, twin_owner, wish, Entry, Wish};
use crate::{draw::Draw, grid};

/// The prices of the worked example in `docs/chain.md`.
const PRICES: Prices = Prices { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gb_second: 100, min_use: 100 };

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("create_pricing_policy", 3, create_pricing_policy),
        entry("update_pricing_policy", 3, update_pricing_policy),
        entry("delete_pricing_policy", 1, delete_pricing_policy),
        entry("set_price_floor", 1, set_price_floor),
        entry("create_farm", 3, create_farm),
        entry("update_farm", 2, update_farm),
        entry("set_farm_payout", 3, set_farm_payout),
        entry("delete_farm", 1, delete_farm),
        entry("add_farm_ip", 6, add_farm_ip),
        entry("remove_farm_ip", 2, remove_farm_ip),
        entry("verify_farm_ip", 3, verify_farm_ip),
        entry("force_remove_farm_ip", 1, force_remove_farm_ip),
    ]
}

fn prices(draw: &mut Draw) -> Prices {
    let mut price = |plausible| draw.amount64(plausible);
    let (cu, su, nu, ipu) = (price(PRICES.cu), price(PRICES.su), price(PRICES.nu), price(PRICES.ipu));
    Prices { su, cu, nu, ipu, min_use: draw.one_of(&[100, 50, 0, 101]), ..PRICES }
}

fn policies() -> Vec<PricingPolicy> {
    grid::sorted(PricingPolicies::<Runtime>::iter_values(), |policy| policy.id)
}

fn policy(draw: &mut Draw, fits: impl Fn(&PricingPolicy) -> bool) -> (u32, AccountId) {
    match draw.one_of_fitting(&policies(), fits) {
        Some(policy) => (policy.id, grid::account_of(policy.twin_id)),
        None => (1, anyone(draw)),
    }
}

fn create_pricing_policy(draw: &mut Draw) -> Wish {
    let name = format!("policy-{}-{}", draw.byte(), pallet_tfgrid::NextPricingPolicyId::<Runtime>::get());
    let by = twin_owner(draw);
    wish(by, Call::<Runtime>::create_pricing_policy { name: text(name), prices: prices(draw) })
}

fn update_pricing_policy(draw: &mut Draw) -> Wish {
    let (id, by) = policy(draw, |_| true);
    wish(by, Call::<Runtime>::update_pricing_policy { policy_id: draw.id32(id), prices: prices(draw) })
}

fn delete_pricing_policy(draw: &mut Draw) -> Wish {
    let (id, by) = policy(draw, |policy| pallet_tfgrid::FarmsOfPolicy::<Runtime>::get(policy.id) == 0);
    wish(by, Call::<Runtime>::delete_pricing_policy { policy_id: draw.id32(id) })
}

/// Low ones: a floor above everybody's prices stops everything.
fn set_price_floor(draw: &mut Draw) -> Wish {
    let mut price = || match draw.byte() {
        u8::MAX => 0,
        byte => u64::from(byte) * 100 + 1,
    };
    let prices = Prices { su: price(), cu: price(), nu: price(), ipu: price(), gb_second: 1, min_use: 0 };
    decision(Call::<Runtime>::set_price_floor { prices })
}

/// Mostly one of which `fits` is true, and who owns it.
fn farm(draw: &mut Draw, fits: impl Fn(&FarmOf<Runtime>) -> bool) -> (u32, AccountId) {
    match draw.one_of_fitting(&grid::farms(), fits) {
        Some(farm) => (farm.id, grid::account_of(farm.twin_id)),
        None => (1, anyone(draw)),
    }
}

fn farm_name(draw: &mut Draw) -> String {
    match draw.byte() {
        0..=239 => format!("farm-{}-{}", draw.byte(), pallet_tfgrid::NextFarmId::<Runtime>::get()),
        240..=247 => "farm-0-1".into(),
        byte => "f".repeat(usize::from(byte)),
    }
}

fn create_farm(draw: &mut Draw) -> Wish {
    let (id, by) = policy(draw, |_| true);
    wish(by, Call::<Runtime>::create_farm { name: text(farm_name(draw)), pricing_policy_id: draw.id32(id) })
}

fn update_farm(draw: &mut Draw) -> Wish {
    let (farm_id, by) = farm(draw, |_| true);
    let twin = grid::twin_of(&by);
    let (policy_id, _) = policy(draw, |policy| Some(policy.twin_id) == twin);
    let name = text(farm_name(draw));
    wish(by, Call::<Runtime>::update_farm { farm_id: draw.id32(farm_id), name, pricing_policy_id: policy_id })
}

/// Anyone's account, or the contracts' own, which is refused.
fn set_farm_payout(draw: &mut Draw) -> Wish {
    let (farm_id, by) = farm(draw, |_| true);
    let pallet = gridchain_runtime::SmartContractModule::account_id();
    let account = if draw.byte() < 240 { anyone(draw) } else { pallet };
    wish(by, Call::<Runtime>::set_farm_payout { farm_id: draw.id32(farm_id), account })
}

fn delete_farm(draw: &mut Draw) -> Wish {
    let empty = |farm: &FarmOf<Runtime>| {
        farm.public_ips == 0 && pallet_tfgrid::NodesByFarm::<Runtime>::iter_key_prefix(farm.id).next().is_none()
    };
    let (farm_id, by) = farm(draw, empty);
    wish(by, Call::<Runtime>::delete_farm { farm_id: draw.id32(farm_id) })
}

/// In a subnet that any chain allows, 5.5.0.0/24, or one for documentation.
fn add_farm_ip(draw: &mut Draw) -> Wish {
    let (farm_id, by) = farm(draw, |_| true);
    let taken = PublicIps::<Runtime>::iter_keys().count() + IpClaims::<Runtime>::iter_keys().count();
    let subnet = draw.one_of(&[0x0505_0000, 0x0505_0000, 0x0505_0000, 0xCB00_7100, 0x0A00_0000]);
    let host = 2 + (taken as u32 + u32::from(draw.byte())) % 252;
    let address = Ipv4Cidr { address: draw.id32(subnet + host), prefix_len: draw.one_of(&[24, 24, 24, 16, 0, 31, 32]) };
    let gateway = draw.id32(subnet + 1);
    wish(by, Call::<Runtime>::add_farm_ip { farm_id: draw.id32(farm_id), address, gateway })
}

/// An address of a farm: mostly one of which `fits` is true.
fn farm_ip(draw: &mut Draw, all: &[(u32, u32)], fits: impl Fn(u32) -> bool) -> (u32, u32) {
    let (farm, address) = draw.one_of_fitting(all, |(_, address)| fits(*address)).unwrap_or((1, 0x0505_0002));
    (draw.id32(farm), draw.id32(address))
}

fn verified() -> Vec<(u32, u32)> {
    grid::sorted(PublicIps::<Runtime>::iter().map(|(address, ip)| (ip.farm_id, address)), |item| *item)
}

fn claims() -> Vec<(u32, u32)> {
    grid::sorted(IpClaims::<Runtime>::iter_keys(), |item| *item)
}

fn is_free(address: u32) -> bool {
    PublicIps::<Runtime>::get(address).is_none_or(|ip| ip.contract_id.is_none())
}

fn remove_farm_ip(draw: &mut Draw) -> Wish {
    let (farm_id, address) = farm_ip(draw, &[verified(), claims()].concat(), is_free);
    wish(grid::farmer_of(farm_id), Call::<Runtime>::remove_farm_ip { farm_id, address })
}

fn verify_farm_ip(draw: &mut Draw) -> Wish {
    let (farm_id, address) = farm_ip(draw, &claims(), |address| !PublicIps::<Runtime>::contains_key(address));
    let claim = IpClaims::<Runtime>::get(farm_id, address);
    let IpClaim { prefix_len, gateway } = claim.unwrap_or(IpClaim { prefix_len: 24, gateway: 0x0505_0001 });
    let claim = IpClaim { prefix_len, gateway: draw.id32(gateway) };
    decision(Call::<Runtime>::verify_farm_ip { farm_id, address, claim })
}

fn force_remove_farm_ip(draw: &mut Draw) -> Wish {
    let (farm_id, address) = farm_ip(draw, &verified(), is_free);
    decision(Call::<Runtime>::force_remove_farm_ip { farm_id, address })
}
