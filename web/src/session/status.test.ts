import { describe, expect, it } from "vitest";
import { statusOf } from "./status";

describe("statusOf", () => {
  it("says saved only while connected with nothing unacknowledged", () => {
    expect(statusOf({ state: "online", roundTripMs: 12 }, 0, true).text).toBe("saved");
    expect(statusOf({ state: "online", roundTripMs: 12 }, 1, true).text).toBe("saving");
    expect(statusOf({ state: "offline" }, 0, true).text).toBe("reconnecting");
  });

  it("does not say saved while something cannot be sent", () => {
    expect(statusOf({ state: "online", roundTripMs: 12 }, 0, true, true).text).toBe(
      "not all saved",
    );
    expect(statusOf({ state: "online", roundTripMs: 12 }, 1, true, true).text).toBe("saving");
  });

  it("names how many edits are only in this browser", () => {
    expect(statusOf({ state: "offline" }, 1, true).text).toBe("offline, 1 edit kept here");
    expect(statusOf({ state: "offline" }, 14, true).text).toBe("offline, 14 edits kept here");
  });

  it("promises to keep edits only where the browser does", () => {
    const offline = statusOf({ state: "offline" }, 3, false);
    expect(offline.text).toBe("offline, 3 edits not sent");
    expect(offline.explanation).toContain("leave this window open");
    const little = statusOf({ state: "offline" }, 3, "little");
    expect(little.text).toBe("offline, 3 edits kept here");
    expect(little.explanation).toContain("(2 million characters)");
    expect(little.explanation).not.toContain("even if you close");
    expect(statusOf({ state: "online", roundTripMs: 1 }, 3, false).explanation).toContain(
      "does not keep it",
    );
    expect(statusOf({ state: "online", roundTripMs: 1 }, 0, false).explanation).not.toContain(
      "not keep",
    );
  });
});
