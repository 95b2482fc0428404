/** What the session was about at an instant: the statement, and how the samples went up to then. */
import "../styles/problem.css";
import { useMemo } from "preact/hooks";
import type { Problem, TimelineEntry } from "../api";
import { useValue } from "../observable";
import { Course, type Posing } from "../problem/course";
import { OwnCases } from "../problem/own-cases";
import { Samples } from "../problem/samples";
import { Statement } from "../problem/statement";
import type { OwnTried, Tried } from "../problem/trial";
import { wordingFor } from "../problem/wording";
import { Splitter } from "../session/layout";
import { locale } from "../words";
import { problemWords } from "../words/problem";
import { replayWords } from "../words/replay";
import type { Recording } from "./recording";
import type { Scene } from "./tape";
import { clockOf } from "./time";
import type { Playhead } from "./playhead";

/** What of a question is on the timeline. */
type Shown = Pick<
  Problem,
  "title" | "statement" | "spoken" | "translations" | "images" | "samples" | "signature" | "version"
>;

interface PaneProps {
  recording: Recording;
  playhead: Playhead;
  scene: Scene;
}

/** Whether there is anything to show at any instant. */
export function hasProblem({ entries }: Recording): boolean {
  return entries.some(({ kind }) => kind === "problem");
}

export function ProblemPane({ recording, playhead, scene }: PaneProps) {
  const course = useMemo(() => new Course(recording.entries), [recording.entries]);
  const posing = course.at(scene.seq);
  const speaking = useValue(locale);
  const words = problemWords();
  const problem = useMemo(() => posing && shownOf(posing), [posing]);
  const wording = problem && wordingFor(problem, speaking);
  return (
    <section class="problem-panel" aria-label={words.label} tabIndex={-1} data-folded={false}>
      <header class="problem-bar">
        <h2 title={wording?.title ?? words.label}>{wording?.title ?? words.label}</h2>
        {problem && <span class="muted">{replayWords().replay.version(problem.version)}</span>}
      </header>
      <div class="problem-body" tabIndex={0} role="group" aria-label={words.label}>
        {posing && wording && problem ? (
          <>
            <Statement text={wording.statement} spoken={wording.spoken} images={problem.images} />
            <Tries
              key={posing.seq}
              recording={recording}
              playhead={playhead}
              scene={scene}
              posing={posing}
              problem={problem}
            />
          </>
        ) : (
          <p class="muted">{replayWords().replay.noProblem}</p>
        )}
      </div>
      <Splitter part="problem" />
    </section>
  );
}

/** The samples as they went last, and each time that somebody tried them. */
function Tries({
  recording,
  playhead,
  scene,
  posing,
  problem,
}: PaneProps & { posing: Posing; problem: Shown }) {
  // Not anew for every instant that is played: it looks through the whole log.
  const { entries } = recording;
  const tries = useMemo(() => triesOf(entries, posing), [entries, posing]);
  const last = tries.findLast(({ seq }) => seq <= scene.seq);
  const names = new Map(recording.people.map((each) => [each.participant_id, each.name]));
  const nameOf = (entry: TimelineEntry) => names.get(entry.participant_id ?? "") ?? "";
  const results = last ? resultsIn(last, problem) : null;
  const trial = {
    results,
    state: "idle" as const,
    refusal: null,
    by: last ? problemWords().samples.by(nameOf(last), String(last.data.path)) : null,
  };
  return (
    <>
      <Samples samples={problem.samples} trial={trial} areTests={posing.data.form === "project"} />
      <OwnCases
        cases={[]}
        tried={last ? ownIn(last) : []}
        signature={problem.signature}
        onChange={null}
        use={null}
        draft={null}
        onDraft={() => undefined}
      />
      {tries.length > 0 && (
        <ol class="tries" aria-label={replayWords().replay.tries}>
          {tries.map((entry) => {
            const went = resultsIn(entry, problem);
            const passed = went.filter((each) => each.passed).length;
            return (
              <li key={entry.seq}>
                <button
                  type="button"
                  class="quiet"
                  aria-current={entry === last}
                  onClick={() => playhead.jump(entry.seq)}
                >
                  <time>{clockOf(recording, Date.parse(entry.at))}</time>{" "}
                  {problemWords().samples.of(passed, went.length)}
                  <span class="muted"> {nameOf(entry)}</span>
                </button>
              </li>
            );
          })}
        </ol>
      )}
    </>
  );
}

function triesOf(entries: readonly TimelineEntry[], { seq, folder }: Posing): TimelineEntry[] {
  const posings = new Map(
    entries
      .filter(({ kind }) => kind === "problem")
      .map((each) => [each.seq, String(each.data.folder ?? "")]),
  );
  return entries.filter(
    ({ kind, data }) =>
      kind === "samples" && (data.problem === seq || posings.get(Number(data.problem)) === folder),
  );
}

/** What is on the timeline may come from anybody's archive: it is read as what it should be, or as nothing. */
function shownOf({ data }: Posing): Shown {
  const samples = objectsIn(data.samples).map(({ name, input, expected }) => ({
    name: text(name),
    input: text(input),
    expected: text(expected),
  }));
  const translations = Object.entries((data.translations ?? {}) as object).flatMap(
    ([spoken, each]) => {
      const { title, statement } = (each ?? {}) as Record<string, unknown>;
      return [[spoken, { title: text(title), statement: text(statement) }] as const];
    },
  );
  return {
    title: text(data.title),
    statement: text(data.statement),
    spoken: text(data.spoken) || "en",
    translations: Object.fromEntries(translations),
    images: Object.fromEntries(
      Object.entries((data.images ?? {}) as object).map(([name, image]) => [name, text(image)]),
    ),
    samples,
    signature: (data.signature as Problem["signature"]) ?? null,
    version: Number(data.version) || 0,
  };
}

function resultsIn({ data }: TimelineEntry, { samples }: Shown): Tried[] {
  return objectsIn(data.results).map((each, index) =>
    triedOf(each, samples[index]?.expected ?? ""),
  );
}

function ownIn({ data }: TimelineEntry): OwnTried[] {
  return objectsIn(data.own).map((each) => {
    const expected = typeof each.expected === "string" ? each.expected : null;
    return { ...triedOf(each, expected), input: text(each.input), expected };
  });
}

function triedOf<T extends string | null>(each: Record<string, unknown>, expected: T) {
  const got = text(each.got);
  return {
    name: text(each.name),
    passed: each.passed === true,
    status: text(each.status),
    expected,
    got,
    stdout: text(each.stdout) || got,
    duration_ms: typeof each.duration_ms === "number" ? each.duration_ms : null,
  };
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter((each) => typeof each === "object" && each !== null)
    : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
