// Accounts for both clients: sr25519 keys of secret URIs, by polkadot.js' keyring.

import { Keyring } from '@polkadot/api';
import { cryptoWaitReady } from '@polkadot/util-crypto';

await cryptoWaitReady();

/** The account of a secret URI such as `//Alice`: `address`, `publicKey`, `sign(bytes)`. */
export function account(uri) {
  return new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(uri);
}
