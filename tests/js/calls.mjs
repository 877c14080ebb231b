// Every call of the grid's pallets, encoded and decoded by both clients from the metadata of a live chain; and that this
// metadata tells a client's user what each call, event and error means. Usage: node calls.mjs [ws://127.0.0.1:9944]

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { callsOf } from './lib/arguments.mjs';
import * as papi from './lib/papi.mjs';
import * as polkadotJs from './lib/polkadot-js.mjs';

const url = process.argv[2] ?? 'ws://127.0.0.1:9944';
const PALLETS = ['TfgridModule', 'SmartContractModule'];

const clients = [await polkadotJs.connect(url), await papi.connect(url)];
const { metadata } = clients[1];

for (const pallet of PALLETS) {
  describe(pallet, () => {
    for (const { name, samples } of callsOf(metadata, pallet)) {
      test(`${name} means the same to both clients`, async () => {
        for (const args of samples) {
          const [one, other] = await Promise.all(clients.map((client) => client.encode(pallet, name, args)));
          assert.deepEqual(Buffer.from(one), Buffer.from(other));
          for (const client of clients) assert.deepEqual(await client.decode(one), { pallet, call: name, args });
        }
      });
    }

    for (const kind of ['calls', 'events', 'errors']) {
      test(`each of the ${kind} says what it is`, () => {
        const { type } = metadata.pallets.find(({ name }) => name === pallet)[kind];
        const silent = metadata.lookup[type].def.value.filter(({ docs }) => docs.join('').trim() === '');
        assert.deepEqual(silent.map(({ name }) => name), []);
      });
    }
  });
}

after(() => Promise.all(clients.map((client) => client.close())));
