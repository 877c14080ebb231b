//! Weights of calls and hooks.
//!
//! Counted, not measured yet: storage accesses on the longest path times the database's declared costs, and a flat allowance
//! for computing. Each list item has its own component. Benchmarks will replace the numbers, not the shape.

use core::marker::PhantomData;

use frame_support::{pallet_prelude::Get, weights::Weight};

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

/// Picoseconds of computing allowed for a call, besides storage.
const CALL: u64 = 30_000_000;
/// Picoseconds of computing allowed for an item of a list, besides storage.
const ITEM: u64 = 5_000_000;
/// Picoseconds for a byte of contract data: it is copied, hashed and stored.
const BYTE: u64 = 20_000;

/// Accesses counted on the longest path, at the costs of the runtime's database.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> CountedWeight<T> {
    fn call(reads: u64, writes: u64) -> Weight {
        Weight::from_parts(CALL, 0).saturating_add(T::DbWeight::get().reads_writes(reads, writes))
    }

    /// A call that also pays what was charged to all whom a split names, at most. Reads: both splits, issuance, the pallet's
    /// account, the author, four who are paid, what waits for each of them and in all. A new split is written twice; who has no
    /// account is paid in two writes, of what waits for him and in all.
    fn paying_call(reads: u64, writes: u64) -> Weight {
        Self::call(reads.saturating_add(14), writes.saturating_add(9))
    }

    fn items(count: u32, reads: u64, writes: u64) -> Weight {
        Weight::from_parts(ITEM, 0)
            .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
            .saturating_mul(u64::from(count))
    }
}

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
    fn create_contract(data: u32, public_ips: u32) -> Weight {
        // Reads: twin, node, clock, rules, node's status, farm, policy, next id, free addresses, two accounts, holds, escrow
        // total; inside a rent, the rent's record and book.
        Self::call(17, 14)
            .saturating_add(Weight::from_parts(BYTE, 0).saturating_mul(u64::from(data)))
            .saturating_add(Self::items(public_ips, 2, 2))
    }

    fn update_contract(data: u32, public_ips: u32) -> Weight {
        // Reads: contract, billing, owner, holds, clock, rules, stalls, node's status, node, farm, policy, escrow total; inside a
        // rent, its record and book. Writes: contract, billing, owner, holds, status or book, escrow total.
        Self::paying_call(14, 6)
            .saturating_add(Weight::from_parts(BYTE, 0).saturating_mul(u64::from(data)))
            .saturating_add(Self::items(public_ips, 2, 2))
    }

    fn end_contract(public_ips: u32) -> Weight {
        // Reads: twin, contract, billing, node, farm, clock, rules, stalls, node's status, the rent's book, escrow total, owner,
        // holds, what waits for the owner. Writes: contract, billing, both indexes, agenda, status, the rent's book, its place in
        // the queue, escrow total, owner, holds, what waits for him.
        Self::paying_call(14, 12).saturating_add(Self::items(public_ips, 1, 2))
    }

    fn report_deployment() -> Weight {
        // Reads: contract, billing, agent, node's status, clock, rules, stalls, escrow total, both splits, the foundation, what
        // waits for it and in all, the pallet's account.
        Self::call(14, 9)
    }

    fn add_reports(reports: u32) -> Weight {
        // Reads: agent, clock, rules, stalls, next id, escrow total, node's status, node, farm, what free batches took. Writes:
        // escrow total, status, what they took. An item reads and writes its record.
        Self::paying_call(10, 3).saturating_add(Self::items(reports, 1, 1))
    }

    fn add_reports_refilling(reports: u32) -> Weight {
        // And the payer's account.
        Self::paying_call(10, 3).saturating_add(Self::items(reports, 2, 2))
    }

    fn add_reports_unfunded(reports: u32) -> Weight {
        // And the contract, and an entry of the agenda.
        Self::paying_call(10, 3).saturating_add(Self::items(reports, 3, 4))
    }

    fn fund_contract() -> Weight {
        // Reads: billing, the rent's, node, giver, escrow total, clock, rules, stalls, node's status, farm, contract. Writes:
        // billing, giver, escrow total, agenda, contract.
        Self::paying_call(11, 5)
    }

    fn set_cushion() -> Weight {
        // Reads: contract, billing, the rent's, node, rules, clock, two accounts, escrow total.
        Self::call(9, 4)
    }

    fn resume_contract() -> Weight {
        // As a gift that resumes.
        Self::paying_call(11, 5)
    }

    fn set_refill_limit() -> Weight {
        Self::call(1, 1)
    }

    fn claim() -> Weight {
        Self::call(4, 4)
    }

    fn announce_split() -> Weight {
        Self::call(4, 2)
    }

    fn pay_foundation() -> Weight {
        // Two accounts.
        Self::call(2, 2)
    }

    fn create_name_contract() -> Weight {
        // Reads: twin, name, time, rules, stalled time, next id, holds, price, three accounts, both splits, cursor, payable.
        Self::call(16, 13)
    }

    fn renew_name_contract() -> Weight {
        Self::call(14, 9)
    }

    fn cancel_name_contract() -> Weight {
        Self::call(5, 6)
    }

    fn set_name_price() -> Weight {
        Self::call(3, 1)
    }

    fn create_rent_contract() -> Weight {
        // Reads: twin, node, farm, policy, clock, rules, node's status, next id, two accounts, holds, escrow total.
        Self::call(12, 11)
    }

    fn note_block_time() -> Weight {
        // Clock and rules; after a stall, the stalls too.
        Self::call(3, 2)
    }

    fn wind_down_base() -> Weight {
        T::DbWeight::get().reads(2)
    }

    fn wind_down_step() -> Weight {
        // The end, the queue, the index, what was passed over, and, if it fails, an entry of the agenda. Deleting a node
        // takes less.
        Self::end_contract(grid_types::units::MAX_PUBLIC_IPS).saturating_add(T::DbWeight::get().reads_writes(6, 6))
    }

    fn serve_agenda_base() -> Weight {
        // And the entry and the record of a contract that turn out to be too much for this block.
        T::DbWeight::get().reads_writes(6, 1)
    }

    fn serve_agenda_tick() -> Weight {
        T::DbWeight::get().reads(1)
    }

    fn serve_agenda_entry(public_ips: u32) -> Weight {
        Self::end_contract(public_ips).saturating_add(T::DbWeight::get().reads_writes(3, 4))
    }

    fn serve_agenda_lease() -> Weight {
        Self::cancel_name_contract().saturating_add(T::DbWeight::get().reads_writes(3, 4))
    }
}
