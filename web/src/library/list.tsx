/** What the library has: found as one types, by difficulty, kind, language and tag. */
import { useState } from "preact/hooks";
import type { ListedQuestion } from "../api";
import { Frame } from "../accounts/frame";
import { Icon } from "../icons";
import { NARROW, useMedia } from "../media";
import { go } from "../navigation";
import type { QuestionsWanted } from "../questions/api";
import { about } from "../questions/chooser";
import { useSearch } from "../questions/search";
import { titleIn } from "../questions/title";
import { useInSession } from "../questions/wanted";
import { PreferencesMenu } from "../preferences-menu";
import { locale, t } from "../words";
import { authoringWords } from "../words/authoring";
import { planWords } from "../words/plans";
import { questionWords } from "../words/questions";
import { Import } from "./import";
import { LANGUAGES, nameOfLanguage } from "./languages";

const PAGE = 50;

export function QuestionList() {
  const w = questionWords().library;
  const [wanted, setWanted] = useState<QuestionsWanted>({});
  const [limit, setLimit] = useState(PAGE);
  const [turn, setTurn] = useState(0);
  const { questions, problem } = useSearch({ ...wanted, limit }, turn);
  const change = (part: QuestionsWanted) => setWanted((have) => ({ ...have, ...part }));
  const asked = Object.values(wanted).some((each) => each !== "");
  return (
    <Frame
      title={w.title}
      actions={
        <span class="row-actions">
          <PreferencesMenu />
          <button type="button" onClick={() => go("/library/plans")}>
            {planWords().title}
          </button>
          <button type="button" onClick={() => go("/library/paste")}>
            {authoringWords().paste.open}
          </button>
          <Import onImported={() => setTurn((before) => before + 1)} />
          <button type="button" class="primary" onClick={() => go("/library/new")}>
            <Icon name="plus" /> {w.add}
          </button>
        </span>
      }
    >
      <Finder wanted={wanted} onChange={change} />
      {problem !== null && (
        <section class="empty" role="alert">
          <h2>{w.failed}</h2>
          <p>{problem}</p>
          <button type="button" onClick={() => setTurn(turn + 1)}>
            {t.tryAgain}
          </button>
        </section>
      )}
      {problem === null && questions === null && <p class="muted">{w.loading}</p>}
      {problem === null && questions?.length === 0 && (
        <section class="empty" role="status">
          <p>{asked ? w.none : w.empty}</p>
          {asked && (
            <button type="button" onClick={() => setWanted({})}>
              {w.showAll}
            </button>
          )}
        </section>
      )}
      {problem === null && questions !== null && questions.length > 0 && (
        <ul class="rows questions" aria-label={w.list}>
          {questions.map((each) => (
            <Row key={each.question_id} question={each} onTag={(tag) => change({ tag })} />
          ))}
        </ul>
      )}
      {questions?.length === limit && (
        <p>
          <button type="button" onClick={() => setLimit(limit + PAGE)}>
            {w.more}
          </button>
        </p>
      )}
    </Frame>
  );
}

interface FinderProps {
  wanted: QuestionsWanted;
  onChange: (part: QuestionsWanted) => void;
}

/** In a narrow window what one may choose from stands behind a button, which says how much is chosen. */
function Finder({ wanted, onChange }: FinderProps) {
  const w = questionWords().library;
  const narrow = useMedia(NARROW);
  const [open, setOpen] = useState(false);
  const { difficulty, kind, language, minutes, proven } = wanted;
  const chosen = [difficulty, kind, language, minutes, proven].filter(Boolean).length;
  return (
    <search class="finder">
      <input
        type="search"
        value={wanted.q ?? ""}
        maxLength={200}
        placeholder={w.search}
        aria-label={w.search}
        onInput={(event) => onChange({ q: event.currentTarget.value })}
      />
      {narrow && (
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {w.filters(chosen)}
        </button>
      )}
      {(!narrow || open) && <Filters wanted={wanted} onChange={onChange} />}
      {wanted.tag && (
        <button
          type="button"
          aria-label={w.allTags(wanted.tag)}
          onClick={() => onChange({ tag: "" })}
        >
          {wanted.tag} <span aria-hidden="true">×</span>
        </button>
      )}
    </search>
  );
}

function Filters({ wanted, onChange }: FinderProps) {
  const { library: w, difficulties, kinds } = questionWords();
  return (
    <div class="filters">
      <Only
        label={w.difficulty}
        value={wanted.difficulty}
        options={difficulties}
        onChange={(difficulty) => onChange({ difficulty })}
      />
      <Only
        label={w.kind}
        value={wanted.kind}
        options={kinds}
        onChange={(kind) => onChange({ kind })}
      />
      <Only
        label={w.language}
        value={wanted.language}
        options={LANGUAGES}
        onChange={(language) => onChange({ language })}
      />
      <Only
        label={w.minutes}
        value={wanted.minutes}
        options={w.minutesChoices}
        onChange={(minutes) => onChange({ minutes })}
      />
      <Only
        label={w.proven}
        value={wanted.proven}
        options={w.provenChoices}
        onChange={(proven) => onChange({ proven })}
      />
    </div>
  );
}

interface OnlyProps {
  label: string;
  value: string | undefined;
  options: Record<string, string>;
  onChange: (value: string) => void;
}

function Only({ label, value = "", options, onChange }: OnlyProps) {
  return (
    <select
      aria-label={label}
      title={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      <option value="">
        {label}: {questionWords().library.any}
      </option>
      {Object.entries(options).map(([key, text]) => (
        <option key={key} value={key}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** How candidates fared with it; nothing where none was given it yet. */
export function fared({
  fared: { candidates, passed, median_minutes },
}: Pick<ListedQuestion, "fared">) {
  return candidates > 0 && questionWords().library.fared(passed, candidates, median_minutes);
}

function Row({ question, onTag }: { question: ListedQuestion; onTag: (tag: string) => void }) {
  const { library: w, kinds } = questionWords();
  const address = `/library/${question.question_id}`;
  const names = question.languages.map(nameOfLanguage);
  const facts = [
    about(question),
    kinds[question.kind],
    names.join(" "),
    w.uses(question.sessions),
    fared(question),
    question.proven !== null && w.provenIn(question.proven.length, question.languages.length),
    question.draft && questionWords().draft,
    !question.runnable && w.notRunnable,
  ].filter(Boolean);
  const title = titleIn(question, locale.get());
  return (
    <li>
      <div class="row-main">
        <a
          href={address}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            go(address);
          }}
        >
          {title}
        </a>
        <span class="muted">{facts.join(" · ")}</span>
        {question.tags.length > 0 && (
          <span class="tags">
            {question.tags.map((tag) => (
              <button
                key={tag}
                type="button"
                class="quiet"
                title={w.tag(tag)}
                onClick={() => onTag(tag)}
              >
                {tag}
              </button>
            ))}
          </span>
        )}
      </div>
      {!question.draft && (
        <button type="button" title={w.useIt(title)} onClick={() => useInSession({ question })}>
          {w.use}
          <span class="for-readers"> {title}</span>
        </button>
      )}
    </li>
  );
}
