/** How a link leaves this computer: what whoever copied one of a loopback address is told when they ask. */
import "./styles/help.css";
import "./styles/home.css";
import { useEffect, useRef } from "preact/hooks";
import { lettingIn } from "./toast";
import { t } from "./words";
import { wrapUpWords } from "./words/wrap-up";

const COMMAND = ".venv/bin/pizarra serve --host 0.0.0.0";

export function LettingIn() {
  const w = wrapUpWords().lettingIn;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="letting-in"
      onClose={() => lettingIn.set(false)}
    >
      <h2 id="letting-in">{w.title}</h2>
      <p>{w.why}</p>
      <p>
        <code class="secret">{COMMAND}</code>
      </p>
      <p>{w.then}</p>
      <button type="button" onClick={() => dialog.current?.close()}>
        {t.close}
      </button>
    </dialog>
  );
}
