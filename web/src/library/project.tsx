/** A project in a question's form: how it is tested, and its files by what they are for. */
import { authoringWords } from "../words/authoring";
import type { FieldsProps } from "./fields";
import { nameOfLanguage } from "./languages";
import { FileSet } from "./file-set";
import { COMMON, PARTS, placeOf } from "./project-files";

interface ProjectProps extends FieldsProps {
  /** The file that a refusal is about. */
  pointed: readonly [place: string, path: string] | null;
}

export function ProjectFields({ draft, pointed, onChange }: ProjectProps) {
  const w = authoringWords().project;
  // Also those of a language that the question has no more: they stay.
  const kept = Object.keys(draft.files).filter((place) => place !== COMMON);
  const languages = new Set([...draft.languages, ...kept.map((place) => place.split("/")[0]!)]);
  const places = [...languages].flatMap((language) =>
    PARTS.map((part) => [
      placeOf(language, part),
      `${nameOfLanguage(language)} · ${w.parts[part]}`,
    ]),
  );
  return (
    <fieldset name="project">
      <legend>
        {w.title} <span class="muted">{w.hint}</span>
      </legend>
      <label>
        <span>
          {w.command} <span class="muted">{w.commandHint}</span>
        </span>
        <input
          class="code"
          value={draft.command}
          spellcheck={false}
          onInput={(event) => onChange({ command: event.currentTarget.value })}
        />
      </label>
      <FileSet
        label={w.list}
        places={{ [COMMON]: w.common, ...Object.fromEntries(places) }}
        files={draft.files}
        pointed={pointed}
        onChange={(files) => onChange({ files })}
      />
    </fieldset>
  );
}
