//! Who is who and what there is.

use super::{View, PAGE};
use crate::{
    convert::bytes,
    error::ChainError,
    keys::Account,
    records::{Entity, Farm, IpClaim, Node, NodeStatus, PricingPolicy, PublicIp, Twin},
    runtime::api,
};
use grid_types::units::Capacity;
use subxt::utils::Static;

impl View {
    /// A twin.
    pub async fn twin(&self, id: u32) -> Result<Option<Twin>, ChainError> {
        Ok(self.fetch(api::storage().tfgrid_module().twins(), (id,)).await?.map(Twin::from))
    }

    /// The twin of an account.
    pub async fn twin_of(&self, account: Account) -> Result<Option<u32>, ChainError> {
        self.fetch(api::storage().tfgrid_module().twin_id_by_account_id(), (account.into(),)).await
    }

    /// An entity.
    pub async fn entity(&self, id: u32) -> Result<Option<Entity>, ChainError> {
        Ok(self.fetch(api::storage().tfgrid_module().entities(), (id,)).await?.map(Entity::from))
    }

    /// The entity of an account.
    pub async fn entity_of(&self, account: Account) -> Result<Option<Entity>, ChainError> {
        let call = api::view_functions().tfgrid_module().entity_of(account.into());
        Ok(self.ask(call).await?.map(Entity::from))
    }

    /// The accounts that vouch for machines and addresses, in no order.
    pub async fn certifiers(&self) -> Result<Vec<Account>, ChainError> {
        let certifiers = self.list(api::storage().tfgrid_module().certifiers(), ()).await?;
        Ok(certifiers.into_iter().map(|((account,), ())| account.into()).collect())
    }

    /// A price list.
    pub async fn policy(&self, id: u32) -> Result<Option<PricingPolicy>, ChainError> {
        Ok(self.fetch(api::storage().tfgrid_module().pricing_policies(), (id,)).await?.map(PricingPolicy::from))
    }

    /// A farm.
    pub async fn farm(&self, id: u32) -> Result<Option<Farm>, ChainError> {
        Ok(self.fetch(api::storage().tfgrid_module().farms(), (id,)).await?.map(Farm::from))
    }

    /// The farm of a name, whatever the case of its letters.
    pub async fn farm_by_name(&self, name: &str) -> Result<Option<u32>, ChainError> {
        let name = bytes(name.to_ascii_lowercase());
        self.fetch(api::storage().tfgrid_module().farm_id_by_name(), (name,)).await
    }

    /// All farms, by id.
    pub async fn farms(&self) -> Result<Vec<Farm>, ChainError> {
        let farms = self.list(api::storage().tfgrid_module().farms(), ()).await?;
        let mut farms: Vec<_> = farms.into_iter().map(|(_, farm)| Farm::from(farm)).collect();
        farms.sort_by_key(|farm| farm.id);
        Ok(farms)
    }

    /// A farm's verified public addresses. Reads all addresses of the chain.
    pub async fn public_ips_of(&self, farm_id: u32) -> Result<Vec<PublicIp>, ChainError> {
        let ips = self.list(api::storage().tfgrid_module().public_ips(), ()).await?;
        let mut ips: Vec<_> = ips.into_iter().map(|((address,), ip)| PublicIp::read(address, ip)).collect();
        ips.retain(|ip| ip.farm_id == farm_id);
        ips.sort_by_key(|ip| ip.address);
        Ok(ips)
    }

    /// A farm's claims that nobody has verified.
    pub async fn ip_claims_of(&self, farm_id: u32) -> Result<Vec<IpClaim>, ChainError> {
        let claims = self.list(api::storage().tfgrid_module().ip_claims(), (farm_id,)).await?;
        let mut claims: Vec<_> =
            claims.into_iter().map(|((_, address), claim)| IpClaim::read(address, claim)).collect();
        claims.sort_by_key(|claim| claim.address);
        Ok(claims)
    }

    /// A node.
    pub async fn node(&self, id: u32) -> Result<Option<Node>, ChainError> {
        Ok(self.fetch(api::storage().tfgrid_module().nodes(), (id,)).await?.map(Node::from))
    }

    /// All nodes, by id.
    pub async fn nodes(&self) -> Result<Vec<Node>, ChainError> {
        let nodes = self.list(api::storage().tfgrid_module().nodes(), ()).await?;
        let mut nodes: Vec<_> = nodes.into_iter().map(|(_, node)| Node::from(node)).collect();
        nodes.sort_by_key(|node| node.id);
        Ok(nodes)
    }

    /// The nodes of a farm, by id.
    pub async fn nodes_of_farm(&self, farm_id: u32) -> Result<Vec<u32>, ChainError> {
        let page = |after| api::view_functions().tfgrid_module().nodes_of_farm(farm_id, after, PAGE);
        let mut nodes = self.pages(page).await?;
        nodes.sort_unstable();
        Ok(nodes)
    }

    /// Nodes that have room for `wish` and so many public addresses, are let in parts, and were heard of lately; by id.
    pub async fn free_nodes(&self, wish: Capacity, public_ips: u32) -> Result<Vec<u32>, ChainError> {
        let (mut found, mut after) = (Vec::new(), Some(0));
        while let Some(last) = after {
            let call = api::view_functions().tfgrid_module().free_nodes(Static(wish), public_ips, last, PAGE);
            let (page, next) = self.ask(call).await?;
            found.extend(page);
            after = next;
        }
        Ok(found)
    }

    /// How many of a farm's addresses can be reserved now; counted up to 1,000.
    pub async fn free_public_ips(&self, farm_id: u32) -> Result<u32, ChainError> {
        self.ask(api::view_functions().tfgrid_module().free_public_ips(farm_id)).await
    }

    /// The node whose messages this account signs.
    pub async fn node_of_agent(&self, agent: Account) -> Result<Option<u32>, ChainError> {
        self.fetch(api::storage().tfgrid_module().node_id_by_agent(), (agent.into(),)).await
    }

    /// The node of a twin.
    pub async fn node_of_twin(&self, twin_id: u32) -> Result<Option<u32>, ChainError> {
        self.fetch(api::storage().tfgrid_module().node_id_by_twin_id(), (twin_id,)).await
    }

    /// What contracts took of a node, who rents it, and when it was heard of.
    pub async fn node_status(&self, id: u32) -> Result<NodeStatus, ChainError> {
        let status = self.fetch(api::storage().tfgrid_module().node_status(), (id,)).await?;
        Ok(status.map(NodeStatus::from).unwrap_or_default())
    }

    /// Whether the farmer lets this account register a node.
    pub async fn node_authorized(&self, farm_id: u32, account: Account) -> Result<bool, ChainError> {
        let address = api::storage().tfgrid_module().node_authorizations();
        Ok(self.fetch(address, (farm_id, account.into())).await?.is_some())
    }
}
