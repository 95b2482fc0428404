/** The player: the session as it was at any instant, with what happened on a timeline below. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RunSummary } from "../api";
import { assignColors } from "../session/colors";
import { Splitter, useLayout } from "../session/layout";
import { copy } from "../toast";
import { span, t } from "../words";
import { AskFrom } from "./ask-from";
import { Code } from "./code";
import { Happenings } from "./happenings";
import { marksOf } from "./marks";
import { advance, SPEEDS } from "./playback";
import { Progress } from "./progress";
import { type Recording, type Scene, Tape } from "./tape";
import { Then } from "./then";
import { Timeline } from "./timeline";

/** What can be done with a server behind it; a file that plays offline has none. */
export interface Online {
  isLive: boolean;
  /** Whether the tests of the program can be read and changed. */
  canTest: boolean;
  runAt: ((seq: number, stdin: string) => Promise<RunSummary>) | null;
  /** Ask a follow-up question: everybody goes on with the code of this instant. */
  askFrom: ((seq: number, question: string) => Promise<void>) | null;
}

interface PlayerProps {
  recording: Recording;
  online: Online | null;
  bar: preact.ComponentChildren;
}

export function Player({ recording, online, bar }: PlayerProps) {
  const tape = useRef<Tape | null>(null);
  tape.current ??= new Tape(recording);
  const wound = tape.current;
  assignColors(recording.people.map((person) => person.participant_id));
  const [scene, setScene] = useState<Scene>(() => wound.seek(seqIn(location.hash) ?? wound.length));
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(4);
  const [skipIdle, setSkipIdle] = useState(true);
  const [followed, setFollowed] = useState<string | null>(null);
  const [blame, setBlame] = useState(false);
  const [since, setSince] = useState<Scene | null>(null);
  const layout = useLayout();

  useEffect(() => {
    const end = wound.length;
    wound.extend(recording);
    // Whoever looks at the newest instant of a live session goes along with it.
    if (online?.isLive) setScene((now) => (now.seq >= end ? wound.seek(wound.length) : now));
  }, [recording, wound, online]);

  const go = useCallback(
    (seq: number) => {
      setScene(wound.seek(seq));
    },
    [wound],
  );
  const jump = useCallback(
    (seq: number) => {
      setPlaying(false);
      go(seq);
    },
    [go],
  );

  useEffect(() => {
    if (!playing) return;
    let time = wound.timeOf(scene.seq);
    let last = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      time = advance(wound, time, now - last, speed, skipIdle);
      last = now;
      const seq = wound.seqAt(time);
      setScene((before) => (before.seq === seq ? before : wound.seek(seq)));
      if (seq >= wound.length) setPlaying(false);
      else frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
    // Where it begins is where it was when somebody pressed play.
  }, [playing, speed, skipIdle, wound]);

  const marks = useMemo(() => marksOf(recording), [recording]);
  const runs = useMemo(
    () => recording.entries.filter(({ kind }) => kind === "run.ended").map(({ seq }) => seq),
    [recording],
  );
  const step = useCallback(
    (by: "entry" | "run", direction: 1 | -1) => {
      setPlaying(false);
      setScene((now) => {
        if (by === "entry") return wound.seek(now.seq + direction);
        const next =
          direction > 0 ? runs.find((seq) => seq > now.seq) : runs.filter((seq) => seq < now.seq).at(-1);
        return next === undefined ? now : wound.seek(next);
      });
    },
    [runs, wound],
  );
  const toggle = useCallback(() => {
    setScene((now) => (now.seq >= wound.length ? wound.seek(1) : now));
    setPlaying((now) => !now);
  }, [wound]);
  useKeys(toggle, step);

  useLayoutEffect(() => {
    if (!playing) history.replaceState(null, "", `${location.pathname}#t=${scene.seq}`);
  }, [playing, scene.seq]);
  useEffect(() => {
    // What was asked for, not what the address has become: a live session may have gone on meanwhile.
    const onHash = (event: HashChangeEvent) => {
      const seq = seqIn(new URL(event.newURL).hash);
      if (seq !== null) jump(seq);
    };
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, [jump]);

  const at = span((scene.at - recording.createdAt) / 1000);
  return (
    <main class="session replay" style={layout}>
      <header class="bar">{bar}</header>
      <Code
        tape={wound}
        scene={scene}
        blame={blame}
        since={since}
        people={recording.people}
        followed={followed}
      />
      <Then scene={scene} recording={recording} runAt={online?.runAt ?? null} />
      <section class="side" aria-label={t.replay.happened} tabIndex={-1}>
        <Splitter part="side" />
        <div class="side-panel">
          <Progress recording={recording} canTest={online?.canTest ?? false} onGo={jump} />
          <Happenings recording={recording} marks={marks} now={scene.seq} onGo={jump} />
        </div>
      </section>
      <section class="timeline" aria-label={t.replay.timeline}>
        <div class="transport">
          <button type="button" class="primary" onClick={toggle}>
            {playing ? t.replay.pause : t.replay.play}
          </button>
          <button
            type="button"
            aria-label={t.replay.back1}
            title={`${t.replay.back1} (←)`}
            onClick={() => step("entry", -1)}
          >
            ‹
          </button>
          <button
            type="button"
            aria-label={t.replay.forward1}
            title={`${t.replay.forward1} (→)`}
            onClick={() => step("entry", 1)}
          >
            ›
          </button>
          <button
            type="button"
            aria-label={t.replay.previousRun}
            title={`${t.replay.previousRun} (J)`}
            onClick={() => step("run", -1)}
          >
            «
          </button>
          <button
            type="button"
            aria-label={t.replay.nextRun}
            title={`${t.replay.nextRun} (K)`}
            onClick={() => step("run", 1)}
          >
            »
          </button>
          <span class="instant">{at}</span>
          <select
            aria-label={t.replay.speed}
            value={String(speed)}
            onChange={(event) => setSpeed(Number(event.currentTarget.value))}
          >
            {SPEEDS.map((each) => (
              <option key={each} value={String(each)}>
                {each} ×
              </option>
            ))}
          </select>
          <select
            aria-label={t.replay.follow}
            value={followed ?? ""}
            onChange={(event) => setFollowed(event.currentTarget.value || null)}
          >
            <option value="">{t.replay.followNobody}</option>
            {recording.people.map((person) => (
              <option key={person.participant_id} value={person.participant_id}>
                {t.replay.followPerson(person.name)}
              </option>
            ))}
          </select>
          <Check label={t.replay.skipIdle} value={skipIdle} onChange={setSkipIdle} />
          <Check label={t.replay.blame} value={blame} onChange={setBlame} />
          <button
            type="button"
            aria-pressed={since !== null}
            onClick={() => setSince(since === null ? scene : null)}
          >
            {since === null ? t.replay.compare : t.replay.compareEnd}
          </button>
          {since !== null && (
            <span class="muted">{t.replay.comparing(span((since.at - recording.createdAt) / 1000))}</span>
          )}
          <div class="transport-actions">
            {online?.askFrom && <AskFrom seq={scene.seq} onAsk={online.askFrom} />}
            {online !== null && (
              <button type="button" onClick={() => void copy(location.href, t.replay.instantLink)}>
                {t.replay.copyLink}
              </button>
            )}
            {online?.isLive && scene.seq < wound.length && (
              <button type="button" onClick={() => jump(wound.length)}>
                {t.replay.live}
              </button>
            )}
          </div>
        </div>
        <Timeline recording={recording} marks={marks} tape={wound} scene={scene} onGo={jump} />
      </section>
    </main>
  );
}

function seqIn(hash: string): number | null {
  const found = /^#t=(\d+)$/.exec(hash);
  return found ? Number(found[1]) : null;
}

/** Space plays, arrows step, J and K go from run to run, wherever nobody types. */
function useKeys(toggle: () => void, step: (by: "entry" | "run", direction: 1 | -1) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      if (target?.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey)
        return;
      if (event.key === " " && !target?.closest("button, a, summary")) toggle();
      else if (event.key === "ArrowLeft") step("entry", -1);
      else if (event.key === "ArrowRight") step("entry", 1);
      else if (event.key === "j" || event.key === "J") step("run", -1);
      else if (event.key === "k" || event.key === "K") step("run", 1);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [toggle, step]);
}

function Check({
  label,
  value,
  onChange,
}: {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
