/** A field that finds a question of the library as one types: arrows walk what was found, Enter takes it. */
import "../styles/questions.css";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ListedQuestion } from "../api";
import { locale } from "../words";
import { questionWords } from "../words/questions";
import { type Found, useSearch } from "./search";
import { titleIn } from "./title";

const MOST = 20;

interface ChooserProps {
  onChoose: (question: ListedQuestion) => void;
  onLeave?: () => void;
  /** Whether it takes the keyboard when it comes. */
  focused?: boolean;
}

export function Chooser({ onChoose, onLeave, focused = false }: ChooserProps) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(focused);
  const [at, setAt] = useState(0);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const found = useSearch({ q: text.trim(), limit: MOST, draft: false });
  const questions = found.questions ?? [];
  const now = Math.min(at, questions.length - 1);
  useEffect(() => {
    if (focused) input.current?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return; // its Enter takes a word
    const chosen = questions[now];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !open) setOpen(true);
    else if (step && questions.length > 0)
      setAt((now + step + questions.length) % questions.length);
    else if (event.key === "Enter" && open && chosen) onChoose(chosen);
    else if (event.key === "Escape" && open && !focused) setOpen(false);
    else if (event.key === "Escape" && onLeave) onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="chooser"
      onFocusOut={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget as Node | null) && !focused) setOpen(false);
      }}
    >
      <input
        type="text"
        role="combobox"
        ref={input}
        value={text}
        maxLength={200}
        autocomplete="off"
        placeholder={questionWords().choosing.search}
        aria-label={questionWords().choosing.label}
        aria-expanded={open}
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        {...(open && now >= 0 ? { "aria-activedescendant": `${id}${now}` } : {})}
        onFocus={() => setOpen(true)}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <List id={id} open={open} at={now} found={found} onChoose={onChoose} />
    </div>
  );
}

interface ListProps {
  id: string;
  open: boolean;
  at: number;
  found: Found;
  onChoose: (question: ListedQuestion) => void;
}

function List({ id, open, at, found, onChoose }: ListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at, open]);
  const { questions, problem, text } = found;
  const w = questionWords().choosing;
  const none = questions?.length === 0 ? (text ? w.none : w.empty) : null;
  return (
    <div class="chooser-found" hidden={!open}>
      <ul id={`${id}list`} role="listbox" aria-label={w.label} ref={list}>
        {questions?.map((question, index) => (
          <li
            key={question.question_id}
            id={`${id}${index}`}
            role="option"
            aria-selected={index === at}
            // The field keeps the keyboard.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onChoose(question)}
          >
            <span>{titleIn(question, locale.get())}</span>
            <span class="muted">{about(question)}</span>
          </li>
        ))}
      </ul>
      <p class="muted" role="status">
        {problem !== null ? w.failed(problem) : (none ?? (questions && w.found(questions.length)))}
      </p>
    </div>
  );
}

/** How hard a question is and how long it takes, in a word. */
export function about({ difficulty, minutes }: Pick<ListedQuestion, "difficulty" | "minutes">) {
  return questionWords().about(questionWords().difficulties[difficulty], minutes);
}
