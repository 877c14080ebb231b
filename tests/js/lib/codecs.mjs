// From and to polkadot.js' codecs; the plain side is described in `papi.mjs`.

import { GenericAccountId } from '@polkadot/types';
import { AbstractArray, AbstractInt, bool, Bytes, Compact, Enum, Null, Option, Raw, Struct, Text } from '@polkadot/types-codec';
import { stringCamelCase, u8aToHex } from '@polkadot/util';

const SMALL = 32;

/** What polkadot.js takes for a plain value. */
export function toCodec(value) {
  if (value === undefined) return null;
  // It would take bytes for encoded ones, which begin with their length.
  if (value instanceof Uint8Array) return u8aToHex(value);
  if (Array.isArray(value)) return value.map(toCodec);
  if (typeof value !== 'object') return value;
  if (isEnum(value)) return { [value.type]: toCodec(value.value) };
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [stringCamelCase(key), toCodec(field)]));
}

/** The plain value of what polkadot.js gives. */
export function fromCodec(codec) {
  if (codec instanceof Option) return codec.isNone ? undefined : fromCodec(codec.unwrap());
  if (codec instanceof Compact) return fromCodec(codec.unwrap());
  if (codec instanceof Null) return undefined;
  if (codec instanceof bool) return codec.isTrue;
  if (codec instanceof Text) return codec.toString();
  if (codec instanceof GenericAccountId) return codec.toString();
  if (codec instanceof AbstractInt) return codec.bitLength() > SMALL ? codec.toBigInt() : codec.toNumber();
  if (codec instanceof Bytes) return new Uint8Array(codec);
  if (codec instanceof Raw) return codec.toHex();
  if (codec instanceof Enum) return { type: codec.type, value: fromCodec(codec.inner) };
  if (codec instanceof Struct) return structFrom(codec);
  if (codec instanceof AbstractArray) return [...codec].map(fromCodec);
  throw new TypeError(`no plain form of a ${codec.toRawType()}`);
}

/** Enums are the only plain objects with `type` and, at most, `value`. */
function isEnum({ type, ...rest }) {
  return typeof type === 'string' && Object.keys(rest).every((key) => key === 'value');
}

function structFrom(codec) {
  const snake = (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries([...codec.entries()].map(([key, field]) => [snake(key), fromCodec(field)]));
}
