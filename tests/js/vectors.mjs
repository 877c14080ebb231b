// The golden vectors as a JavaScript client computes them: canonical text, hash, refusals, and the bytes that are signed on the
// message bus. Usage: node vectors.mjs

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2b';
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils';
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

function signedEnvelope(message, genesis) {
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
  const outcome = message.error
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

for (const vector of load('bus.json')) {
  test(`bus: ${vector.name}`, () => {
    const signed = vector.kind === 'envelope' ? signedEnvelope : signedReply;
    assert.equal(hex(signed(vector.message, hexToBytes(vector.genesis))), vector.signed);
  });
}
