/** Suggested edits: an interviewer proposes another text, whoever writes accepts or declines it. */
import "../styles/suggestions.css";
import "../styles/panels.css";
import "../styles/home.css";
import type { EditorView } from "@codemirror/view";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Suggestion } from "../api";
import { useValue } from "../observable";
import { copy, toast } from "../toast";
import { region, t } from "../words";
import { bytesOf } from "./allowance";
import type { Answered, Room } from "./room";
import { relative, type Follow } from "./follow";
import { panelWords } from "../words/panels";

/** As many characters as the server takes. */
const MAX_TEXT = 20_000;

interface SuggestFormProps {
  room: Room;
  name: string;
  view: EditorView;
  onDone: () => void;
}

/** Proposes another text for the lines that are selected, or the one the cursor is in. */
export function SuggestForm({ room, name, view, onDone }: SuggestFormProps) {
  const [range] = useState(() => {
    const { from, to } = view.state.selection.main;
    const [first, last] = [view.state.doc.lineAt(from), view.state.doc.lineAt(to)];
    const text = room.files.text(name);
    return {
      start: relative(text, first.from),
      end: relative(text, last.to),
      before: view.state.doc.sliceString(first.from, last.to),
    };
  });
  const tooLong = range.before.length > MAX_TEXT;
  const [proposed, setProposed] = useState(range.before);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const send = (event: Event) => {
    event.preventDefault();
    const isAsked = room.ask({
      type: "suggest",
      path: room.files.pathOf(name),
      start: JSON.stringify(range.start),
      end: JSON.stringify(range.end),
      before: storable(range.before),
      text: storable(proposed),
    });
    if (isAsked) onDone();
  };
  return (
    <form
      class="suggest-form"
      onSubmit={send}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
      }}
    >
      <label>
        {panelWords().suggestions.title(room.files.pathOf(name))}
        <textarea
          ref={field}
          class="code"
          rows={Math.min(8, range.before.split("\n").length + 1)}
          maxLength={MAX_TEXT}
          spellcheck={false}
          value={proposed}
          onInput={(event) => setProposed(event.currentTarget.value)}
        />
      </label>
      {tooLong && (
        <p class="problem" role="alert">
          {panelWords().suggestions.tooLong}
        </p>
      )}
      <span class="form-actions">
        <button type="submit" class="primary" disabled={tooLong || proposed === range.before}>
          {panelWords().suggestions.send}
        </button>
        <button type="button" onClick={onDone}>
          {t.cancel}
        </button>
      </span>
    </form>
  );
}

interface SuggestionsProps {
  room: Room;
  follow: Follow;
  open: string | null;
  view: { current: EditorView | null };
  mayWrite: boolean;
}

export function Suggestions({ room, follow, open, view, mayWrite }: SuggestionsProps) {
  const waiting = useValue(room.suggestions);
  const you = useValue(room.you);
  useValue(room.names.known);
  useEffect(
    () =>
      room.answered.subscribe(() => {
        const answered = room.answered.get();
        if (answered) conclude(room, answered, open, view.current);
      }),
    [room, open, view],
  );
  if (waiting.length === 0) return null;
  const answer = (suggestion: Suggestion, accepted: boolean) => {
    if (!room.ask({ type: "suggestion.answer", seq: suggestion.seq, accepted })) return;
    view.current?.focus(); // the button goes
  };
  const show = (suggestion: Suggestion) => {
    const place = room.files.locate(parse(suggestion.start));
    if (place !== null)
      follow.look.set({ name: place.name, position: place.index, middle: true, who: null });
  };
  return (
    <ul class="suggestions">
      {waiting.map((suggestion) => {
        const own = suggestion.participant_id === you?.participant_id;
        return (
          <li key={suggestion.seq}>
            <span class="suggestion-head">
              {panelWords().suggestions.by(room.nameOf(suggestion.participant_id))}
              <span class="muted"> {pathOf(room, suggestion)}</span>
            </span>
            <pre class="was" aria-label={panelWords().suggestions.from}>
              {suggestion.before}
            </pre>
            <pre class="becomes" aria-label={panelWords().suggestions.to}>
              {suggestion.text}
            </pre>
            <span class="row-actions">
              {!own && mayWrite && (
                <>
                  <button type="button" class="primary" onClick={() => answer(suggestion, true)}>
                    {panelWords().suggestions.accept}
                  </button>
                  <button type="button" onClick={() => answer(suggestion, false)}>
                    {panelWords().suggestions.decline}
                  </button>
                </>
              )}
              {own && (
                <button type="button" onClick={() => answer(suggestion, false)}>
                  {panelWords().suggestions.withdraw}
                </button>
              )}
              <button type="button" class="quiet" onClick={() => show(suggestion)}>
                {panelWords().suggestions.show}
              </button>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** The server keeps no NUL. */
function storable(text: string): string {
  return text.replaceAll("\0", "");
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null; // whatever a peer sent
  }
}

/** Make the edit that this person accepted; tell whoever proposed it what came of it. */
function conclude(
  room: Room,
  answered: Answered,
  open: string | null,
  view: EditorView | null,
): void {
  const { suggestion, accepted, participantId } = answered;
  const me = room.you.get()?.participant_id;
  if (suggestion.participant_id === me && participantId !== me) {
    const name = room.nameOf(participantId);
    toast(
      accepted ? panelWords().suggestions.accepted(name) : panelWords().suggestions.declined(name),
    );
  }
  if (!accepted || participantId !== me) return;
  const start = room.files.locate(parse(suggestion.start));
  const end = room.files.locate(parse(suggestion.end));
  const text = start && room.files.text(start.name);
  const [from, to] = [start?.index ?? 0, end?.index ?? 0];
  // What others typed in between since is not thrown away silently, nor is a file that is gone written into.
  const here = text !== null && start?.name === end?.name && room.files.isListed(start?.name ?? "");
  const isGone = !here || to < from || text.toString().slice(from, to) !== suggestion.before;
  const refused = isGone ? panelWords().suggestions.gone : problemWithMaking(room, suggestion);
  if (refused !== null) {
    toast(refused, {
      label: t.copy,
      run: () => void copy(suggestion.text, panelWords().suggestions.to),
    });
    return;
  }
  if (view && open === start?.name)
    view.dispatch({
      changes: { from, to, insert: suggestion.text },
      userEvent: "input.suggestion",
    });
  else room.files.replace(start?.name ?? "", from, to, suggestion.text);
}

/** Why this person cannot make the edit now, or null. */
function problemWithMaking({ mayWrite, allowance }: Room, suggestion: Suggestion): string | null {
  if (!mayWrite.get()) return panelWords().suggestions.tooLate;
  const fits = allowance.admits(bytesOf(suggestion.text) - bytesOf(suggestion.before));
  return fits ? null : t.files.tooMuch(allowance.max.toLocaleString(region()));
}

/** What the file of a suggestion is called now. */
function pathOf(room: Room, suggestion: Suggestion): string {
  const place = room.files.locate(parse(suggestion.start));
  return place ? room.files.pathOf(place.name) : suggestion.path;
}
