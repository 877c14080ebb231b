// Who takes part in the flows of one client, and what they made so far: each flow stands on the ones before it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { bnToU8a } from '@polkadot/util';
import { account } from './accounts.mjs';
import { Refused } from './refused.mjs';

/** One token, base units. */
export const GRID = 10_000_000n;
export const GIB = 1024n ** 3n;
/** The grid's pallets. */
export const REGISTRY = 'TfgridModule';
export const CONTRACTS = 'SmartContractModule';

/** The longest wait for a condition, and the time between two looks, milliseconds. */
const PATIENCE = 60_000;
const PAUSE = 300;

export class Scene {
  /** Numbers that the chain gave out. */
  ids = {};

  /** For one client, with the secret of an account that has money, and a documentation range for its farm. */
  constructor(client, { payer, subnet }) {
    this.client = client;
    this.subnet = subnet;
    this.run = randomBytes(4).toString('hex');
    this.payer = account(payer);
    for (const name of ['farmer', 'machine', 'agent', 'user', 'other']) this[name] = account(`//${this.run}//${name}`);
  }

  /** Sends a call of the registry and gives its events. */
  registry(signer, call, args) {
    return this.client.submit(signer, REGISTRY, call, args);
  }

  /** Sends a call about contracts and gives its events. */
  contracts(signer, call, args) {
    return this.client.submit(signer, CONTRACTS, call, args);
  }

  /** A name that nobody on this chain has. */
  unique(name) {
    return `${name}-${this.run}`;
  }

  /** An address of this range, which no farm of this chain has yet. */
  async freeAddress() {
    for (let host = 1; host < 200; host += 1) {
      const address = ipv4(`${this.subnet}.${host}`);
      if ((await this.client.query(REGISTRY, 'PublicIps', address)) === undefined) return address;
    }
    throw new Error(`the addresses of ${this.subnet}.0/24 are taken on this chain`);
  }

  /** What an account has of its own, base units. */
  async free(of) {
    return (await this.client.query('System', 'Account', of.address)).data.free;
  }

  /** The last block's time, Unix seconds. */
  async now() {
    return (await this.client.query('Timestamp', 'Now')) / 1000n;
  }

  /** Waits until the chain's clock is past `time`. */
  until(time) {
    return this.eventually(`the chain's clock is past ${time}`, async () => (await this.now()) >= time);
  }

  /** Waits until `condition` holds. */
  async eventually(what, condition) {
    const deadline = Date.now() + PATIENCE;
    while (!(await condition())) {
      assert.ok(Date.now() < deadline, `waited ${PATIENCE} ms in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

/** The value of the one event of that name. */
export function eventOf(events, pallet, name) {
  const found = events.filter((event) => event.pallet === pallet && event.name === name);
  assert.equal(found.length, 1, `one event ${pallet}.${name} among ${events.map((event) => event.name)}`);
  return found[0].value;
}

/** The call must be refused with this error, and the error must say what it means. */
export async function refused(code, submitted) {
  const error = await submitted.then(() => undefined, (reason) => reason);
  assert.ok(error instanceof Refused, `expected ${code}, got ${error ?? 'success'}`);
  assert.equal(error.code, code);
  assert.ok(error.docs.length > 10, `${code} says what it means`);
}

/** An IPv4 address as the chain keeps it. */
export const ipv4 = (text) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Text as the chain keeps it. */
export const text = (string) => new TextEncoder().encode(string);

/** Whole numbers as SCALE writes them. */
export const u32 = (number) => bnToU8a(number, { bitLength: 32 });
export const u64 = (number) => bnToU8a(number, { bitLength: 64 });
