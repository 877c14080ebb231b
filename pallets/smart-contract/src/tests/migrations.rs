//! Upgrades of records as a live chain has them: bytes written by hand, so that a later change of a type cannot change
//! what is tested.

use codec::Encode;
use frame_support::{
    assert_ok,
    storage::{storage_prefix, unhashed},
    traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
    Blake2_128Concat, StorageHasher, Twox64Concat,
};
use grid_types::units::Capacity;

use crate::{migrations::MigrateV1ToV2, mock::*, types::*, *};

/// The prefix of a storage item of this pallet.
fn prefix(item: &str) -> Vec<u8> {
    storage_prefix(b"SmartContractModule", item.as_bytes()).to_vec()
}

/// A record in one of the maps by contract.
fn put(map: &str, id: ContractId, bytes: &[u8]) {
    let key = [prefix(map), Blake2_128Concat::hash(&id.to_le_bytes())].concat();
    unhashed::put_raw(&key, bytes);
}

/// An entry in one of the indexes of version 1: both keys by hash, and no value.
fn list(map: &str, owner: u32, id: ContractId) {
    let keys = [Twox64Concat::hash(&owner.to_le_bytes()), Twox64Concat::hash(&id.to_le_bytes())].concat();
    unhashed::put_raw(&[prefix(map), keys].concat(), &[]);
}

const CREATED: u8 = 0;
const DEPLOYED: u8 = 1;
/// Contract 1 waits for its deployment, contract 2 runs.
const WAITING: ContractId = 1;
const RUNNING: ContractId = 2;

/// 2 vCPU, 2 GiB, 60 GiB of fast disk, 6·10^9 bytes an hour.
const RESOURCES: [u64; 5] = [2_000, 2 << 30, 60 << 30, 0, 6_000_000_000];

fn old_contract(id: ContractId, state: u8, address: u32, deployed: Option<u32>) -> Vec<u8> {
    let agreed = (0_u32, id, USER_TWIN, NODE_ID, 0_u8, [1_u8; 32], Vec::<u8>::new());
    (agreed, 1_u32, vec![address], RESOURCES, 0_u8, state, deployed).encode()
}

/// The billing record of version 1 that says what `of` does. Each field by itself: they are more than a tuple can have.
fn old_billing(of: &BillingRecord<u64>, state: u8) -> Vec<u8> {
    let use_of = |used: Capacity| [used.cru, used.mru, used.sru, used.hru];
    [
        of.node_id.encode(),
        of.payer.encode(),
        state.encode(),
        [50_000_u64, 100_000, 15_000, 40_000, 100].encode(),
        100_u8.encode(),
        RESOURCES.encode(),
        of.public_ips.encode(),
        of.held_since.encode(),
        of.paid_until.encode(),
        of.last_use.map(use_of).encode(),
        (of.nru, of.nru_unused, of.carry, of.traffic_carry, of.escrow, of.billed).encode(),
        (of.refill.limit, of.refill.day, of.refill.drawn).encode(),
        (of.failed, of.agenda_tick).encode(),
    ]
    .concat()
}

/// Production's rules of version 1.
const OLD_RULES: [u64; 7] = [600, 300, 300, 3_600, 7_200, 1_800, 86_400];

fn put_rules(before: [u64; 7], after: [u64; 3]) {
    unhashed::put_raw(&prefix("Rules"), &(before, 50_u8, after).encode());
}

/// Takes the records of today back to version 1, and says what they were.
fn write_version_1() -> (Vec<ContractOf<Test>>, Vec<BillingRecord<u64>>) {
    let contracts = [WAITING, RUNNING].map(|id| Contracts::<Test>::get(id).unwrap()).to_vec();
    let records = [WAITING, RUNNING].map(record).to_vec();
    let clock = Clock::<Test>::take();
    for map in ["ContractsOfNode", "ContractsOfTwin"] {
        let _ = unhashed::clear_prefix(&prefix(map), None, None);
    }
    for (contract, record) in contracts.iter().zip(&records) {
        let id = contract.contract_id;
        let (state, deployed) = if id == RUNNING { (DEPLOYED, Some(0)) } else { (CREATED, None) };
        put("Contracts", id, &old_contract(id, state, contract.public_ips_list[0], deployed));
        put("BillingOf", id, &old_billing(record, state));
        put("Deposits", id, &deposit(0).encode());
        list("ContractsOfNode", NODE_ID, id);
        list("ContractsOfTwin", USER_TWIN, id);
    }
    unhashed::put_raw(&prefix("LastBlockTime"), &clock.last_block.encode());
    unhashed::put_raw(&prefix("StalledTime"), &clock.stalled.encode());
    unhashed::put_raw(&prefix("AgendaCursor"), &clock.cursor.unwrap().encode());
    put_rules(OLD_RULES, [300, 86_400, 60]);
    StorageVersion::new(1).put::<Contracts_>();
    (contracts, records)
}

/// One contract that waits and one that was reported once, of a chain that stood still for a while.
fn old_world() -> (Vec<ContractOf<Test>>, Vec<BillingRecord<u64>>) {
    stall(1_000);
    pass(60);
    assert_eq!((create(), deployed(1)), (WAITING, RUNNING));
    pass(300);
    assert_ok!(report(RUNNING, 300));
    write_version_1()
}

mod from_1_to_2 {
    use super::*;

