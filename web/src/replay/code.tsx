/** The code of the shown instant: its files, who wrote what, and what changed since another instant. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Person } from "../api";
import { colorOf } from "../session/colors";
import { languageOf } from "../session/file-actions";
import { t } from "../words";
import type { Scene, Tape } from "./tape";
import { CodeView } from "./view";

interface CodeProps {
  tape: Tape;
  scene: Scene;
  blame: boolean;
  since: Scene | null;
  people: readonly Person[];
  /** Whose caret is kept in view. */
  followed: string | null;
}

export function Code({ tape, scene, blame, since, people, followed }: CodeProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<CodeView | null>(null);
  const ofLanguage = scene.paths.find((path) => languageOf(path) === scene.language) ?? null;
  const carets = tape.carets();
  const leader = carets.find(({ participantId }) => participantId === followed) ?? null;
  const open =
    leader !== null && scene.paths.includes(leader.path)
      ? leader.path
      : chosen !== null && scene.paths.includes(chosen)
        ? chosen
        : (ofLanguage ?? scene.paths[0] ?? null);
  useEffect(() => setChosen(null), [scene.language]);
  useEffect(() => {
    if (open === null || !place.current) return;
    const opened = new CodeView(place.current, open, languageOf(open));
    view.current = opened;
    return () => {
      opened.destroy();
      view.current = null;
    };
  }, [open]);
  useEffect(() => {
    if (open !== null) view.current?.show(tape.text(open), blame ? tape.blame(open) : [], true);
  }, [open, scene, blame, tape]);
  useEffect(() => {
    const names = new Map(people.map((person) => [person.participant_id, person.name]));
    const here = carets
      .filter(({ path }) => path === open)
      .map(({ participantId, head }) => ({
        at: head,
        name: names.get(participantId) ?? "",
        color: colorOf(participantId),
      }));
    view.current?.showCarets(here, leader?.path === open ? leader.head : null);
  }, [open, scene, followed, people]);
  useEffect(() => {
    if (open !== null) view.current?.compare(since === null ? null : tape.textAt(open, since.seq));
  }, [open, since, tape]);
  return (
    <section class="files" aria-label={t.session.code}>
      <div class="tab-bar">
        <div class="tabs" role="tablist" aria-label={t.files.label}>
          {scene.paths.map((path) => (
            <button
              key={path}
              type="button"
              role="tab"
              aria-selected={path === open}
              onClick={() => setChosen(path)}
            >
              {path}
            </button>
          ))}
        </div>
      </div>
      <div class="editor" ref={place} />
    </section>
  );
}
