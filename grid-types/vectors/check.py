#!/usr/bin/env python3
"""Checks the golden vectors of this folder with nothing but Python's standard library.

A second reading of the rules in grid-types/src/{json,challenge,bus}: whoever writes a client in another language can go by
this file. Prints what differs and exits 1, or prints how many vectors agree.
"""

import base64
import hashlib
import json
import pathlib
import struct
import sys

import sealed

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32
FOLDER = pathlib.Path(__file__).parent


class Refused(Exception):
    """A text that must not be hashed; the argument is the stable code."""


def pairs(items):
    names = [name for name, _ in items]
    if len(set(names)) < len(names):
        raise Refused("duplicate_key")
    if any(name.startswith("$serde_json::") for name in names):
        raise Refused("reserved_key")
    return dict(items)


def integer(text):
    if text == "-0":
        raise Refused("not_an_integer")
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise Refused("integer_too_large")
    return int(text)


def not_an_integer(_text):
    raise Refused("not_an_integer")


def not_json(_text):
    raise Refused("not_json")


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def parse(text):
    """Reads JSON by the strict rules."""
    try:
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=integer,
            parse_float=not_an_integer,
            parse_constant=not_json,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate cannot be encoded
    except RecursionError:
        raise Refused("too_deep") from None
    except (json.JSONDecodeError, UnicodeEncodeError):
        raise Refused("not_json") from None
    if depth(value) > MAX_DEPTH:
        raise Refused("too_deep")
    return value


def canonical(value):
    """RFC 8785 for values without floats."""
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(inner) for name, inner in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def hashed_part(deployment):
    part = {name: value for name, value in deployment.items() if name != "contract_id"}
    if "signature_requirement" in part:
        requirement = part["signature_requirement"]
        part["signature_requirement"] = {name: v for name, v in requirement.items() if name != "signatures"}
    return canonical(part)


def blake2_256(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def deployment_hash(part, genesis):
    return blake2_256(b"gridchain/deployment/v1\0" + genesis + part.encode()).hex()


def compact(number):
    """SCALE's compact form of a small number."""
    assert number < 64
    return bytes([number << 2])


def sealed_envelope_aad(envelope, genesis):
    """What a sealed payload is bound to."""
    command = envelope["command"].encode()
    return (
        b"gridchain/bus/sealed/v1\0"
        + genesis
        + struct.pack("<B", envelope["version"])
        + bytes.fromhex(envelope["id"])
        + struct.pack("<II", envelope["source"], envelope["destination"])
        + compact(len(command))
        + command
        + struct.pack("<QQ", envelope["timestamp"], envelope["expiration"])
        + bytes.fromhex(envelope["seal"]["node_key"])
        + bytes.fromhex(envelope["seal"]["reply_key"])
    )


def sealed_reply_aad(reply, reply_key, genesis):
    """What a sealed answer is bound to."""
    return (
        b"gridchain/reply/sealed/v1\0"
        + genesis
        + struct.pack("<B", reply["version"])
        + bytes.fromhex(reply["id"])
        + struct.pack("<II", reply["source"], reply["destination"])
        + struct.pack("<Q", reply["timestamp"])
        + reply_key
    )


def introduction_bytes(said, genesis):
    return (
        b"gridchain/hello/v1\0"
        + genesis
        + struct.pack("<BII", said["version"], said["node_id"], said["twin_id"])
        + bytes.fromhex(said["challenge"])
        + bytes.fromhex(said["seal_key"])
        + struct.pack("<QQ", said["timestamp"], said["valid_for"])
    )


def signed_hashes(deployment_hash, style):
    """What a twin may sign that is asked to sign a deployment: one of these."""
    if style != "polka-wallet":
        return [deployment_hash]
    text = deployment_hash.hex().encode()
    return [b"<Bytes>" + way + b"</Bytes>" for way in (b"0x" + text, deployment_hash, text)]


def envelope_bytes(envelope, genesis):
    command = envelope["command"].encode()
    if "seal" in envelope:
        payload = base64.b64decode(envelope["payload"], validate=True)
        return sealed_envelope_aad(envelope, genesis) + blake2_256(payload)
    return (
        b"gridchain/bus/v1\0"
        + genesis
        + struct.pack("<B", envelope["version"])
        + bytes.fromhex(envelope["id"])
        + struct.pack("<II", envelope["source"], envelope["destination"])
        + compact(len(command))
        + command
        + struct.pack("<QQ", envelope["timestamp"], envelope["expiration"])
        + blake2_256(base64.b64decode(envelope["payload"], validate=True))
    )


def reply_bytes(reply, genesis):
    if "sealed" in reply:
        outcome = b"\2" + base64.b64decode(reply["sealed"], validate=True)
    elif "error" in reply:
        outcome = b"\1" + canonical({"error": reply["error"]}).encode()
    else:
        outcome = b"\0" + base64.b64decode(reply["payload"], validate=True)
    return (
        b"gridchain/reply/v1\0"
        + genesis
        + struct.pack("<B", reply["version"])
        + bytes.fromhex(reply["id"])
        + struct.pack("<II", reply["source"], reply["destination"])
        + struct.pack("<Q", reply["timestamp"])
        + blake2_256(outcome)
    )


SIGNED = {"envelope": envelope_bytes, "reply": reply_bytes, "introduction": introduction_bytes}


def load(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def findings():
    """Yields (name, what was expected, what was found) of every vector."""
    for vector in load("deployments.json"):
        part = hashed_part(parse(vector["text"]))
        yield vector["name"] + ": canonical", vector["canonical"], part
        yield vector["name"] + ": hash", vector["hash"], deployment_hash(part, bytes.fromhex(vector["genesis"]))
    for vector in load("refusals.json"):
        if vector["by"] != "json":
            continue  # a matter of the schema, which this check does not know
        try:
            parse(vector["text"])
            yield vector["name"], vector["code"], "accepted"
        except Refused as refused:
            yield vector["name"], vector["code"], str(refused)
    for vector in load("bus.json"):
        genesis = bytes.fromhex(vector["genesis"])
        yield vector["name"], vector["signed"], SIGNED[vector["kind"]](vector["message"], genesis).hex()
    yield from sealed_findings()
    for vector in load("signatures.json"):
        requirement = vector["requirement"]
        messages = signed_hashes(bytes.fromhex(vector["hash"]), requirement["signature_style"])
        yield vector["name"], vector["signed"], [message.hex() for message in messages]


def sealed_findings():
    for vector in load("bus-sealed.json"):
        genesis, message = bytes.fromhex(vector["genesis"]), vector["message"]
        yield vector["name"] + ": signed", vector["signed"], SIGNED[vector["kind"]](message, genesis).hex()
        secret = bytes.fromhex(vector["recipient_secret"])
        if vector["kind"] == "envelope":
            aad, text = sealed_envelope_aad(message, genesis), message["payload"]
        else:
            aad, text = sealed_reply_aad(message, sealed.public(secret), genesis), message["sealed"]
        plain = sealed.open_sealed(secret, base64.b64decode(text), b"gridchain/bus-seal/v1" + genesis, aad)
        yield vector["name"] + ": opened", vector["plaintext"], plain.hex() if plain is not None else "unreadable"


def main():
    checked, wrong = 0, 0
    for name, expected, found in findings():
        checked += 1
        if expected != found:
            wrong += 1
            print(f"{name}\n  expected {expected}\n  found    {found}", file=sys.stderr)
    print(f"{checked - wrong} of {checked} vectors agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
