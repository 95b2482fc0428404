/** What stands where a screen should be that cannot be shown: the window's title says so, too. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "./words";

export function Failed({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = t.titled(title);
  }, [title]);
  return (
    <main class="join">
      <h1>{title}</h1>
      {children}
    </main>
  );
}
