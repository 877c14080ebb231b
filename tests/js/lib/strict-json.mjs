// JSON as the grid hashes it: integers only, no duplicate keys, at most 32 levels. JSON.parse hides all three (it rounds
// large numbers and keeps the last of two equal keys), hence a reader of our own. Refusals carry the stable code.

const MAX_DEPTH = 32;
const WHITE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const LITERALS = new Map([['true', true], ['false', false], ['null', null]]);

export class Refusal extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const refuse = (code) => {
  throw new Refusal(code);
};

/** Reads a text by the strict rules. */
export function parse(text) {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.white();
  if (reader.at < text.length) refuse('not_json');
  return value;
}

/** RFC 8785 for values without floats: keys in the order of their UTF-16 code units, no white space. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  /** What `pattern` matches here, and past it; undefined if it does not. */
  take(pattern) {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at = pattern.lastIndex;
    return match ?? undefined;
  }

  white() {
    this.take(WHITE);
  }

  /** Whether `token` comes next; takes it if so. */
  next(token) {
    this.white();
    const found = this.text.startsWith(token, this.at);
    if (found) this.at += token.length;
    return found;
  }

  expect(token) {
    if (!this.next(token)) refuse('not_json');
  }

  value(depth) {
    if (this.next('{')) return this.object(depth + 1);
    if (this.next('[')) return this.array(depth + 1);
    if (this.text[this.at] === '"') return this.string();
    for (const [token, value] of LITERALS) if (this.next(token)) return value;
    return this.integer();
  }

  object(depth) {
    if (depth > MAX_DEPTH) refuse('too_deep');
    // Without a prototype `__proto__` is a key like any other.
    const members = Object.create(null);
    if (this.next('}')) return members;
    do {
      this.white();
      const key = this.string();
      if (key in members) refuse('duplicate_key');
      if (key.startsWith('$serde_json::')) refuse('reserved_key');
      this.expect(':');
      members[key] = this.value(depth);
    } while (this.next(','));
    this.expect('}');
    return members;
  }

  array(depth) {
    if (depth > MAX_DEPTH) refuse('too_deep');
    const items = [];
    if (this.next(']')) return items;
    do items.push(this.value(depth));
    while (this.next(','));
    this.expect(']');
    return items;
  }

  string() {
    const match = this.take(STRING) ?? refuse('not_json');
    const value = JSON.parse(match[0]);
    // Half a surrogate pair is no text: it has no UTF-8.
    if (/\p{Surrogate}/u.test(value)) refuse('not_json');
    return value;
  }

  integer() {
    const match = this.take(NUMBER) ?? refuse('not_json');
    const [text, fraction, exponent] = match;
    if (fraction || exponent || text === '-0') refuse('not_an_integer');
    const value = Number(text);
    if (!Number.isSafeInteger(value)) refuse('integer_too_large');
    return value;
  }
}
