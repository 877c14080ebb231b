use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, *};

fn key(first: u8, length: usize) -> Option<TwinKey> {
    let mut bytes = vec![7; length];
    if let Some(byte) = bytes.first_mut() {
        *byte = first;
    }
    Some(bytes.try_into().unwrap())
}

fn relay(list: &str) -> Option<Relay> {
    Some(text(list))
}

mod create_twin {
    use super::*;

    #[test]
    fn stores_a_twin_of_the_signer() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(TfgridModule::create_twin(signed(FARMER), relay("relay.example.org"), key(2, 33)));

            let twin = Twins::<Test>::get(1).unwrap();
            assert_eq!(twin.id, 1);
            assert_eq!(twin.account_id, FARMER);
            assert_eq!(twin.relay, relay("relay.example.org"));
            assert_eq!(twin.pk, key(2, 33));
            assert!(twin.entities.0.is_empty());
            assert_eq!(TwinIdByAccountID::<Test>::get(FARMER), Some(1));
            assert_eq!(events(), [Event::TwinStored(twin)]);
        });
    }

    #[test]
    fn holds_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(TfgridModule::create_twin(signed(FARMER), None, None));
            assert_eq!(held(FARMER), TWIN_DEPOSIT);
        });
    }

    #[test]
    fn gives_ids_in_turn_and_never_twice() {
        ExtBuilder::default().build_and_execute(|| {
            assert_eq!(twin(FARMER), 1);
            assert_eq!(twin(MACHINE), 2);
            assert_ok!(TfgridModule::delete_twin(signed(MACHINE)));
            assert_eq!(twin(MACHINE), 3);
        });
    }

    #[test]
    fn fails_for_an_account_with_a_twin() {
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            assert_noop!(TfgridModule::create_twin(signed(FARMER), None, None), Error::<Test>::TwinExists);
        });
    }

    #[test]
    fn fails_for_an_account_of_the_runtime() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::create_twin(signed(POT), None, None), Error::<Test>::AccountReserved);
        });
    }

    #[test]
    fn fails_without_money_for_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::create_twin(signed(PAUPER), None, None), Error::<Test>::CannotPayDeposit);
        });
    }

    #[test]
    fn fails_when_ids_are_used_up() {
        ExtBuilder::default().build_and_execute(|| {
            NextTwinId::<Test>::put(u32::MAX);
            assert_noop!(TfgridModule::create_twin(signed(FARMER), None, None), Error::<Test>::IdsExhausted);
        });
    }

    #[test]
    fn fails_unsigned_and_for_root() {
        ExtBuilder::default().build_and_execute(|| {
            let bad = sp_runtime::DispatchError::BadOrigin;
            assert_noop!(TfgridModule::create_twin(RuntimeOrigin::none(), None, None), bad);
            assert_noop!(TfgridModule::create_twin(RuntimeOrigin::root(), None, None), bad);
        });
    }

    #[test]
    fn accepts_relay_lists_of_rmb_peers() {
        let domain = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(61));
        let longest = [domain.as_str(); 4].join("_");
        for list in ["localhost", "a-b.example.org", "r1.grid.tf_r2.grid.tf_r3.grid.tf_10.0.0.1", &longest] {
            ExtBuilder::default().build_and_execute(|| {
                assert_ok!(TfgridModule::create_twin(signed(FARMER), relay(list), None));
            });
        }
    }

    #[test]
    fn refuses_other_relays() {
        ExtBuilder::default().build_and_execute(|| {
            let long_label = "a".repeat(64);
            let long_domain = vec!["a".repeat(63); 4].join(".");
            let overlong = "a".repeat(1024);
            let bad = [
                "",
                "_",
                "a_",
                "_a",
                "a__b",
                "a_b_c_d_e",
                "host:80",
                "ws://host",
                "a..b",
                ".",
                "-a",
                "a-",
                "a b",
                "é",
                "a\0",
            ];
            for list in bad.into_iter().chain([long_label.as_str(), &long_domain, &overlong]) {
                assert_noop!(TfgridModule::create_twin(signed(FARMER), relay(list), None), Error::<Test>::InvalidRelay);
            }
        });
    }

    #[test]
    fn refuses_keys_that_are_no_compressed_points() {
        ExtBuilder::default().build_and_execute(|| {
            for pk in [key(2, 0), key(2, 32), key(2, 34), key(4, 33), key(0, 33), key(2, 128)] {
                assert_noop!(TfgridModule::create_twin(signed(FARMER), None, pk), Error::<Test>::InvalidPublicKey);
            }
        });
    }
}

mod update_twin {
    use super::*;

