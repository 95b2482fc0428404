/** What the page says, in English. `es.ts` has the same shape; no sentence stands anywhere else. */
import { session } from "./session.en";

export const en = {
  brand: "Pizarra",
  titled: (title: string) => `${title} · Pizarra`,
  loading: "Loading",
  partMissing: "This part of the page could not be loaded. It is tried again by itself.",
  /** The editor's own words; English ones are its own already. */
  phrases: {} as Record<string, string>,
  cancel: "Cancel",
  close: "Close",
  copy: "Copy",
  openReplay: "Replay",
  undo: "Undo",
  copied: (what: string) => `${what} copied`,
  copyByHand: (what: string) => `Copy the ${what.toLowerCase()}:`,
  onlyHere: "It opens on this computer only.",
  howToLetIn: "How others get in",
  tryAgain: "Try again",
  leaveUnsaved: "What you wrote last is not saved yet. Leave all the same?",
  tookMs: (milliseconds: number) => `${milliseconds} ms`,
  justNow: "just now",
  links: {
    candidate: "Candidate link",
    newCandidate: "New candidate link",
    observer: "Observer link",
    interviewer: "Interviewer link",
    other: "Link",
    token: "Token",
    text: "Your text",
  },
  roles: { host: "host", interviewer: "interviewer", candidate: "candidate", observer: "observer" },
  /** By the `code` of a problem whose sentence `said` does not know; empty: what the server says itself. */
  problems: {} as Record<string, string>,
  /** What the server said. */
  said: (sentence: string): string => sentence,
  unreachable: "The server does not answer. Check your connection and try again.",
  answered: (status: number) => `The server answered ${status}.`,

  ...session,
};

export type Words = typeof en;
