//! What was agreed and what it costs.

use super::{mismatch, View, PAGE};
use crate::{
    convert::{bytes, text},
    error::ChainError,
    keys::Account,
    records::{Billing, Contract, Funding, NameLease, Parameters, Quote, RentUse},
    runtime::api,
    Hash,
};
use grid_types::units::Resources;
use jsonrpsee_client::core::params::ArrayParams;
use subxt::{config::substrate::H256, utils::Static};

/// Digests that are asked for at once.
const MARKS: usize = 500;

impl View {
    /// A contract. `None`: it has ended, or its number is not below [`View::next_contract_id`] and it never was.
    pub async fn contract(&self, id: u64) -> Result<Option<Contract>, ChainError> {
        Ok(self.fetch(api::storage().smart_contract_module().contracts(), (id,)).await?.map(Contract::from))
    }

    /// What billing knows of a contract.
    pub async fn billing(&self, id: u64) -> Result<Option<Billing>, ChainError> {
        Ok(self.fetch(api::storage().smart_contract_module().billing_of(), (id,)).await?.map(Billing::from))
    }

    /// The contracts on a node, newest first.
    pub async fn contracts_of_node(&self, node_id: u32) -> Result<Vec<u64>, ChainError> {
        let contracts = self.list(api::storage().smart_contract_module().contracts_of_node(), (node_id,)).await?;
        Ok(contracts.into_iter().map(|(_, contract_id)| contract_id).collect())
    }

    /// Digests of contracts' records, in the order of `ids`; `None` for one that is not there. Much cheaper than the records:
    /// who keeps them reads only those whose digest has changed.
    pub async fn contract_marks(&self, ids: &[u64]) -> Result<Vec<Option<Hash>>, ChainError> {
        let address = api::storage().smart_contract_module().contracts();
        let storage = self.at.storage();
        let entry = storage.entry(address).map_err(|error| mismatch("Contracts", error))?;
        let block = format!("{:?}", self.at.block_hash());
        let mut marks = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MARKS) {
            let mut questions = Vec::with_capacity(ids.len());
            for id in ids {
                let key = entry.fetch_key((*id,)).map_err(|error| mismatch("Contracts", error))?;
                let mut question = ArrayParams::new();
                let given = question.insert(format!("0x{}", hex::encode(key))).and_then(|()| question.insert(&block));
                given.map_err(|error| mismatch("Contracts", error))?;
                questions.push(question);
            }
            let found: Vec<Option<H256>> = self.connection.batch("state_getStorageHash", questions).await?;
            marks.extend(found.into_iter().map(|mark| mark.map(|mark| mark.0)));
        }
        Ok(marks)
    }

    /// Times in which the chain stood still, oldest first: each from its last block before to the first after, Unix seconds.
    pub async fn stalls(&self) -> Result<Vec<(u64, u64)>, ChainError> {
        let stalls = self.fetch(api::storage().smart_contract_module().stalls(), ()).await?;
        Ok(stalls
            .map(|stalls| stalls.0.into_iter().map(|stall| (stall.from, stall.until)).collect())
            .unwrap_or_default())
    }

    /// The contracts of a twin, newest first.
    pub async fn contracts_of_twin(&self, twin_id: u32) -> Result<Vec<u64>, ChainError> {
        let page = |after| api::view_functions().smart_contract_module().contracts_of_twin(twin_id, after, PAGE);
        self.pages(page).await
    }

    /// The number that the next contract gets.
    pub async fn next_contract_id(&self) -> Result<u64, ChainError> {
        let next = self.fetch(api::storage().smart_contract_module().next_contract_id(), ()).await?;
        next.ok_or_else(|| ChainError::unreadable("NextContractId", "it has no value and no default"))
    }

    /// The times and shares of the money rules.
    pub async fn parameters(&self) -> Result<Parameters, ChainError> {
        let rules = self.fetch(api::storage().smart_contract_module().rules(), ()).await?;
        rules.map(Parameters::from).ok_or_else(|| ChainError::unreadable("Rules", "they have no value and no default"))
    }

    /// What could not be paid to an account and waits to be claimed, base units.
    pub async fn payable(&self, account: Account) -> Result<u128, ChainError> {
        let payable = self.fetch(api::storage().smart_contract_module().payable(), (account.into(),)).await?;
        Ok(payable.unwrap_or_default())
    }

    /// What a wish on a node would cost now. `None`: no such node.
    pub async fn quote(&self, node_id: u32, wish: Resources, public_ips: u32) -> Result<Option<Quote>, ChainError> {
        let call = api::view_functions().smart_contract_module().quote(node_id, Static(wish), public_ips);
        Ok(self.ask(call).await?.map(Quote::from))
    }

    /// What renting a whole node would cost now. `None`: no such node.
    pub async fn quote_rent(&self, node_id: u32) -> Result<Option<Quote>, ChainError> {
        let call = api::view_functions().smart_contract_module().quote_rent(node_id);
        Ok(self.ask(call).await?.map(Quote::from))
    }

    /// How the money of a contract stands. `None`: no such contract.
    pub async fn funding(&self, id: u64) -> Result<Option<Funding>, ChainError> {
        let call = api::view_functions().smart_contract_module().funding(id);
        Ok(self.ask(call).await?.map(Funding::from))
    }

    /// Who has a name. `None`: nobody, it can be leased.
    pub async fn name(&self, name: &str) -> Result<Option<NameLease>, ChainError> {
        let call = api::view_functions().smart_contract_module().name_owner(bytes(name));
        Ok(self.ask(call).await?.map(|owner| NameLease::read(name, owner)))
    }

    /// The lease that has this number: leases and contracts are counted together. `None`: no lease, or it is over.
    pub async fn name_lease(&self, contract_id: u64) -> Result<Option<NameLease>, ChainError> {
        let address = api::storage().smart_contract_module().name_contracts();
        match self.fetch(address, (contract_id,)).await? {
            Some(contract) => self.name(&text(contract.name)).await,
            None => Ok(None),
        }
    }

    /// What a rent has left for contracts inside it. `None`: no such rent.
    pub async fn rent_use(&self, contract_id: u64) -> Result<Option<RentUse>, ChainError> {
        let address = api::storage().smart_contract_module().rent_usage();
        Ok(self.fetch(address, (contract_id,)).await?.map(RentUse::from))
    }

    /// The names that a twin has leased, by their contracts' numbers.
    pub async fn names_of_twin(&self, twin_id: u32) -> Result<Vec<NameLease>, ChainError> {
        let address = api::storage().smart_contract_module().name_contracts_of_twin();
        let mut leases = Vec::new();
        for ((_, contract_id), ()) in self.list(address, (twin_id,)).await? {
            leases.extend(self.name_lease(contract_id).await?);
        }
        leases.sort_by_key(|lease| lease.contract_id);
        Ok(leases)
    }

    /// What one day of a name costs now, base units.
    pub async fn name_price(&self) -> Result<u128, ChainError> {
        self.ask(api::view_functions().smart_contract_module().name_price()).await
    }
}
