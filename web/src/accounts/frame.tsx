/** The frame of the screens about accounts: a heading, and the way back to the sessions. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../icons";
import { go } from "../navigation";
import { t } from "../words";

export function Frame({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = t.titled(title);
  }, [title]);
  return (
    <div class="home">
      <header class="home-bar">
        <h1>
          <button type="button" class="quiet" aria-label={t.session.allSessions} onClick={() => go("/")}>
            <Icon name="back" />
          </button>
          {title}
        </h1>
      </header>
      <main class="sections">{children}</main>
    </div>
  );
}
