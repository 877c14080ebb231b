//! What to do next when the chain refuses, in this program's own verbs. What an error means is the chain's to say.

use grid_client::Call;
use Errand::{Change, Lease, Other, Place, Rent};

/// What the chain was asked to do, as far as the next step depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A contract on a node.
    Place,
    /// A node as a whole.
    Rent,
    /// A name.
    Lease,
    /// Something about a contract that stands.
    Change,
    /// Anything else.
    Other,
}

impl Errand {
    /// What a call is about.
    pub const fn of(call: &Call) -> Self {
        match call {
            Call::CreateContract(_) => Place,
            Call::CreateRentContract { .. } => Rent,
            Call::CreateNameContract { .. } | Call::RenewNameContract { .. } | Call::CancelNameContract { .. } => Lease,
            Call::UpdateContract { .. }
            | Call::CancelContract { .. }
            | Call::FundContract { .. }
            | Call::SetRefillLimit { .. }
            | Call::SetCushion { .. }
            | Call::ResumeContract { .. } => Change,
            _ => Other,
        }
    }
}

/// Errors by name, on which errands, and the next step.
type Advice = (&'static [&'static str], &'static [Errand], &'static str);

const ANY: &[Errand] = &[Place, Rent, Lease, Change, Other];

#[rustfmt::skip] // One piece of advice a line.
const ADVICE: &[Advice] = &[
    // You.
    (&["NoTwin"], ANY, "grid twin create"),
    (&["TwinInUse"], ANY, "see: grid contract list, grid name list, grid farm list, and the entities in: grid twin show; price lists go with: grid policy delete"),
    (&["CannotPayDeposit", "FundsUnavailable"], ANY, "see: grid balance"),
    (&["NotTheOwner", "NotAParty", "NotFarmOwner", "NotPolicyOwner", "NotNodeOwner"], ANY, "is this the right key? see: grid key show"),
    (&["AlreadyCertifier", "NotCertifier"], ANY, "see who is: grid certifier list"),
    (&["RequireSudo"], ANY, "on this chain the council decides, or the root key is another one"),
    (&["NothingToClaim"], ANY, "see: grid balance"),
    (&["TwinNotFound"], ANY, "a twin's number is in: grid twin show"),
    (&["EntityNotFound"], ANY, "an entity's number is in: grid entity show"),

    // Farms and nodes.
    (&["FarmNotFound"], ANY, "see: grid farm list"),
    (&["PolicyNotFound"], ANY, "a farm's price list is in: grid farm show"),
    (&["NodeNotFound"], ANY, "see: grid node list"),
    (&["FarmInUse", "AddressNotFound", "ClaimNotFound"], ANY, "see what it has: grid farm show"),
    (&["PolicyInUse"], ANY, "grid farm update --policy"),
    (&["NotEnoughAddresses"], ANY, "see who has free addresses: grid farm list"),
    (&["NodeUnseen", "NodeClosing", "NodePoweredDown", "NodeRented", "NodeRentedByOther", "NotAMachine"], &[Place, Rent], "choose another node: grid node list"),
    (&["NodeUnseen", "NodePoweredDown"], &[Change], "try again when the node is up: grid node show"),
    (&["NodeClosing"], &[Change], "the contract is about to end; another node: grid node list"),
    (&["CapacityExceeded"], &[Place], "ask for less, or choose another node: grid node list"),
    (&["CapacityExceeded"], &[Change], "ask for less; what is free is in: grid node show"),
    (&["CapacityExceeded"], &[Rent], "the node is not empty, or something broke; choose another one: grid node list"),
    (&["NodeWholeOnly"], ANY, "see what that costs: grid rent quote"),
    (&["NodeHasContracts"], ANY, "see: grid contract list --node"),
    (&["NodeNotAuthorized"], ANY, "the farmer's key comes first: grid farm authorize"),
    (&["NotNamedAsAgent"], ANY, "with the node's key: grid node set-agent"),
    (&["NotAnAgent"], ANY, "with the agent's key: grid node accept-agent"),

    // Contracts.
    (&["ContractNotFound"], &[Place, Rent, Change, Other], "see: grid contract list"),
    (&["ContractNotFound"], &[Lease], "see: grid name list"),
    (&["PriceAboveLimit"], &[Place], "see the price: grid contract quote; then raise --price-limit or choose another node"),
    (&["PriceAboveLimit"], &[Change], "see the price of today: grid contract quote; then raise --price-limit"),
    (&["PriceAboveLimit"], &[Rent], "see the price: grid rent quote; then raise --price-limit or choose another node"),
    (&["PriceAboveLimit"], &[Lease], "see what a day costs: grid name show; then raise --max-price"),
    (&["InsufficientFunds"], &[Place], "see what it takes: grid contract quote; and what you have: grid balance"),
    (&["InsufficientFunds"], &[Change], "see what it takes: grid contract show; and what you have: grid balance"),
    (&["InsufficientFunds"], &[Rent], "see what it takes: grid rent quote; and what you have: grid balance"),
    (&["InsufficientFunds"], &[Lease], "see what a day costs: grid name show; and what you have: grid balance"),
    (&["RentCapacityExceeded"], ANY, "ask for less, or end another contract inside the rent: grid contract list --node"),
    (&["WrongState"], &[Change], "see how it stands: grid contract show"),
    (&["NotInGrace"], ANY, "it is not paused: grid contract show"),
    (&["NameTaken"], ANY, "see who has it, and until when: grid name show"),
];

