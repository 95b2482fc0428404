import { afterEach, describe, expect, it, vi } from "vitest";
import { recall, remember } from "./remembered";

afterEach(() => vi.unstubAllGlobals());

function refusing(error: string): object {
  const refuse = () => {
    throw new DOMException("no", error);
  };
  return { getItem: () => null, setItem: refuse };
}

describe("what this browser remembers", () => {
  it("is remembered by the window where storage is denied, full or not there", () => {
    Object.defineProperty(globalThis, "localStorage", {
      configurable: true,
      get: () => {
        throw new DOMException("denied", "SecurityError");
      },
    });
    expect(recall("a")).toBeNull();
    remember("a", "1");
    expect(recall("a")).toBe("1");
    Object.defineProperty(globalThis, "localStorage", { configurable: true, value: undefined });
    remember("b", "2");
    expect(recall("b")).toBe("2");
    vi.stubGlobal("localStorage", refusing("QuotaExceededError"));
    remember("c", "3");
    expect(recall("c")).toBe("3");
  });
});
