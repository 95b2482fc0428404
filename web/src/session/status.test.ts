import { describe, expect, it } from "vitest";
import { statusOf } from "./status";

describe("statusOf", () => {
  it("says saved only while connected with nothing unacknowledged", () => {
    expect(statusOf({ state: "online", roundTripMs: 12 }, 0).text).toBe("saved");
    expect(statusOf({ state: "online", roundTripMs: 12 }, 1).text).toBe("saving");
    expect(statusOf({ state: "offline" }, 0).text).toBe("reconnecting");
  });

  it("names how many edits are only in this browser", () => {
    expect(statusOf({ state: "offline" }, 1).text).toBe("offline, 1 edit kept here");
    expect(statusOf({ state: "offline" }, 14).text).toBe("offline, 14 edits kept here");
  });
});
