/** What programs can use: each language that runs here, its version, and the libraries that it may import. */
import { useEffect, useState } from "preact/hooks";
import { api, type LanguageInfo } from "./api";
import { told } from "./told";
import { panelWords } from "./words/panels";

/** Asks what there is now, and says it; nothing where no program runs. */
export function Libraries() {
  const [languages, setLanguages] = useState<LanguageInfo[]>([]);
  useEffect(() => {
    api.languages().then(setLanguages, () => undefined); // whoever joins is told of an outage elsewhere
  }, []);
  const here = languages.filter((known) => known.runnable);
  if (here.length === 0) return null;
  return (
    <section class="check-list libraries">
      <h2>{panelWords().tools.title}</h2>
      <dl>
        {here.map((known) => (
          <div key={known.id}>
            <dt>{known.name}</dt>
            <dd>{told(known)}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        {here.some((known) => known.libraries.length > 0)
          ? panelWords().tools.some
          : panelWords().tools.none}
      </p>
    </section>
  );
}
