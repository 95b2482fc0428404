/** A screen whose code is fetched when it is wanted: the editor does not wait for what it does not need. */
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { fetched } from "./parts";
import { t } from "./words";

export function Lazy<P extends object>({
  load,
  with: props,
  quiet = false,
}: {
  load: () => Promise<ComponentType<P>>;
  with: P;
  /** Nothing stands there until it is here. */
  quiet?: boolean;
}) {
  // What was loaded belongs to its `load`: siblings that come and go may hand this place to each other.
  const [loaded, setLoaded] = useState<{ by: typeof load; Screen: ComponentType<P> } | null>(null);
  const [failed, setFailed] = useState<typeof load | null>(null);
  useEffect(() => {
    let wanted = true;
    void fetched(load, () => wanted && setFailed(() => load)).then(
      (Screen) => wanted && setLoaded({ by: load, Screen }),
    );
    return () => {
      wanted = false;
    };
  }, [load]);
  const Screen = loaded?.by === load ? loaded.Screen : null;
  if (Screen) return <Screen {...(props as P & JSX.IntrinsicAttributes)} />;
  if (failed === load)
    return (
      <p class="loading" role="alert">
        {t.partMissing}
      </p>
    );
  return quiet ? null : <p class="loading muted">{t.loading}</p>;
}
