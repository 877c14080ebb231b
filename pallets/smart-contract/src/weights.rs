//! Weights of calls and hooks: measured, see [`measured`]. Each list has a component of its own.

use frame_support::weights::Weight;

pub mod measured;

pub use measured::MeasuredWeight;

/// Weights of calls and hooks.
pub trait WeightInfo {
    /// [`crate::Pallet::create_contract`] with so many bytes of data and addresses.
    fn create_contract(data: u32, public_ips: u32) -> Weight;
    /// [`crate::Pallet::update_contract`] with so many bytes of data and addresses that come or go.
    fn update_contract(data: u32, public_ips: u32) -> Weight;
    /// The end of a contract that holds so many addresses.
    fn end_contract(public_ips: u32) -> Weight;
    /// [`crate::Pallet::report_deployment`].
    fn report_deployment() -> Weight;
    /// [`crate::Pallet::add_reports`] with so many reports that only charge.
    fn add_reports(reports: u32) -> Weight;
    /// The same; each draws a refill from an account of its own.
    fn add_reports_refilling(reports: u32) -> Weight;
    /// The same; each draws what little is there, and pauses its contract.
    fn add_reports_unfunded(reports: u32) -> Weight;
    /// [`crate::Pallet::fund_contract`] that resumes a contract.
    fn fund_contract() -> Weight;
    /// [`crate::Pallet::set_cushion`] that draws.
    fn set_cushion() -> Weight;
    /// [`crate::Pallet::resume_contract`] that draws.
    fn resume_contract() -> Weight;
    /// [`crate::Pallet::set_refill_limit`].
    fn set_refill_limit() -> Weight;
    /// [`crate::Pallet::claim`].
    fn claim() -> Weight;
    /// [`crate::Pallet::announce_split`].
    fn announce_split() -> Weight;
    /// [`crate::Pallet::pay_foundation`].
    fn pay_foundation() -> Weight;
    /// [`crate::Pallet::create_name_contract`].
    fn create_name_contract() -> Weight;
    /// [`crate::Pallet::renew_name_contract`].
    fn renew_name_contract() -> Weight;
    /// [`crate::Pallet::cancel_name_contract`].
    fn cancel_name_contract() -> Weight;
    /// [`crate::Pallet::set_name_price`].
    fn set_name_price() -> Weight;
    /// [`crate::Pallet::create_rent_contract`].
    fn create_rent_contract() -> Weight;
    /// Noting the time of a block, as a part of setting it.
    fn note_block_time() -> Weight;
    /// Looking at the queues of what is being wound down.
    fn wind_down_base() -> Weight;
    /// The end of one contract of a leaving node or an ending rent, or of the node or rent itself.
    fn wind_down_step() -> Weight;
    /// Looking at the agenda at all.
    fn serve_agenda_base() -> Weight;
    /// Looking at one tick of the agenda.
    fn serve_agenda_tick() -> Weight;
    /// Serving one entry of the agenda: the end of a contract that holds so many addresses.
    fn serve_agenda_entry(public_ips: u32) -> Weight;
    /// Serving one entry of the agenda: the end of a name's lease.
    fn serve_agenda_lease() -> Weight;
}
