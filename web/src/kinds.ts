/** Every kind of entry that the logs may hold, as `timeline/entries/` has them: what reads them all names each one. */

export type SharedKind =
  | "edit"
  | "language"
  | "join"
  | "leave"
  | "connection"
  | "run.started"
  | "run.input"
  | "run.output"
  | "run.resized"
  | "run.ended"
  | "lock"
  | "role"
  | "removed"
  | "paste"
  | "away"
  | "explained"
  | "said"
  | "suggestion"
  | "suggestion.answered"
  | "thinking"
  | "branch"
  | "cursor"
  | "problem"
  | "samples"
  | "session.ended"
  | "session.reopened";

export type PrivateKind =
  | "note"
  | "chat"
  | "note.changed"
  | "note.removed"
  | "scores"
  | "decision"
  | "tests"
  | "test.result";

/** For the end of a `switch`: the compiler refuses a kind that was forgotten, one of a newer version is survived. */
export function skip(_kind: never): void {}
