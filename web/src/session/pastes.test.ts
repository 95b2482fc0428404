import { describe, expect, it } from "vitest";
import { isLarge, sourceOf } from "./pastes";

describe("isLarge", () => {
  it("is about what nobody types in a moment", () => {
    expect(isLarge("x".repeat(99))).toBe(false);
    expect(isLarge("x".repeat(100))).toBe(true);
    expect(isLarge("a\nb\nc\nd")).toBe(false);
    expect(isLarge("a\nb\nc\nd\ne")).toBe(true);
  });
});

describe("sourceOf", () => {
  const own = "room1/zoe";
  it("knows one's own copies, in this window and in another one", () => {
    expect(sourceOf("abc", own, own, [], "")).toBe("own");
    expect(sourceOf("abc", "", own, ["abc"], "")).toBe("own");
  });
  it("knows what was copied here by others, or stands here", () => {
    expect(sourceOf("abc", "room1/ana", own, [], "")).toBe("session");
    expect(sourceOf("  abc\n", "", own, [], "x abc y")).toBe("session");
  });
  it("calls the rest outside", () => {
    expect(sourceOf("abc", "", own, [], "xyz")).toBe("outside");
    expect(sourceOf("abc", "room2/zoe", own, [], "xyz")).toBe("outside");
    expect(sourceOf("abc", "room11/zoe", own, [], "xyz")).toBe("outside");
  });
});
