/** The page's entrance: which screen belongs to the address. */
import "@fontsource/jetbrains-mono/latin-400.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/home.css";
import "./styles/session.css";
import "./styles/beside.css";
import "./styles/side.css";
import "./styles/editor.css";
import "./styles/replay.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { expectSession } from "./api";
import { Later } from "./later";
import { loadMe, me, mustSignIn } from "./me";
import { useValue } from "./observable";
import { followLanguage, followPreferences } from "./preferences";
import { Announcer } from "./announcer";
import { Toast } from "./toast";
import { locale, t } from "./words";

const accounts = () => import("./accounts");
const screens = {
  Home: async () => (await import("./home")).Home,
  Join: async () => (await import("./join")).Join,
  Session: async () => (await import("./session/screen")).SessionScreen,
  Replay: async () => (await import("./replay")).Replay,
  SignIn: async () => (await accounts()).SignIn,
  Welcome: async () => (await accounts()).Welcome,
  Everybody: async () => (await accounts()).Everybody,
  Own: async () => (await accounts()).Own,
};

function App() {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const onChange = () => setPath(location.pathname);
    addEventListener("popstate", onChange);
    return () => removeEventListener("popstate", onChange);
  }, []);
  useValue(locale); // everything is rendered again in the other language
  const who = useValue(me);
  const [unreachable, setUnreachable] = useState(false);
  const [, kind, id, part] = path.split("/");
  const needsMe = kind !== "s" && kind !== "j";
  useEffect(() => {
    if (needsMe && me.get() === null) loadMe().catch(() => setUnreachable(true));
  }, [needsMe]);
  let screen = <Later key="h" load={screens.Home} with={{ who }} />;
  if (kind === "s" && id && part === "replay")
    screen = <Later key={`r${id}`} load={screens.Replay} with={{ sessionId: id }} />;
  else if (kind === "s" && id) screen = <Later key={id} load={screens.Session} with={{ sessionId: id }} />;
  else if (kind === "j" && id) screen = <Later key={id} load={screens.Join} with={{ token: id }} />;
  else if (who === null && !unreachable) screen = <p class="loading muted">{t.loading}</p>;
  else if (who !== null && kind === "welcome")
    screen = <Later key="w" load={screens.Welcome} with={{ who }} />;
  else if (who !== null && mustSignIn(who)) screen = <Later key="i" load={screens.SignIn} with={{ who }} />;
  else if (who !== null && kind === "accounts")
    screen = <Later key="a" load={screens.Everybody} with={{ who }} />;
  else if (who?.account && kind === "me") screen = <Later key="o" load={screens.Own} with={{ who }} />;
  return (
    <>
      {screen}
      <Toast />
      <Announcer />
    </>
  );
}

followPreferences(document.documentElement);
// What the editor is made of is on its way before anything is rendered.
const [, kind, id, part] = location.pathname.split("/");
if (kind === "s" && id && part === undefined) {
  void screens.Session().catch(() => undefined); // it is tried again when the screen wants it
  expectSession(id);
}
const place = document.querySelector("#app");
if (place) void followLanguage().finally(() => render(<App />, place));
