/** The library of questions: the list, one of them as others see it, and the form that writes one. */
import "../styles/home.css";
import "../styles/questions.css";
import { type ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiError, Question } from "../api";
import { Frame } from "../accounts/frame";
import { questionsApi } from "../questions/api";
import { t } from "../words";
import { questionWords } from "../words/questions";
import { PackageFiles } from "./files";
import { QuestionForm } from "./form";
import { QuestionList } from "./list";
import { Paste } from "./paste";
import { Plans } from "./plans";
import { Preview } from "./preview";

interface LibraryProps {
  /** A question, "new", "paste", or "plans": then `part` is a plan, or "new". */
  id: string | undefined;
  part: string | undefined;
}

export function Library({ id, part }: LibraryProps) {
  if (!id) return <QuestionList />;
  if (id === "plans") return <Plans id={part} />;
  if (id === "paste") return <Paste />;
  if (id === "new") return <QuestionForm question={null} tag="" />;
  return (
    <Known id={id}>
      {(question, tag) =>
        part === "edit" ? (
          <QuestionForm question={question} tag={tag} />
        ) : part === "files" ? (
          <PackageFiles question={question} />
        ) : (
          <Preview question={question} />
        )
      }
    </Known>
  );
}

interface KnownProps {
  id: string;
  children: (question: Question, tag: string) => ComponentChildren;
}

function Known({ id, children }: KnownProps) {
  const [found, setFound] = useState<{ question: Question; tag: string } | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  useEffect(() => {
    questionsApi.question(id).then(setFound, setProblem);
  }, [id]);
  if (found) return <>{children(found.question, found.tag)}</>;
  if (problem === null) return <p class="loading muted">{t.loading}</p>;
  return (
    <Frame
      title={questionWords().preview.missing}
      back="/library"
      backTo={questionWords().library.title}
    >
      <p role="alert">{problem.message}</p>
    </Frame>
  );
}
