// The golden vectors as a JavaScript client computes them: canonical text, hash, refusals, the bytes that are signed on the
// message bus, what is sealed there, and who has signed a deployment. Usage: node vectors.mjs

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2b';
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils';
import { u8aWrapBytes } from '@polkadot/util';
import { cryptoWaitReady, ed25519Verify, sr25519Verify } from '@polkadot/util-crypto';
import { openSealed, publicKey } from './lib/sealed.mjs';
import { canonical, parse } from './lib/strict-json.mjs';

const load = (name) => JSON.parse(readFileSync(new URL(`../../grid-types/vectors/${name}`, import.meta.url), 'utf8'));
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const hash = (bytes) => blake2b(bytes, { dkLen: 32 });

/** The part of a deployment that is hashed: not its contract's number, which is known only later, and no signatures. */
function hashedPart(deployment) {
  const { contract_id: _, signature_requirement: requirement, ...part } = deployment;
  if (requirement !== undefined) {
    const { signatures: __, ...rest } = requirement;
    part.signature_requirement = rest;
  }
  return canonical(part);
}

/** SCALE's integers are little-endian. */
function integer(bytes, value) {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
}

/** SCALE's text: here always shorter than 64 bytes, whose length takes one byte. */
function text(value) {
  const bytes = utf8ToBytes(value);
  assert.ok(bytes.length < 64);
  return concatBytes(integer(1, bytes.length * 4), bytes);
}

/** What a sealed payload is bound to. */
function sealedEnvelope(message, genesis) {
  return concatBytes(
    utf8ToBytes('gridchain/bus/sealed/v1\0'),
    genesis,
    integer(1, message.version),
    hexToBytes(message.id),
    integer(4, message.source),
    integer(4, message.destination),
    text(message.command),
    integer(8, message.timestamp),
    integer(8, message.expiration),
    hexToBytes(message.seal.node_key),
    hexToBytes(message.seal.reply_key),
  );
}

/** What a sealed answer is bound to. */
function sealedReply(message, replyKey, genesis) {
  return concatBytes(
    utf8ToBytes('gridchain/reply/sealed/v1\0'),
    genesis,
    integer(1, message.version),
    hexToBytes(message.id),
    integer(4, message.source),
    integer(4, message.destination),
    integer(8, message.timestamp),
    replyKey,
  );
}

function signedIntroduction(message, genesis) {
  return concatBytes(
    utf8ToBytes('gridchain/hello/v1\0'),
    genesis,
    integer(1, message.version),
    integer(4, message.node_id),
    integer(4, message.twin_id),
    hexToBytes(message.challenge),
    hexToBytes(message.seal_key),
    integer(8, message.timestamp),
    integer(8, message.valid_for),
  );
}

function signedEnvelope(message, genesis) {
  if (message.seal) {
    return concatBytes(sealedEnvelope(message, genesis), hash(Buffer.from(message.payload, 'base64')));
  }
  return concatBytes(
    utf8ToBytes('gridchain/bus/v1\0'),
    genesis,
    integer(1, message.version),
    hexToBytes(message.id),
    integer(4, message.source),
    integer(4, message.destination),
    text(message.command),
    integer(8, message.timestamp),
    integer(8, message.expiration),
    hash(Buffer.from(message.payload, 'base64')),
  );
}

function signedReply(message, genesis) {
  const outcome = message.sealed
    ? concatBytes(integer(1, 2), Buffer.from(message.sealed, 'base64'))
    : message.error
      ? concatBytes(integer(1, 1), utf8ToBytes(canonical({ error: message.error })))
      : concatBytes(integer(1, 0), Buffer.from(message.payload, 'base64'));
  return concatBytes(
    utf8ToBytes('gridchain/reply/v1\0'),
    genesis,
    integer(1, message.version),
    hexToBytes(message.id),
    integer(4, message.source),
    integer(4, message.destination),
    integer(8, message.timestamp),
    hash(outcome),
  );
}

for (const vector of load('deployments.json')) {
  test(`deployment: ${vector.name}`, () => {
    const part = hashedPart(parse(vector.text));
    assert.equal(part, vector.canonical);
    const challenge = concatBytes(utf8ToBytes('gridchain/deployment/v1\0'), hexToBytes(vector.genesis), utf8ToBytes(part));
    assert.equal(hex(hash(challenge)), vector.hash);
  });
}

// The others are refused by the deployment's schema, which only who runs it needs to know.
for (const vector of load('refusals.json').filter((each) => each.by === 'json')) {
  test(`refused: ${vector.name}`, () => {
    assert.throws(() => parse(vector.text), { code: vector.code });
  });
}

const signed = { envelope: signedEnvelope, reply: signedReply, introduction: signedIntroduction };

for (const vector of load('bus.json')) {
  test(`bus: ${vector.name}`, () => {
    assert.equal(hex(signed[vector.kind](vector.message, hexToBytes(vector.genesis))), vector.signed);
  });
}

for (const vector of load('bus-sealed.json')) {
  test(`bus: ${vector.name}`, () => {
    const { kind, message } = vector;
    const [genesis, secret] = [vector.genesis, vector.recipient_secret].map(hexToBytes);
    assert.equal(hex(signed[kind](message, genesis)), vector.signed);
    const [aad, sealed] =
      kind === 'envelope'
        ? [sealedEnvelope(message, genesis), message.payload]
        : [sealedReply(message, publicKey(secret), genesis), message.sealed];
    const info = concatBytes(utf8ToBytes('gridchain/bus-seal/v1'), genesis);
    assert.equal(hex(openSealed(secret, Buffer.from(sealed, 'base64'), info, aad)), vector.plaintext);
  });
}

/** What a twin may sign that is asked to sign a deployment: one of these. A wallet takes `0x…` for bytes if it is told so. */
function signedHashes({ hash: deployment, requirement }) {
  if (requirement.signature_style !== 'polka-wallet') return [hexToBytes(deployment)];
  const asked = [utf8ToBytes(`0x${deployment}`), `0x${deployment}`, utf8ToBytes(deployment)];
  return asked.map((bytes) => u8aWrapBytes(bytes));
}

/** Whether the signatures of a deployment suffice. */
function outcome(vector) {
  const { owner, accounts, requirement } = vector;
  const messages = signedHashes(vector);
  // What is no signature of that kind at all is not just wrong to these functions: they throw.
  const verify = (kind, ...what) => {
    try {
      return { ed25519: ed25519Verify, sr25519: sr25519Verify }[kind](...what);
    } catch {
      return false;
    }
  };
  let weight = 0;
  for (const request of requirement.requests) {
    const given = requirement.signatures.find(({ twin_id: twin }) => twin === request.twin_id);
    if (given) {
      const account = hexToBytes(accounts[given.twin_id]);
      const signed = (message) => verify(given.signature_type, message, hexToBytes(given.signature), account);
      if (!messages.some(signed)) return 'bad';
      weight += request.weight;
    } else if (request.required || request.twin_id === owner) {
      return 'missing';
    }
  }
  return weight < requirement.weight_required ? 'too_light' : 'ok';
}

for (const vector of load('signatures.json')) {
  test(`signatures: ${vector.name}`, async () => {
    await cryptoWaitReady();
    assert.deepEqual(signedHashes(vector).map(hex), vector.signed);
    assert.equal(outcome(vector), vector.outcome);
  });
}
