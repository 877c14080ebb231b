//! Answers for clients: what a wish would cost, how a contract stands.

use grid_types::units::{hourly_rate, most_hourly, seconds_for, Charge, Prices, Resources, MICRO};
use pallet_tfgrid::Pallet as Registry;

use crate::{
    billing::escrow::{drawable, needed_to_create, Levels},
    rent::whole,
    types::{Balance, BillingRecord, ContractId, ContractState, Funding, Parameters, Quote, Seconds},
    BillingOf, Config, Pallet, Rules,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn quote_of(node_id: u32, resources: &Resources, public_ips: u32) -> Option<Quote> {
        let prices = Self::prices_for(node_id, Registry::<T>::renter_of(node_id)).ok()?;
        let rules = Rules::<T>::get();
        let needed = needed_to_create(&rules, &prices, resources, public_ips);
        Some(Self::quote_at(&rules, &prices, resources, public_ips, needed))
    }

    /// Nothing is deployed for a rent, so no time for deployment has to be funded.
    pub(crate) fn quote_of_rent(node_id: u32) -> Option<Quote> {
        let prices = Self::rent_prices(node_id).ok()?;
        let resources = whole(&Registry::<T>::node(node_id).ok()?.capacity);
        let rules = Rules::<T>::get();
        let needed = Levels::of(&rules, &prices, &resources, 0).low;
        Some(Self::quote_at(&rules, &prices, &resources, 0, needed))
    }

    fn quote_at(rules: &Parameters, prices: &Prices, resources: &Resources, public_ips: u32, needed: Balance) -> Quote {
        let held = hourly_rate(prices, &resources.capacity(), public_ips, Charge::Held(rules.holding_share));
        Quote {
            hourly: most_hourly(prices, resources, public_ips),
            traffic: prices.nu,
            needed,
            high: Levels::of(rules, prices, resources, public_ips).high.max(needed),
            held_hourly: held.total.div_ceil(MICRO),
        }
    }

    pub(crate) fn funding_of(contract_id: ContractId) -> Option<Funding> {
        let record = BillingOf::<T>::get(contract_id)?;
        let (rules, now) = (Rules::<T>::get(), Self::now());
        let levels = Levels::of_record(&rules, &record);
        let pause = match record.state {
            ContractState::Grace { until } => Some(Self::pause_of(&record, until, now)),
            _ => None,
        };
        let wanted = pause.map_or(levels.high, |pause| pause.needed_to_resume(&rules, &record));
        let ends = matches!(record.state, ContractState::Ending { .. });
        Some(Funding {
            escrow: record.escrow,
            low: levels.low,
            high: levels.high,
            hourly: most_hourly(&record.prices, &record.resources, record.public_ips),
            seconds_left: match pause {
                Some(pause) => pause.end.saturating_sub(now),
                None if ends => 0,
                None => time_to_low(&record, levels.low, now),
            },
            billed: record.billed,
            cushion: record.cushion,
            restore: if ends { 0 } else { wanted.saturating_sub(record.escrow) },
            drawable: drawable(Balance::MAX, 0, Self::spendable(&record.payer), &record.refill, now),
            grace_until: pause.map(|pause| pause.end),
        })
    }
}

/// Seconds until escrow is at `low` at full use, time that was not reported yet counted as used in full.
fn time_to_low<A>(record: &BillingRecord<A>, low: Balance, now: Seconds) -> Seconds {
    let all = record.resources.capacity();
    let rate = hourly_rate(&record.prices, &all, record.public_ips, Charge::Used(all));
    let charged_until = match record.state {
        ContractState::Created => record.held_since,
        _ => record.paid_until,
    };
    let lasts = seconds_for(&rate, record.escrow.saturating_sub(low), record.carry);
    charged_until.saturating_add(lasts).saturating_sub(now)
}
