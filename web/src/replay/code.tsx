/** The code of the shown instant: its files, who wrote what, and what changed since another instant. */
import { useEffect, useRef, useState } from "preact/hooks";
import { languageOf } from "../session/file-actions";
import { t } from "../words";
import type { Scene, Tape } from "./tape";
import { CodeView } from "./view";

interface CodeProps {
  tape: Tape;
  scene: Scene;
  blame: boolean;
  since: Scene | null;
}

export function Code({ tape, scene, blame, since }: CodeProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<CodeView | null>(null);
  const ofLanguage = scene.paths.find((path) => languageOf(path) === scene.language) ?? null;
  const open =
    chosen !== null && scene.paths.includes(chosen) ? chosen : (ofLanguage ?? scene.paths[0] ?? null);
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
