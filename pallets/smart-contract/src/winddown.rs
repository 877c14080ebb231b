//! The end of many contracts: those of a node that goes or broke, and those inside a rent that ends. A few in each block.
//!
//! There are two queues: the registry's `Leaving` nodes, and [`EndingRents`]. Nothing else has to be remembered: what was
//! ended is gone, so the next block goes on with what is there, newest first.
//!
//! # Properties
//!
//! * Work per block is bounded by weight; a fixed minimum is done in any block.
//! * Every step ends a contract, files one that cannot be ended on the agenda, or takes an item off its queue. So each item
//!   is done after as many steps as it has contracts, and one more.
//! * An end that fails changes nothing but that, and does not keep others waiting.
//! * The queues take turns: many leaving nodes do not keep a renter waiting for his refund.

use frame_support::{
    storage::with_storage_layer,
    weights::{Weight, WeightMeter},
};
use pallet_tfgrid::{LeavingReason, Pallet as Registry};

use crate::{
    agenda::RETRY_AFTER,
    keys::NewestFirst,
    types::{ContractId, EndCause},
    BillingOf, Config, ContractsOfNode, EndingRents, Event, Pallet, PassedOver, WeightInfo,
};

/// Steps taken in any block, however full it is: one of each queue, or two of one.
const MINIMUM: u64 = 2;

impl<T: Config> Pallet<T> {
    /// In every block: a step of each queue, so that a full chain cannot keep contracts alive.
    pub(crate) fn wind_down_minimum() -> Weight {
        let steps = <T as Config>::WeightInfo::wind_down_step().saturating_mul(MINIMUM);
        Self::wind_down(<T as Config>::WeightInfo::wind_down_base().saturating_add(steps))
    }

    /// Ends what there is to end within `limit`; returns what it took.
    pub(crate) fn wind_down(limit: Weight) -> Weight {
        let mut meter = WeightMeter::with_limit(limit);
        if meter.try_consume(<T as Config>::WeightInfo::wind_down_base()).is_err() {
            return Weight::zero();
        }
        let (mut nodes, mut rents) = (true, true);
        while nodes || rents {
            nodes = nodes && Self::step(&mut meter, Registry::<T>::next_leaving, Self::wind_down_node);
            rents = rents && Self::step(&mut meter, || EndingRents::<T>::iter().next(), Self::wind_down_rent);
        }
        meter.consumed()
    }

    /// One step of a queue, if there is something in it and weight left for it.
    fn step<Item>(meter: &mut WeightMeter, next: impl Fn() -> Option<Item>, serve: impl Fn(Item)) -> bool {
        let Some(item) = next() else { return false };
        if meter.try_consume(<T as Config>::WeightInfo::wind_down_step()).is_err() {
            return false;
        }
        serve(item);
        true
    }

    /// A node that closes loses all contracts; one that broke, the newest, until the rest fits.
    fn wind_down_node((node_id, reason): (u32, LeavingReason)) {
        let (cause, fits) = match reason {
            LeavingReason::Closing => (EndCause::NodeDeleted, false),
            LeavingReason::Degraded => (EndCause::NodeDegraded, Registry::<T>::has_room(node_id)),
        };
        match Self::newest_not_tried(node_id) {
            Some(contract_id) if !fits => Self::end_or_pass_over(node_id, contract_id, cause),
            _ => Self::finish_node(node_id),
        }
    }

    /// Everything on a rented node besides the rent is inside it, and newer.
    fn wind_down_rent((rent_id, node_id): (ContractId, u32)) {
        match Self::newest_not_tried(node_id) {
            Some(contract_id) if contract_id != rent_id => {
                Self::end_or_pass_over(node_id, contract_id, EndCause::RentEnded);
            },
            _ => Self::finish_rent(node_id, rent_id),
        }
    }

    fn newest_not_tried(node_id: u32) -> Option<ContractId> {
        // A mark that was left when its contract went says nothing about what came after.
        let is_there = |id: &ContractId| ContractsOfNode::<T>::contains_key(node_id, NewestFirst(*id));
        let passed_over = PassedOver::<T>::get(node_id).filter(is_there);
        Self::page_of_node(node_id, passed_over, 1).first().copied()
    }

    fn end_or_pass_over(node_id: u32, contract_id: ContractId, cause: EndCause) {
        if !Self::end_or_postpone(contract_id, cause) {
            PassedOver::<T>::insert(node_id, contract_id);
        }
    }

    /// All were tried. If some are still there, the agenda knows them; once they are gone `delete_node` does the rest.
    fn finish_node(node_id: u32) {
        PassedOver::<T>::remove(node_id);
        if let Err(error) = with_storage_layer(|| Registry::<T>::finish_leaving(node_id)) {
            Registry::<T>::give_up_leaving(node_id);
            Self::deposit_event(Event::NodeNotEmptied { node_id, error });
        }
    }

    /// All were tried. If some are still there the rent cannot end either; the agenda puts it back into the queue.
    fn finish_rent(node_id: u32, rent_id: ContractId) {
        PassedOver::<T>::remove(node_id);
        EndingRents::<T>::remove(rent_id);
        // It keeps the cause that it is ending with.
        Self::end_or_postpone(rent_id, EndCause::RentEnded);
    }

    /// Ends a contract; one that cannot be ended costs nothing any more, and the agenda tries again later.
    fn end_or_postpone(contract_id: ContractId, cause: EndCause) -> bool {
        let Err(error) = with_storage_layer(|| Self::close_contract(contract_id, cause)) else { return true };
        BillingOf::<T>::mutate_extant(contract_id, |record| {
            Self::mark_ending(contract_id, record, cause, Self::now().saturating_add(RETRY_AFTER));
        });
        Self::deposit_event(Event::EndPostponed { contract_id, error });
        false
    }
}
