//! What an entity signs outside a transaction: that it wants to be on chain, and that it vouches for a twin.
//!
//! ```text
//! message = "<Bytes>" ++ tag ++ genesis hash (32 bytes) ++ SCALE of the fields in order ++ "</Bytes>"
//!
//! "gridchain/entity/v1\0"       account, name, country, city, valid_until
//! "gridchain/twin-entity/v1\0"  entity_id: u32, twin_id: u32, valid_until
//! ```
//!
//! The tag and the genesis hash keep a signature from meaning anything elsewhere. The frame is that which wallets put
//! around whatever a person signs by hand; they leave alone what has it already, and no transaction begins like this.
//! `valid_until` is in Unix seconds, as a u64: a signature counts once and not for ever.

use alloc::vec::Vec;
use codec::Encode;

/// What a message about an entity begins with, inside the frame.
pub const ENTITY_TAG: &[u8] = b"gridchain/entity/v1\0";
/// What a message about an entity and a twin begins with, inside the frame.
pub const TWIN_ENTITY_TAG: &[u8] = b"gridchain/twin-entity/v1\0";
/// The longest time that a signature may be valid, seconds: a day.
pub const MAX_SIGNATURE_LIFE: u64 = 86_400;

/// What an entity is made with.
#[derive(Clone, Copy, Debug)]
pub struct EntityDetails<'a> {
    /// Its name, as it is sent to the chain.
    pub name: &'a [u8],
    /// Its country.
    pub country: &'a [u8],
    /// Its city.
    pub city: &'a [u8],
}

/// What the account of a new entity signs.
pub fn entity_message(genesis: &[u8], account: &impl Encode, details: EntityDetails<'_>, valid_until: u64) -> Vec<u8> {
    let EntityDetails { name, country, city } = details;
    framed(ENTITY_TAG, genesis, &(account, name, country, city, valid_until))
}

/// What the account of an entity signs to vouch for a twin.
pub fn twin_entity_message(genesis: &[u8], entity_id: u32, twin_id: u32, valid_until: u64) -> Vec<u8> {
    framed(TWIN_ENTITY_TAG, genesis, &(entity_id, twin_id, valid_until))
}

fn framed(tag: &[u8], genesis: &[u8], fields: &impl Encode) -> Vec<u8> {
    [b"<Bytes>", tag, genesis, &fields.encode(), b"</Bytes>"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENESIS: [u8; 32] = [7; 32];

    #[test]
    fn an_entity_message_has_these_bytes() {
        let details = EntityDetails { name: b"acme", country: b"Belgium", city: b"Ghent" };
        let expected = [
            &b"<Bytes>gridchain/entity/v1\0"[..],
            &[7; 32],
            &[9; 32],
            b"\x10acme\x1cBelgium\x14Ghent",
            &[0, 0xf1, 0x53, 0x65, 0, 0, 0, 0],
            b"</Bytes>",
        ];
        assert_eq!(entity_message(&GENESIS, &[9_u8; 32], details, 1_700_000_000), expected.concat());
    }

    #[test]
    fn a_twin_entity_message_has_these_bytes() {
        let expected = [
            &b"<Bytes>gridchain/twin-entity/v1\0"[..],
            &[7; 32],
            &[2, 1, 0, 0, 3, 0, 0, 0],
            &[0, 0xf1, 0x53, 0x65, 0, 0, 0, 0],
            b"</Bytes>",
        ];
        assert_eq!(twin_entity_message(&GENESIS, 258, 3, 1_700_000_000), expected.concat());
    }

    #[test]
    fn letters_do_not_move_between_fields() {
        let message = |name, country| {
            let details = EntityDetails { name, country, city: b"" };
            entity_message(&GENESIS, &[9_u8; 32], details, 0)
        };
        assert_ne!(message(b"ab", b"c"), message(b"a", b"bc"));
    }
}
