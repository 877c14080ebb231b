// A name is leased for days, extended, and let go.

import assert from 'node:assert/strict';
import { CONTRACTS, eventOf, refused, text } from '../lib/scene.mjs';

export const title = 'a name is leased, renewed and let go';

const DAY = 86_400n;

export async function run(scene) {
  const { client, user, other } = scene;
  const name = text(`name${scene.run}x`);
  const per_day = await client.view(CONTRACTS, 'name_price');
  const lease = (signer, changed) =>
    scene.contracts(signer, 'create_name_contract', { name, days: 2, max_price: 2n * per_day, ...changed });
  await refused('SmartContractModule.InvalidName', lease(user, { name: text('No-Capitals') }));
  await refused('SmartContractModule.PriceAboveLimit', lease(user, { max_price: 2n * per_day - 1n }));
  const created = eventOf(await lease(user, {}), CONTRACTS, 'NameContractCreated');
  const { contract_id } = created;
  assert.deepEqual([created.name, created.paid], [name, 2n * per_day]);
  await refused('SmartContractModule.NameTaken', lease(other, {}));

  const owner = await client.view(CONTRACTS, 'name_owner', name);
  assert.deepEqual([owner.contract_id, owner.account], [contract_id, user.address]);
  const renew = (days) =>
    scene.contracts(user, 'renew_name_contract', { contract_id, days, max_price: undefined });
  await refused('SmartContractModule.LeaseTooLong', renew(10_000));
  const renewed = eventOf(await renew(1), CONTRACTS, 'NameContractRenewed');
  assert.equal(renewed.lease_until, created.lease_until + DAY);

  await refused('SmartContractModule.NotTheOwner', scene.contracts(other, 'cancel_name_contract', { contract_id }));
  const ended = eventOf(await scene.contracts(user, 'cancel_name_contract', { contract_id }), CONTRACTS, 'NameContractEnded');
  assert.equal(ended.cause.type, 'CanceledByUser');
  assert.equal(await client.view(CONTRACTS, 'name_owner', name), undefined);
}
