/** The terminal everybody shares: what the program prints, what people type into it, how it ended. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { LanguageInfo } from "../api";
import { Icon } from "../icons";
import { told } from "../told";
import { useValue } from "../observable";
import { fetched } from "../parts";
import { t } from "../words";
import { Splitter } from "./layout";
import { mainOf } from "./paths";
import { Remarks } from "./remarks";
import type { Room } from "./room";
import { describe, isActive } from "./runs";
import type { Screen } from "./terminal";

const RUN_KEYS = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘↵" : "Ctrl ↵";

const TERMINAL_MS = 300;

interface OutputProps {
  room: Room;
  languages: LanguageInfo[];
  mayRun: boolean;
}

export function Output({ room, languages, mayRun }: OutputProps) {
  const run = useValue(room.program.run);
  const language = useValue(room.language);
  const link = useValue(room.link);
  const over = useValue(room.over);

  // The first letter does not wait for the terminal; the first run does not either.
  const [wanted, setWanted] = useState(false);
  const online = link.state === "online";
  useEffect(() => {
    if (!online) return;
    const timer = setTimeout(() => setWanted(true), TERMINAL_MS);
    return () => clearTimeout(timer);
  }, [online]);

  const active = isActive(run);
  const known = languages.find((other) => other.id === language);
  useValue(room.problem);
  useValue(room.files.listed);
  const usual = mainOf(language, languages);
  const main = room.programIn(language) ?? usual;
  const blocked = known !== undefined && !known.runnable && !known.starting ? known.reason : null;
  const state = run ? describe(run) : null;
  useValue(room.names.known);
  const author = run?.participant_id ? room.names.of(run.participant_id) : null;
  return (
    <section class="output" aria-label={t.output.label}>
      <Splitter part="output" />
      <header class="output-bar">
        {mayRun && (
          <>
            <button
              type="button"
              class="primary"
              disabled={blocked !== null || link.state !== "online"}
              title={
                blocked ?? (active ? t.output.againHint(RUN_KEYS) : t.output.runHint(RUN_KEYS))
              }
              onClick={() => room.startRun()}
            >
              <Icon name="run" /> {t.output.run} {main && <span class="run-path">{main}</span>}{" "}
              <kbd>{RUN_KEYS}</kbd>
            </button>
            <button
              type="button"
              disabled={!active || over}
              aria-label={t.output.stop}
              title={t.output.stopHint}
              onClick={() => room.program.stop()}
            >
              <Icon name="stop" /> <span class="stop-word">{t.output.stop}</span>
            </button>
          </>
        )}
        <span class="output-title" title={known && told(known)}>
          {t.output.title}
          <span class="version">{known?.version ? ` · ${known.version}` : ""}</span>
        </span>
        {run && state && (
          <span class={`run-state tone-${state.tone}`} role="status" title={state.text}>
            <span class="run-of">{`${author ? `${author} · ` : ""}${run.path} · `}</span>
            <span class="run-how">{state.text}</span>
          </span>
        )}
      </header>
      <div class="screen">
        <Remarks room={room} blocked={blocked} mayRun={mayRun} />
        {(wanted || run !== null) && <TerminalView room={room} mayType={mayRun} />}
      </div>
    </section>
  );
}

function TerminalView({ room, mayType }: { room: Room; mayType: boolean }) {
  const run = useValue(room.program.run);
  const place = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<Screen | null>(null);
  useEffect(() => {
    let made: Screen | null = null;
    let gone = false;
    void fetched(() => import("./terminal")).then(({ Screen }) => {
      if (gone || !place.current) return;
      made = new Screen(place.current, {
        onInput: (text) => room.program.type(text),
        onResize: (size) => room.program.resize(size),
      });
      setScreen(made);
    });
    return () => {
      gone = true;
      made?.destroy();
    };
  }, [room]);
  useEffect(() => screen?.show(run, mayType), [screen, run, mayType]);
  const mine = run !== null && run.participant_id === room.you.get()?.participant_id;
  const started = mine && run.status === "running" ? run.run_id : null;
  useEffect(() => {
    // Whoever ran the program is whom it asks; a phone would put its keyboard over what it printed.
    if (
      started &&
      mayType &&
      matchMedia("(min-width: 721px)").matches &&
      room.program.focusTerminal
    )
      screen?.focus();
  }, [screen, started, mayType, room]);
  return <div class="tty" ref={place} />;
}
