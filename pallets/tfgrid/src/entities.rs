//! What the calls about entities do: who they are, and for which twins they vouch.
//!
//! **A signature counts once.** Entities sign outside transactions, so nothing counts their signatures for us, and the
//! nonce of an account starts again when the account has been empty. Each signature names the second in which it ends,
//! and what it made can't be undone before: as long as it is valid, the record it made is in the way of a second one.

use alloc::vec::Vec;
use codec::Encode;
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::BlockNumberFor;
use grid_types::entities::{entity_message, twin_entity_message, EntityDetails, MAX_SIGNATURE_LIFE};
use sp_runtime::traits::{Verify, Zero};

use crate::{
    nodes::is_text,
    pallet::{
        Config, Entities, EntityIdByAccount, EntityIdByName, Error, Event, NextEntityId, Pallet, Twins, TwinsOfEntity,
    },
    types::{AccountIdOf, DepositKey, Entity, EntityOf, EntityProof, EntitySignature, NameInput, ShortText},
};

/// Entities.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_create_entity(
        who: AccountIdOf<T>,
        account: AccountIdOf<T>,
        name: NameInput,
        country: ShortText,
        city: ShortText,
        signature: T::Signature,
        valid_until: u64,
    ) -> DispatchResult {
        ensure!(!EntityIdByAccount::<T>::contains_key(&account), Error::<T>::EntityExists);
        let name = Self::check_name(name)?;
        Self::check_place(&country, &city)?;
        let index = Self::index_name(&name);
        ensure!(!EntityIdByName::<T>::contains_key(&index), Error::<T>::EntityNameTaken);
        let details = EntityDetails { name: &name, country: &country, city: &city };
        let message = entity_message(Self::genesis_hash().as_ref(), &account, details, valid_until);
        Self::check_signature(&signature, &message, &account, valid_until)?;

        let id = Self::next_id::<NextEntityId<T>>()?;
        Self::take_deposit(DepositKey::Entity(id), &who)?;
        EntityIdByName::<T>::insert(index, id);
        EntityIdByAccount::<T>::insert(&account, id);
        let entity = Entity { id, name, account_id: account.clone(), country, city, signed_until: valid_until };
        Entities::<T>::insert(id, entity);
        Self::deposit_event(Event::EntityCreated { entity_id: id, account });
        Ok(())
    }

    pub(crate) fn do_update_entity(
        who: AccountIdOf<T>,
        name: NameInput,
        country: ShortText,
        city: ShortText,
    ) -> DispatchResult {
        let mut entity = Self::entity_of_signer(&who)?;
        let name = Self::check_name(name)?;
        Self::check_place(&country, &city)?;
        let (old, new) = (Self::index_name(&entity.name), Self::index_name(&name));
        if old != new {
            ensure!(!EntityIdByName::<T>::contains_key(&new), Error::<T>::EntityNameTaken);
            EntityIdByName::<T>::remove(old);
            EntityIdByName::<T>::insert(new, entity.id);
        }
        let entity_id = entity.id;
        (entity.name, entity.country, entity.city) = (name, country, city);
        Entities::<T>::insert(entity_id, entity);
        Self::deposit_event(Event::EntityUpdated { entity_id });
        Ok(())
    }

    pub(crate) fn do_delete_entity(who: AccountIdOf<T>) -> DispatchResult {
        let entity = Self::entity_of_signer(&who)?;
        let vouches = TwinsOfEntity::<T>::iter_key_prefix(entity.id).next().is_some();
        ensure!(!vouches, Error::<T>::EntityInUse);
        Self::ensure_expired(entity.signed_until)?;

        Entities::<T>::remove(entity.id);
        EntityIdByName::<T>::remove(Self::index_name(&entity.name));
        EntityIdByAccount::<T>::remove(&who);
        Self::return_deposit(DepositKey::Entity(entity.id))?;
        Self::deposit_event(Event::EntityDeleted { entity_id: entity.id, account: who });
        Ok(())
    }

    /// Errors: [`Error::NoEntity`].
    fn entity_of_signer(who: &AccountIdOf<T>) -> Result<EntityOf<T>, Error<T>> {
        let id = EntityIdByAccount::<T>::get(who).ok_or(Error::NoEntity)?;
        Self::entity(id)
    }

    /// Errors: [`Error::EntityNotFound`].
    fn entity(entity_id: u32) -> Result<EntityOf<T>, Error<T>> {
        Entities::<T>::get(entity_id).ok_or(Error::EntityNotFound)
    }

    fn check_place(country: &ShortText, city: &ShortText) -> Result<(), Error<T>> {
        ensure!(is_text(country) && is_text(city), Error::InvalidLocation);
        Ok(())
    }
}

