/** What came of a project's test, as JUnit's report has it: which test, how it went, and its message. */
import { replayWords } from "./words/replay";

const REPORTED = /^(failed|error|skipped)(?:: ([^]*))?$/;

export interface Report {
  how: "failed" | "error" | "skipped";
  message: string;
}

/** Read what the server says came out; null: it is no word of a report. */
export function reportIn(got: string): Report | null {
  const [, how, message = ""] = REPORTED.exec(got) ?? [];
  return how ? { how: how as Report["how"], message } : null;
}

interface ReportedProps {
  /** Its name in the report. */
  test: string;
  /** null: nothing was reported of it. */
  report: Report | null;
}

export function Reported({ test, report }: ReportedProps) {
  const words = replayWords().tests.reported;
  return (
    <>
      <p class="reported">
        <code>{test}</code> <span class="bad">{words[report?.how ?? "not"]}</span>
      </p>
      {report?.message.trim() && (
        <pre class="complaint" role="group" aria-label={words.message} tabIndex={0}>
          {report.message}
        </pre>
      )}
    </>
  );
}
