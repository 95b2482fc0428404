/** Before joining: does this computer have what it takes? Connection, live editing, browser. */
import { useEffect, useState } from "preact/hooks";
import { screenWords } from "./words/screens";

const SLOW_MS = 300;
const ASKED = 3;

type Result = { tone: "good" | "warn" | "bad"; text: string } | null;

export function ComputerCheck() {
  const [connection, setConnection] = useState<Result>(null);
  const [live, setLive] = useState<Result>(null);
  useEffect(() => {
    let gone = false;
    const tell = (set: (result: Result) => void) => (result: Result) => {
      if (!gone) set(result);
    };
    void checkConnection().then(tell(setConnection));
    void checkLive().then(tell(setLive));
    return () => {
      gone = true;
    };
  }, []);
  return (
    <section class="check-list">
      <h2>{screenWords().joining.check}</h2>
      <dl>
        <Line name={screenWords().joining.checkConnection} result={connection} />
        <Line name={screenWords().joining.checkLive} result={live} />
        <Line name={screenWords().joining.checkBrowser} result={checkBrowser()} />
      </dl>
    </section>
  );
}

function Line({ name, result }: { name: string; result: Result }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={result ? `tone-${result.tone}` : "muted"}>
        {result?.text ?? screenWords().joining.checking}
      </dd>
    </div>
  );
}

/** The quickest of a few questions: what a key's way to the others is made of. */
async function checkConnection(): Promise<Result> {
  let best = Number.POSITIVE_INFINITY;
  try {
    for (let turn = 0; turn < ASKED; turn++) {
      const begun = performance.now();
      const answer = await fetch("/health", { cache: "no-store" });
      if (!answer.ok) throw new Error("away");
      best = Math.min(best, performance.now() - begun);
    }
  } catch {
    return { tone: "bad", text: screenWords().joining.lost };
  }
  const shown = Math.round(best);
  return best < SLOW_MS
    ? { tone: "good", text: screenWords().joining.fast(shown) }
    : { tone: "warn", text: screenWords().joining.slow(shown) };
}

/** A room that does not exist is refused politely, by a WebSocket that opened: so they pass. */
function checkLive(): Promise<Result> {
  return new Promise((resolve) => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/check`);
    const blocked: Result = { tone: "bad", text: screenWords().joining.liveBlocked };
    const timer = setTimeout(() => {
      socket.close();
      resolve(blocked);
    }, 5000);
    socket.onclose = ({ code }) => {
      clearTimeout(timer);
      resolve(
        code >= 4400 && code < 4500
          ? { tone: "good", text: screenWords().joining.liveWorks }
          : blocked,
      );
    };
  });
}

function checkBrowser(): Result {
  const lacks = [
    typeof indexedDB === "undefined" && "IndexedDB",
    !CSS.supports("color", "light-dark(red, blue)") && "CSS light-dark()",
    typeof Intl.RelativeTimeFormat === "undefined" && "Intl",
  ].find((each) => each !== false);
  return lacks
    ? { tone: "warn", text: screenWords().joining.browserLacks(lacks) }
    : { tone: "good", text: screenWords().joining.browserWorks };
}
