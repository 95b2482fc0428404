import { expect, it } from "vitest";
import * as Y from "yjs";
import { Allowance } from "./allowance";

it("counts in bytes, exactly near the limit, and all of it only then", () => {
  const doc = new Y.Doc();
  const text = doc.getText("t");
  let counted = 0;
  const allowance = new Allowance(doc, () => {
    counted++;
    return [text.toString()];
  });
  expect(allowance.admits(10 ** 9)).toBe(true); // before the server said how much there may be
  allowance.max = 1000;
  text.insert(0, "ñ".repeat(200));
  expect(allowance.admits(100)).toBe(true);
  expect(counted).toBe(0);
  text.delete(0, 100);
  text.insert(0, "x".repeat(700));
  expect(allowance.admits(101)).toBe(false);
  expect(allowance.admits(100)).toBe(true);
  text.delete(0, 700);
  expect(allowance.admits(800)).toBe(true);
  expect(allowance.admits(-5)).toBe(true);
});
