//! Answers for clients: what a wish would cost, how a contract stands.

use grid_types::units::{most_hourly, Resources, HOUR};
use pallet_tfgrid::Pallet as Registry;

use crate::{
    billing::escrow::{needed_to_create, Levels},
    types::{ContractId, Funding, Quote, Seconds},
    BillingOf, Config, Pallet, Rules,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn quote_of(node_id: u32, resources: &Resources, public_ips: u32) -> Option<Quote> {
        let prices = Registry::<T>::prices_of_node(node_id).ok()?;
        let rules = Rules::<T>::get();
        let needed = needed_to_create(&rules, &prices, resources, public_ips);
        let levels = Levels::of(&rules, &prices, resources, public_ips);
        Some(Quote {
            hourly: most_hourly(&prices, resources, public_ips),
            traffic: prices.nu,
            needed,
            high: levels.high.max(needed),
        })
    }

    pub(crate) fn funding_of(contract_id: ContractId) -> Option<Funding> {
        let record = BillingOf::<T>::get(contract_id)?;
        let rules = Rules::<T>::get();
        let levels = Levels::of_record(&rules, &record);
        let hourly = most_hourly(&record.prices, &record.resources, record.public_ips);
        let above = record.escrow.saturating_sub(levels.low);
        // What costs nothing lasts for ever.
        let seconds = above.saturating_mul(u128::from(HOUR)).checked_div(hourly).unwrap_or(u128::MAX);
        Some(Funding {
            escrow: record.escrow,
            low: levels.low,
            high: levels.high,
            hourly,
            seconds_left: Seconds::try_from(seconds).unwrap_or(Seconds::MAX),
            billed: record.billed,
        })
    }
}
