//! Shapes that others rely on: RMB relays and peers, and clients that send too much.

use codec::{Decode, Encode};
use frame_support::StorageHasher;
use scale_info::{meta_type, TypeInfo};

use crate::{mock::*, *};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

mod for_rmb {
    use super::*;

    #[test]
    fn entities_are_a_plain_vec_in_the_metadata() {
        assert_eq!(meta_type::<TwinEntities>(), meta_type::<Vec<EntityProof>>());
        assert_eq!(meta_type::<EntitySignature>(), meta_type::<Vec<u8>>());
    }

    #[test]
    fn relay_and_key_are_different_types() {
        assert_ne!(meta_type::<Relay>(), meta_type::<TwinKey>());
    }

    #[test]
    fn a_twin_has_the_fields_in_order() {
        let info = Twin::<AccountId>::type_info();
        let scale_info::TypeDef::Composite(composite) = info.type_def else { panic!("a twin is no struct") };
        let names: Vec<_> = composite.fields.iter().map(|field| field.name.unwrap()).collect();
        assert_eq!(names, ["id", "account_id", "relay", "entities", "pk"]);
    }

    #[test]
    fn a_twin_has_the_bytes_that_relays_decode() {
        let twin = Twin {
            id: 258,
            account_id: [9_u8; 32],
            relay: Some(text("ab")),
            entities: TwinEntities(
                vec![EntityProof { entity_id: 1, signature: EntitySignature(vec![5, 6].try_into().unwrap()) }]
                    .try_into()
                    .unwrap(),
            ),
            pk: None,
        };
        let expected = [
            &[2, 1, 0, 0][..], // id
            &[9; 32],          // account
            &[1, 8, b'a', b'b'],
            &[4, 1, 0, 0, 0, 8, 5, 6],
            &[0],
        ]
        .concat();
        assert_eq!(twin.encode(), expected);
    }

    #[test]
    fn storage_keys_are_where_relays_look() {
        let key = Twins::<Test>::hashed_key_for(1);
        let prefix = "19a2526838feefd7695a3b5715b415b1311378229266fc86f673a3f4cf398e69";
        let hash = frame_support::Blake2_128Concat::hash(&1_u32.encode());
        assert_eq!(hex(&key), format!("{prefix}{}", hex(&hash)));

        let index = TwinIdByAccountID::<Test>::hashed_key_for(FARMER);
        let hash = frame_support::Blake2_128Concat::hash(&FARMER.encode());
        assert_eq!(
            hex(&index),
            format!("19a2526838feefd7695a3b5715b415b1aca6514962aa3f0d58aff3524045f9e0{}", hex(&hash))
        );
    }
}

/// What is too long for its type does not decode, so no call can carry it.
mod bounds {
    use super::*;

    fn decodes<D: Decode>(value: impl Encode) -> bool {
        D::decode(&mut &value.encode()[..]).is_ok()
    }

    #[test]
    fn of_texts_and_keys() {
        assert!(decodes::<Relay>(vec![b'a'; 1_024]) && !decodes::<Relay>(vec![b'a'; 1_025]));
        assert!(decodes::<TwinKey>(vec![2_u8; 128]) && !decodes::<TwinKey>(vec![2_u8; 129]));
        assert!(decodes::<NameInput>(vec![b'a'; 256]) && !decodes::<NameInput>(vec![b'a'; 257]));
        assert!(decodes::<ShortText>(vec![b'a'; 128]) && !decodes::<ShortText>(vec![b'a'; 129]));
        assert!(decodes::<BusUrl>(vec![b'a'; 256]) && !decodes::<BusUrl>(vec![b'a'; 257]));
    }

    #[test]
    fn of_entities() {
        let proof = |length| (1_u32, vec![0_u8; length]);
        assert!(decodes::<TwinEntities>(vec![proof(66); 16]));
        assert!(!decodes::<TwinEntities>(vec![proof(66); 17]));
        assert!(!decodes::<TwinEntities>(vec![proof(67)]));
    }

    #[test]
    fn of_interfaces() {
        assert!(decodes::<Interfaces>(vec![interface("eth0"); 16]));
        assert!(!decodes::<Interfaces>(vec![interface("eth0"); 17]));
        let crowded = |count| (vec![b'e', b'0'], [0_u8; 6], vec![IpAddress::V4(1); count]);
        assert!(decodes::<Interface>(crowded(8)) && !decodes::<Interface>(crowded(9)));
    }

    #[test]
    fn of_calls() {
        let call = |length: usize| (3_u8, 7_u8, vec![b'a'; length], 1_u32);
        assert!(decodes::<RuntimeCall>(call(256)) && !decodes::<RuntimeCall>(call(257)));
    }
}