/// Entities that vouch for twins.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_add_twin_entity(
        who: AccountIdOf<T>,
        entity_id: u32,
        signature: T::Signature,
        valid_until: u64,
    ) -> DispatchResult {
        let twin_id = Self::twin_of(&who)?;
        let entity = Self::entity(entity_id)?;
        ensure!(!TwinsOfEntity::<T>::contains_key(entity_id, twin_id), Error::<T>::TwinEntityExists);
        let mut twin = Twins::<T>::get(twin_id).ok_or(Error::<T>::TwinNotFound)?;
        let proof = EntityProof { entity_id, signature: Self::stored_signature(&signature)? };
        twin.entities.0.try_push(proof).map_err(|_| Error::<T>::TooManyEntities)?;
        let message = twin_entity_message(Self::genesis_hash().as_ref(), entity_id, twin_id, valid_until);
        Self::check_signature(&signature, &message, &entity.account_id, valid_until)?;

        Self::take_deposit(DepositKey::TwinEntity { twin_id, entity_id }, &who)?;
        TwinsOfEntity::<T>::insert(entity_id, twin_id, valid_until);
        Twins::<T>::insert(twin_id, &twin);
        Self::deposit_event(Event::TwinEntityAdded { twin_id, entity_id });
        Self::deposit_event(Event::TwinUpdated(twin));
        Ok(())
    }

    pub(crate) fn do_delete_twin_entity(who: AccountIdOf<T>, twin_id: u32, entity_id: u32) -> DispatchResult {
        let signed_until = TwinsOfEntity::<T>::get(entity_id, twin_id).ok_or(Error::<T>::TwinEntityNotFound)?;
        let mut twin = Twins::<T>::get(twin_id).ok_or(Error::<T>::TwinNotFound)?;
        let allowed = who == twin.account_id || who == Self::entity(entity_id)?.account_id;
        ensure!(allowed, Error::<T>::NotTwinOrEntity);
        Self::ensure_expired(signed_until)?;

        twin.entities.0.retain(|proof| proof.entity_id != entity_id);
        TwinsOfEntity::<T>::remove(entity_id, twin_id);
        Twins::<T>::insert(twin_id, &twin);
        Self::return_deposit(DepositKey::TwinEntity { twin_id, entity_id })?;
        Self::deposit_event(Event::TwinEntityRemoved { twin_id, entity_id });
        Self::deposit_event(Event::TwinUpdated(twin));
        Ok(())
    }

    /// The signature as relays and peers know it: its bytes.
    fn stored_signature(signature: &T::Signature) -> Result<EntitySignature, Error<T>> {
        let bytes: Vec<u8> = signature.encode();
        bytes.try_into().map(EntitySignature).map_err(|_| Error::InvalidSignature)
    }
}

/// Signatures outside transactions.
impl<T: Config> Pallet<T> {
    /// Whether `account` signed `message`, and not for ever. The dear part comes last.
    ///
    /// Errors: [`Error::SignatureExpired`], [`Error::SignatureTooLongValid`], [`Error::InvalidSignature`].
    fn check_signature(
        signature: &T::Signature,
        message: &[u8],
        account: &AccountIdOf<T>,
        valid_until: u64,
    ) -> Result<(), Error<T>> {
        let now = Self::now();
        ensure!(now < valid_until, Error::SignatureExpired);
        ensure!(valid_until <= now.saturating_add(MAX_SIGNATURE_LIFE), Error::SignatureTooLongValid);
        ensure!(signature.verify(message, account), Error::InvalidSignature);
        Ok(())
    }

    /// Whether the signature that made a record can't make it again.
    ///
    /// Errors: [`Error::SignatureStillValid`].
    fn ensure_expired(signed_until: u64) -> Result<(), Error<T>> {
        ensure!(Self::now() >= signed_until, Error::SignatureStillValid);
        Ok(())
    }

    fn genesis_hash() -> T::Hash {
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }
}
