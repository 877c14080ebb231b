use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};

use crate::{mock::*, *};

fn sponsor(sponsor: AccountId, account: AccountId) -> sp_runtime::DispatchResult {
    TfgridModule::sponsor_twin(signed(sponsor), account)
}

fn withdraw(sponsor: AccountId, account: AccountId) -> sp_runtime::DispatchResult {
    TfgridModule::withdraw_sponsorship(signed(sponsor), account)
}

mod sponsor_twin {
    use super::*;

    #[test]
    fn holds_the_deposit_in_the_sponsors_account() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            assert_eq!((held(STRANGER), held(PAUPER)), (TWIN_DEPOSIT, 0));
            assert_eq!(last_event(), Event::TwinSponsored { account: PAUPER, sponsor: STRANGER });
        });
    }

    #[test]
    fn pays_for_an_account_that_cannot() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            assert_ok!(TfgridModule::create_twin(signed(PAUPER), None, None));

            assert_eq!((held(STRANGER), held(PAUPER)), (TWIN_DEPOSIT, 0));
            assert_eq!(TwinSponsors::<Test>::get(PAUPER), None);
            let deposit = Deposit { who: STRANGER, amount: TWIN_DEPOSIT };
            assert_eq!(Deposits::<Test>::get(DepositKey::Twin(1)), Some(deposit));
        });
    }

    #[test]
    fn pays_for_an_account_that_could() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, FARMER));
            twin(FARMER);
            assert_eq!((held(STRANGER), held(FARMER)), (TWIN_DEPOSIT, 0));
        });
    }

    #[test]
    fn gets_the_deposit_back_when_the_twin_goes() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, FARMER));
            twin(FARMER);
            assert_ok!(TfgridModule::delete_twin(signed(FARMER)));

            assert_eq!(held(STRANGER), 0);
            assert_eq!((Balances::free_balance(STRANGER), Balances::free_balance(FARMER)), (FUNDS, FUNDS));
        });
    }

    #[test]
    fn pays_for_one_twin_and_not_for_the_next() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            twin(PAUPER);
            assert_ok!(TfgridModule::delete_twin(signed(PAUPER)));
            assert_noop!(TfgridModule::create_twin(signed(PAUPER), None, None), Error::<Test>::CannotPayDeposit);
        });
    }

    #[test]
    fn may_be_done_for_several_accounts_and_for_oneself() {
        ExtBuilder::default().build_and_execute(|| {
            for account in [PAUPER, FARMER, STRANGER] {
                assert_ok!(sponsor(STRANGER, account));
                twin(account);
            }
            assert_eq!(held(STRANGER), 3 * TWIN_DEPOSIT);
        });
    }

    /// Money that is on hold for a twin can't be spent, so a sponsor can't promise more than he has.
    #[test]
    fn fails_without_money_for_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(sponsor(PAUPER, FARMER), Error::<Test>::CannotPayDeposit);
            Balances::set_balance(&PAUPER, 2 * TWIN_DEPOSIT);
            assert_ok!(sponsor(PAUPER, FARMER));
            assert_noop!(sponsor(PAUPER, MACHINE), Error::<Test>::CannotPayDeposit);
        });
    }

    #[test]
    fn fails_for_an_account_with_a_twin() {
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            assert_noop!(sponsor(STRANGER, FARMER), Error::<Test>::TwinExists);
        });
    }

    #[test]
    fn fails_for_an_account_with_a_sponsor() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            assert_noop!(sponsor(STRANGER, PAUPER), Error::<Test>::AlreadySponsored);
            assert_noop!(sponsor(FARMER, PAUPER), Error::<Test>::AlreadySponsored);
        });
    }

    #[test]
    fn fails_for_an_account_of_the_runtime() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(sponsor(STRANGER, POT), Error::<Test>::AccountReserved);
        });
    }
}

mod withdraw_sponsorship {
    use super::*;

    #[test]
    fn gives_the_deposit_back() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            assert_ok!(withdraw(STRANGER, PAUPER));

            assert_eq!(held(STRANGER), 0);
            assert_eq!(last_event(), Event::SponsorshipWithdrawn { account: PAUPER, sponsor: STRANGER });
            assert_noop!(TfgridModule::create_twin(signed(PAUPER), None, None), Error::<Test>::CannotPayDeposit);
        });
    }

    #[test]
    fn works_once() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            assert_ok!(withdraw(STRANGER, PAUPER));
            assert_noop!(withdraw(STRANGER, PAUPER), Error::<Test>::NotSponsored);
        });
    }

    #[test]
    fn makes_room_for_another_sponsor() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            assert_ok!(withdraw(STRANGER, PAUPER));
            assert_ok!(sponsor(FARMER, PAUPER));
        });
    }

    #[test]
    fn is_for_the_sponsor_alone() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            assert_noop!(withdraw(FARMER, PAUPER), Error::<Test>::NotSponsor);
            assert_noop!(withdraw(PAUPER, PAUPER), Error::<Test>::NotSponsor);
        });
    }

    /// A sponsor who could take the money back from under a living twin would have made a twin for nothing.
    #[test]
    fn fails_once_the_twin_is_made() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            twin(PAUPER);
            assert_noop!(withdraw(STRANGER, PAUPER), Error::<Test>::NotSponsored);
        });
    }

    /// Nothing that the sponsored account does or leaves undone keeps an unused deposit.
    #[test]
    fn works_when_the_account_has_gone() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            Balances::set_balance(&PAUPER, 0);
            assert_ok!(withdraw(STRANGER, PAUPER));
            assert_eq!(Balances::free_balance(STRANGER), FUNDS);
        });
    }

    #[test]
    fn gives_what_is_there_when_a_hold_was_slashed() {
        use frame_support::traits::{
            fungible::MutateHold,
            tokens::{Fortitude, Precision},
        };
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(sponsor(STRANGER, PAUPER));
            let reason = RuntimeHoldReason::TfgridModule(HoldReason::Twin);
            Balances::burn_held(&reason, &STRANGER, 4, Precision::Exact, Fortitude::Force).unwrap();
            assert_ok!(withdraw(STRANGER, PAUPER));
            assert_eq!(Balances::free_balance(STRANGER), FUNDS - 4);
        });
    }
}

/// Round trips of both sides leave everyone with what he had: nobody profits, whoever pays for whom.
#[test]
fn nobody_gains_by_sponsoring_in_a_circle() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(sponsor(FARMER, MACHINE));
        assert_ok!(sponsor(MACHINE, FARMER));
        twin(FARMER);
        assert_ok!(TfgridModule::delete_twin(signed(FARMER)));
        assert_ok!(withdraw(FARMER, MACHINE));
        for account in [FARMER, MACHINE] {
            assert_eq!((held(account), Balances::free_balance(account)), (0, FUNDS));
        }
    });
}
