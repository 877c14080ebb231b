// The node runs the work, reports what it used, and the chain bills that.

import assert from 'node:assert/strict';
import { CONTRACTS, eventOf, refused } from '../lib/scene.mjs';

export const title = 'use is reported and billed';

/** Long enough for a bill that shows, seconds. */
const WINDOW = 4n;

export async function run(scene) {
  const { client, ids, agent, farmer } = scene;
  const deployed = (version) =>
    scene.contracts(agent, 'report_deployment', {
      contract_id: ids.contract,
      version,
      outcome: { type: 'Deployed', value: undefined },
    });
  await refused('SmartContractModule.VersionMismatch', deployed(7));
  eventOf(await deployed(0), CONTRACTS, 'DeploymentReported');
  const { paid_until: start, billed: held } = await client.query(CONTRACTS, 'BillingOf', ids.contract);
  await scene.until(start + WINDOW);

  const use = { cru: 500n, mru: 2n ** 30n, sru: 2n ** 30n, hru: 0n, nru: 0n };
  const report = { contract_id: ids.contract, timestamp: start + WINDOW, window: WINDOW, ...use };
  const late = { ...report, timestamp: report.timestamp + 3_600n };
  const before = await scene.free(farmer);
  const events = await scene.contracts(agent, 'add_reports', { reports: [report, late] });
  assert.deepEqual(eventOf(events, CONTRACTS, 'ReportRefused').reason, { type: 'InTheFuture', value: undefined });
  const { bill } = eventOf(events, CONTRACTS, 'ContractBilled');
  assert.deepEqual([bill.from, bill.until, bill.seconds], [start, start + WINDOW, WINDOW]);

  // An hour costs 102,500 base units, all that is reserved being billed; a fraction is left from the time before it ran.
  const total = bill.cu + bill.su + bill.ip + bill.traffic;
  const due = (102_500n * WINDOW) / 3_600n;
  assert.ok(total === due || total === due + 1n, `${total} for ${due}`);
  const { paid_until, billed } = await client.query(CONTRACTS, 'BillingOf', ids.contract);
  assert.deepEqual([paid_until, billed], [start + WINDOW, held + total]);
  assert.ok((await scene.free(farmer)) > before, 'the farmer is paid at once');
  await refused('SmartContractModule.NotAnAgent', scene.contracts(scene.user, 'add_reports', { reports: [report] }));
}
