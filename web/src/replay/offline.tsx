/** Replay from one file, with nothing else: everything it plays stands in the page itself. */
import "@fontsource/jetbrains-mono/latin-400.css";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/session.css";
import "../styles/output.css";
import "../styles/panes.css";
import "../styles/side.css";
import "../styles/editor.css";
import "../styles/search.css";
import { render } from "preact";
import { useValue } from "../observable";
import { followLanguage, followPreferences } from "../preferences";
import { PreferencesMenu } from "../preferences-menu";
import { Toast } from "../toast";
import { locale } from "../words";
import { Player } from "./player";
import type { Recording } from "./recording";
import { replayWords } from "../words/replay";

interface Manifest {
  session: {
    session_id: string;
    title: string;
    language: string;
    created_at: string;
    clock_started_at?: string | null;
  };
  people: Recording["people"];
}

function linesOf<T>(id: string): T[] {
  const text = document.getElementById(id)?.textContent ?? "";
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as T);
}

function recorded(): Recording {
  const manifest = JSON.parse(document.getElementById("session")?.textContent ?? "{}") as Manifest;
  return {
    sessionId: manifest.session.session_id,
    title: manifest.session.title,
    language: manifest.session.language,
    createdAt: Date.parse(manifest.session.created_at),
    startedAt: manifest.session.clock_started_at
      ? Date.parse(manifest.session.clock_started_at)
      : null,
    people: manifest.people,
    entries: linesOf("shared"),
    notes: linesOf("private"),
  };
}

const recording = recorded();

function Offline() {
  useValue(locale);
  return (
    <>
      <Player
        recording={recording}
        online={null}
        bar={
          <>
            <h1 class="title" title={replayWords().replay.title(recording.title)}>
              {replayWords().replay.title(recording.title)}
            </h1>
            <span class="spacer" />
            <PreferencesMenu />
          </>
        }
      />
      <Toast />
    </>
  );
}

document.title = recording.title;
followPreferences(document.documentElement);
const place = document.querySelector("#app");
if (place) void followLanguage().finally(() => render(<Offline />, place));
