/** Trying the program on the samples: what is under way, and what came of it the last time anybody did. */
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../announcer";
import type { ApiError, Problem, SampleResult } from "../api";
import { type Observable, useValue } from "../observable";
import { questionsApi } from "../questions/api";
import type { Room } from "../session/room";
import { problemWords } from "../words/problem";
import type { OwnCase } from "./own";

type SamplesRan = NonNullable<ReturnType<Room["sampled"]["get"]>>;

/** What came of a sample; only whoever tried it is told what the program complained. */
export type Tried = Omit<SampleResult, "stderr" | "own"> & { stderr?: string };

/** What came of a case that somebody made up. */
export type OwnTried = SamplesRan["own"][number];

export interface Trial {
  /** What came of each, in their order; null: nobody tried them since this page was opened. */
  results: readonly Tried[] | null;
  /** The cases that whoever tried it had made up, and what came of them. */
  own: readonly OwnTried[];
  /** Who tried which file. */
  by: string | null;
  /** Since when the program is another one than what was tried; null: it is the same. */
  since: string | null;
  /** "slow": it goes on, and is told when it is over. */
  state: "idle" | "trying" | "slow";
  /** Why they could not be tried, in a sentence. */
  refusal: string | null;
  run: () => void;
}

/** Whether two tell of one trial: the times alone are hardly ever the same twice. */
export function isSame(some: readonly Tried[], others: readonly Tried[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ got, status, duration_ms }, index) => {
      const other = others[index];
      return other?.got === got && other.status === status && other.duration_ms === duration_ms;
    })
  );
}

/** The part of what everybody is told that says which program was tried, and on what. */
type Told = Pick<SamplesRan, "path"> & { results: readonly Tried[] };

/**
 * Whether it was tried for this question: on its samples, and with its own file where it has one (`own`). What was
 * asked for the question before may be told late.
 */
export function isOf(problem: Problem | null, own: string | null, told: Told): boolean {
  const { samples } = problem ?? { samples: [] };
  return (
    (own === null || own === told.path) &&
    told.results.length === samples.length &&
    told.results.every(({ name, expected }, index) => {
      const sample = samples[index];
      return sample?.name === name && sample.expected === expected;
    })
  );
}

const SAVING_MS = 3000; // then what is saved is tried

/** What was typed before the click counts: edits go by the socket, which may be slower than what asks for a trial. */
export function allSaved(unsaved: Observable<number>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, SAVING_MS);
    const look = () => unsaved.get() === 0 && done();
    const stop = unsaved.subscribe(look);
    look();
  });
}

export function useTrial(room: Room, sessionId: string, cases: readonly OwnCase[]): Trial {
  const problem = useValue(room.problem) ?? null;
  const last = useValue(room.sampled);
  const isTold = last !== null && isOf(problem, room.programIn(last.language), last);
  const told = isTold ? last : null;
  const online = useValue(room.link).state === "online";
  const [own, setOwn] = useState<readonly Tried[] | null>(null);
  const [state, setState] = useState<Trial["state"]>("idle");
  const [refusal, setRefusal] = useState<string | null>(null);
  const running = useRef(false);
  const present = useRef(problem?.seq);
  present.current = problem?.seq;
  useTold(room, told, () => setState((now) => (now === "slow" ? "idle" : now)));
  // Another question has other samples.
  useEffect(() => {
    setOwn(null);
    setRefusal(null);
    setState("idle");
    running.current = false;
    room.sampled.set(null);
  }, [problem?.seq, room]);
  const run = () => {
    if (running.current) return;
    if (!online) return setRefusal(problemWords().samples.offline);
    const asked = problem?.seq;
    const isPresent = () => asked === present.current;
    running.current = true;
    setState("trying");
    setRefusal(null);
    allSaved(room.unsaved)
      .then(() => questionsApi.runSamples(sessionId, cases))
      .then(
        (results) => {
          if (!isPresent()) return;
          setState(results.length === 0 ? "slow" : "idle");
          if (results.length > 0) setOwn(results.filter((each) => !each.own));
        },
        (error: ApiError) => {
          if (!isPresent()) return;
          setState("idle");
          setRefusal(error.message);
        },
      )
      .finally(() => {
        if (isPresent()) running.current = false;
      });
  };
  const isOwn = own !== null && (told === null || isSame(own, told.results));
  return {
    results: isOwn ? own : (told?.results ?? null),
    own: told?.own ?? [],
    by: told && problemWords().samples.by(room.nameOf(told.participant_id), told.path),
    since: useChanged(room, told) ? (told?.time ?? null) : null,
    state,
    refusal,
    run,
  };
}

/** Say what somebody's trial came to. */
function useTold(room: Room, told: SamplesRan | null, onTold: () => void): void {
  const shown = useRef(told);
  useEffect(() => {
    if (told === shown.current || told === null) return;
    shown.current = told;
    const { samples } = problemWords();
    const passed = told.results.filter((each) => each.passed).length;
    const who = room.nameOf(told.participant_id);
    announce(`${who}: ${samples.of(passed, told.results.length)}`);
    onTold();
  }, [told, room]);
}

const LOOK_MS = 300;

/** Whether the program is another one than what was tried. */
function useChanged(room: Room, told: SamplesRan | null): boolean {
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    if (told === null) return setChanged(false);
    setChanged(told.changed);
    const name = room.files.named(told.path);
    if (told.changed || name === null) return; // what it was is not known here
    const text = room.files.text(name);
    const tried = text.toString();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setChanged(text.toString() !== tried);
      }, LOOK_MS);
    };
    text.observe(look);
    return () => {
      clearTimeout(timer);
      text.unobserve(look);
    };
  }, [room, told]);
  return changed;
}
