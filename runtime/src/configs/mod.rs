//! How each pallet is set up, one file per theme.

mod consensus;
mod contracts;
mod fees;
mod governance;
mod registry;
mod system;
mod users;

pub use consensus::{MaxValidators, SESSION_LENGTH};
pub use fees::{LengthToFee, ToAuthor, WeightToFee};
pub use governance::{AdminOrigin, CouncilCollective, KeepsACouncil};
pub use registry::{AllowedAddresses, AllowedIpv6Addresses, PalletAccounts};
pub use system::ExistentialDeposit;
pub use users::ProxyType;
