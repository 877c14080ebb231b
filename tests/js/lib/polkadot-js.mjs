// polkadot.js behind the surface that all flows use; see `papi.mjs` for what each part of it gives.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { stringCamelCase, u8aConcat, u8aToHex } from '@polkadot/util';
import { fromCodec, toCodec } from './codecs.mjs';
import { INCLUSION_TIMEOUT, Refused } from './refused.mjs';

/** Connects, and fails at once when nobody listens there. */
export async function connect(url) {
  const provider = new WsProvider(url, false);
  const api = new ApiPromise({ provider, noInitWarn: true });
  await provider.connect();
  await api.isReadyOrError;
  return new PolkadotJs(api);
}

class PolkadotJs {
  name = 'polkadot.js';

  constructor(api) {
    this.api = api;
    this.pallets = api.runtimeMetadata.asLatest.pallets;
  }

  close() {
    return this.api.disconnect();
  }

  async genesis() {
    return this.api.genesisHash.toHex();
  }

  async query(pallet, entry, ...keys) {
    return fromCodec(await this.api.query[decorated(pallet)][decorated(entry)](...keys.map(toCodec)));
  }

  /** polkadot.js knows view functions from metadata only: the call goes through the runtime API that runs them. */
  async view(pallet, name, ...args) {
    const { viewFunctions } = this.pallets.find((each) => each.name.eq(pallet));
    const { id, inputs, output } = viewFunctions.find((each) => each.name.eq(name));
    const create = (type, value) => this.api.createType(this.api.registry.createLookupType(type), value);
    const input = u8aConcat(...inputs.map(({ type }, at) => create(type, toCodec(args[at])).toU8a()));
    const result = await this.api.call.runtimeViewFunction.executeViewFunction(id.toHex(), u8aToHex(input));
    if (result.isErr) throw new Error(`${pallet}.${name}: ${result.asErr}`);
    return fromCodec(create(output, result.asOk.toU8a(true)));
  }

  async encode(pallet, call, args) {
    return this.#call(pallet, call, args).method.toU8a();
  }

  async decode(bytes) {
    const call = this.api.registry.createType('Call', bytes);
    const [pallet] = call.callIndex;
    const names = call.meta.fields.map(({ name }) => name.unwrap().toString());
    const args = Object.fromEntries(names.map((name, at) => [name, fromCodec(call.args[at])]));
    return { pallet: this.#pallet(pallet), call: call.meta.name.toString(), args };
  }

  submit(signer, pallet, call, args) {
    const transaction = this.#call(pallet, call, args);
    return new Promise((resolve, reject) => {
      let unsubscribe;
      const settle = (act, value) => {
        clearTimeout(timer);
        unsubscribe?.();
        act(value);
      };
      const late = new Error(`${pallet}.${call} was in no block after ${INCLUSION_TIMEOUT} ms`);
      const timer = setTimeout(() => settle(reject, late), INCLUSION_TIMEOUT);
      transaction
        .signAndSend(signer, { nonce: -1 }, ({ status, events, dispatchError, isError }) => {
          if (isError) return settle(reject, new Error(`${pallet}.${call}: ${status.type}`));
          // polkadot.js leaves out a status if the next one comes before it has read the events of the first.
          if (!status.isInBlock && !status.isFinalized) return undefined;
          if (dispatchError) return settle(reject, this.#refused(dispatchError));
          return settle(resolve, events.map(({ event }) => this.#event(event)));
        })
        .then((stop) => (unsubscribe = stop), (error) => settle(reject, error));
    });
  }

  #call(pallet, call, args) {
    const build = this.api.tx[decorated(pallet)][decorated(call)];
    return build(...build.meta.fields.map(({ name }) => toCodec(args[name.unwrap().toString()])));
  }

  #event(event) {
    const names = event.meta.fields.map(({ name }) => (name.isSome ? name.unwrap().toString() : undefined));
    const values = event.data.map(fromCodec);
    const named = () => Object.fromEntries(names.map((name, at) => [name, values[at]]));
    const value = names[0] ? named() : values.length > 1 ? values : values[0];
    return { pallet: this.#pallet(event.index[0]), name: event.method, value };
  }

  #refused(error) {
    if (!error.isModule) return new Refused(error.inner?.type ? `${error.type}.${error.inner.type}` : error.type);
    const meta = this.api.registry.findMetaError(error.asModule);
    return new Refused(`${this.#pallet(error.asModule.index)}.${meta.name}`, meta.docs.join(' ').trim());
  }

  /** A pallet's own name by its index. */
  #pallet(index) {
    return this.pallets.find((each) => each.index.eq(index)).name.toString();
  }
}

/** The name under which polkadot.js decorates its API with something. */
const decorated = (name) => stringCamelCase(name).replace(/^./, (first) => first.toLowerCase());
