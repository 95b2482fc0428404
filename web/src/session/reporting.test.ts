/** Large pastes are told of once, whatever becomes of the connection they were told on. */
import { beforeEach, expect, it } from "vitest";
import type { ClientMessage, Person, Signal } from "../api";
import { Observable } from "../observable";
import type { Paste } from "./told-paste";
import { remember } from "../remembered";
import { reportPastes } from "./reporting";
import type { Link } from "./room";

const ZOE: Person = { participant_id: "zoe", name: "Zoë", role: "candidate" };
const PASTE: Paste = { path: "main.py", characters: 400, lines: 9, source: "outside" };
const LONGER: Paste = { ...PASTE, characters: 500 };
const toldOf = (seq: number, data: Paste, participant_id = "zoe"): Signal => ({
  seq,
  at: "2026-12-01T09:30:00Z",
  kind: "paste",
  participant_id,
  data: { ...data },
});

function room() {
  const sent: ClientMessage[] = [];
  return {
    roomId: "r",
    sent,
    link: new Observable<Link>({ state: "online", roundTripMs: null }),
    you: new Observable<Person | null>(ZOE),
    untold: new Observable<readonly Paste[]>([]),
    signals: new Observable<readonly Signal[]>([]),
    send: (message: ClientMessage) => sent.push(message),
    paste(paste: Paste) {
      this.untold.set([...this.untold.get(), { ...paste }]);
    },
    told(...signals: Signal[]) {
      this.signals.set([...this.signals.get(), ...signals]);
    },
    /** The server welcomes it back: with what it has told of. */
    back() {
      this.signals.set([...this.signals.get()]);
      this.you.set({ ...ZOE });
      this.link.set({ state: "online", roundTripMs: null });
    },
  };
}
let zoe: ReturnType<typeof room>;

beforeEach(() => {
  remember("pizarra.untold.r", "");
  zoe = room();
  zoe.told(toldOf(3, PASTE)); // of the page before
  reportPastes(zoe);
});

it("tells of a paste at once, and of what is pasted without a connection when there is one", () => {
  zoe.paste(PASTE);
  expect(zoe.sent).toEqual([{ type: "paste", ...PASTE }]);
  zoe.told(toldOf(4, PASTE));
  zoe.link.set({ state: "offline" });
  zoe.paste(LONGER);
  expect(zoe.sent.length).toBe(1);
  zoe.back();
  expect(zoe.sent.slice(1)).toEqual([{ type: "paste", ...LONGER }]);
});

it("tells again what the server has not told of, and nothing else", () => {
  for (const paste of [PASTE, PASTE, LONGER]) zoe.paste(paste);
  zoe.told(toldOf(4, PASTE, "ana"), toldOf(5, PASTE));
  zoe.link.set({ state: "offline" });
  zoe.signals.set([...zoe.signals.get(), toldOf(6, LONGER)]); // heard before the connection was lost, as the welcome says
  zoe.back();
  expect(zoe.sent.slice(3)).toEqual([{ type: "paste", ...PASTE }]);
  zoe.told(toldOf(7, PASTE));
  expect(zoe.untold.get()).toEqual([]);
});

it("tells of what was pasted without a connection although the page was closed meanwhile", () => {
  zoe.link.set({ state: "offline" });
  for (const paste of [PASTE, LONGER]) zoe.paste(paste);
  const later = room();
  later.you.set(null);
  reportPastes(later);
  later.signals.set([toldOf(3, PASTE), toldOf(4, LONGER)]); // the longer one had arrived after all
  later.back();
  expect(later.sent).toEqual([{ type: "paste", ...PASTE }]);
  later.told(toldOf(5, PASTE));
  const last = room();
  reportPastes(last);
  expect(last.sent).toEqual([]);
});

it("tells nothing of somebody else who used this browser before", () => {
  zoe.link.set({ state: "offline" });
  zoe.paste(PASTE);
  const other = room();
  other.you.set({ ...ZOE, participant_id: "ana" });
  reportPastes(other);
  expect(other.sent).toEqual([]);
  other.paste(LONGER);
  expect(other.sent).toEqual([{ type: "paste", ...LONGER }]);
});
