import assert from "node:assert/strict";
import { test } from "node:test";
import { Cache } from "./cache";
import { HandClock } from "./clock";

function made() {
  const clock = new HandClock();
  return { clock, cache: new Cache<string, unknown>(2, 5, clock) };
}

test("what was put is there", () => {
  const { cache } = made();
  cache.put("a", 1);
  cache.put("b", 2);
  assert.equal(cache.get("a"), 1);
  assert.equal(cache.get("b"), 2);
  assert.equal(cache.size(), 2);
});

test("what was never put is not there", () => {
  const { cache } = made();
  assert.equal(cache.get("a"), undefined);
  assert.equal(cache.get("a", 7), 7);
});

test("what was not used for longest goes first", () => {
  const { cache } = made();
  cache.put("a", 1);
  cache.put("b", 2);
  cache.put("c", 3);
  assert.equal(cache.get("a"), undefined);
  assert.equal(cache.get("b"), 2);
  assert.equal(cache.get("c"), 3);
});

test("after its time it is gone", () => {
  const { cache, clock } = made();
  cache.put("a", 1);
  clock.advance(6);
  assert.equal(cache.get("a"), undefined);
});
