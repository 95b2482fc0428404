import assert from "node:assert/strict";
import { test } from "node:test";
import { Cache } from "./cache";
import { HandClock } from "./clock";

function made() {
  const clock = new HandClock();
  return { clock, cache: new Cache<string, unknown>(2, 5, clock) };
}

test("reading is a use", () => {
  const { cache } = made();
  cache.put("a", 1);
  cache.put("b", 2);
  assert.equal(cache.get("a"), 1);
  cache.put("c", 3);
  assert.equal(cache.get("a"), 1);
  assert.equal(cache.get("b"), undefined);
});

test("putting again is a use", () => {
  const { cache } = made();
  cache.put("a", 1);
  cache.put("b", 2);
  cache.put("a", 3);
  cache.put("c", 4);
  assert.equal(cache.get("a"), 3);
  assert.equal(cache.get("b"), undefined);
});

test("putting again needs no room", () => {
  const { cache } = made();
  cache.put("a", 1);
  cache.put("b", 2);
  cache.put("b", 3);
  assert.equal(cache.get("a"), 1);
  assert.equal(cache.get("b"), 3);
  assert.equal(cache.size(), 2);
});

test("asking for what is not there is no use", () => {
  const { cache } = made();
  cache.put("a", 1);
  cache.put("b", 2);
  assert.equal(cache.get("x"), undefined);
  assert.equal(cache.size(), 2);
  cache.put("c", 3);
  assert.equal(cache.get("b"), 2);
  assert.equal(cache.get("c"), 3);
});

test("it is gone at its time, and not before", () => {
  const { cache, clock } = made();
  cache.put("a", 1);
  clock.advance(4.5);
  assert.equal(cache.get("a"), 1);
  clock.advance(0.5);
  assert.equal(cache.get("a"), undefined);
});

test("putting again begins its time anew", () => {
  const { cache, clock } = made();
  cache.put("a", 1);
  clock.advance(4);
  cache.put("a", 2);
  clock.advance(4);
  assert.equal(cache.get("a"), 2);
  clock.advance(1);
  assert.equal(cache.get("a"), undefined);
});

test("reading does not make it younger", () => {
  const { cache, clock } = made();
  cache.put("a", 1);
  clock.advance(4);
  assert.equal(cache.get("a"), 1);
  clock.advance(1);
  assert.equal(cache.get("a"), undefined);
});

test("what is gone takes no room", () => {
  const { cache, clock } = made();
  cache.put("a", 1);
  clock.advance(3);
  cache.put("b", 2);
  assert.equal(cache.get("a"), 1);
  clock.advance(2);
  cache.put("c", 3);
  assert.equal(cache.get("b"), 2);
  assert.equal(cache.get("c"), 3);
});

test("what is gone is not counted", () => {
  const { cache, clock } = made();
  cache.put("a", 1);
  clock.advance(3);
  cache.put("b", 2);
  assert.equal(cache.size(), 2);
  clock.advance(2);
  assert.equal(cache.size(), 1);
  clock.advance(3);
  assert.equal(cache.size(), 0);
});

test("a value may be nothing much", () => {
  const { cache } = made();
  cache.put("a", 0);
  cache.put("b", "");
  assert.equal(cache.get("a"), 0);
  assert.equal(cache.get("b"), "");
  assert.equal(cache.get("a", 7), 0);
});
