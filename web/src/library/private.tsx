/** What only interviewers see of a question: guide, secret cases, solutions, and what can be asked next. */
import type { ComponentChildren } from "preact";
import type { Question } from "../api";
import { Statement } from "../problem/statement";
import { problemWords } from "../words/problem";
import { questionWords } from "../words/questions";
import { nameOfLanguage } from "./languages";
import { shownCases } from "./shown-cases";

export function Private({ question }: { question: Question }) {
  const w = questionWords().preview;
  const { guide, rubric, secret, follow_ups, references, starters, wrong, spoken, images } =
    question;
  const begun = filesOf(question, ["files", "tests"]);
  const solved = filesOf(question, ["reference"]);
  return (
    <div class="private">
      <Part title={w.guide} has={guide.trim() !== ""}>
        <Statement text={guide} spoken={spoken} images={images} />
      </Part>
      <Part title={w.rubric} has={rubric.length > 0}>
        <ul class="plain-list">
          {rubric.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      </Part>
      <Part title={w.secret} has={secret.length > 0}>
        {secret.map((group) => (
          <CaseGroup
            key={group.name}
            group={{ ...group, cases: shownCases(question.kind, group.cases) }}
            areTests={question.kind === "project"}
          />
        ))}
        <FileList files={filesOf(question, ["hidden"])} />
      </Part>
      <Part title={w.references} has={Object.keys(references).length + solved.length > 0}>
        <Sources sources={references} />
        <FileList files={solved} />
      </Part>
      <Part title={w.starters} has={Object.keys(starters).length + begun.length > 0}>
        <Sources sources={starters} />
        <FileList files={begun} />
      </Part>
      <Part title={w.wrong} has={wrong.length > 0}>
        {wrong.map(({ name, language, source, files }) => (
          <div key={name}>
            {source && <Source label={`${name} · ${nameOfLanguage(language)}`} text={source} />}
            {Object.entries(files ?? {}).map(([path, text]) => (
              <Source key={path} label={`${name} · ${path}`} text={text} />
            ))}
          </div>
        ))}
      </Part>
      <Part title={w.followUps} has={follow_ups.length > 0}>
        {follow_ups.map(({ title, text }) => (
          <div key={title}>
            <strong>{title}</strong>
            <Statement text={text} spoken={spoken} images={images} />
          </div>
        ))}
      </Part>
    </div>
  );
}

function Part({
  title,
  has,
  children,
}: {
  title: string;
  has: boolean;
  children: ComponentChildren;
}) {
  return (
    <section>
      <h2>{title}</h2>
      {has ? children : <p class="muted">{questionWords().preview.noneOf}</p>}
    </section>
  );
}

interface CaseGroupProps {
  group: Question["secret"][number];
  areTests?: boolean;
}

export function CaseGroup({ group, areTests = false }: CaseGroupProps) {
  const w = questionWords().preview;
  const words = problemWords().samples;
  return (
    <table class="secret-cases">
      <caption>
        {group.name} <span class="muted">{w.weight(group.weight)}</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="for-readers">{words.title}</span>
          </th>
          <th scope="col">{areTests ? words.test : words.input}</th>
          {!areTests && <th scope="col">{words.expected}</th>}
        </tr>
      </thead>
      <tbody>
        {group.cases.map((each, index) => (
          <tr key={index}>
            <th scope="row">{each.name || w.nth(index + 1)}</th>
            <td>{each.input}</td>
            {!areTests && <td>{each.expected}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Share = "files" | "tests" | "hidden" | "reference";

/** The files of some parts of a project, with the language that each is of. */
function filesOf(
  { project }: Question,
  parts: readonly Share[],
): { label: string; text: string }[] {
  return Object.entries(project?.ways ?? {}).flatMap(([language, way]) =>
    parts.flatMap((part) =>
      Object.entries(way[part] ?? {}).map(([path, text]) => ({
        label: `${path} · ${nameOfLanguage(language)}`,
        text,
      })),
    ),
  );
}

function FileList({ files }: { files: readonly { label: string; text: string }[] }) {
  return (
    <>
      {files.map(({ label, text }) => (
        <Source key={label} label={label} text={text} />
      ))}
    </>
  );
}

function Sources({ sources }: { sources: Record<string, string> }) {
  return (
    <>
      {Object.entries(sources).map(([language, text]) => (
        <Source key={language} label={nameOfLanguage(language)} text={text} />
      ))}
    </>
  );
}

function Source({ label, text }: { label: string; text: string }) {
  return (
    <details>
      <summary>{label}</summary>
      <pre class="source">{text}</pre>
    </details>
  );
}
