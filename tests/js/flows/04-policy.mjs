// A farmer's price list.

import assert from 'node:assert/strict';
import { eventOf, refused, REGISTRY, text } from '../lib/scene.mjs';

export const title = 'a farmer sets and changes prices';

/** Base units: an hour of a unit, 10^9 bytes of traffic, a GiB for a second. */
export const PRICES = { su: 50_000n, cu: 100_000n, nu: 15_000n, ipu: 40_000n, gb_second: 10n, min_use: 100 };

export async function run(scene) {
  const { client, ids } = scene;
  const name = text(scene.unique('policy'));
  const first = { ...PRICES, cu: 90_000n };
  const events = await scene.registry(scene.farmer, 'create_pricing_policy', { name, prices: first });
  const created = eventOf(events, REGISTRY, 'PricingPolicyCreated');
  ids.policy = created.policy_id;
  assert.deepEqual(created.prices, first);

  const update = (signer, prices) =>
    scene.registry(signer, 'update_pricing_policy', { policy_id: ids.policy, prices });
  await refused('TfgridModule.NotPolicyOwner', update(scene.user, PRICES));
  await refused('TfgridModule.PricesTooHigh', update(scene.farmer, { ...PRICES, cu: 2n ** 64n - 1n }));
  await update(scene.farmer, PRICES);
  const policy = { id: ids.policy, name, twin_id: ids.farmer, prices: PRICES };
  assert.deepEqual(await client.query(REGISTRY, 'PricingPolicies', ids.policy), policy);
}
