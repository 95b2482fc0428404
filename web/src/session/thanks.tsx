/** What the candidate sees at the end: thanks, what is kept, and until when. */
import { useEffect, useState } from "preact/hooks";
import { api, type Keeping, type Session } from "../api";
import { takeFocus } from "../focus";
import { when } from "../words";
import { wrapUpWords } from "../words/wrap-up";

export function Thanks({ session }: { session: Session }) {
  const w = wrapUpWords().thanks;
  const [keeping, setKeeping] = useState<Keeping | null>(null);
  useEffect(() => {
    api.keeping(session.session_id).then(setKeeping, () => undefined); // what is kept is said without it
  }, [session.session_id]);
  const keeps = session.candidate_keeps;
  const ends = [keeping?.yours_until, keeping?.erased_at].filter((each) => each != null).sort();
  const until = ends[0] === undefined ? w.always : w.until(when(ends[0]));
  const erased = keeping?.erased_at;
  return (
    <p class="banner thanks" ref={takeFocus}>
      <strong>{w.title}</strong> {keeps === "nothing" ? w.nothing : `${w[keeps]} ${until}`}{" "}
      {keeping && (erased ? w.erased(when(erased)) : w.kept)}
    </p>
  );
}
