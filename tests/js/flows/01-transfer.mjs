// Money goes from one account to others, all in one transaction.

import assert from 'node:assert/strict';
import { GRID } from '../lib/scene.mjs';

export const title = 'accounts get money';

export async function run(scene) {
  const { client, payer } = scene;
  for (const to of [scene.farmer, scene.machine, scene.agent, scene.user, scene.other]) {
    const dest = { type: 'Id', value: to.address };
    await client.submit(payer, 'Balances', 'transfer_keep_alive', { dest, value: 1_000n * GRID });
    assert.equal(await scene.free(to), 1_000n * GRID);
  }
}
