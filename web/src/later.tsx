/** A screen whose code is fetched when it is wanted: the editor does not wait for what it does not need. */
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "./words";

export function Later<P extends object>({
  load,
  with: props,
}: {
  load: () => Promise<ComponentType<P>>;
  with: P;
}) {
  const [Screen, setScreen] = useState<ComponentType<P> | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    load().then(
      (loaded) => setScreen(() => loaded),
      () => setFailed(true),
    );
  }, [load]);
  if (failed)
    return (
      <p class="loading" role="alert">
        {t.partMissing}
      </p>
    );
  return Screen ? (
    <Screen {...(props as P & JSX.IntrinsicAttributes)} />
  ) : (
    <p class="loading muted">{t.loading}</p>
  );
}
