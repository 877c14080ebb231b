//! What a farmer says about how a node is reached from the internet.

use frame_support::{pallet_prelude::*, traits::Contains};

use crate::{
    pallet::{Config, Error, Event, Nodes, Pallet, PublicIps},
    twins::is_domain,
    types::{AccountIdOf, Ipv4Cidr, Ipv6Config, PublicConfig},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_node_public_config(
        who: AccountIdOf<T>,
        node_id: u32,
        config: Option<PublicConfig>,
    ) -> DispatchResult {
        let mut node = Self::node_of_farmer(&who, node_id)?;
        if let Some(config) = &config {
            Self::check_public_config(config)?;
        }
        node.public_config = config.clone();
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodePublicConfigSet { node_id, config });
        Ok(())
    }

    fn check_public_config(config: &PublicConfig) -> DispatchResult {
        if let Some((address, gateway)) = &config.ip4 {
            Self::check_own_address(address, *gateway)?;
        }
        if let Some(ip6) = &config.ip6 {
            Self::check_ipv6(ip6)?;
        }
        ensure!(config.domain.as_ref().is_none_or(|domain| is_domain(domain)), Error::<T>::InvalidDomain);
        Ok(())
    }

    /// The rules of `add_farm_ip`; and what farms rent out is no machine's own.
    fn check_own_address(address: &Ipv4Cidr, gateway: u32) -> DispatchResult {
        Self::check_address(address, gateway)?;
        ensure!(!PublicIps::<T>::contains_key(address.address), Error::<T>::AddressTaken);
        Ok(())
    }

    fn check_ipv6(ip6: &Ipv6Config) -> DispatchResult {
        ensure!(ip6.prefix_is_valid(), Error::<T>::InvalidPrefix);
        ensure!(T::AllowedIpv6Addresses::contains(&ip6.address), Error::<T>::AddressNotAllowed);
        ensure!(ip6.address_is_a_hosts(), Error::<T>::InvalidAddress);
        ensure!(ip6.gateway_is_a_neighbour(), Error::<T>::InvalidGateway);
        Ok(())
    }
}
