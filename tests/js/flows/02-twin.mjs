// Everybody's first step: a twin of the account, and its relay.

import assert from 'node:assert/strict';
import { eventOf, refused, REGISTRY, text } from '../lib/scene.mjs';

/** A compressed point of secp256k1: the key of the message bus. */
const KEY = new Uint8Array(Buffer.from('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798', 'hex'));

export const title = 'a twin is made, changed and read back';

export async function run(scene) {
  const { client, ids } = scene;
  const create = (signer) => scene.registry(signer, 'create_twin', { relay: undefined, pk: undefined });
  const everybody = ['farmer', 'machine', 'user', 'other'].map(async (name) => {
    ids[name] = eventOf(await create(scene[name]), REGISTRY, 'TwinStored').id;
    assert.equal(await client.query(REGISTRY, 'TwinIdByAccountID', scene[name].address), ids[name]);
  });
  await Promise.all(everybody);
  await refused('TfgridModule.TwinExists', create(scene.user));

  const changed = { relay: text('relay.example.org'), pk: KEY };
  await scene.registry(scene.user, 'update_twin', changed);
  const twin = { id: ids.user, account_id: scene.user.address, entities: [], ...changed };
  assert.deepEqual(await client.query(REGISTRY, 'Twins', ids.user), twin);
}
