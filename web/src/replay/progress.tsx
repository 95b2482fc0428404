/** The progress curve: when each test passed. With a server it can be changed; from a file it is what was recorded. */
import { Curve } from "../interviewer/curve";
import { recordedSuite } from "../interviewer/suite";
import { Tests } from "../interviewer/tests";
import { span, t } from "../words";
import type { Recording } from "./tape";

interface ProgressProps {
  recording: Recording;
  canTest: boolean;
  onGo: (seq: number) => void;
}

export function Progress({ recording, canTest, onGo }: ProgressProps) {
  const { notes, entries, createdAt, sessionId } = recording;
  const recorded = recordedSuite(notes);
  const clock = (at: number) => {
    const entry = entries[at - 1];
    return entry ? span((Date.parse(entry.at) - createdAt) / 1000) : t.tests.entry(at);
  };
  if (!canTest && recorded.tests.length === 0) return null;
  return (
    <details class="progress" open={recorded.tests.length > 0}>
      <summary>{t.tests.progress}</summary>
      {canTest ? (
        <Tests sessionId={sessionId} turn={notes.length} clock={clock} onGo={onGo} />
      ) : (
        <Curve suite={recorded} clock={clock} onGo={onGo} />
      )}
    </details>
  );
}
