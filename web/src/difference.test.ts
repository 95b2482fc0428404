import { describe, expect, it } from "vitest";
import { difference } from "./difference";

describe("difference", () => {
  it("is the smallest replacement, or nothing", () => {
    expect(difference("same", "same")).toBeNull();
    expect(difference("abcd", "abXd")).toEqual({ from: 2, to: 3, insert: "X" });
    expect(difference("aa", "aaa")).toEqual({ from: 2, to: 2, insert: "a" });
  });

  it("does not cut a character that takes two units in half", () => {
    // 😀 and 😁 share their first unit, 😀 and 🈀 their last.
    expect(difference("x😀y", "x😁y")).toEqual({ from: 1, to: 3, insert: "😁" });
    expect(difference("x😀y", "x🈀y")).toEqual({ from: 1, to: 3, insert: "🈀" });
  });
});
