/** Files in a question's form: a list by what they are for, and the one that is chosen. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Select } from "../select";
import { authoringWords } from "../words/authoring";
import { isSeen, type Placed, problemWithFile } from "./project-files";

type At = readonly [place: string, path: string];

interface FileSetProps {
  /** What the list is called. */
  label: string;
  /** What a place is called, in their order. */
  places: Readonly<Record<string, string>>;
  files: Placed;
  /** What is to be shown because somebody was told of it. */
  pointed?: At | null;
  onChange: (files: Placed) => void;
}

export function FileSet({ label, places, files, pointed = null, onChange }: FileSetProps) {
  const w = authoringWords().project;
  const all = allIn(places, files);
  const [chosen, setChosen] = useState<At | null>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const added = useRef<HTMLInputElement>(null);
  const begun = useRef(false); // the text of what was just added is written next
  useEffect(() => {
    if (pointed) setChosen(pointed);
  }, [pointed]);
  const open = all.find((each) => same(each, chosen)) ?? all[0] ?? null;
  useEffect(() => {
    if (begun.current) text.current?.focus();
    begun.current = false;
  });
  const put = (place: string, path: string, content: string, without: At | null = null) => {
    const others = without ? removed(files, without) : files;
    onChange({ ...others, [place]: { ...others[place], [path]: content } });
    setChosen([place, path]);
  };
  const add = (path: string) => {
    begun.current = true;
    put(open?.[0] ?? Object.keys(places)[0] ?? "", path, "");
  };
  return (
    <div class="package">
      <div role="group" aria-label={label}>
        <div class="package-list">
          <Listed places={places} files={files} open={open} onOpen={setChosen} />
        </div>
        {open === null && <p class="muted">{w.empty}</p>}
        <Added field={added} taken={Object.keys(files[open?.[0] ?? ""] ?? {})} onAdd={add} />
      </div>
      {open && (
        <div class="package-file">
          <About places={places} files={files} open={open} onMove={put} />
          <label>
            {w.text(open[1])}
            <textarea
              ref={text}
              class="code"
              rows={16}
              spellcheck={false}
              value={files[open[0]]?.[open[1]] ?? ""}
              onInput={(event) => put(...open, event.currentTarget.value)}
            />
          </label>
          <div>
            <button
              type="button"
              onClick={() => {
                onChange(removed(files, open));
                added.current?.focus();
              }}
            >
              {w.remove(open[1])}
            </button>
          </div>
        </div>
      )}
    </div>
  );
}

function same(one: At, other: At | null): boolean {
  return other !== null && one[0] === other[0] && one[1] === other[1];
}

function allIn(places: FileSetProps["places"], files: Placed): At[] {
  return Object.keys(places).flatMap((place) =>
    Object.keys(files[place] ?? {})
      .sort()
      .map((path) => [place, path] as const),
  );
}

function removed(files: Placed, [place, path]: At): Placed {
  const { [path]: _, ...others } = files[place] ?? {};
  return { ...files, [place]: others };
}

interface ListedProps {
  places: FileSetProps["places"];
  files: Placed;
  open: At | null;
  onOpen: (at: At) => void;
}

function Listed({ places, files, open, onOpen }: ListedProps) {
  const w = authoringWords().project;
  const all = allIn(places, files);
  const used = Object.entries(places).filter(([place]) => all.some((each) => each[0] === place));
  return (
    <>
      {used.map(([place, name]) => (
        <div key={place} role="group" aria-label={name}>
          {Object.keys(places).length > 1 && (
            <p>
              {name} <span class="muted">{isSeen(place) ? w.seen : w.unseen}</span>
            </p>
          )}
          <ul>
            {all
              .filter((each) => each[0] === place)
              .map((each) => (
                <li key={each[1]}>
                  <button
                    type="button"
                    class="quiet"
                    aria-current={same(each, open) ? "true" : undefined}
                    onClick={() => onOpen(each)}
                  >
                    {each[1]}
                  </button>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </>
  );
}

interface AddedProps {
  field: { current: HTMLInputElement | null };
  taken: readonly string[];
  onAdd: (path: string) => void;
}

/** A form within a form there is none: Enter adds all the same. */
function Added({ field, taken, onAdd }: AddedProps) {
  const w = authoringWords().files;
  const [path, setPath] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  const add = () => {
    const said = problemWithFile(path.trim(), taken);
    setProblem(said);
    if (said !== null) return field.current?.focus();
    setPath("");
    onAdd(path.trim());
  };
  return (
    <>
      <label>
        {w.path}
        <input
          ref={field}
          class="code"
          value={path}
          spellcheck={false}
          placeholder="tests/test_cache.py"
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : id}
          onInput={(event) => {
            setPath(event.currentTarget.value);
            setProblem(null);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.isComposing) return;
            event.preventDefault();
            add();
          }}
        />
      </label>
      {problem !== null && (
        <p id={id} class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="button" onClick={add}>
        {w.add}
      </button>
    </>
  );
}

interface AboutProps {
  places: FileSetProps["places"];
  files: Placed;
  open: At;
  onMove: (place: string, path: string, text: string, without: At) => void;
}

/** What a file is called, and what it is for. What cannot be is not taken, and nothing is saved before it is mended. */
function About({ places, files, open, onMove }: AboutProps) {
  const w = authoringWords().project;
  const [place, path] = open;
  const [wanted, setWanted] = useState<{ of: At; at: At; problem: string } | null>(null);
  const refused = wanted && same(wanted.of, open) ? wanted : null;
  const [nowPlace, nowPath] = refused?.at ?? open;
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => field.current?.setCustomValidity(refused?.problem ?? ""));
  const move = (to: string, name: string) => {
    const others = Object.keys(removed(files, open)[to] ?? {});
    const problem = problemWithFile(name, others);
    setWanted(problem === null ? null : { of: open, at: [to, name], problem });
    if (problem === null) onMove(to, name, files[place]?.[path] ?? "", open);
  };
  return (
    <>
      <div class="inline-form">
        <label>
          {w.name}
          <input
            ref={field}
            class="code"
            value={nowPath}
            spellcheck={false}
            aria-invalid={refused !== null}
            aria-describedby={refused ? id : undefined}
            onInput={(event) => move(nowPlace, event.currentTarget.value)}
          />
        </label>
        {Object.keys(places).length > 1 && (
          <Select
            label={w.place}
            value={nowPlace}
            options={places}
            onChange={(to) => move(to, nowPath)}
          />
        )}
      </div>
      {refused && (
        <p id={id} class="problem" role="alert">
          {refused.problem}
        </p>
      )}
    </>
  );
}