    #[test]
    fn keeps_everything_and_adds_what_is_new() {
        ExtBuilder::default().build_and_execute(|| {
            let clock = ChainClock { last_block: 0, stalled: 1_000, cursor: None };
            let (contracts, records) = old_world();
            MigrateV1ToV2::<Test>::on_runtime_upgrade();

            assert_eq!(Contracts_::on_chain_storage_version(), 2);
            for (contract, record) in contracts.into_iter().zip(records) {
                let id = contract.contract_id;
                assert_eq!((record.cushion, record.rent), (0, None));
                assert_eq!(BillingOf::<Test>::get(id), Some(record));
                assert_eq!(Contracts::<Test>::get(id), Some(contract));
            }
            assert_eq!(Clock::<Test>::get().stalled, clock.stalled);
            assert_eq!(Clock::<Test>::get().last_block, now());
            assert!(Clock::<Test>::get().cursor.is_some());
            assert_eq!(Rules::<Test>::get(), Parameters::production());
        });
    }

    #[test]
    fn gives_a_chain_productions_new_rules_unless_it_has_a_developers() {
        let widened = |before: [u64; 7], after: [u64; 3]| {
            let mut rules = Parameters::default();
            ExtBuilder::default().build_and_execute(|| {
                old_world();
                put_rules(before, after);
                MigrateV1ToV2::<Test>::on_runtime_upgrade();
                rules = Rules::<Test>::get();
                assert!(rules.valid());
                Rules::<Test>::put(RULES);
            });
            rules
        };
        let developers = [10, 5, 5, 60, 120, 60, 60];
        assert_eq!(widened(developers, [300, 60, 2]), Parameters::development());
        // Short periods, and people who rely on them.
        let short = Parameters { report_period: 300, ..Parameters::production() };
        assert_eq!(widened([300, 300, 300, 3_600, 7_200, 1_800, 86_400], [300, 86_400, 60]), short);
        let almost = Parameters { agenda_tick: 3, ..Parameters::development() };
        let production = Parameters::production();
        let expected = Parameters {
            max_grace: production.max_grace,
            farmer_cancel_after: production.farmer_cancel_after,
            max_lease_ahead: production.max_lease_ahead,
            ..almost
        };
        assert_eq!(widened(developers, [300, 60, 3]), expected);
        let free_repeats = [600, 300, 0, 3_600, 7_200, 1_800, 86_400];
        assert_eq!(widened(free_repeats, [300, 86_400, 60]).min_free_window, 1);
        // A farmer may not give up a node that is not even unseen.
        let long = [50_000, 300, 300, 50_000, 50_000, 1_800, 86_400];
        assert_eq!(widened(long, [300, 86_400, 60]).farmer_cancel_after, 100_000);
    }

    #[test]
    fn keeps_a_contract_that_has_no_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            let key = [prefix("Deposits"), Blake2_128Concat::hash(&RUNNING.to_le_bytes())].concat();
            unhashed::kill(&key);
            // As if it had never been taken.
            let free = |who| {
                <Balances as frame_support::traits::fungible::MutateHold<u64>>::release(
                    &crate::HoldReason::ContractDeposit.into(),
                    who,
                    deposit(0),
                    frame_support::traits::tokens::Precision::Exact,
                )
            };
            assert_ok!(free(&USER));
            MigrateV1ToV2::<Test>::on_runtime_upgrade();
            check();
            pass(60);
            assert_ok!(report(RUNNING, 60));
            // The next update takes what is due.
            assert_ok!(try_update(RUNNING, None));
            assert_eq!(held_for_contracts(USER), 2 * deposit(0));
            assert_ok!(Contracts_::cancel_contract(origin(USER), RUNNING));
            assert_eq!(held_for_contracts(USER), deposit(0));
        });
    }

    #[test]
    fn leaves_nothing_of_the_old_records() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            MigrateV1ToV2::<Test>::on_runtime_upgrade();
            for gone in ["Deposits", "LastBlockTime", "StalledTime", "AgendaCursor"] {
                assert!(!unhashed::contains_prefixed_key(&prefix(gone)), "{gone}");
            }
        });
    }

    #[test]
    fn lists_contracts_newest_first() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            MigrateV1ToV2::<Test>::on_runtime_upgrade();
            assert_eq!(Contracts_::contracts_of_node(NODE_ID, None, 10), [RUNNING, WAITING]);
            assert_eq!(Contracts_::contracts_of_twin(USER_TWIN, None, 10), [RUNNING, WAITING]);
        });
    }

    #[test]
    fn the_chain_goes_on_with_what_was_agreed() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            let held = held_for_contracts(USER);
            MigrateV1ToV2::<Test>::on_runtime_upgrade();
            let billed = record(RUNNING).billed;
            pass(3_600);
            assert_ok!(report(RUNNING, 3_600));
            assert_eq!(record(RUNNING).billed - billed, 155_000);
            assert_eq!(ends(), [(WAITING, EndCause::CreateTimeout)]);
            assert_eq!(held_for_contracts(USER), held - deposit(0));
            assert_ok!(Contracts_::set_cushion(origin(USER), RUNNING, UNIT));
            assert_ok!(Contracts_::cancel_contract(origin(USER), RUNNING));
            assert_eq!(held_for_contracts(USER), 0);
        });
    }

    #[test]
    fn runs_once() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            MigrateV1ToV2::<Test>::on_runtime_upgrade();
            assert_ok!(Contracts_::set_cushion(origin(USER), RUNNING, UNIT));
            MigrateV1ToV2::<Test>::on_runtime_upgrade();
            assert_eq!(record(RUNNING).cushion, UNIT);
        });
    }

    #[test]
    fn a_new_chain_begins_at_version_2() {
        ExtBuilder::default().build_and_execute(|| {
            assert_eq!(Contracts_::on_chain_storage_version(), 2);
            assert_eq!(Contracts_::in_code_storage_version(), 2);
        });
    }
}
