// A farm with two public addresses.

import assert from 'node:assert/strict';
import { eventOf, ipv4, refused, REGISTRY, text } from '../lib/scene.mjs';

export const title = 'a farm offers public addresses';

export async function run(scene) {
  const { client, ids, farmer } = scene;
  const name = text(scene.unique('farm'));
  const create = (signer) => scene.registry(signer, 'create_farm', { name, pricing_policy_id: ids.policy });
  ids.farm = eventOf(await create(farmer), REGISTRY, 'FarmCreated').farm_id;
  await refused('TfgridModule.FarmNameTaken', create(farmer));

  const gateway = ipv4(`${scene.subnet}.254`);
  const add = (signer, address, by) =>
    scene.registry(signer, 'add_farm_ip', { farm_id: ids.farm, address: { address, prefix_len: 24 }, gateway: by });
  ids.addresses = [];
  for (let count = 0; count < 2; count += 1) {
    const address = await scene.freeAddress();
    const { verified } = eventOf(await add(farmer, address, gateway), REGISTRY, 'FarmIpAdded');
    assert.equal(verified, true, 'a development chain verifies by itself');
    ids.addresses.push(address);
    const ip = { farm_id: ids.farm, prefix_len: 24, gateway, contract_id: undefined };
    assert.deepEqual(await client.query(REGISTRY, 'PublicIps', address), ip);
  }
  await refused('TfgridModule.InvalidGateway', add(farmer, ids.addresses[0] + 2, ipv4('192.0.2.1')));
  await refused('TfgridModule.NotFarmOwner', add(scene.user, ids.addresses[0] + 2, gateway));

  const farm = await client.query(REGISTRY, 'Farms', ids.farm);
  assert.deepEqual([farm.name, farm.twin_id, farm.payout], [name, ids.farmer, farmer.address]);
  assert.equal(farm.public_ips, 2);
}
