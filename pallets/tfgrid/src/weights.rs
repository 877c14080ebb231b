//! What calls cost, and what contracts do here: measured, see [`measured`].
//!
//! Reads and writes of the fee payment, the nonce and the events are in the base weight of an extrinsic. Each list has a
//! component of its own.

use frame_support::weights::Weight;

pub mod measured;

pub use measured::MeasuredWeight;

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
