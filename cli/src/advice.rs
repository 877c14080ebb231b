//! What to do next when the chain refuses, in this program's own verbs. What an error means is the chain's to say.

/// The next step after an error of the chain, by its name; none where its own words say it all.
pub fn next_step(error: &str) -> Option<&'static str> {
    Some(match error {
        // You.
        "NoTwin" => "grid twin create",
        "TwinInUse" => "see: grid contract list, grid name list, grid farm list",
        "CannotPayDeposit" | "FundsUnavailable" | "InabilityToPayFees" => "see: grid balance",
        "NotTheOwner" | "NotAParty" | "NotFarmOwner" | "NotPolicyOwner" | "NotNodeOwner" => {
            "is this the right key? see: grid key show"
        },
        "NotCertifier" => "see who is: grid certifier list",
        "RequireSudo" => "on this chain the council decides, or the root key is another one",

        // Nodes.
        "NodeUnseen" | "NotAMachine" | "NodeClosing" | "NodePoweredDown" | "NodeRented" | "NodeRentedByOther" => {
            "choose another node: grid node list"
        },
        "CapacityExceeded" => "ask for less, or choose another node: grid node list",
        "NodeWholeOnly" => "see what that costs: grid rent quote",
        "NodeHasContracts" => "see: grid contract list --node",
        "NodeNotAuthorized" => "the farmer's key comes first: grid farm authorize",
        "NotNamedAsAgent" => "with the node's key: grid node set-agent",
        "NotAnAgent" => "with the agent's key: grid node accept-agent",
        "NotEnoughAddresses" => "see who has free addresses: grid farm list",
        "FarmInUse" => "see what it has: grid farm show",
        "PolicyInUse" => "grid farm update --policy",

        // Contracts.
        "PriceAboveLimit" => "see the price: grid contract quote; then raise the limit or choose another node",
        "InsufficientFunds" => "see what it takes: grid contract quote or show; and what you have: grid balance",
        "RentCapacityExceeded" => "ask for less, or end another contract inside the rent: grid contract list --node",
        "NotInGrace" => "it is not paused: grid contract show",
        "NameTaken" => "see who has it, and until when: grid name show",
        "NothingToClaim" => "see: grid balance",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory;

    /// Every `grid …` that is advised is a command that exists.
    #[test]
    fn advice_can_be_followed() {
        const NAMES: [&str; 12] = [
            "NoTwin",
            "TwinInUse",
            "CannotPayDeposit",
            "NotTheOwner",
            "NotCertifier",
            "NodeUnseen",
            "NodeWholeOnly",
            "NodeNotAuthorized",
            "NotNamedAsAgent",
            "NotAnAgent",
            "NameTaken",
            "PolicyInUse",
        ];
        let cli = Cli::command();
        for advice in NAMES.map(|name| next_step(name).unwrap_or_else(|| panic!("{name} has no advice"))) {
            for command in advice.split("grid ").skip(1) {
                let mut words = command.split([' ', ',', ';']);
                let noun = words.next().and_then(|noun| cli.find_subcommand(noun));
                let noun = noun.unwrap_or_else(|| panic!("{advice}: no such noun"));
                let Some(verb) = words.next().filter(|_| noun.has_subcommands()) else { continue };
                assert!(noun.find_subcommand(verb).is_some(), "{advice}: no such verb");
            }
        }
    }
}
