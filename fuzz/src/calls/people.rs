//! Twins, sponsors, entities, certifiers.

use codec::Encode;
use frame_support::traits::Contains;
use grid_types::entities::{entity_message, twin_entity_message, EntityDetails};
use gridchain_runtime::{AccountId, Runtime, System};
use pallet_tfgrid::{Call, Entities, TwinsOfEntity};
use sp_runtime::MultiSignature;

use super::{anyone, decision, entry, one_of, text, twin_owner, wish, Entry, Wish};
use crate::{draw::Draw, grid};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("create_twin", 8, create_twin),
        entry("update_twin", 3, |draw| {
            wish(twin_owner(draw), Call::<Runtime>::update_twin { relay: relay(draw), pk: key(draw) })
        }),
        entry("delete_twin", 2, delete_twin),
        entry("sponsor_twin", 3, sponsor_twin),
        entry("withdraw_sponsorship", 2, withdraw_sponsorship),
        entry("create_entity", 3, create_entity),
        entry("update_entity", 2, update_entity),
        entry("delete_entity", 1, |draw| wish(entity_owner(draw), Call::<Runtime>::delete_entity {})),
        entry("add_twin_entity", 3, add_twin_entity),
        entry("delete_twin_entity", 2, delete_twin_entity),
        entry("add_certifier", 2, |draw| decision(Call::<Runtime>::add_certifier { account: anyone(draw) })),
        entry("remove_certifier", 1, remove_certifier),
    ]
}

fn create_twin(draw: &mut Draw) -> Wish {
    let by = one_of(draw, |account| grid::twin_of(account).is_none());
    wish(by, Call::<Runtime>::create_twin { relay: relay(draw), pk: key(draw) })
}

fn delete_twin(draw: &mut Draw) -> Wish {
    let unused = |twin| {
        pallet_tfgrid::TwinUsage::<Runtime>::get(twin).is_empty()
            && !pallet_smart_contract::LiveContracts::<Runtime>::contains(&twin)
    };
    let by = one_of(draw, |account| grid::twin_of(account).is_some_and(unused));
    wish(by, Call::<Runtime>::delete_twin {})
}

fn relay(draw: &mut Draw) -> Option<pallet_tfgrid::Relay> {
    let bad = "x".repeat(1_024);
    draw.one_of(&[None, None, Some("relay.example.org"), Some("a.example_b.example"), Some(""), Some(&bad)]).map(text)
}

fn key(draw: &mut Draw) -> Option<pallet_tfgrid::TwinKey> {
    draw.one_of(&[None, None, Some([2; 33]), Some([9; 33])]).map(text)
}

fn sponsor_twin(draw: &mut Draw) -> Wish {
    let account = one_of(draw, |account| {
        grid::twin_of(account).is_none() && !pallet_tfgrid::TwinSponsors::<Runtime>::contains_key(account)
    });
    wish(anyone(draw), Call::<Runtime>::sponsor_twin { account })
}

fn withdraw_sponsorship(draw: &mut Draw) -> Wish {
    let all = grid::sorted(pallet_tfgrid::TwinSponsors::<Runtime>::iter(), |(account, _)| account.clone());
    let (account, by) = match draw.one_of_fitting(&all, |_| true) {
        Some((account, deposit)) => (account, deposit.who),
        None => (anyone(draw), anyone(draw)),
    };
    wish(by, Call::<Runtime>::withdraw_sponsorship { account })
}

fn entity_owner(draw: &mut Draw) -> AccountId {
    one_of(draw, |account| pallet_tfgrid::EntityIdByAccount::<Runtime>::contains_key(account))
}

fn create_entity(draw: &mut Draw) -> Wish {
    let account = one_of(draw, |account| !pallet_tfgrid::EntityIdByAccount::<Runtime>::contains_key(account));
    let name = format!("entity-{}-{}", draw.byte(), pallet_tfgrid::NextEntityId::<Runtime>::get());
    let (country, city) = ("Belgium", "Ghent");
    let valid_until = grid::now().saturating_add(draw.amount64(60));
    let details = EntityDetails { name: name.as_bytes(), country: country.as_bytes(), city: city.as_bytes() };
    let message = entity_message(System::block_hash(0).as_ref(), &account, details, valid_until);
    let signature = signature(draw, &account, &message);
    let (name, country, city) = (text(name), text(country), text(city));
    let by = anyone(draw);
    wish(by, Call::<Runtime>::create_entity { account, name, country, city, signature, valid_until })
}

/// Mostly the account's.
fn signature(draw: &mut Draw, account: &AccountId, message: &[u8]) -> MultiSignature {
    match (draw.byte(), grid::key_of(account)) {
        (0..=239, Some(key)) => key.sign(message).into(),
        (240..=247, Some(key)) => key.sign(&message.encode()).into(),
        (byte, _) => sp_keyring::Ed25519Keyring::Alice.sign(&[byte]).into(),
    }
}

fn update_entity(draw: &mut Draw) -> Wish {
    let by = entity_owner(draw);
    let name = draw.one_of(&["acme", "Acme", "grid co", "xx"]);
    let (country, city) = draw.one_of(&[("Belgium", "Ghent"), ("Egypt", "Cairo"), ("", "")]);
    wish(by, Call::<Runtime>::update_entity { name: text(name), country: text(country), city: text(city) })
}

fn add_twin_entity(draw: &mut Draw) -> Wish {
    let by = twin_owner(draw);
    let entities = grid::sorted(Entities::<Runtime>::iter_values(), |entity| entity.id);
    let (twin_id, valid_until) = (grid::twin_of(&by).unwrap_or(0), grid::now().saturating_add(draw.amount64(60)));
    let fresh = |id: u32| !TwinsOfEntity::<Runtime>::contains_key(id, twin_id);
    let (id, account) = draw
        .one_of_fitting(&entities, |entity| fresh(entity.id))
        .map_or_else(|| (1, by.clone()), |entity| (entity.id, entity.account_id));
    let entity_id = draw.id32(id);
    let message = twin_entity_message(System::block_hash(0).as_ref(), entity_id, twin_id, valid_until);
    let signature = signature(draw, &account, &message);
    wish(by, Call::<Runtime>::add_twin_entity { entity_id, signature, valid_until })
}

fn delete_twin_entity(draw: &mut Draw) -> Wish {
    let all = grid::sorted(TwinsOfEntity::<Runtime>::iter(), |(entity, twin, _)| (*entity, *twin));
    let (entity_id, twin_id) = draw
        .one_of_fitting(&all, |(_, _, until)| *until < grid::now())
        .map_or((1, 1), |(entity, twin, _)| (entity, twin));
    let entity = Entities::<Runtime>::get(entity_id).map(|entity| entity.account_id);
    let by = if draw.byte() < 128 { grid::account_of(twin_id) } else { entity.unwrap_or_else(|| anyone(draw)) };
    wish(by, Call::<Runtime>::delete_twin_entity { twin_id: draw.id32(twin_id), entity_id: draw.id32(entity_id) })
}

fn remove_certifier(draw: &mut Draw) -> Wish {
    let account = one_of(draw, |account| pallet_tfgrid::Certifiers::<Runtime>::contains_key(account));
    decision(Call::<Runtime>::remove_certifier { account })
}
