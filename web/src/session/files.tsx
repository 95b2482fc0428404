/** The files of a session: a tab each, what one does with the open one, and the editor on it. */
import { EditorView } from "@codemirror/view";
import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LanguageInfo } from "../api";
import { Lazy } from "../lazy";
import { PHONE, useMedia } from "../media";
import { useValue } from "../observable";
import { fetched } from "../parts";
import { t } from "../words";

import { guardDrops, uploaded } from "./drops";
import { openEditor } from "./editor";
import { Actions, FileBar, useIsGone } from "./file-bar";
import { setReadOnly } from "./writing";
import { GoneLine, LeadLine } from "./lead-line";
import type { NoFileProps } from "./no-file";
import { type OpenFile, useOpenFile } from "./open-file";
import { languageOf } from "./paths";
import { revealPlace } from "./places";
import { mayHost, mayTakePart } from "./roles";
import type { Room } from "./room";
import type { Follow } from "./follow";

const noFile = async () => (await import("./no-file")).NoFile;
const symbols = async () => (await import("./symbols")).SymbolRow;

/** Keys that write, and do not only move. */
const WRITES = /^(?:.|Enter|Backspace|Delete|Tab)$/u;

interface FilesProps {
  room: Room;
  follow: Follow;
  sessionId: string;
  readOnly: boolean;
  languages: LanguageInfo[];
}

const formatting = () => import("./formatting");
const suggestForm = async () => (await import("./suggestions")).SuggestForm;
const suggestions = async () => (await import("./suggestions")).Suggestions;

export function Files({ room, follow, sessionId, readOnly, languages }: FilesProps) {
  const you = useValue(room.you);
  const over = useValue(room.over);
  const isHere = useValue(room.link).state !== "connecting" && you !== null;
  const [suggesting, setSuggesting] = useState(false);
  const phone = useMedia(PHONE);
  const view = useRef<EditorView | null>(null);
  const file = useOpenFile(room, follow, languages, view);
  const { open, choose } = file;
  useEffect(() => setSuggesting(false), [open]);
  useEffect(
    () => guardDrops((files) => void uploaded(room, files).then((name) => name && choose(name))),
    [room],
  );
  const format = () => {
    const { current } = view;
    if (open === null || !current) return;
    void fetched(formatting).then(({ formatOpen }) => formatOpen(room, sessionId, open, current));
  };
  const isGone = useIsGone(room, open);
  return (
    <section class="files" aria-label={t.session.code}>
      <FileBar {...{ room, file, languages, readOnly, view, isHere }}>
        {open !== null && !over && (
          <Actions
            readOnly={readOnly}
            onFormat={format}
            onPoint={() => view.current && pointAtSelection(follow, open, view.current)}
            suggesting={suggesting}
            onSuggest={mayHost(you?.role) ? () => setSuggesting(!suggesting) : null}
          />
        )}
      </FileBar>
      {open === null ? (
        <Missing isHere={isHere} with={{ room, readOnly, languages, onMade: choose }} />
      ) : (
        <Editor
          key={open}
          room={room}
          follow={follow}
          file={file}
          name={open}
          readOnly={readOnly}
          opened={view}
          onFormat={format}
          asks={() =>
            readOnly || !hasServer(room.files.pathOf(open), languages) ? null : sessionId
          }
        />
      )}
      {phone && open !== null && mayTakePart(you?.role) && (
        <Lazy key="symbols" quiet load={symbols} with={{ view, disabled: readOnly }} />
      )}
      <div class="floating">
        <FollowLine room={room} follow={follow} />
        {file.lead && <LeadLine lead={file.lead} onGo={choose} />}
        {open !== null && isGone && (
          <GoneLine room={room} name={open} mayWrite={!readOnly} onClose={file.chooseFirst} />
        )}
        {suggesting && open !== null && view.current && (
          <Lazy
            key="suggest"
            quiet
            load={suggestForm}
            with={{ room, name: open, view: view.current, onDone: () => setSuggesting(false) }}
          />
        )}
        <Lazy
          key="suggestions"
          quiet
          load={suggestions}
          with={{ room, follow, open, view, mayWrite: !readOnly }}
        />
      </div>
    </section>
  );
}