/// The next step after an error of the chain, by its name; none where its own words say it all.
pub fn next_step(error: &str, errand: Errand) -> Option<&'static str> {
    let fits = |(errors, errands, _): &&Advice| errors.contains(&error) && errands.contains(&errand);
    ADVICE.iter().find(fits).map(|(_, _, step)| *step)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory;
    use grid_client::Account;
    use std::collections::BTreeSet;
    use subxt::{error::TokenError, metadata::Metadata};

    /// The names of all errors that a runtime can give.
    fn errors_of_the_chain() -> BTreeSet<String> {
        let metadata = Metadata::decode_from(include_bytes!("../../grid-client/metadata.scale")).unwrap();
        let pallets = metadata.pallets().filter_map(|pallet| pallet.error_variants()).flatten();
        let mut names: BTreeSet<_> = pallets.map(|error| error.name.clone()).collect();
        // No pallet's: the one of the runtime's general errors that there is advice for.
        names.insert(format!("{:?}", TokenError::FundsUnavailable));
        names
    }

    /// Every `grid …` that is advised is a command that exists.
    #[test]
    fn advice_can_be_followed() {
        let cli = Cli::command();
        for (_, _, advice) in ADVICE {
            for command in advice.split("grid ").skip(1) {
                let mut words = command.split([' ', ',', ';']);
                let noun = words.next().and_then(|noun| cli.find_subcommand(noun));
                let noun = noun.unwrap_or_else(|| panic!("{advice}: no such noun"));
                let Some(verb) = words.next().filter(|_| noun.has_subcommands()) else { continue };
                assert!(noun.find_subcommand(verb).is_some(), "{advice}: no such verb");
            }
        }
    }

    #[test]
    fn all_advice_is_about_errors_that_the_chain_has() {
        let known = errors_of_the_chain();
        for name in ADVICE.iter().flat_map(|(errors, _, _)| *errors) {
            assert!(known.contains(*name), "the chain has no error {name}");
        }
    }

    #[test]
    fn no_advice_hides_another() {
        for errand in ANY {
            let mut seen = BTreeSet::new();
            for name in ADVICE.iter().filter(|advice| advice.1.contains(errand)).flat_map(|advice| advice.0) {
                assert!(seen.insert(name), "{name} twice for {errand:?}");
            }
        }
    }

    #[test]
    fn a_price_is_looked_up_where_it_was_refused() {
        let lease = Call::CreateNameContract { name: "myshop".into(), days: 1, max_price: Some(0) };
        assert!(next_step("PriceAboveLimit", Errand::of(&lease)).unwrap().contains("grid name show"));
        let rent = Call::CreateRentContract { node_id: 1, price_limit: None };
        assert!(next_step("PriceAboveLimit", Errand::of(&rent)).unwrap().contains("grid rent quote"));
        let fund = Call::FundContract { contract_id: 1, amount: 1 };
        assert!(!next_step("NodeUnseen", Errand::of(&fund)).unwrap().contains("choose another"));
        assert_eq!(next_step("NodeClosing", Errand::of(&Call::Claim { account: Account([0; 32]) })), None);
    }
}
