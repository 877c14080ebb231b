// A user asks for the price, and makes a contract at that price.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CONTRACTS, eventOf, GIB, refused, REGISTRY } from '../lib/scene.mjs';
import { PRICES } from './04-policy.mjs';

export const title = 'a contract is made at the quoted price';

const RESOURCES = { cru: 1_000n, mru: 2n * GIB, sru: 50n * GIB, hru: 0n, nru_per_hour: 10n ** 9n };

export async function run(scene) {
  const { client, ids, user } = scene;
  const quote = await client.view(CONTRACTS, 'quote', ids.node, RESOURCES, 1);
  // CU = max(m/4, c/2), max(m/8, c), max(m/2, c/4), the least: 0.5; SU = 50/200 = 0.25; and one address.
  assert.equal(quote.hourly, PRICES.cu / 2n + PRICES.su / 4n + PRICES.ipu);
  assert.equal(await client.view(CONTRACTS, 'quote', 4_000_000_000, RESOURCES, 1), undefined);

  const wish = {
    node_id: ids.node,
    deployment_hash: `0x${randomBytes(32).toString('hex')}`,
    data: new Uint8Array(randomBytes(200)),
    public_ips: 1,
    resources: RESOURCES,
    mode: { type: 'Reserved', value: undefined },
    price_limit: { max_hourly: quote.hourly, max_gb_second: PRICES.gb_second },
  };
  const create = (changed) => scene.contracts(user, 'create_contract', { ...wish, ...changed });
  const cheaper = { max_hourly: quote.hourly - 1n, max_gb_second: PRICES.gb_second };
  await refused('SmartContractModule.PriceAboveLimit', create({ price_limit: cheaper }));
  await refused('TfgridModule.NodeNotFound', create({ node_id: 4_000_000_000 }));
  await refused('TfgridModule.NotEnoughAddresses', create({ public_ips: 3, price_limit: undefined }));

  ids.userBefore = await scene.free(user);
  const created = eventOf(await create({}), CONTRACTS, 'ContractCreated');
  ids.contract = created.contract_id;
  assert.deepEqual([created.twin_id, created.node_id], [ids.user, ids.node]);
  assert.ok(created.escrow === quote.high, 'filled up at once');

  const { state, deposit: _, ...record } = await client.query(CONTRACTS, 'Contracts', ids.contract);
  assert.equal(state.type, 'Created');
  const { price_limit: __, ...kept } = wish;
  assert.deepEqual(record, {
    version: 0,
    contract_id: ids.contract,
    twin_id: ids.user,
    kind: { type: 'Capacity', value: undefined },
    public_ips_list: created.public_ips,
    deployed_version: undefined,
    ...kept,
  });
  const [address] = created.public_ips;
  assert.equal((await client.query(REGISTRY, 'PublicIps', address)).contract_id, ids.contract);
}
