// A machine joins the farm: the farmer lets it, it registers itself, and its agent accepts and shows that it lives.

import assert from 'node:assert/strict';
import { eventOf, GIB, refused, REGISTRY, text } from '../lib/scene.mjs';

export const title = 'a node is authorized, registered and heard of';

/** What the machine has: thousandths of a vCPU, bytes. */
export const CAPACITY = { cru: 8_000n, mru: 16n * GIB, sru: 500n * GIB, hru: 0n };

export async function run(scene) {
  const { client, ids, farmer, machine, agent } = scene;
  const node = {
    capacity: CAPACITY,
    location: { country: text('Belgium'), city: text('Ghent'), latitude: 51_053_822, longitude: 3_722_270 },
    interfaces: [{ name: text('eth0'), mac: '0x0a0b0c0d0e0f', ips: [{ type: 'V4', value: 0x0a_00_00_07 }] }],
    serial: undefined,
    bus: text('ws://127.0.0.1:7070'),
  };
  const register = () => scene.registry(machine, 'create_node', { farm_id: ids.farm, node, agent: agent.address });
  await refused('TfgridModule.NodeNotAuthorized', register());
  await scene.registry(farmer, 'authorize_node', { farm_id: ids.farm, account: machine.address });
  ids.node = eventOf(await register(), REGISTRY, 'NodeCreated').node_id;

  const stored = await client.query(REGISTRY, 'Nodes', ids.node);
  for (const [key, value] of Object.entries(node)) assert.deepEqual(stored[key], value, key);
  assert.deepEqual([stored.farm_id, stored.twin_id, stored.agent], [ids.farm, ids.machine, agent.address]);
  assert.equal(await client.query(REGISTRY, 'NodeIdByTwinID', ids.machine), ids.node);

  await refused('TfgridModule.NotAnAgent', scene.registry(agent, 'report_uptime', { uptime: 1n }));
  eventOf(await scene.registry(agent, 'accept_agent', { node_id: ids.node }), REGISTRY, 'NodeAgentAccepted');
  assert.equal(await client.query(REGISTRY, 'NodeIdByAgent', agent.address), ids.node);
  const before = await scene.free(agent);
  const heard = eventOf(await scene.registry(agent, 'report_uptime', { uptime: 1n }), REGISTRY, 'NodeUptimeReported');
  assert.equal(heard.node_id, ids.node);
  assert.equal(await scene.free(agent), before, 'a heartbeat that is due is free');
}
