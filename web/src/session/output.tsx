/** What the program printed, as everybody sees it, and how it ended. */
import { useEffect, useRef } from "preact/hooks";
import type { LanguageInfo } from "../api";
import { Icon } from "../icons";
import { useValue } from "../observable";
import type { Room } from "./room";
import { describe, isActive } from "./runs";

const RUN_KEYS = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘↵" : "Ctrl ↵";
// Colour and cursor codes mean nothing in a plain list of lines.
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[ -/]*[@-~]`, "g");

interface OutputProps {
  room: Room;
  languages: LanguageInfo[];
  mayRun: boolean;
}

export function Output({ room, languages, mayRun }: OutputProps) {
  const run = useValue(room.run);
  const notice = useValue(room.notice);
  const language = useValue(room.language);
  const people = useValue(room.people);
  const link = useValue(room.link);
  const screen = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const length = run?.output.length ?? 0;
  useEffect(() => {
    const element = screen.current;
    if (element && length >= 0 && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [length]);

  const active = isActive(run);
  const known = languages.find((other) => other.id === language);
  const blocked = known !== undefined && !known.runnable ? known.reason : null;
  const state = run ? describe(run) : null;
  const author = run?.participant_id
    ? people.find((person) => person.participant_id === run.participant_id)
    : null;
  return (
    <section class="output" aria-label="Output">
      <header class="output-bar">
        {mayRun && (
          <>
            <button
              type="button"
              class="primary"
              disabled={active || blocked !== null || link.state !== "online"}
              title={blocked ?? `Run (${RUN_KEYS})`}
              onClick={() => room.startRun()}
            >
              <Icon name="run" /> Run <kbd>{RUN_KEYS}</kbd>
            </button>
            <button type="button" disabled={!active} title="Stop (Ctrl .)" onClick={() => room.stopRun()}>
              <Icon name="stop" /> Stop
            </button>
          </>
        )}
        <span class="output-title">Output</span>
        {run && state && (
          <span class={`run-state tone-${state.tone}`} role="status">
            {author ? `${author.name} · ` : ""}
            {run.path} · {state.text}
          </span>
        )}
      </header>
      <div
        class="screen"
        ref={screen}
        tabIndex={0}
        role="log"
        aria-label="Program output"
        onScroll={(event) => {
          const element = event.currentTarget;
          atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
        }}
      >
        {notice && <p class="notice">{notice}</p>}
        {blocked && <p class="notice">{blocked}</p>}
        {run?.detail && <p class="notice">{run.detail}</p>}
        {run === null && !blocked && !notice && (
          <p class="muted">Run the program: everybody in the session sees what it prints.</p>
        )}
        {run && (
          <pre>
            {run.output.map((chunk) => (
              <span key={chunk.seq} class={chunk.stream}>
                {chunk.text.replace(ESCAPES, "")}
              </span>
            ))}
          </pre>
        )}
        {run && !active && run.output.length === 0 && !run.detail && <p class="muted">It printed nothing.</p>}
      </div>
    </section>
  );
}
