/** The files of a session: a tab each, what one does with the open one, and the editor on it. */
import { EditorView } from "@codemirror/view";
import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LanguageInfo } from "../api";
import { useValue } from "../observable";
import { t } from "../words";

import { languageOf } from "./file-actions";
import { FileMenu } from "./file-menu";
import { openEditor, setReadOnly } from "./editor";
import { formatOpen } from "./formatting";
import { revealPlace } from "./places";
import { mayHost } from "./roles";
import type { Room } from "./room";
import { SuggestForm, Suggestions } from "./suggestions";
import type { Together } from "./together";

interface FilesProps {
  room: Room;
  together: Together;
  sessionId: string;
  readOnly: boolean;
  languages: LanguageInfo[];
}

export function Files({ room, together, sessionId, readOnly, languages }: FilesProps) {
  const paths = useValue(room.paths);
  const language = useValue(room.language);
  const you = useValue(room.you);
  const [chosen, setChosen] = useState<string | null>(null);
  const [suggesting, setSuggesting] = useState(false);
  const view = useRef<EditorView | null>(null);
  const ofLanguage = paths.find((path) => room.files.get(path)?.language === language) ?? null;
  // Choosing a language opens its file; choosing a tab overrides until the next language.
  useEffect(() => setChosen(ofLanguage), [ofLanguage]);
  const wanted = useValue(room.reveal);
  useEffect(() => {
    if (wanted) setChosen(wanted.path);
  }, [wanted]);
  const look = useValue(together.look);
  useEffect(() => {
    if (look) setChosen(look.path);
  }, [look]);
  const open = chosen !== null && paths.includes(chosen) ? chosen : (ofLanguage ?? paths[0] ?? null);
  useEffect(() => setSuggesting(false), [open]);
  const choose = (path: string) => {
    together.following.set(null);
    setChosen(path);
  };
  const format = () => {
    if (open !== null && view.current) void formatOpen(room, sessionId, open, view.current);
  };
  return (
    <section class="files" aria-label={t.session.code}>
      <div class="tab-bar">
        <div class="tabs" role="tablist" aria-label={t.files.label}>
          {paths.map((path) => (
            <button
              key={path}
              type="button"
              role="tab"
              aria-selected={path === open}
              onClick={() => choose(path)}
            >
              {path}
            </button>
          ))}
        </div>
        {/* Not before it is whole: what stands beside the tabs must not move under a hand. */}
        {open !== null && you !== null && (
          <FileMenu
            room={room}
            open={open}
            mains={languages.map((known) => known.main)}
            mayWrite={!readOnly}
            onOpen={choose}
          >
            {!readOnly && (
              <button type="button" class="quiet long" title="Ctrl Shift F" onClick={format}>
                {t.files.format}
              </button>
            )}
            <button
              type="button"
              class="quiet long"
              title={t.people.pointHint}
              onClick={() => view.current && open !== null && pointAtSelection(together, open, view.current)}
            >
              {t.people.point}
            </button>
            {mayHost(you?.role) && (
              <button
                type="button"
                class="quiet long"
                title={t.suggestions.suggestHint}
                aria-expanded={suggesting}
                onClick={() => setSuggesting(!suggesting)}
              >
                {t.suggestions.suggest}
              </button>
            )}
          </FileMenu>
        )}
      </div>
      <FollowLine room={room} together={together} />
      {suggesting && open !== null && view.current && (
        <SuggestForm room={room} path={open} view={view.current} onDone={() => setSuggesting(false)} />
      )}
      <Suggestions room={room} together={together} open={open} view={view} mayWrite={!readOnly} />
      {open === null ? (
        <p class="loading muted">{t.files.opening}</p>
      ) : (
        <Editor
          key={open}
          room={room}
          together={together}
          path={open}
          readOnly={readOnly}
          opened={view}
          onFormat={format}
          asks={() => (readOnly || !hasServer(open, languages) ? null : sessionId)}
        />
      )}
    </section>
  );
}

/** Point at what is selected, or else at the line the cursor is in. */
function pointAtSelection(together: Together, path: string, view: EditorView): void {
  const { from, to } = view.state.selection.main;
  const line = view.state.doc.lineAt(from);
  if (from === to)
    together.point(path, line.from, Math.max(line.to, Math.min(line.from + 1, view.state.doc.length)));
  else together.point(path, from, to);
  view.dispatch({});
}

function FollowLine({ room, together }: { room: Room; together: Together }) {
  const following = useValue(together.following);
  if (following === null) return null;
  return (
    <p class="follow-line" role="status">
      {t.people.following(room.nameOf(following))}
      <button type="button" class="quiet" onClick={() => together.following.set(null)}>
        {t.people.stopFollowing}
      </button>
    </p>
  );
}

/** Whether a language server knows files like this one. */
function hasServer(path: string, languages: readonly LanguageInfo[]): boolean {
  const language = languageOf(path);
  return languages.some((known) => known.id === language && known.language_server !== null);
}

interface EditorProps {
  room: Room;
  together: Together;
  path: string;
  readOnly: boolean;
  opened: { current: EditorView | null };
  onFormat: () => void;
  asks: () => string | null;
}

function Editor({ room, together, path, readOnly, opened, onFormat, asks }: EditorProps) {
  const place: Ref<HTMLDivElement> & { current: HTMLDivElement | null } = useRef<HTMLDivElement>(null);
  const locked = useRef(readOnly);
  locked.current = readOnly;
  const format = useRef(onFormat);
  format.current = onFormat;
  const server = useRef(asks);
  server.current = asks;
  useEffect(() => {
    if (opened.current) setReadOnly(opened.current, readOnly);
  }, [readOnly, opened]);
  useEffect(() => {
    if (!place.current) return;
    const view = openEditor(room, path, place.current, {
      readOnly: locked.current,
      onRun: () => room.startRun(),
      onStop: () => room.stopRun(),
      onFormat: () => format.current(),
      asks: () => server.current(),
      onPoint: (from, to) => together.point(path, from, to),
      onPointSelection: () => pointAtSelection(together, path, view),
      onOwnMove: () => together.following.set(null),
    });
    opened.current = view;
    const tellView = () => together.tellView(path, view);
    view.scrollDOM.addEventListener("scroll", tellView, { passive: true });
    tellView();
    const here = room.reveal.get();
    const look = together.look.get();
    if (here?.path === path) revealPlace(view, here);
    else if (look?.path === path) scrollTo(view, look.position, look.middle);
    else if (!locked.current && matchMedia("(min-width: 721px)").matches) view.focus();
    const stops = [
      room.reveal.subscribe(() => {
        const place = room.reveal.get();
        if (place?.path === path) revealPlace(view, place);
      }),
      together.look.subscribe(() => {
        const look = together.look.get();
        if (look?.path === path) scrollTo(view, look.position, look.middle);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      view.destroy();
      opened.current = null;
    };
  }, [room, together, path, opened]);
  return <div class="editor" ref={place} />;
}

/** Show a place without touching selection or focus. */
function scrollTo(view: EditorView, position: number, middle: boolean): void {
  const at = Math.min(position, view.state.doc.length);
  view.dispatch({ effects: EditorView.scrollIntoView(at, { y: middle ? "center" : "start" }) });
}
