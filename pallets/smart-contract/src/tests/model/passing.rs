//! Time passes in both, and the chain does what is due.

use frame_support::{
    traits::{Hooks, OnTimestampSet},
    weights::Weight,
};

use super::{both::Both, deal::Stage};
use crate::{mock::*, types::*, Event};

impl Both {
    pub fn pass(&mut self, seconds: Seconds, gap: Seconds, node_lives: bool, idle: Weight) {
        let until = now() + seconds;
        while now() < until {
            self.next_block(gap.min(until - now()), node_lives, idle);
        }
    }

    /// Ends the block with so much weight to spare, and begins the next.
    pub fn next_block(&mut self, seconds: Seconds, node_lives: bool, idle: Weight) {
        System::reset_events();
        SmartContractModule::on_idle(System::block_number(), idle);
        self.chain_ended();
        if idle == Weight::MAX {
            let late = |id| self.world.overdue(id).is_some_and(|time| time >= self.world.rules.agenda_tick);
            assert!(!self.world.deals.keys().any(|id| late(*id)), "a deadline was missed");
        }
        self.world.block += 1;
        System::set_block_number(self.world.block);
        System::reset_events();
        SmartContractModule::on_initialize(self.world.block);
        self.chain_ended();
        let time = now() + seconds;
        pallet_timestamp::Now::<Test>::put(time * 1_000);
        SmartContractModule::on_timestamp_set(time * 1_000);
        self.world.time(time);
        if node_lives {
            mark_seen();
            self.world.alive();
        }
    }

    /// What the chain ended by itself was due, and the model ends it now. A rent may have to wait for what is inside.
    fn chain_ended(&mut self) {
        for event in events() {
            match event {
                Event::ContractEnded { contract_id, .. } | Event::RentEnding { contract_id, .. } => {
                    self.end(contract_id)
                },
                Event::AgendaRetry { .. } | Event::AgendaParked { .. } | Event::EndPostponed { .. } => {
                    panic!("{event:?}")
                },
                _ => {},
            }
        }
    }

    fn end(&mut self, id: ContractId) {
        assert!(self.world.overdue(id).is_some(), "{id} ended before its time");
        let deal = &self.world.deals[&id];
        let what = match deal.stage {
            _ if self.world.goes_with_its_rent(deal) => "rent ended",
            Stage::Agreed => "timeout",
            Stage::Paused => "grace",
            Stage::Running | Stage::Ending => "out of funds",
        };
        self.count(what, true);
        assert_eq!(self.world.end(id), Ok(()));
    }
}
