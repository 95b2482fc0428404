import { describe, expect, it } from "vitest";
import { SaveTracker } from "./acknowledgements";

describe("SaveTracker", () => {
  it("counts an edit as unsaved until the server echoes its number", () => {
    const saves = new SaveTracker();
    expect(saves.unsaved).toBe(0);
    const first = saves.edited();
    const second = saves.edited();
    expect(saves.unsaved).toBe(2);
    saves.acknowledged(first);
    expect(saves.unsaved).toBe(1);
    saves.acknowledged(second);
    expect(saves.unsaved).toBe(0);
  });

  it("ignores echoes that are late, repeated, or for edits never made", () => {
    const saves = new SaveTracker();
    saves.edited();
    saves.edited();
    saves.acknowledged(2);
    saves.acknowledged(1);
    expect(saves.unsaved).toBe(0);
    saves.edited();
    saves.acknowledged(99);
    expect(saves.unsaved).toBe(1);
  });

  it("asks one question at a time, and the next covers all that came meanwhile", () => {
    const saves = new SaveTracker();
    expect(saves.ask()).toBeNull();
    saves.edited();
    expect(saves.ask()).toBe(1);
    saves.edited();
    saves.edited();
    expect(saves.ask()).toBeNull();
    saves.acknowledged(1);
    expect(saves.ask()).toBe(3);
  });

  it("asks again after the connection was lost", () => {
    const saves = new SaveTracker();
    saves.edited();
    saves.ask();
    saves.disconnected();
    expect(saves.ask()).toBe(1);
  });
});
