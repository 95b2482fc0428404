/** The files of a session: a tab each, and the editor on the one that is open. */
import type { EditorView } from "@codemirror/view";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LanguageInfo } from "../api";
import { useValue } from "../observable";
import { revealPlace } from "./diagnostics";
import { FileMenu } from "./file-menu";
import { openEditor, setReadOnly } from "./editor";
import type { Room } from "./room";

interface FilesProps {
  room: Room;
  readOnly: boolean;
  languages: LanguageInfo[];
}

export function Files({ room, readOnly, languages }: FilesProps) {
  const paths = useValue(room.paths);
  const language = useValue(room.language);
  const [chosen, setChosen] = useState<string | null>(null);
  const ofLanguage = paths.find((path) => room.files.get(path)?.language === language) ?? null;
  // Choosing a language opens its file; choosing a tab overrides until the next language.
  useEffect(() => setChosen(ofLanguage), [ofLanguage]);
  const wanted = useValue(room.reveal);
  useEffect(() => {
    if (wanted) setChosen(wanted.path);
  }, [wanted]);
  const open = chosen !== null && paths.includes(chosen) ? chosen : (ofLanguage ?? paths[0] ?? null);
  return (
    <main class="files">
      <div class="tab-bar">
        <div class="tabs" role="tablist" aria-label="Files">
          {paths.map((path) => (
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
        <FileMenu
          room={room}
          open={open}
          mains={languages.map((known) => known.main)}
          mayWrite={!readOnly}
          onOpen={setChosen}
        />
      </div>
      {open === null ? (
        <p class="loading muted">Opening the document</p>
      ) : (
        <Editor key={open} room={room} path={open} readOnly={readOnly} />
      )}
    </main>
  );
}

function Editor({ room, path, readOnly }: { room: Room; path: string; readOnly: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const opened = useRef<EditorView | null>(null);
  const locked = useRef(readOnly);
  locked.current = readOnly;
  useEffect(() => {
    if (opened.current) setReadOnly(opened.current, readOnly);
  }, [readOnly]);
  useEffect(() => {
    let view: EditorView | null = null;
    if (place.current) {
      view = opened.current = openEditor(room, path, place.current, {
        readOnly: locked.current,
        onRun: () => room.startRun(),
        onStop: () => room.stopRun(),
      });
      const here = room.reveal.get();
      if (here?.path === path) revealPlace(view, here);
      else if (!locked.current && matchMedia("(min-width: 721px)").matches) view.focus();
    }
    const stop = room.reveal.subscribe(() => {
      const place = room.reveal.get();
      if (view && place?.path === path) revealPlace(view, place);
    });
    return () => {
      stop();
      view?.destroy();
      opened.current = null;
    };
  }, [room, path]);
  return <div class="editor" ref={place} />;
}
