import { describe, expect, it } from "vitest";
import { combined } from "./binding";

describe("what two texts that were one have become", () => {
  it("is what was typed here and what came from others", () => {
    expect(combined("a\nb\n", "a\nb\nmine\n", "theirs\na\nb\n")).toBe("theirs\na\nb\nmine\n");
    expect(combined("one two", "one", "one two three")).toBe("one three");
  });

  it("is nothing twice where both have it already", () => {
    expect(combined("a\n", "a\nmine\n", "a\nmine\n")).toBe("a\nmine\n");
    expect(combined("a\n", "a\n", "a\ntheirs\n")).toBe("a\ntheirs\n");
    expect(combined("a\n", "a\nmine\n", "a\n")).toBe("a\nmine\n");
  });
});
