// An organisation's account signs, outside of any transaction, that it is on the grid and that it vouches for a twin.

import assert from 'node:assert/strict';
import { compactAddLength, u8aConcat, u8aToHex, u8aToU8a } from '@polkadot/util';
import { eventOf, refused, REGISTRY, text, u32, u64 } from '../lib/scene.mjs';

export const title = 'an entity is made and vouches for a twin';

/** How long the signatures below are valid, seconds. */
const LIFE = 600n;

export async function run(scene) {
  const { client, ids, user, agent: entity } = scene;
  const genesis = await client.genesis();
  const valid_until = (await scene.now()) + LIFE;
  const sign = (tag, ...fields) => {
    const message = u8aConcat(text(`<Bytes>gridchain/${tag}/v1\0`), u8aToU8a(genesis), ...fields, text('</Bytes>'));
    return { type: 'Sr25519', value: u8aToHex(entity.sign(message)) };
  };

  const details = { name: text(scene.unique('acme')), country: text('Belgium'), city: text('Ghent') };
  const fields = Object.values(details).map((bytes) => compactAddLength(bytes));
  const signature = sign('entity', entity.publicKey, ...fields, u64(valid_until));
  const create = (changed) =>
    scene.registry(user, 'create_entity', { account: entity.address, ...details, signature, valid_until, ...changed });
  await refused('TfgridModule.InvalidSignature', create({ city: text('Bruges') }));
  ids.entity = eventOf(await create({}), REGISTRY, 'EntityCreated').entity_id;
  await refused('TfgridModule.EntityExists', create({}));
  const stored = await client.query(REGISTRY, 'Entities', ids.entity);
  for (const [key, value] of Object.entries(details)) assert.deepEqual(stored[key], value, key);

  const vouch = {
    entity_id: ids.entity,
    signature: sign('twin-entity', u32(ids.entity), u32(ids.user), u64(valid_until)),
    valid_until,
  };
  await refused('TfgridModule.InvalidSignature', scene.registry(scene.other, 'add_twin_entity', vouch));
  eventOf(await scene.registry(user, 'add_twin_entity', vouch), REGISTRY, 'TwinEntityAdded');
  const { entities } = await client.query(REGISTRY, 'Twins', ids.user);
  assert.deepEqual(entities.map(({ entity_id }) => entity_id), [ids.entity]);
}
