import { describe, expect, it } from "vitest";
import { agendaOf, partOf, shortly } from "./agenda";

const NOW = new Date(2026, 10, 26, 12, 0).getTime(); // a Thursday
const at = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();

function session(of: Partial<Parameters<typeof partOf>[0]> & { title?: string }) {
  const created = of.created_at ?? at(26, 9);
  return {
    status: "open" as const,
    starts_at: null,
    ended_at: null,
    created_at: created,
    last_activity_at: created,
    ...of,
  };
}

describe("the agenda", () => {
  it("says where a session stands", () => {
    expect(partOf(session({}), NOW)).toBe("today");
    expect(partOf(session({ starts_at: at(26, 8) }), NOW)).toBe("today");
    expect(partOf(session({ starts_at: at(27, 8) }), NOW)).toBe("coming");
    expect(partOf(session({ starts_at: at(24, 8) }), NOW)).toBe("open");
    expect(partOf(session({ created_at: at(20, 8) }), NOW)).toBe("open");
    expect(
      partOf(session({ status: "ended", starts_at: at(26, 8), ended_at: at(26, 9) }), NOW),
    ).toBe("ended");
  });

  it("puts what is planned in its order and what was newest first", () => {
    const listed = [
      session({ title: "evening", starts_at: at(26, 18) }),
      session({ title: "unplanned", last_activity_at: at(26, 11) }),
      session({ title: "morning", starts_at: at(26, 8) }),
      session({ title: "old", status: "ended", ended_at: at(20, 9) }),
      session({ title: "fresh", status: "ended", ended_at: at(25, 9) }),
    ];
    expect(
      agendaOf(listed, NOW).map(([part, own]) => [part, own.map((each) => each.title)]),
    ).toEqual([
      ["today", ["morning", "evening", "unplanned"]],
      ["ended", ["fresh", "old"]],
    ]);
  });

  it("writes instants shortly", () => {
    expect(shortly(at(26, 14), NOW, "es")).toBe("14:00");
    expect(shortly(at(27, 14), NOW, "es")).toBe("vie, 14:00");
    expect(shortly(at(20, 14), NOW, "en")).toBe("Fri");
    expect(shortly(at(2, 14), NOW, "en")).toBe("Nov 2");
    expect(shortly(new Date(2025, 0, 2).toISOString(), NOW, "en")).toBe("Jan 2, 2025");
  });
});
