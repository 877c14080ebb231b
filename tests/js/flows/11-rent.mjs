// A user rents the whole node, which nobody else can use then, and runs a contract inside it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CONTRACTS, eventOf, GIB, refused, REGISTRY } from '../lib/scene.mjs';
import { PRICES } from './04-policy.mjs';
import { CAPACITY } from './06-node.mjs';

export const title = 'a node is rented as a whole';

export async function run(scene) {
  const { client, ids, farmer, user, other } = scene;
  const node_id = ids.node;
  await scene.registry(scene.agent, 'report_uptime', { uptime: 2n });
  const terms = (surcharge) => ({ node_id, terms: { surcharge, whole_only: false } });
  await refused('TfgridModule.SurchargeTooHigh', scene.registry(farmer, 'set_node_rent_terms', terms(1_001)));
  await scene.registry(farmer, 'set_node_rent_terms', terms(50));

  const rent = (signer) => scene.contracts(signer, 'create_rent_contract', { node_id, price_limit: undefined });
  const rent_id = eventOf(await rent(user), CONTRACTS, 'ContractCreated').contract_id;
  await refused('TfgridModule.NodeRented', rent(other));
  const contract = await client.query(CONTRACTS, 'Contracts', rent_id);
  assert.deepEqual([contract.kind.type, contract.state.type], ['Rent', 'Deployed']);
  assert.deepEqual(contract.resources, { ...CAPACITY, nru_per_hour: 0n });
  const { prices } = await client.query(CONTRACTS, 'BillingOf', rent_id);
  assert.deepEqual([prices.cu, prices.su], [(PRICES.cu * 3n) / 2n, (PRICES.su * 3n) / 2n]);

  const child = {
    node_id,
    deployment_hash: `0x${randomBytes(32).toString('hex')}`,
    data: new Uint8Array(),
    public_ips: 0,
    resources: { cru: 1_000n, mru: GIB, sru: GIB, hru: 0n, nru_per_hour: 0n },
    mode: { type: 'Reserved', value: undefined },
    price_limit: undefined,
  };
  await refused('SmartContractModule.NodeRentedByOther', scene.contracts(other, 'create_contract', child));
  const { contract_id } = eventOf(await scene.contracts(user, 'create_contract', child), CONTRACTS, 'ContractCreated');
  assert.equal((await client.query(CONTRACTS, 'BillingOf', contract_id)).rent, rent_id);
  assert.deepEqual(await client.view(CONTRACTS, 'contracts_of_node', node_id, undefined, 10), [contract_id, rent_id]);

  await scene.contracts(user, 'cancel_contract', { contract_id: rent_id });
  await scene.eventually('the node is free again', async () => {
    const { contracts, rented_by } = await client.query(REGISTRY, 'NodeStatus', node_id);
    return contracts === 0 && rented_by === undefined;
  });
}
