// A thin hand on polkadot.js: connect, send a call and learn what became of it, find out an error's name.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

/** How long a call may take to get into a block, milliseconds. */
const INCLUSION_TIMEOUT = 60_000;

/** Connects, and fails at once when nobody listens there. */
export async function connect(url) {
  const provider = new WsProvider(url, false);
  const api = new ApiPromise({ provider, noInitWarn: true });
  await provider.connect();
  await api.isReadyOrError;
  return api;
}

/** The account of a secret URI such as `//Alice`. */
export function account(uri) {
  return new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(uri);
}

/** A call that the chain refused. `code` is the error's name with its pallet: `smartContractModule.NotAParty`. */
export class Refused extends Error {
  constructor(api, error) {
    super();
    if (error.isModule) {
      const meta = api.registry.findMetaError(error.asModule);
      this.code = `${meta.section}.${meta.name}`;
      this.message = `${this.code}: ${meta.docs.join(' ')}`;
    } else {
      this.code = this.message = error.toString();
    }
  }
}

/** Signs `call`, waits until it is in a block and gives that block's events of it. Throws `Refused`. */
export function submit(api, signer, call) {
  return new Promise((resolve, reject) => {
    let unsubscribe;
    const settle = (act, value) => {
      clearTimeout(timer);
      unsubscribe?.();
      act(value);
    };
    const { section, method } = call.method;
    const timer = setTimeout(
      () => settle(reject, new Error(`${section}.${method} was in no block after ${INCLUSION_TIMEOUT} ms`)),
      INCLUSION_TIMEOUT,
    );
    call
      .signAndSend(signer, { nonce: -1 }, ({ status, events, dispatchError, isError }) => {
        if (isError) return settle(reject, new Error(`${section}.${method}: ${status.type}`));
        if (!status.isInBlock) return undefined;
        if (dispatchError) return settle(reject, new Refused(api, dispatchError));
        return settle(resolve, events.map(({ event }) => event));
      })
      .then((stop) => (unsubscribe = stop), (error) => settle(reject, error));
  });
}

/** The one event of that name among `events`. */
export function eventOf(events, section, method) {
  const found = events.find((event) => event.section === section && event.method === method);
  if (!found) throw new Error(`no event ${section}.${method}`);
  return found;
}

/** An IPv4 address as the chain keeps it. */
export function ipv4(text) {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
