// @ts-nocheck
// Calls the function of the main file with the cases that standard input has; see `pizarra_cases.py`, which does the same.
const MOST_NODES = 1_000_000;

class Mismatch extends Error {}

const SCALAR = {
  i: (text) => Number(text),
  l: (text) => BigInt(text),
  f: (text) => (text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text)),
  b: (text) => text === "1",
  s: (text) => Buffer.from(text.slice(1), "hex").toString("utf8"),
};

function parse(text) {
  return { shape: text[0], of: text.length > 1 ? parse(text.slice(1)) : null };
}

const STRING = { shape: "s", of: null };

function read({ shape, of }, take, answer) {
  if (shape in SCALAR) return SCALAR[shape](take());
  if (shape === "O") return take() === "1" ? read(of, take, answer) : null;
  const count = Number(take());
  if (shape === "A") return Array.from({ length: count }, () => read(of, take, answer));
  if (shape === "M") {
    return new Map(
      Array.from({ length: count }, () => [read(STRING, take, answer), read(of, take, answer)]),
    );
  }
  if (shape === "L") {
    const nodes = Array.from({ length: count }, () => new answer.ListNode(read(of, take, answer)));
    nodes.forEach((node, index) => (node.next = nodes[index + 1] ?? null));
    return nodes[0] ?? null;
  }
  const slots = Array.from({ length: count }, () => read({ shape: "O", of }, take, answer));
  const nodes = slots.map((slot) => (slot === null ? null : new answer.TreeNode(slot)));
  let child = 1;
  for (const node of nodes) {
    if (node === null) continue;
    node.left = nodes[child++] ?? null;
    node.right = nodes[child++] ?? null;
  }
  return nodes[0] ?? null;
}

function write(kind, value, out) {
  const { shape, of } = kind;
  if (shape === "i" && typeof value === "number" && Number.isInteger(value)) out.push(String(value + 0));
  else if (shape === "l" && typeof value === "bigint") out.push(String(value));
  else if (shape === "l" && Number.isSafeInteger(value)) out.push(String(value + 0));
  else if (shape === "f" && typeof value === "number") out.push(String(value));
  else if (shape === "b" && typeof value === "boolean") out.push(value ? "1" : "0");
  else if (shape === "s" && typeof value === "string") out.push("x" + Buffer.from(value).toString("hex"));
  else if (shape === "A" && Array.isArray(value)) {
    out.push(String(value.length));
    for (const each of value) write(of, each, out);
  } else if (shape === "M" && typeof value === "object" && value !== null && !Array.isArray(value)) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    out.push(String(entries.length));
    for (const [key, each] of entries) {
      write(STRING, key, out);
      write(of, each, out);
    }
  } else if (shape === "O") {
    const none = value === null || value === undefined;
    out.push(none ? "0" : "1");
    if (!none) write(of, value, out);
  } else if (shape === "L" && typeof value === "object") write({ shape: "A", of }, listed(value), out);
  else if (shape === "T" && typeof value === "object") write({ shape: "A", of: { shape: "O", of } }, levels(value), out);
  else throw new Mismatch(said(value));
}

function said(value) {
  try {
    return typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? String(value)).slice(0, 200);
  } catch {
    return String(value).slice(0, 200);
  }
}

function listed(node) {
  const values = [];
  for (; node; node = node.next) {
    values.push(node.val);
    if (values.length > MOST_NODES) throw new Mismatch("a list that never ends");
  }
  return values;
}

function levels(root) {
  const queue = [root ?? null];
  const values = [];
  for (const node of queue) {
    values.push(node === null ? null : node.val);
    if (node !== null) queue.push(node.left ?? null, node.right ?? null);
    if (queue.length > MOST_NODES) throw new Mismatch("a tree that never ends");
  }
  while (values.length > 0 && values[values.length - 1] === null) values.pop();
  return values;
}

async function cases(given, answer) {
  let place = 0;
  const take = () => given[place++];
  const [secret, , name] = [take(), take(), take()];
  const kinds = take().split(" ").filter(Boolean).map(parse);
  const returns = parse(take());
  const [inPlace, count] = [Number(take()), Number(take())];
  const tell = (kind, number, began, tokens) => {
    const micros = Math.trunc((performance.now() - began) * 1000);
    process.stdout.write(`\x1f${secret} ${kind} ${number} ${micros}\n${tokens.join("\n")}\n\x1f${secret} .\n`);
  };
  const hex = (text) => ["x" + Buffer.from(text).toString("hex")];
  for (let number = 0; number < count; number++) {
    const values = kinds.map((kind) => read(kind, take, answer));
    const began = performance.now();
    try {
      if (typeof answer[name] !== "function") throw new ReferenceError(`there is no function ${name}`);
      let value = answer[name](...values);
      if (value instanceof Promise) value = await value;
      const out = [];
      if (returns.shape !== "v") write(returns, value, out);
      if (inPlace >= 0) write(kinds[inPlace], values[inPlace], out);
      tell("v", number, began, out);
    } catch (error) {
      if (error instanceof Mismatch) tell("m", number, began, hex(error.message));
      else tell("e", number, began, hex(String(error?.stack ?? error).slice(0, 4000)));
    }
  }
}
