// What is sealed with X25519, HKDF-SHA256 and XChaCha20-Poly1305, opened with what Node.js has: only HChaCha20 is added.

import { createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';

const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

const privateOf = (secret) => createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' });
const publicOf = (point) => createPublicKey({ key: Buffer.concat([SPKI, point]), format: 'der', type: 'spki' });

/** The X25519 public key of a secret. */
export function publicKey(secret) {
  return createPublicKey(privateOf(secret)).export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** draft-irtf-cfrg-xchacha, 2.2. */
function hchacha20(key, nonce) {
  const words = new Uint32Array(16);
  const bytes = Buffer.concat([Buffer.from('expand 32-byte k'), key, nonce]);
  words.forEach((_, index) => (words[index] = bytes.readUInt32LE(4 * index)));
  const turn = (value, by) => (value << by) | (value >>> (32 - by));
  const quarter = (a, b, c, d) => {
    for (const [x, y, z, by] of [[a, b, d, 16], [c, d, b, 12], [a, b, d, 8], [c, d, b, 7]]) {
      words[x] += words[y];
      words[z] = turn(words[z] ^ words[x], by);
    }
  };
  for (let round = 0; round < 10; round += 1) {
    for (let a = 0; a < 4; a += 1) quarter(a, a + 4, a + 8, a + 12);
    for (let a = 0; a < 4; a += 1) quarter(a, 4 + ((a + 1) % 4), 8 + ((a + 2) % 4), 12 + ((a + 3) % 4));
  }
  const out = Buffer.alloc(32);
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((word, index) => out.writeUInt32LE(words[word], 4 * index));
  return out;
}

/** The plaintext of what was sealed to this secret's key; throws if it was changed. */
export function openSealed(secret, sealed, info, aad) {
  if (sealed[0] !== 1) throw new Error('not sealed');
  const [ephemeral, nonce, ciphertext] = [sealed.subarray(1, 33), sealed.subarray(33, 57), sealed.subarray(57)];
  const shared = diffieHellman({ privateKey: privateOf(secret), publicKey: publicOf(ephemeral) });
  const salt = Buffer.concat([ephemeral, publicKey(secret)]);
  const key = Buffer.from(hkdfSync('sha256', shared, salt, info, 32));
  const short = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  const cipher = createDecipheriv('chacha20-poly1305', hchacha20(key, nonce.subarray(0, 16)), short, { authTagLength: 16 });
  const text = ciphertext.subarray(0, -16);
  cipher.setAAD(aad, { plaintextLength: text.length });
  cipher.setAuthTag(ciphertext.subarray(-16));
  return Buffer.concat([cipher.update(text), cipher.final()]);
}
