// The owner decides about the contract's money: a gift, a limit on what is drawn, a cushion for a pause.

import assert from 'node:assert/strict';
import { CONTRACTS, eventOf, refused } from '../lib/scene.mjs';

export const title = 'a contract is funded, limited and given a cushion';

export async function run(scene) {
  const { client, ids, user, other } = scene;
  const contract_id = ids.contract;
  const before = await client.view(CONTRACTS, 'funding', contract_id);
  const fund = (amount) => scene.contracts(other, 'fund_contract', { contract_id, amount });
  await refused('SmartContractModule.ZeroAmount', fund(0n));
  const gift = eventOf(await fund(500n), CONTRACTS, 'ContractFunded');
  assert.deepEqual([gift.from, gift.amount], [other.address, 500n]);

  const set = (signer, amount) => scene.contracts(signer, 'set_cushion', { contract_id, amount });
  await refused('SmartContractModule.NotTheOwner', set(other, 1_000n));
  eventOf(await set(user, 1_000n), CONTRACTS, 'CushionSet');
  const after = await client.view(CONTRACTS, 'funding', contract_id);
  assert.equal(after.cushion, 1_000n);
  assert.equal(after.low, before.low + 1_000n, 'the cushion is a part of what escrow must cover');
  assert.ok(after.escrow >= after.low);

  const limited = async (limit) => {
    await scene.contracts(user, 'set_refill_limit', { contract_id, limit });
    assert.equal((await client.query(CONTRACTS, 'BillingOf', contract_id)).refill.limit, limit);
  };
  await limited(0n);
  await refused('SmartContractModule.InsufficientFunds', set(user, 10n ** 9n));
  await limited(undefined);
  await refused('SmartContractModule.NotInGrace', scene.contracts(user, 'resume_contract', { contract_id }));
}
