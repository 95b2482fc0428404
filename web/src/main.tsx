/** The page's entrance: which screen belongs to the address. */
import "@fontsource/jetbrains-mono/latin-400.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/home.css";
import "./styles/session.css";
import "./styles/editor.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Home } from "./home";
import { Join } from "./join";
import { SessionScreen } from "./session/screen";
import { Toast } from "./toast";

function App() {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const onChange = () => setPath(location.pathname);
    addEventListener("popstate", onChange);
    return () => removeEventListener("popstate", onChange);
  }, []);
  const [, kind, id] = path.split("/");
  let screen = <Home />;
  if (kind === "s" && id) screen = <SessionScreen key={id} sessionId={id} />;
  if (kind === "j" && id) screen = <Join key={id} token={id} />;
  return (
    <>
      {screen}
      <Toast />
    </>
  );
}

const place = document.querySelector("#app");
if (place) render(<App />, place);
