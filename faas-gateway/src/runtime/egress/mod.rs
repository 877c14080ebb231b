//! What a component may reach outwards: nothing, unless its deployment names servers.
//!
//! Two rules, both must hold. The deployment's ([`Egress`]): the host's name and port are on its list. The operator's
//! ([`EgressRules`]): the address is a public one, or in a network that the operator has listed; otherwise a function
//! could speak to this machine's own services, its neighbours or a cloud's metadata. A name is resolved once, the
//! addresses are checked, and the connection goes to one that was checked: what the name resolves to later is nobody's
//! concern. Redirects are answers like any other; a function that follows one asks anew.

mod address;
mod list;
mod send;

pub(crate) use address::EgressRules;
pub(crate) use list::{Egress, ANNOTATION};
pub(super) use send::Outgoing;
