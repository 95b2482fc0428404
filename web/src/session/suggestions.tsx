/** Suggested edits: an interviewer proposes another text, whoever writes accepts or declines it. */
import type { EditorView } from "@codemirror/view";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Suggestion } from "../api";
import { useValue } from "../observable";
import { copy, toast } from "../toast";
import { t } from "../words";
import type { Answered, Room } from "./room";
import { absolute, relative, type Together } from "./together";

/** As many characters as the server takes. */
const MAX_TEXT = 20_000;

interface SuggestFormProps {
  room: Room;
  path: string;
  view: EditorView;
  onDone: () => void;
}

/** Proposes another text for the lines that are selected, or the one the cursor is in. */
export function SuggestForm({ room, path, view, onDone }: SuggestFormProps) {
  const [range] = useState(() => {
    const { from, to } = view.state.selection.main;
    const [first, last] = [view.state.doc.lineAt(from), view.state.doc.lineAt(to)];
    const text = room.text(path);
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
    room.send({
      type: "suggest",
      path,
      start: JSON.stringify(range.start),
      end: JSON.stringify(range.end),
      before: storable(range.before),
      text: storable(proposed),
    });
    onDone();
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
        {t.suggestions.title(path)}
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
          {t.suggestions.tooLong}
        </p>
      )}
      <span class="form-actions">
        <button type="submit" class="primary" disabled={tooLong || proposed === range.before}>
          {t.suggestions.send}
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
  together: Together;
  open: string | null;
  view: { current: EditorView | null };
  mayWrite: boolean;
}

export function Suggestions({ room, together, open, view, mayWrite }: SuggestionsProps) {
  const waiting = useValue(room.suggestions);
  const you = useValue(room.you);
  useEffect(
    () =>
      room.answered.subscribe(() => {
        const answered = room.answered.get();
        if (answered) conclude(room, answered, open, view.current);
      }),
    [room, open, view],
  );
  if (waiting.length === 0) return null;
  const answer = (suggestion: Suggestion, accepted: boolean) =>
    room.send({ type: "suggestion.answer", seq: suggestion.seq, accepted });
  const show = (suggestion: Suggestion) => {
    const position = absolute(parse(suggestion.start), room.text(suggestion.path));
    if (position !== null) together.look.set({ path: suggestion.path, position, middle: true });
  };
  return (
    <ul class="suggestions">
      {waiting.map((suggestion) => {
        const own = suggestion.participant_id === you?.participant_id;
        return (
          <li key={suggestion.seq}>
            <span class="suggestion-head">
              {t.suggestions.by(room.nameOf(suggestion.participant_id))}
              <span class="muted"> {suggestion.path}</span>
            </span>
            <pre class="was" aria-label={t.suggestions.from}>
              {suggestion.before}
            </pre>
            <pre class="becomes" aria-label={t.suggestions.to}>
              {suggestion.text}
            </pre>
            <span class="row-actions">
              {!own && mayWrite && (
                <>
                  <button type="button" class="primary" onClick={() => answer(suggestion, true)}>
                    {t.suggestions.accept}
                  </button>
                  <button type="button" onClick={() => answer(suggestion, false)}>
                    {t.suggestions.decline}
                  </button>
                </>
              )}
              {own && (
                <button type="button" onClick={() => answer(suggestion, false)}>
                  {t.suggestions.withdraw}
                </button>
              )}
              <button type="button" class="quiet" onClick={() => show(suggestion)}>
                {t.suggestions.show}
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
function conclude(room: Room, answered: Answered, open: string | null, view: EditorView | null): void {
  const { suggestion, accepted, participantId } = answered;
  const me = room.you.get()?.participant_id;
  if (suggestion.participant_id === me && participantId !== me) {
    const name = room.nameOf(participantId);
    toast(accepted ? t.suggestions.accepted(name) : t.suggestions.declined(name));
  }
  if (!accepted || participantId !== me) return;
  const text = room.text(suggestion.path);
  const from = absolute(parse(suggestion.start), text);
  const to = absolute(parse(suggestion.end), text);
  // What others typed in between since is not thrown away silently.
  if (from === null || to === null || to < from || text.toString().slice(from, to) !== suggestion.before) {
    toast(t.suggestions.gone, {
      label: t.accounts.copy,
      run: () => void copy(suggestion.text, t.suggestions.to),
    });
    return;
  }
  if (view && open === suggestion.path)
    view.dispatch({ changes: { from, to, insert: suggestion.text }, userEvent: "input.suggestion" });
  else
    text.doc?.transact(() => {
      text.delete(from, to - from);
      text.insert(from, suggestion.text);
    });
}
