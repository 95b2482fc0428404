/** The frame of the screens about accounts and questions: a heading, and the way back. */
import "../styles/home.css";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../icons";
import { go } from "../navigation";
import { t } from "../words";

interface FrameProps {
  title: string;
  /** Where the way back leads; to the sessions, when left out. */
  back?: string;
  backTo?: string;
  /** What stands at the end of the bar. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Frame({ title, back = "/", backTo, actions, children }: FrameProps) {
  useEffect(() => {
    document.title = t.titled(title);
  }, [title]);
  return (
    <div class="home">
      <header class="home-bar">
        <h1>
          <button
            type="button"
            class="quiet"
            aria-label={backTo ?? t.session.allSessions}
            onClick={() => go(back)}
          >
            <Icon name="back" />
          </button>
          {title}
        </h1>
        {actions}
      </header>
      <main class="sections">{children}</main>
    </div>
  );
}