    #[test]
    fn replaces_relay_and_key() {
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            assert_ok!(TfgridModule::update_twin(signed(FARMER), relay("localhost"), key(3, 33)));

            let twin = Twins::<Test>::get(1).unwrap();
            assert_eq!((&twin.relay, &twin.pk), (&relay("localhost"), &key(3, 33)));
            assert_eq!(last_event(), Event::TwinUpdated(twin));
        });
    }

    #[test]
    fn removes_what_is_none() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(TfgridModule::create_twin(signed(FARMER), relay("localhost"), key(3, 33)));
            assert_ok!(TfgridModule::update_twin(signed(FARMER), None, None));
            let twin = Twins::<Test>::get(1).unwrap();
            assert_eq!((twin.relay, twin.pk), (None, None));
        });
    }

    #[test]
    fn touches_no_other_twin() {
        ExtBuilder::default().build_and_execute(|| {
            let (farmer, machine) = (twin(FARMER), twin(MACHINE));
            let before = Twins::<Test>::get(farmer);
            assert_ok!(TfgridModule::update_twin(signed(MACHINE), relay("localhost"), None));
            assert_eq!(Twins::<Test>::get(farmer), before);
            assert_eq!(Twins::<Test>::get(machine).unwrap().relay, relay("localhost"));
        });
    }

    #[test]
    fn fails_without_a_twin() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::update_twin(signed(FARMER), None, None), Error::<Test>::NoTwin);
        });
    }

    #[test]
    fn refuses_bad_relay_and_key() {
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            assert_noop!(TfgridModule::update_twin(signed(FARMER), relay(":"), None), Error::<Test>::InvalidRelay);
            assert_noop!(TfgridModule::update_twin(signed(FARMER), None, key(9, 33)), Error::<Test>::InvalidPublicKey);
        });
    }
}

mod delete_twin {
    use super::*;

    #[test]
    fn removes_the_record_and_returns_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let twin_id = twin(FARMER);
            assert_ok!(TfgridModule::delete_twin(signed(FARMER)));

            assert_eq!(Twins::<Test>::get(twin_id), None);
            assert_eq!(TwinIdByAccountID::<Test>::get(FARMER), None);
            assert_eq!(held(FARMER), 0);
            assert_eq!(Balances::free_balance(FARMER), FUNDS);
            assert_eq!(last_event(), Event::TwinDeleted { twin_id, account_id: FARMER });
        });
    }

    #[test]
    fn fails_without_a_twin() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::delete_twin(signed(FARMER)), Error::<Test>::NoTwin);
        });
    }

    #[test]
    fn fails_while_it_owns_a_policy() {
        ExtBuilder::default().build_and_execute(|| {
            policy(FARMER, "prices");
            assert_noop!(TfgridModule::delete_twin(signed(FARMER)), Error::<Test>::TwinInUse);
        });
    }

    #[test]
    fn fails_while_it_owns_a_farm() {
        ExtBuilder::default().build_and_execute(|| {
            farm(FARMER, "farm");
            assert_noop!(TfgridModule::delete_twin(signed(FARMER)), Error::<Test>::TwinInUse);
        });
    }

    #[test]
    fn fails_while_it_runs_a_node() {
        ExtBuilder::default().build_and_execute(|| {
            node(farm(FARMER, "farm"));
            assert_noop!(TfgridModule::delete_twin(signed(MACHINE)), Error::<Test>::TwinInUse);
        });
    }

    #[test]
    fn fails_while_it_has_live_contracts() {
        ExtBuilder::default().build_and_execute(|| {
            let twin_id = twin(STRANGER);
            BoundTwins::set(vec![twin_id]);
            assert_noop!(TfgridModule::delete_twin(signed(STRANGER)), Error::<Test>::TwinInUse);
            BoundTwins::set(Vec::new());
            assert_ok!(TfgridModule::delete_twin(signed(STRANGER)));
        });
    }

    #[test]
    fn works_when_everything_has_been_removed() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            let address = farm_ip(farm_id, 10);
            assert_ok!(TfgridModule::delete_node(signed(FARMER), node_id));
            assert_ok!(TfgridModule::remove_farm_ip(signed(FARMER), farm_id, address));
            assert_ok!(TfgridModule::delete_farm(signed(FARMER), farm_id));
            assert_ok!(TfgridModule::delete_pricing_policy(signed(FARMER), 1));
            assert_ok!(TfgridModule::delete_twin(signed(FARMER)));
            assert_ok!(TfgridModule::delete_twin(signed(MACHINE)));

            assert_eq!((held(FARMER), held(MACHINE)), (0, 0));
            assert_eq!(Deposits::<Test>::iter().count(), 0);
        });
    }

    #[test]
    fn returns_what_is_there_when_a_hold_was_slashed() {
        use frame_support::traits::{
            fungible::MutateHold,
            tokens::{Fortitude, Precision},
        };
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            let reason = RuntimeHoldReason::TfgridModule(HoldReason::Twin);
            Balances::burn_held(&reason, &FARMER, 4, Precision::Exact, Fortitude::Force).unwrap();
            assert_ok!(TfgridModule::delete_twin(signed(FARMER)));
            assert_eq!(Balances::free_balance(FARMER), FUNDS - 4);
        });
    }
}
