import { expect, it, vi } from "vitest";
import type { Problem } from "../api";
import { Observable } from "../observable";
import { allSaved, isOf, isSame, type Tried } from "./trial";

const tried = (more: Partial<Tried> = {}): Tried => ({
  name: "one",
  passed: true,
  status: "exited",
  expected: "2",
  got: "2",
  stdout: "2",
  duration_ms: 12,
  ...more,
});

it("knows its own trial in what everybody is told, who are not told what it complained", () => {
  expect(isSame([tried({ stderr: "oh" })], [tried()])).toBe(true);
  expect(isSame([tried()], [tried({ duration_ms: 13 })])).toBe(false);
  expect(isSame([tried()], [tried({ got: "3" })])).toBe(false);
  expect(isSame([tried()], [tried(), tried()])).toBe(false);
});

it("shows on a question only what was tried for it", () => {
  const problem = { samples: [{ name: "one", input: "1", expected: "2" }] } as unknown as Problem;
  expect(isOf(problem, null, { path: "main.py", results: [tried()] })).toBe(true);
  expect(isOf(problem, "bee/main.py", { path: "bee/main.py", results: [tried()] })).toBe(true);
  expect(isOf(problem, "bee/main.py", { path: "main.py", results: [tried()] })).toBe(false);
  expect(isOf(problem, null, { path: "main.py", results: [tried(), tried()] })).toBe(false);
  expect(isOf(problem, null, { path: "main.py", results: [tried({ expected: "3" })] })).toBe(false);
  expect(isOf(problem, null, { path: "main.py", results: [tried({ name: "two" })] })).toBe(false);
  expect(isOf(null, null, { path: "main.py", results: [tried()] })).toBe(false);
});

it("tries what was typed before the click, once it is saved, and does not wait for ever", async () => {
  vi.useFakeTimers();
  const unsaved = new Observable(2);
  let tried = 0;
  const count = () => void tried++;
  void allSaved(unsaved).then(count);
  await vi.advanceTimersByTimeAsync(1000);
  expect(tried).toBe(0);
  unsaved.set(0);
  await vi.advanceTimersByTimeAsync(0);
  expect(tried).toBe(1);
  unsaved.set(1);
  void allSaved(unsaved).then(count);
  await vi.advanceTimersByTimeAsync(3000);
  expect(tried).toBe(2);
  await allSaved(new Observable(0));
  vi.useRealTimers();
});
