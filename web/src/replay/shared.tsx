/** A replay opened by its link, by somebody who was not there: to look at, and nothing else. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { type ApiError, api, type SharedReplay } from "../api";
import { Failed } from "../failed";
import { Fold } from "../fold";
import { PreferencesMenu } from "../preferences-menu";
import { locale, t, when } from "../words";
import { wrapUpWords } from "../words/wrap-up";
import { goesOn, type Source, useFeed } from "./feed";
import { Player } from "./player";
import { replayWords } from "../words/replay";

export function Shared({ token }: { token: string }) {
  const w = wrapUpWords().shared;
  const [about, setAbout] = useState<SharedReplay | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  useEffect(() => {
    api.sharedReplay(token).then(setAbout, setRefused);
  }, [token]);
  const language = locale.get();
  useEffect(() => {
    if (about) document.title = t.titled(wrapUpWords().shared.title(about.title));
  }, [about, language]);
  const source = useMemo<Source | null>(
    () =>
      about && {
        about,
        timeline: (after) => api.sharedTimeline(token, after),
        notes: about.with_notes ? (after) => api.sharedNotes(token, after) : null,
      },
    [about, token],
  );
  const { recording, loaded, problem } = useFeed(source);
  const wrong = refused ?? problem;
  if (wrong)
    return (
      <Failed title={w.broken}>
        <p>{wrong.message}</p>
      </Failed>
    );
  if (about === null || recording === null)
    return <p class="loading muted">{replayWords().replay.loading(loaded)}</p>;
  return (
    <Player
      recording={recording}
      online={{
        isLive: goesOn(about, recording.entries),
        canTest: false,
        runAt: null,
        askFrom: null,
      }}
      bar={
        <>
          <h1 class="title" title={w.title(about.title)}>
            {w.title(about.title)}
          </h1>
          <span class="spacer" />
          <Fold label={w.readOnly}>
            <span class="muted">{w.about(when(about.expires_at))}</span>
          </Fold>
          <PreferencesMenu />
        </>
      }
    />
  );
}
