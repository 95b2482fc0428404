/** The page's entrance: which screen belongs to the address. */
import "@fontsource/jetbrains-mono/latin-400.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/session.css";
import "./styles/output.css";
import "./styles/panes.css";
import "./styles/beside.css";
import "./styles/interview.css";
import "./styles/side.css";
import "./styles/editor.css";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { expectSession } from "./api";
import { Lazy } from "./lazy";
import { loadMe, me, mustSignIn } from "./me";
import { focusNextHeading } from "./focus";
import { follows } from "./navigation";
import { useValue } from "./observable";
import { followLanguage, followPreferences } from "./preferences";
import { Announcer } from "./announcer";
import { lettingIn, Toast } from "./toast";
import { locale, t } from "./words";

const accounts = () => import("./accounts");
const screens = {
  Home: async () => (await import("./home")).Home,
  Join: async () => (await import("./join")).Join,
  Session: async () => (await import("./session/screen")).SessionScreen,
  WrapUp: async () => (await import("./interviewer/wrap-up")).WrapUp,
  Shared: async () => (await import("./replay/shared")).Shared,
  Replay: async () => (await import("./replay")).Replay,
  LettingIn: async () => (await import("./letting-in")).LettingIn,
  SignIn: async () => (await accounts()).SignIn,
  Welcome: async () => (await accounts()).Welcome,
  Library: async () => (await import("./library")).Library,
  Everybody: async () => (await accounts()).Everybody,
  Nowhere: async () => (await accounts()).Nowhere,
  Own: async () => (await accounts()).Own,
};

const SOMEWHERE = /^\/($|[sjr]\/.|(library|welcome|accounts|me)(\/|$))/;

function App() {
  const [path, setPath] = useState(location.pathname);
  const shown = useRef(location.pathname);
  useEffect(() => {
    const onChange = (event: PopStateEvent) => {
      if (!follows(event, shown.current)) return;
      if (shown.current !== location.pathname) focusNextHeading();
      shown.current = location.pathname;
      setPath(location.pathname);
    };
    addEventListener("popstate", onChange);
    return () => removeEventListener("popstate", onChange);
  }, []);
  useValue(locale); // everything is rendered again in the other language
  const who = useValue(me);
  const [unreachable, setUnreachable] = useState(false);
  const [, kind, id, part] = path.split("/");
  const needsMe = kind !== "s" && kind !== "j" && kind !== "r";
  useEffect(() => {
    if (needsMe && me.get() === null) loadMe().catch(() => setUnreachable(true));
  }, [needsMe]);
  let screen = <Lazy key="h" load={screens.Home} with={{ who }} />;
  if (!SOMEWHERE.test(path)) screen = <Lazy key="n" load={screens.Nowhere} with={{}} />;
  else if (kind === "s" && id && part === "replay")
    screen = <Lazy key={`r${id}`} load={screens.Replay} with={{ sessionId: id }} />;
  else if (kind === "s" && id && part === "wrap-up")
    screen = <Lazy key={`w${id}`} load={screens.WrapUp} with={{ sessionId: id }} />;
  else if (kind === "r" && id)
    screen = <Lazy key={id} load={screens.Shared} with={{ token: id }} />;
  else if (kind === "s" && id)
    screen = <Lazy key={id} load={screens.Session} with={{ sessionId: id }} />;
  else if (kind === "j" && id) screen = <Lazy key={id} load={screens.Join} with={{ token: id }} />;
  else if (who === null && !unreachable) screen = <p class="loading muted">{t.loading}</p>;
  else if (who !== null && kind === "welcome")
    screen = <Lazy key="w" load={screens.Welcome} with={{ who }} />;
  else if (who !== null && mustSignIn(who))
    screen = <Lazy key="i" load={screens.SignIn} with={{ who }} />;
  else if (who !== null && kind === "accounts")
    screen = <Lazy key="a" load={screens.Everybody} with={{ who }} />;
  else if (who !== null && kind === "library")
    screen = <Lazy key={path} load={screens.Library} with={{ id, part }} />;
  else if (who?.account && kind === "me")
    screen = <Lazy key="o" load={screens.Own} with={{ who }} />;
  return (
    <>
      {screen}
      <Toast />
      {useValue(lettingIn) && <Lazy load={screens.LettingIn} with={{}} />}
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
void import("./keep").then(({ keep }) => keep());
if (place) void followLanguage().finally(() => render(<App />, place));
