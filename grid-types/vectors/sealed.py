"""X25519, HKDF-SHA256 and XChaCha20-Poly1305 with nothing but Python's standard library, to read what is sealed.

Written to be compared with RFC 7748, RFC 5869, RFC 8439 and draft-irtf-cfrg-xchacha. Neither fast nor constant in time: to
check vectors with, not to keep secrets with.
"""

import hashlib
import hmac
import struct

P = 2**255 - 19


def x25519(scalar, point):
    bits = bytearray(scalar)
    bits[0] &= 248
    bits[31] = bits[31] & 127 | 64
    k = int.from_bytes(bits, "little")
    u = int.from_bytes(point, "little") & (2**255 - 1)
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def public(secret):
    return x25519(secret, (9).to_bytes(32, "little"))


def hkdf(secret, salt, info):
    """One block of 32 bytes."""
    key = hmac.digest(salt, secret, "sha256")
    return hmac.digest(key, info + b"\1", "sha256")


def rounds(words):
    def quarter(a, b, c, d):
        for x, y, z, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            words[x] = (words[x] + words[y]) & 0xFFFFFFFF
            mixed = words[z] ^ words[x]
            words[z] = (mixed << by | mixed >> 32 - by) & 0xFFFFFFFF

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for a in range(4):
            quarter(a, 4 + (a + 1) % 4, 8 + (a + 2) % 4, 12 + (a + 3) % 4)
    return words


CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")


def hchacha20(key, nonce):
    words = rounds([*CONSTANTS, *struct.unpack("<8I", key), *struct.unpack("<4I", nonce)])
    return struct.pack("<8I", *words[:4], *words[12:])


def chacha20(key, counter, nonce, data):
    out = bytearray()
    for block in range(0, len(data), 64):
        state = [*CONSTANTS, *struct.unpack("<8I", key), counter + block // 64, *struct.unpack("<3I", nonce)]
        words = rounds(list(state))
        stream = struct.pack("<16I", *((w + s) & 0xFFFFFFFF for w, s in zip(words, state)))
        out += bytes(a ^ b for a, b in zip(data[block : block + 64], stream))
    return bytes(out)


def poly1305(key, data):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(data), 16):
        total = (total + int.from_bytes(data[at : at + 16] + b"\1", "little")) * r % (2**130 - 5)
    return (total + int.from_bytes(key[16:], "little") & 2**128 - 1).to_bytes(16, "little")


def decrypt(key, nonce, aad, ciphertext):
    """XChaCha20-Poly1305; None if it was changed."""
    key, nonce = hchacha20(key, nonce[:16]), bytes(4) + nonce[16:]
    text, tag = ciphertext[:-16], ciphertext[-16:]
    pad = lambda data: bytes(-len(data) % 16)
    what = aad + pad(aad) + text + pad(text) + struct.pack("<QQ", len(aad), len(text))
    if not hmac.compare_digest(poly1305(chacha20(key, 0, nonce, bytes(32)), what), tag):
        return None
    return chacha20(key, 1, nonce, text)


def open_sealed(secret, sealed, info, aad):
    """The plaintext of what was sealed to this secret's key."""
    assert sealed[0] == 1
    ephemeral, nonce, ciphertext = sealed[1:33], sealed[33:57], sealed[57:]
    key = hkdf(x25519(secret, ephemeral), ephemeral + public(secret), info)
    return decrypt(key, nonce, aad, ciphertext)
