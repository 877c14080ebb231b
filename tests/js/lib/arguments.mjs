// Plausible arguments for any call, made from the chain's metadata: the plain values that `papi.mjs` describes.

import { getLookupFn } from '@polkadot-api/metadata-builders';
import { AccountId } from '@polkadot-api/substrate-bindings';

const ADDRESS = AccountId(42);
const SMALL = ['u8', 'u16', 'u32', 'i8', 'i16', 'i32'];

/** The calls of a pallet: { name, docs, samples }, where the samples between them use every variant of every enum. */
export function callsOf(metadata, pallet) {
  const lookup = getLookupFn(metadata);
  const { calls } = metadata.pallets.find(({ name }) => name === pallet);
  return metadata.lookup[calls.type].def.value.map(({ name, docs, fields }) => {
    const types = fields.map((field) => [field.name, lookup(field.type)]);
    const count = Math.max(3, ...types.map(([, type]) => variants(type)));
    const sample = (turn) => Object.fromEntries(types.map(([key, type]) => [key, value(type, turn)]));
    return { name, docs, samples: Array.from({ length: count }, (_, turn) => sample(turn)) };
  });
}

/** How many samples a type needs until each of its variants has been used. */
function variants(type) {
  const inner = (types) => Math.max(1, ...types.map(variants));
  switch (type.type) {
    case 'enum':
      return Object.keys(type.value).length * inner(Object.values(type.value));
    case 'struct':
    case 'tuple':
      return inner(Object.values(type.value));
    case 'option':
      return 1 + variants(type.value);
    case 'lookupEntry':
    case 'sequence':
    case 'array':
      return variants(type.value);
    default:
      return 1;
  }
}

/** The value of a type in its turn: first the least, then something, then the most. */
function value(type, turn) {
  switch (type.type) {
    case 'primitive':
      return primitive(type.value, turn);
    case 'compact':
      return primitive(type.size, turn);
    case 'void':
      return undefined;
    case 'AccountId32':
      return ADDRESS.dec(new Uint8Array(32).fill(turn + 1));
    case 'option':
      return turn === 0 ? undefined : value(type.value, turn - 1);
    case 'enum':
      return variant(Object.entries(type.value), turn);
    case 'lookupEntry':
      return value(type.value, turn);
    case 'struct':
      return Object.fromEntries(Object.entries(type.value).map(([key, field]) => [key, value(field, turn)]));
    case 'tuple':
      return type.value.map((part) => value(part, turn));
    case 'sequence':
      // Bytes are never empty: polkadot.js takes an empty `Some` for none.
      return list(type.value, isByte(type.value) ? 1 + turn : turn % 3, turn);
    case 'array':
      return isByte(type.value) ? `0x${bytes(type.len, turn)}` : list(type.value, type.len, turn);
    default:
      throw new TypeError(`no sample of a ${type.type}`);
  }
}

function variant(entries, turn) {
  const [name, inner] = entries[turn % entries.length];
  return { type: name, value: value(inner, Math.floor(turn / entries.length)) };
}

function list(type, length, turn) {
  if (isByte(type)) return new Uint8Array(Buffer.from(bytes(length, turn), 'hex'));
  return Array.from({ length }, (_, at) => value(type, turn + at));
}

function primitive(name, turn) {
  if (name === 'bool') return turn % 2 === 1;
  if (name === 'str') return 'x'.repeat(turn);
  const bits = BigInt(name.slice(1));
  const most = 2n ** (name.startsWith('i') ? bits - 1n : bits) - 1n;
  const number = [0n, 1n, most][turn % 3];
  return SMALL.includes(name) ? Number(number) : number;
}

const isByte = (type) => type.type === 'primitive' && type.value === 'u8';
const bytes = (length, turn) => Buffer.alloc(length, turn + 0x41).toString('hex');
