// What a polkadot.js user does with the chain: a contract from its first twin to its end, each record read back field by
// field. Usage: node contract.mjs [ws://127.0.0.1:9944]. Needs a development chain: //Alice pays for the accounts, which are new
// in each run.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { account, connect, eventOf, ipv4, Refused, submit } from './lib/chain.mjs';

const url = process.argv[2] ?? 'ws://127.0.0.1:9944';
const GRID = 10_000_000n;
const GIB = 1024 ** 3;

const run = randomBytes(6).toString('hex');
const farmer = account(`//js-${run}//farmer`);
const machine = account(`//js-${run}//machine`);
const user = account(`//js-${run}//user`);

const prices = { su: 50_000, cu: 100_000, nu: 15_000, ipu: 40_000, gbSecond: 10, minUse: 100 };
const capacity = { cru: 8_000, mru: 16 * GIB, sru: 500 * GIB, hru: 0 };
const resources = { cru: 1_000, mru: 2 * GIB, sru: 50 * GIB, hru: 0, nruPerHour: 10 ** 9 };
const deploymentHash = `0x${randomBytes(32).toString('hex')}`;
const data = `0x${randomBytes(200).toString('hex')}`;

const api = await connect(url);
const grid = api.tx.tfgridModule;
const contracts = api.tx.smartContractModule;

/** Ids that the chain gave out, in the order in which the tests below get them. */
const ids = {};

/** An address of the documentation ranges that no farm of this chain has yet. */
async function freeAddress() {
  for (let host = 1; host < 255; host += 1) {
    const address = ipv4(`198.51.100.${host}`);
    if ((await api.query.tfgridModule.publicIps(address)).isNone) return address;
  }
  throw new Error('all addresses of 198.51.100.0/24 are taken on this chain');
}

async function refusal(signer, call) {
  const error = await submit(api, signer, call).then(() => undefined, (e) => e);
  assert.ok(error instanceof Refused, `expected a refusal, got ${error ?? 'success'}`);
  return error.code;
}

/** The node's free capacity and the farm's free addresses, as far as a contract changes them. */
async function taken() {
  const usage = (await api.query.tfgridModule.nodeUsage(ids.node)).toJSON();
  const farm = (await api.query.tfgridModule.farms(ids.farm)).unwrap();
  return { reserved: usage.reserved, contracts: usage.contracts, freeIps: farm.freePublicIps.toNumber() };
}

test('accounts get money', async () => {
  const give = (to) => api.tx.balances.transferKeepAlive(to.address, 1_000n * GRID);
  await submit(api, account('//Alice'), api.tx.utility.batchAll([farmer, machine, user].map(give)));
  const { data: balance } = await api.query.system.account(user.address);
  assert.equal(balance.free.toBigInt(), 1_000n * GRID);
});

test('a twin is stored and read back', async () => {
  for (const [name, signer] of Object.entries({ farmer, machine, user })) {
    const events = await submit(api, signer, grid.createTwin('relay.example.org', null));
    const stored = eventOf(events, 'tfgridModule', 'TwinStored').data[0];
    ids[name] = stored.id.toNumber();
    const twin = (await api.query.tfgridModule.twins(ids[name])).unwrap();
    assert.deepEqual(twin.toHuman(), {
      id: String(ids[name]),
      accountId: signer.address,
      relay: 'relay.example.org',
      entities: [],
      pk: null,
    });
    assert.equal((await api.query.tfgridModule.twinIdByAccountID(signer.address)).unwrap().toNumber(), ids[name]);
  }
});

