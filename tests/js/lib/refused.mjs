// A call that the chain refused, the same from both clients.

export class Refused extends Error {
  /** `code` is the error's name with its pallet, as in `SmartContractModule.NotAParty`; `docs` is what the chain says about it. */
  constructor(code, docs = '') {
    super(docs ? `${code}: ${docs}` : code);
    this.code = code;
    this.docs = docs;
  }
}

/** Fails when a transaction has not come into a block by then, milliseconds. */
export const INCLUSION_TIMEOUT = 60_000;
