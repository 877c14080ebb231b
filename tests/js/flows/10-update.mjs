// The owner changes what the contract runs and how many addresses it holds, and ends it: all but what was used comes back.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CONTRACTS, eventOf, refused, REGISTRY } from '../lib/scene.mjs';

export const title = 'a contract is changed, cancelled and refunded';

export async function run(scene) {
  const { client, ids, user } = scene;
  const contract_id = ids.contract;
  const deployment_hash = `0x${randomBytes(32).toString('hex')}`;
  const [held] = (await client.query(CONTRACTS, 'Contracts', contract_id)).public_ips_list;
  const change = { contract_id, deployment_hash, data: new Uint8Array([1]), resources: undefined, price_limit: undefined };
  const update = (signer, public_ips) => scene.contracts(signer, 'update_contract', { ...change, public_ips });
  await refused('SmartContractModule.NotTheOwner', update(scene.other, undefined));

  // A node that is not heard of gives no more addresses away.
  await scene.registry(scene.agent, 'report_uptime', { uptime: 2n });
  const events = await update(user, { give_back: [], add: 1 });
  assert.equal(eventOf(events, CONTRACTS, 'ContractUpdated').version, 1);
  const contract = await client.query(CONTRACTS, 'Contracts', contract_id);
  assert.deepEqual([contract.version, contract.deployment_hash], [1, deployment_hash]);
  assert.deepEqual([...contract.public_ips_list].sort(), [...ids.addresses].sort());
  await update(user, { give_back: [held], add: 0 });
  assert.equal((await client.query(REGISTRY, 'PublicIps', held)).contract_id, undefined);

  const cancel = (signer) => scene.contracts(signer, 'cancel_contract', { contract_id });
  await refused('SmartContractModule.NotAParty', cancel(scene.other));
  const { billed } = await client.query(CONTRACTS, 'BillingOf', contract_id);
  const ended = eventOf(await cancel(user), CONTRACTS, 'ContractEnded');
  assert.deepEqual(ended.cause, { type: 'CanceledByUser', value: undefined });
  assert.ok(billed > 0n && ended.refund > 0n);
  assert.equal(await client.query(CONTRACTS, 'Contracts', contract_id), undefined);
  await refused('SmartContractModule.ContractNotFound', cancel(user));
  for (const address of ids.addresses) {
    assert.equal((await client.query(REGISTRY, 'PublicIps', address)).contract_id, undefined, 'it is free again');
  }
}
