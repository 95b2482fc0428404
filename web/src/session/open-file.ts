/**
 * Which file this person has open. It changes when they choose one. What others do (a language, *come to me*, following)
 * never takes the keyboard from somebody who writes: they are offered to go; who only looks is led, and may go back.
 */
import type { EditorView } from "@codemirror/view";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LanguageInfo } from "../api";
import { useValue } from "../observable";
import { toast } from "../toast";
import { t } from "../words";
import { firstPath, mainOf } from "./paths";
import type { Room } from "./room";
import type { Look, Follow } from "./follow";

/** Somebody who typed so long ago, and is in the editor still, is at work in it. */
const AT_WORK_MS = 30_000;

/** A word about a switch that somebody else made or wants, and the way there or back. */
export interface Lead {
  words: string;
  label: string;
  to: string;
}

export interface OpenFile {
  /** The name of its text. */
  open: string | null;
  lead: Lead | null;
  /** Whether the editor that opens next takes the keyboard: whoever chose a file writes in it. */
  takesKeyboard: { current: boolean };
  /** When this person wrote into it last. */
  typed: { current: number };
  choose: (name: string | null) => void;
  /** Open the file that Run runs: the one that was open is not there any more. */
  chooseFirst: () => void;
}

type View = { current: EditorView | null };

export function useOpenFile(
  room: Room,
  follow: Follow,
  languages: LanguageInfo[],
  view: View,
): OpenFile {
  const { files } = room;
  const listed = useValue(files.listed);
  const language = useValue(room.language);
  const problem = useValue(room.problem);
  const folder = problem === undefined ? undefined : (problem?.folder ?? "");
  const [open, setOpen] = useState<string | null>(null);
  const [lead, setLead] = useState<Lead | null>(null);
  const takesKeyboard = useRef(true);
  const typed = useRef(Number.NEGATIVE_INFINITY);
  // A room that takes another one's place opens where that one was.
  const before = useRef(room.looked);
  const usual = mainOf(language, languages);
  const main = listed.get((folder ?? "") + (usual ?? "")) ?? null;
  const start = listed.get(before.current ?? "") ?? main;
  const first = start ?? listed.get(firstPath(language, [...listed.keys()]) ?? "") ?? null;

  const choose = (name: string | null) => {
    follow.following.set(null);
    takesKeyboard.current = true;
    setLead(null);
    setOpen(name);
  };
  const leadTo = (name: string, words: string | null) => {
    if (name === open || open === null) return;
    const { current: editor } = view;
    const here = editor?.dom.contains(document.activeElement) && !editor.state.readOnly;
    const path = files.pathOf(name);
    if (here && performance.now() - typed.current < AT_WORK_MS) {
      setLead({ words: words ?? t.files.shownIn(path), label: t.files.goTo(path), to: name });
      return;
    }
    setLead(words === null ? null : { words, label: t.files.backTo(files.pathOf(open)), to: open });
    takesKeyboard.current = false;
    setOpen(name);
  };

  useFirst(open, start, first, typed, setOpen);
  useTurns(room, { language, folder }, main, (name, turn) => {
    const words = t.files[turn.what === "language" ? "languageNow" : "questionNow"];
    const said = words(files.pathOf(name));
    if (!turn.own && (turn.what !== "first" || typed.current > 0)) return leadTo(name, said);
    choose(name);
    if (turn.what === "question" && open !== null && open !== name)
      setLead({ words: said, label: t.files.backTo(files.pathOf(open)), to: open });
  });
  useLooks(room, follow, choose, leadTo);
  useEffect(
    () =>
      files.clashed.subscribe(() => {
        const clash = files.clashed.get();
        if (clash === null) return;
        if (clash.now !== clash.text) setOpen((open) => (open === clash.text ? clash.now : open));
        else toast(t.files.clashed(clash.path, files.pathOf(clash.text)));
      }),
    [files],
  );
  const chooseFirst = () => {
    const path = firstPath(language, files.paths, room.programIn(language) ?? usual);
    choose(path === null ? null : files.named(path));
  };
  const shown = open ?? first;
  useEffect(() => {
    if (shown !== null) room.looked = files.pathOf(shown);
  }, [room, files, shown, listed]);
  return { open: shown, lead, takesKeyboard, typed, choose, chooseFirst };
}

/** Open the file that Run runs. While nobody typed, it may still come: a document does not always come at once. */
function useFirst(
  open: string | null,
  main: string | null,
  first: string | null,
  typed: { current: number },
  setOpen: (name: string) => void,
): void {
  const settled = useRef(false);
  useEffect(() => {
    if (settled.current || first === null) return;
    if (open !== null && (open === main || typed.current > 0)) settled.current = true;
    else if (open !== first) setOpen(first);
  }, [open, main, first]);
}

/** Why another file is what Run runs: `first`, the question's has just become known here. */
interface Turn {
  what: "language" | "question" | "first";
  /** Whether this person wanted it. */
  own: boolean;
}

/** Another language, or question: whoever chose it goes to its file, which may come a moment later. */
function useTurns(
  room: Room,
  now: { language: string; folder: string | undefined },
  main: string | null,
  onTurn: (name: string, turn: Turn) => void,
): void {
  const { language, folder } = now;
  const known = useRef(now);
  const turning = useRef<Turn | null>(null);
  useEffect(() => {
    const before = known.current;
    known.current = now;
    if (before.language !== language) {
      turning.current = { what: "language", own: room.choosing === language };
      room.choosing = null;
    } else if ((before.folder ?? "") !== (folder ?? "")) {
      const what = before.folder === undefined && !room.posing ? "first" : "question";
      turning.current = { what, own: room.posing };
      room.posing = false;
    }
    if (turning.current === null || main === null) return;
    onTurn(main, turning.current);
    turning.current = null;
  }, [language, folder, main]);
}

/** What is to be looked at: a place that this person asked for, or where somebody else is. */
function useLooks(
  room: Room,
  follow: Follow,
  choose: (name: string) => void,
  leadTo: (name: string, words: string | null) => void,
): void {
  const wanted = useValue(room.reveal);
  useEffect(() => {
    const name = wanted && room.files.named(wanted.path);
    if (name) choose(name);
  }, [wanted]);
  const look: Look | null = useValue(follow.look);
  useEffect(() => {
    if (look === null) return;
    if (look.who === null) choose(look.name);
    else
      leadTo(
        look.name,
        look.who === follow.following.get()
          ? null
          : t.people.gatheredTo(room.nameOf(look.who), room.files.pathOf(look.name)),
      );
  }, [look]);
}