/** No file is open: none has come yet, or there is none. */
function Missing({ isHere, with: props }: { isHere: boolean; with: NoFileProps }) {
  if (isHere) return <Lazy key="none" quiet load={noFile} with={props} />;
  return <p class="loading muted">{t.files.opening}</p>;
}

/** Point at what is selected, or else at the line the cursor is in. */
function pointAtSelection(follow: Follow, name: string, view: EditorView): void {
  const { from, to } = view.state.selection.main;
  const line = view.state.doc.lineAt(from);
  if (from === to)
    follow.point(
      name,
      line.from,
      Math.max(line.to, Math.min(line.from + 1, view.state.doc.length)),
    );
  else follow.point(name, from, to);
  view.dispatch({});
}

function FollowLine({ room, follow }: { room: Room; follow: Follow }) {
  const following = useValue(follow.following);
  if (following === null) return null;
  return (
    <p class="follow-line" role="status">
      {t.people.following(room.nameOf(following))}
      <button type="button" class="quiet" onClick={() => follow.following.set(null)}>
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
  follow: Follow;
  file: OpenFile;
  name: string;
  readOnly: boolean;
  opened: { current: EditorView | null };
  onFormat: () => void;
  asks: () => string | null;
}

function Editor({ room, follow, file, name, readOnly, opened, onFormat, asks }: EditorProps) {
  const place: Ref<HTMLDivElement> & { current: HTMLDivElement | null } =
    useRef<HTMLDivElement>(null);
  const locked = useRef(readOnly);
  locked.current = readOnly;
  const format = useRef(onFormat);
  format.current = onFormat;
  const server = useRef(asks);
  server.current = asks;
  const { takesKeyboard, typed } = file;
  useEffect(() => {
    if (opened.current) setReadOnly(opened.current, readOnly);
  }, [readOnly, opened]);
  useEffect(() => {
    if (!place.current) return;
    const view = openEditor(room, name, place.current, {
      readOnly: locked.current,
      onRun: () => room.startRun(),
      onStop: () => room.program.stop(),
      onFormat: () => format.current(),
      asks: () => server.current(),
      onPoint: (from, to) => follow.point(name, from, to),
      onPointSelection: () => pointAtSelection(follow, name, view),
      onOwnMove: () => follow.following.set(null),
    });
    opened.current = view;
    const wrote = (event: Event) => {
      // Enter and Backspace are CodeMirror's own: they make no input.
      if (!(event instanceof KeyboardEvent) || WRITES.test(event.key))
        typed.current = performance.now();
    };
    const tellView = () => follow.tellView(name, view);
    view.scrollDOM.addEventListener("scroll", tellView, { passive: true });
    typed.current = Number.NEGATIVE_INFINITY;
    view.contentDOM.addEventListener("beforeinput", wrote);
    view.contentDOM.addEventListener("keydown", wrote);
    tellView();
    const here = room.reveal.get();
    const look = follow.look.get();
    if (here && room.files.named(here.path) === name && isNew(here)) revealPlace(view, here);
    else if (look?.name === name && isNew(look)) scrollTo(view, look.position, look.middle);
    else if (!locked.current && takesKeyboard.current && matchMedia("(min-width: 721px)").matches)
      view.focus();
    const stops = [
      room.reveal.subscribe(() => {
        const place = room.reveal.get();
        if (place && room.files.named(place.path) === name && isNew(place))
          revealPlace(view, place);
      }),
      follow.look.subscribe(() => {
        const look = follow.look.get();
        if (look?.name === name && isNew(look)) scrollTo(view, look.position, look.middle);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      view.destroy();
      opened.current = null;
    };
  }, [room, follow, name, opened]);
  return <div class="editor" ref={place} />;
}

const shown = new WeakSet<object>();

/** Whether a place is to be shown for the first time: whoever comes back to a file finds it as they left it. */
function isNew(place: object): boolean {
  const before = shown.has(place);
  shown.add(place);
  return !before;
}

/** Show a place without touching selection or focus. */
function scrollTo(view: EditorView, position: number, middle: boolean): void {
  const at = Math.min(position, view.state.doc.length);
  view.dispatch({ effects: EditorView.scrollIntoView(at, { y: middle ? "center" : "start" }) });
}
