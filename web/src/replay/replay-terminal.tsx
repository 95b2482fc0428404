/** The terminal as it was; and beside it, when asked, what the code of this instant prints now. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RunSummary } from "../api";
import { fetched } from "../parts";
import { Splitter } from "../session/layout";
import { describe, isActive } from "../session/runs";
import type { Screen } from "../session/terminal";
import { t } from "../words";
import type { Online } from "./online";
import type { Playhead } from "./playhead";
import type { Recording } from "./recording";
import type { Scene } from "./tape";
import { replayWords } from "../words/replay";
import { clockOf } from "./time";

interface ReplayTerminalProps {
  scene: Scene;
  recording: Recording;
  playhead: Playhead;
  runAt: Online["runAt"];
}

export function ReplayTerminal({ scene, recording, playhead, runAt }: ReplayTerminalProps) {
  const { again, run, ...rerun } = useRerun(scene.seq, runAt);
  const [input, setInput] = useState("");
  return (
    <section class="output" aria-label={t.output.label}>
      <Splitter part="replay" />
      <header class="output-bar">
        {runAt !== null && (
          <>
            <button
              type="button"
              class="primary run-here"
              disabled={rerun.busy}
              title={replayWords().replay.runHereHint}
              onClick={() => void again(input)}
            >
              {replayWords().replay.runHere}
            </button>
            <input
              class="rerun-input"
              value={input}
              aria-label={replayWords().replay.input}
              placeholder={replayWords().replay.input}
              onInput={(event) => setInput(event.currentTarget.value)}
            />
          </>
        )}
        <span class="output-title">{t.session.terminal}</span>
        <RunState scene={scene} recording={recording} playhead={playhead} />
      </header>
      <div class="screen screens">
        <AsItWas scene={scene} recording={recording} playhead={playhead} />
        {rerun.problem && (
          <p class="notice" role="alert">
            {rerun.problem}
          </p>
        )}
        {run && (
          <div class="rerun" role="status" tabIndex={0}>
            <p class={`tone-${describe(run).tone}`}>
              {replayWords().replay.now} · {describe(run).text}
            </p>
            <pre>{run.output.map((chunk) => chunk.text).join("")}</pre>
          </div>
        )}
      </div>
    </section>
  );
}

/** What the code of an instant does now. It belongs to that instant alone: an answer that comes later is of no use. */
function useRerun(seq: number, runAt: Online["runAt"]) {
  const [run, setRun] = useState<RunSummary | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const shown = useRef(seq);
  shown.current = seq;
  useEffect(() => {
    setRun(null);
    setProblem(null);
    setBusy(false);
  }, [seq]);
  const again = async (input: string) => {
    if (runAt === null) return;
    setBusy(true);
    setProblem(null);
    try {
      const found = await runAt(seq, input);
      if (shown.current === seq) setRun(found);
    } catch (error) {
      if (shown.current === seq) setProblem((error as Error).message);
    }
    if (shown.current === seq) setBusy(false);
  };
  return { again, run, busy, problem };
}

/** How the run ended that the terminal shows; an error of other code is told where the code would be sought. */
function RunState({ scene, recording, playhead }: Omit<ReplayTerminalProps, "runAt">) {
  const { run } = scene;
  if (run === null || (isError(run) && !playhead.tape.isOfRun(scene))) return null;
  const author = recording.people.find((person) => person.participant_id === run.participant_id);
  const { tone, text } = describe(run);
  return (
    <span class={`run-state tone-${tone}`} title={text}>
      <span class="run-of">{`${author ? `${author.name} · ` : ""}${run.path} · `}</span>
      <span class="run-how">{text}</span>
    </span>
  );
}

function isError(run: RunSummary): boolean {
  return !isActive(run) && describe(run).tone !== "good";
}

/** The terminal as it was. What went wrong is shown beside the code that it belongs to, and beside no other. */
function AsItWas({ scene, recording, playhead }: Omit<ReplayTerminalProps, "runAt">) {
  const { run, ran } = scene;
  const belongs = useMemo(() => playhead.tape.isOfRun(scene), [scene, playhead]);
  if (run === null || ran === null) return <p class="muted">{replayWords().replay.noRun}</p>;
  const at = clockOf(recording, playhead.tape.timeOf(ran.from));
  const sentence = isError(run)
    ? replayWords().replay.earlierError(at, describe(run).text)
    : replayWords().replay.earlierCode(at);
  return (
    <div class="as-it-was">
      {!belongs && (
        <p class="muted">
          {sentence}{" "}
          <button type="button" onClick={() => playhead.jump(ran.to)}>
            {replayWords().replay.goToRun}
          </button>
        </p>
      )}
      {(belongs || !isError(run)) && <Terminal run={run} />}
    </div>
  );
}

function Terminal({ run }: { run: RunSummary }) {
  const place = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<Screen | null>(null);
  useEffect(() => {
    let made: Screen | null = null;
    let gone = false;
    void fetched(() => import("../session/terminal")).then(({ Screen }) => {
      if (gone || !place.current) return;
      made = new Screen(place.current, { onInput: () => undefined, onResize: () => undefined });
      setScreen(made);
    });
    return () => {
      gone = true;
      made?.destroy();
    };
  }, []);
  useEffect(() => screen?.show(run, false), [screen, run]);
  return <div class="tty" ref={place} />;
}
