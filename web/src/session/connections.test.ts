import { expect, it } from "vitest";
import type { Person } from "../api";
import { Connections } from "./connections";

const person = (id: string): Person => ({ participant_id: id, name: id, role: "candidate" });

it("remembers who is gone until they are back", () => {
  let now = 1000;
  const connections = new Connections(() => now);
  connections.present([person("ana"), person("zoe")]);
  connections.reported("zoe", 14, 830);
  expect(connections.of.get().get("zoe")).toEqual({ unsaved: 14, roundTripMs: 830, at: 1000 });
  now = 5000;
  connections.present([person("ana")]);
  expect(connections.gone.get()).toEqual([{ person: person("zoe"), since: 5000 }]);
  expect(connections.of.get().has("zoe")).toBe(false);
  connections.present([person("ana"), person("zoe")]);
  expect(connections.gone.get()).toEqual([]);
});

it("tells nothing of others while this browser itself is not connected", () => {
  const connections = new Connections(() => 1000);
  connections.present([person("ana"), person("zoe")]);
  connections.reported("zoe", 0, 30);
  connections.lost();
  expect(connections.of.get().size).toBe(0);
  expect(connections.gone.get()).toEqual([]);
});
