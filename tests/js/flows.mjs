// What users, farmers and nodes do with the chain, signed and sent by each client, and read back. Each flow stands on the ones
// before it; the two clients act side by side on one chain. Usage: node flows.mjs [ws://127.0.0.1:9944]
// Needs a development chain: //Alice and //Bob pay for the accounts, which are new in each run.

import { readdirSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import * as papi from './lib/papi.mjs';
import * as polkadotJs from './lib/polkadot-js.mjs';
import { Scene } from './lib/scene.mjs';

const url = process.argv[2] ?? 'ws://127.0.0.1:9944';
const clients = [
  [await polkadotJs.connect(url), { payer: '//Alice', subnet: '198.51.100' }],
  [await papi.connect(url), { payer: '//Bob', subnet: '203.0.113' }],
];
const folder = new URL('./flows/', import.meta.url);
const flows = await Promise.all(readdirSync(folder).sort().map((file) => import(new URL(file, folder))));

describe('flows', { concurrency: true }, () => {
  for (const [client, own] of clients) {
    describe(client.name, { concurrency: 1 }, () => {
      const scene = new Scene(client, own);
      let broken = false;
      for (const { title, run } of flows) {
        test(title, async (context) => {
          if (broken) return context.skip('a flow before it failed');
          broken = true;
          await run(scene);
          broken = false;
        });
      }
    });
  }
});

after(() => Promise.all(clients.map(([client]) => client.close())));
