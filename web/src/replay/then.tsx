/** The terminal as it was; and beside it, when asked, what the code of this instant prints now. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RunSummary } from "../api";
import { Splitter } from "../session/layout";
import { describe } from "../session/runs";
import type { Screen } from "../session/terminal";
import { t } from "../words";
import type { Online } from "./player";
import type { Recording, Scene } from "./tape";

interface ThenProps {
  scene: Scene;
  recording: Recording;
  runAt: Online["runAt"];
}

export function Then({ scene, recording, runAt }: ThenProps) {
  const [input, setInput] = useState("");
  const [now, setNow] = useState<RunSummary | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => setNow(null), [scene.seq]);
  const author = recording.people.find((person) => person.participant_id === scene.run?.participant_id);
  const run = async () => {
    if (runAt === null) return;
    setBusy(true);
    setProblem(null);
    try {
      setNow(await runAt(scene.seq, input));
    } catch (error) {
      setProblem((error as Error).message);
    }
    setBusy(false);
  };
  const shown = scene.run ? describe(scene.run) : null;
  return (
    <section class="output" aria-label={t.output.label}>
      <Splitter part="output" />
      <header class="output-bar">
        {runAt !== null && (
          <>
            <button
              type="button"
              class="primary"
              disabled={busy}
              title={t.replay.runHereHint}
              onClick={() => void run()}
            >
              {t.replay.runHere}
            </button>
            <input
              class="rerun-input"
              value={input}
              aria-label={t.replay.input}
              placeholder={t.replay.input}
              onInput={(event) => setInput(event.currentTarget.value)}
            />
          </>
        )}
        <span class="output-title">{t.replay.then}</span>
        {scene.run && shown && (
          <span class={`run-state tone-${shown.tone}`}>
            {author ? `${author.name} · ` : ""}
            {scene.run.path} · {shown.text}
          </span>
        )}
      </header>
      <div class="screen screens">
        {scene.run === null ? <p class="muted">{t.replay.noRun}</p> : <Terminal run={scene.run} />}
        {problem && (
          <p class="notice" role="alert">
            {problem}
          </p>
        )}
        {now && (
          <div class="rerun" role="status">
            <p class={`tone-${describe(now).tone}`}>
              {t.replay.now} · {describe(now).text}
            </p>
            <pre>{now.output.map((chunk) => chunk.text).join("")}</pre>
          </div>
        )}
      </div>
    </section>
  );
}

function Terminal({ run }: { run: RunSummary }) {
  const place = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<Screen | null>(null);
  useEffect(() => {
    let made: Screen | null = null;
    let gone = false;
    void import("../session/terminal").then(({ Screen }) => {
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
