//! Twins, entities, farms, prices, addresses.

use super::text;
use crate::{
    records::{Entity, Farm, IpClaim, PricingPolicy, PublicIp, Twin},
    runtime::api::runtime_types::pallet_tfgrid::types as registry,
};
use subxt::utils::AccountId32;

impl From<registry::Twin<AccountId32>> for Twin {
    fn from(twin: registry::Twin<AccountId32>) -> Self {
        let entities = twin.entities.into_iter().map(|proof| proof.entity_id);
        Self {
            id: twin.id,
            account: twin.account_id.into(),
            relay: twin.relay.map(text),
            pk: twin.pk.map(|pk| pk.0),
            entities: entities.collect(),
        }
    }
}

impl From<registry::Farm<AccountId32>> for Farm {
    fn from(farm: registry::Farm<AccountId32>) -> Self {
        Self {
            id: farm.id,
            name: text(farm.name),
            twin_id: farm.twin_id,
            pricing_policy_id: farm.pricing_policy_id,
            payout: farm.payout.into(),
            public_ips: farm.public_ips,
        }
    }
}

impl From<registry::PricingPolicy> for PricingPolicy {
    fn from(policy: registry::PricingPolicy) -> Self {
        Self { id: policy.id, name: text(policy.name), twin_id: policy.twin_id, prices: policy.prices.0 }
    }
}

impl PublicIp {
    pub(crate) fn read(address: u32, ip: registry::PublicIp) -> Self {
        Self {
            address: address.into(),
            farm_id: ip.farm_id,
            prefix_len: ip.prefix_len,
            gateway: ip.gateway.into(),
            contract_id: ip.contract_id,
        }
    }
}

impl IpClaim {
    pub(crate) fn read(address: u32, claim: registry::IpClaim) -> Self {
        Self { address: address.into(), prefix_len: claim.prefix_len, gateway: claim.gateway.into() }
    }
}

impl From<registry::Entity<AccountId32>> for Entity {
    fn from(entity: registry::Entity<AccountId32>) -> Self {
        Self {
            id: entity.id,
            name: text(entity.name),
            country: text(entity.country),
            city: text(entity.city),
            account: entity.account_id.into(),
        }
    }
}

impl From<IpClaim> for registry::IpClaim {
    fn from(claim: IpClaim) -> Self {
        Self { prefix_len: claim.prefix_len, gateway: claim.gateway.into() }
    }
}
