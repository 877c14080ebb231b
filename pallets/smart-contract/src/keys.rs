//! The key of indexes that are read from the newest contract on.

use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, Error, Input, MaxEncodedLen, Output};
use scale_info::{Type, TypeInfo};

use crate::types::ContractId;

/// A contract's number whose encoding sorts newest first: `u64::MAX - id`, big-endian.
///
/// With an `Identity` hasher an iteration over a prefix starts with the newest contract, without looking at any other. In
/// metadata it is `[u8; 8]`; the number itself is the entry's value, so that no client has to know this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewestFirst(pub ContractId);

impl NewestFirst {
    const fn bytes(self) -> [u8; 8] {
        ContractId::MAX.saturating_sub(self.0).to_be_bytes()
    }
}

impl Encode for NewestFirst {
    fn size_hint(&self) -> usize {
        Self::max_encoded_len()
    }

    fn encode_to<O: Output + ?Sized>(&self, dest: &mut O) {
        dest.write(&self.bytes());
    }
}

impl EncodeLike for NewestFirst {}

impl Decode for NewestFirst {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let bytes = <[u8; 8]>::decode(input)?;
        Ok(Self(ContractId::MAX.saturating_sub(ContractId::from_be_bytes(bytes))))
    }
}

impl DecodeWithMemTracking for NewestFirst {}

impl MaxEncodedLen for NewestFirst {
    fn max_encoded_len() -> usize {
        <[u8; 8]>::max_encoded_len()
    }
}

impl TypeInfo for NewestFirst {
    type Identity = [u8; 8];

    fn type_info() -> Type {
        <[u8; 8]>::type_info()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_sorts_before_older() {
        let ids = [u64::MAX, u64::MAX - 1, 1 << 56, 257, 256, 255, 2, 1, 0];
        let keys: Vec<_> = ids.iter().map(|id| NewestFirst(*id).encode()).collect();
        assert!(keys.is_sorted());
    }

    #[test]
    fn reads_back_what_it_wrote() {
        for id in [0, 1, 255, 256, 1 << 40, u64::MAX] {
            assert_eq!(NewestFirst::decode(&mut &NewestFirst(id).encode()[..]), Ok(NewestFirst(id)));
            assert_eq!(NewestFirst(id).encode().len(), NewestFirst::max_encoded_len());
        }
    }

    #[test]
    fn clients_see_eight_bytes() {
        assert_eq!(scale_info::meta_type::<NewestFirst>(), scale_info::meta_type::<[u8; 8]>());
    }
}
