//! The rules about entities, sponsors and certifiers.

use frame_support::ensure;

use super::Checked;
use crate::{pallet::*, types::MAX_CERTIFIERS};

impl<T: Config> Pallet<T> {
    /// Rule 14.
    pub(super) fn check_entities() -> Checked {
        for (id, entity) in Entities::<T>::iter() {
            ensure!(entity.id == id, "rule 14: an entity's id is not its key");
            ensure!(id < NextEntityId::<T>::get(), "rule 14: an entity's id has not been given yet");
            ensure!(
                EntityIdByName::<T>::get(Self::index_name(&entity.name)) == Some(id),
                "rule 14: an entity is not in the index of names"
            );
            ensure!(
                EntityIdByAccount::<T>::get(&entity.account_id) == Some(id),
                "rule 14: an entity is not in the index of accounts"
            );
        }
        let entities = Entities::<T>::iter_keys().count();
        ensure!(EntityIdByName::<T>::iter_keys().count() == entities, "rule 14: the index of names is too long");
        ensure!(EntityIdByAccount::<T>::iter_keys().count() == entities, "rule 14: the index of accounts is too long");
        Ok(())
    }

    /// Rule 15. Each pair of the list is in its twin once, and twins have no more than the list.
    pub(super) fn check_twin_entities() -> Checked {
        let mut listed = 0_usize;
        for (entity_id, twin_id) in TwinsOfEntity::<T>::iter_keys() {
            ensure!(Entities::<T>::contains_key(entity_id), "rule 15: an entity that vouches is gone");
            let Some(twin) = Twins::<T>::get(twin_id) else { return Err("rule 15: a listed twin is gone".into()) };
            let times = twin.entities.0.iter().filter(|proof| proof.entity_id == entity_id).count();
            ensure!(times == 1, "rule 15: a listed entity is not in the twin once");
            listed = listed.saturating_add(1);
        }
        let proofs = Twins::<T>::iter_values().map(|twin| twin.entities.0.len()).fold(0_usize, usize::saturating_add);
        ensure!(proofs == listed, "rule 15: an entity in a twin is not listed");
        Ok(())
    }

    /// Rule 16.
    pub(super) fn check_sponsors() -> Checked {
        let mut accounts = TwinSponsors::<T>::iter_keys();
        ensure!(
            !accounts.any(TwinIdByAccountID::<T>::contains_key),
            "rule 16: somebody waits to pay for a twin that is there"
        );
        Ok(())
    }

    /// Rule 17.
    pub(super) fn check_certifiers() -> Checked {
        let counted = Certifiers::<T>::count();
        ensure!(
            u32::try_from(Certifiers::<T>::iter_keys().count()) == Ok(counted),
            "rule 17: certifiers are miscounted"
        );
        ensure!(counted <= MAX_CERTIFIERS, "rule 17: there are too many certifiers");
        Ok(())
    }
}
