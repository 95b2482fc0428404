/** A follow-up question from the shown instant on. */
import { useEffect, useRef, useState } from "preact/hooks";
import { toast } from "../toast";
import { t } from "../words";
import { replayWords } from "../words/replay";

interface AskFromProps {
  seq: number;
  onAsk: (seq: number, question: string) => Promise<void>;
}

export function AskFrom({ seq, onAsk }: AskFromProps) {
  const [question, setQuestion] = useState<string | null>(null);
  const place = useRef<HTMLInputElement>(null);
  const asking = question !== null;
  useEffect(() => place.current?.focus(), [asking]);
  if (question === null)
    return (
      <button
        type="button"
        title={replayWords().replay.fromHereHint}
        onClick={() => setQuestion("")}
      >
        {replayWords().replay.fromHere}
      </button>
    );
  const ask = (event: Event) => {
    event.preventDefault();
    if (question.trim()) onAsk(seq, question.trim()).catch((error: Error) => toast(error.message));
  };
  return (
    <form class="ask-from" onSubmit={ask}>
      <input
        ref={place}
        maxLength={200}
        value={question}
        aria-label={t.branches.question}
        placeholder={t.branches.placeholder}
        onInput={(event) => setQuestion(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setQuestion(null);
        }}
      />
      <button type="submit" class="primary" disabled={!question.trim()}>
        {t.branches.ask}
      </button>
      <button type="button" class="quiet" onClick={() => setQuestion(null)}>
        {t.cancel}
      </button>
    </form>
  );
}