test('a farm offers an address and a node', async () => {
  ids.policy = (await api.query.tfgridModule.nextPricingPolicyId()).toNumber();
  await submit(api, farmer, grid.createPricingPolicy(`policy-${run}`, prices));
  ids.farm = (await api.query.tfgridModule.nextFarmId()).toNumber();
  await submit(api, farmer, grid.createFarm(`farm-${run}`, ids.policy));
  ids.address = await freeAddress();
  await submit(api, farmer, grid.addFarmIp(ids.farm, { address: ids.address, prefixLen: 24 }, ipv4('198.51.100.254')));
  await submit(api, farmer, grid.authorizeNode(ids.farm, machine.address));

  ids.node = (await api.query.tfgridModule.nextNodeId()).toNumber();
  const location = { country: 'Belgium', city: 'Ghent', latitude: 51_053_822, longitude: 3_722_270 };
  const spec = { capacity, location, interfaces: [], serial: null, bus: 'ws://127.0.0.1:7070' };
  await submit(api, machine, grid.createNode(ids.farm, spec, null));
  const node = (await api.query.tfgridModule.nodes(ids.node)).unwrap();
  assert.deepEqual(node.capacity.toJSON(), capacity);
  assert.equal(node.agent.toString(), machine.address);
  assert.equal(node.bus.unwrap().toUtf8(), 'ws://127.0.0.1:7070');
  // Nobody can reserve a node that does not show that it lives.
  await submit(api, machine, grid.reportUptime(1));
});

test('a contract is created and read back field by field', async () => {
  const create = contracts.createContract(ids.node, deploymentHash, data, 1, resources, 'Reserved', null);
  const events = await submit(api, user, create);
  const created = eventOf(events, 'smartContractModule', 'ContractCreated').data;
  ids.contract = created.contractId.toNumber();
  assert.equal(created.twinId.toNumber(), ids.user);
  assert.equal(created.nodeId.toNumber(), ids.node);

  const contract = (await api.query.smartContractModule.contracts(ids.contract)).unwrap();
  const { state, ...record } = contract.toJSON();
  assert.ok(contract.state.isCreated, `state is ${JSON.stringify(state)}`);
  assert.deepEqual(record, {
    version: 0,
    contractId: ids.contract,
    twinId: ids.user,
    nodeId: ids.node,
    kind: 'Capacity',
    deploymentHash,
    data,
    publicIps: 1,
    publicIpsList: [ids.address],
    resources,
    mode: 'Reserved',
    deployedVersion: null,
  });
});

test('the contract takes capacity, an address and money', async () => {
  const { nruPerHour: _, ...reserved } = resources;
  assert.deepEqual(await taken(), { reserved, contracts: 1, freeIps: 0 });
  const ip = (await api.query.tfgridModule.publicIps(ids.address)).unwrap();
  assert.equal(ip.contractId.unwrap().toNumber(), ids.contract);
  const bill = (await api.query.smartContractModule.billingOf(ids.contract)).unwrap();
  assert.equal(bill.payer.toString(), user.address);
  assert.ok(bill.escrow.toBigInt() > 0n, 'escrow is funded');
});

test('what is not allowed is refused by name', async () => {
  const create = (node, ips) => contracts.createContract(node, deploymentHash, data, ips, resources, 'Reserved', null);
  assert.equal(await refusal(user, create(4_000_000_000, 0)), 'tfgridModule.NodeNotFound');
  assert.equal(await refusal(user, create(ids.node, 1)), 'tfgridModule.NotEnoughAddresses');
  assert.equal(await refusal(account('//Alice'), contracts.cancelContract(ids.contract)), 'smartContractModule.NotAParty');
  assert.equal(await refusal(user, contracts.cancelContract(2 ** 40)), 'smartContractModule.ContractNotFound');
});

test('cancelling gives everything back', async () => {
  const events = await submit(api, user, contracts.cancelContract(ids.contract));
  const ended = eventOf(events, 'smartContractModule', 'ContractEnded').data;
  assert.equal(ended.cause.toString(), 'CanceledByUser');
  assert.ok((await api.query.smartContractModule.contracts(ids.contract)).isNone, 'the contract is gone');
  assert.deepEqual(await taken(), { reserved: { cru: 0, mru: 0, sru: 0, hru: 0 }, contracts: 0, freeIps: 1 });
});

test('the connection closes', () => api.disconnect());
