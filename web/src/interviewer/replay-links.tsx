/** Links that open the replay to somebody who was not there: made, copied again, revoked. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { type ApiError, api, type ReplayLink } from "../api";
import { useSubmit } from "../submit";
import { copyLink, toast } from "../toast";
import { when } from "../words";
import { wrapUpWords } from "../words/wrap-up";

const DAYS = [1, 7, 14, 30, 90] as const;

export function ReplayLinks({ sessionId }: { sessionId: string }) {
  const w = wrapUpWords().links;
  const [links, setLinks] = useState<readonly ReplayLink[]>([]);
  const [withNotes, setWithNotes] = useState(false);
  const [days, setDays] = useState(14);
  const load = useCallback(
    () => api.replayLinks(sessionId).then(setLinks, (error: ApiError) => toast(error.message)),
    [sessionId],
  );
  useEffect(() => void load(), [load]);
  const { busy, problem, submit } = useSubmit(async () => {
    const made = await api.createReplayLink(sessionId, withNotes, days);
    setLinks((have) => [...have, made]);
    await copyLink(made.url, w.what);
  });
  return (
    <section class="replay-links" aria-labelledby="replay-links">
      <h2 id="replay-links">{w.label}</h2>
      <p class="muted">{w.why}</p>
      <form onSubmit={(event) => void submit(event)}>
        <label class="check">
          <input
            type="checkbox"
            checked={withNotes}
            onChange={(event) => setWithNotes(event.currentTarget.checked)}
          />
          {w.withNotes}
        </label>
        <span class="row-actions">
          <label class="inline">
            {w.days}
            <select
              name="days"
              value={String(days)}
              onChange={(event) => setDays(Number(event.currentTarget.value))}
            >
              {DAYS.map((each) => (
                <option key={each} value={String(each)}>
                  {w.daysOf(each)}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" disabled={busy}>
            {w.copy}
          </button>
        </span>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </form>
      {links.length > 0 && (
        <ul class="rows" aria-label={w.list}>
          {links.map((link) => (
            <LinkRow key={link.link_id} sessionId={sessionId} link={link} onRevoked={load} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface RowProps {
  sessionId: string;
  link: ReplayLink;
  onRevoked: () => Promise<unknown>;
}

function LinkRow({ sessionId, link, onRevoked }: RowProps) {
  const w = wrapUpWords().links;
  const revoke = async () => {
    try {
      await api.revokeReplayLink(sessionId, link.link_id);
      toast(w.revoked);
    } catch (error) {
      toast((error as ApiError).message);
    }
    await onRevoked();
  };
  return (
    <li>
      <span class="row-main">
        {link.with_notes ? w.noted : w.plain}
        <span class="muted">{w.until(when(link.expires_at))}</span>
      </span>
      <button type="button" onClick={() => void copyLink(link.url, w.what)}>
        {w.again}
      </button>
      <button type="button" class="quiet" onClick={() => void revoke()}>
        {w.revoke}
      </button>
    </li>
  );
}
