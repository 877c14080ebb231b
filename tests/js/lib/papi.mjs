// polkadot-api behind the surface that all flows use. Its API is made from the live chain's metadata: no generated code.
//
// Its values are the plain ones of these tests: structs with the chain's own names, enums as { type, value }, whole numbers
// as number up to 32 bits and bigint above, `Vec<u8>` as Uint8Array, `[u8; N]` as hex text, nothing as undefined.

import { decAnyMetadata, unifyMetadata } from '@polkadot-api/substrate-bindings';
import { createClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';
import { INCLUSION_TIMEOUT, Refused } from './refused.mjs';

const BEST = { at: 'best' };

/** Connects. */
export async function connect(url) {
  const client = createClient(getWsProvider(url, { websocketClass: WebSocket }));
  const { hash } = await client.getFinalizedBlock();
  const metadata = unifyMetadata(decAnyMetadata(await client.getMetadata(hash)));
  return new Papi(client, metadata);
}

class Papi {
  name = 'polkadot-api';

  constructor(client, metadata) {
    this.client = client;
    this.api = client.getUnsafeApi();
    this.metadata = metadata;
  }

  close() {
    this.client.destroy();
  }

  /** The hash of the chain's first block. */
  async genesis() {
    return (await this.client.getChainSpecData()).genesisHash;
  }

  /** A storage entry at the best block. */
  query(pallet, entry, ...keys) {
    return this.api.query[pallet][entry].getValue(...keys, BEST);
  }

  /** A view function at the best block. */
  view(pallet, name, ...args) {
    return this.api.view[pallet][name](...args, BEST);
  }

  /** A call's bytes. */
  encode(pallet, call, args) {
    return this.#call(pallet, call, args).getEncodedData();
  }

  /** A call from its bytes. */
  async decode(bytes) {
    const { decodedCall } = await this.api.txFromCallData(bytes);
    return { pallet: decodedCall.type, call: decodedCall.value.type, args: decodedCall.value.value ?? {} };
  }

  /** Signs a call, waits until it is in a block and gives its events there: { pallet, name, value }. Throws `Refused`. */
  async submit(signer, pallet, call, args) {
    const polkadotSigner = getPolkadotSigner(signer.publicKey, 'Sr25519', (bytes) => signer.sign(bytes));
    // The account's last transaction may be in the best block and not final yet: its next nonce is known only there.
    const [{ hash }] = await this.client.getBestBlocks();
    const watched = this.#call(pallet, call, args).signSubmitAndWatch(polkadotSigner, { at: hash });
    const { ok, dispatchError, events } = await inBlock(watched, `${pallet}.${call}`);
    if (!ok) throw this.#refused(dispatchError);
    return events.map(({ event }) => ({ pallet: event.type, name: event.value.type, value: event.value.value }));
  }

  #call(pallet, call, args) {
    return this.api.tx[pallet][call](args);
  }

  /** An error with its name and what the metadata says about it. */
  #refused({ type, value }) {
    if (type !== 'Module') return new Refused(value?.type ? `${type}.${value.type}` : type);
    const pallet = this.metadata.pallets.find(({ name }) => name === value.type);
    const { def } = this.metadata.lookup[pallet.errors.type];
    const error = def.value.find(({ name }) => name === value.value.type);
    return new Refused(`${value.type}.${error.name}`, error.docs.join(' ').trim());
  }
}

/** What became of a transaction in the first block that has it. */
function inBlock(watched, what) {
  return new Promise((resolve, reject) => {
    let subscription;
    const settle = (act, outcome) => {
      clearTimeout(timer);
      subscription?.unsubscribe();
      act(outcome);
    };
    const late = new Error(`${what} was in no block after ${INCLUSION_TIMEOUT} ms`);
    const timer = setTimeout(() => settle(reject, late), INCLUSION_TIMEOUT);
    subscription = watched.subscribe({
      next: (event) => event.type === 'txBestBlocksState' && event.found && settle(resolve, event),
      error: (error) => settle(reject, error),
    });
  });
}
