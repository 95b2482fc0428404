/** A one-time link: sets a password; the first start's makes the first account. Its secret follows # in the address. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Me } from "../api";
import { Field, Trouble } from "../field";
import { Icon } from "../icons";
import { loadMe } from "../me";
import { go } from "../navigation";
import { useSubmit } from "../submit";

export function Welcome({ who }: { who: Me }) {
  // Out of the address bar and the history at once.
  const [secret] = useState(() => location.hash.slice(1));
  const [name, setName] = useState("");
  const [shown, setShown] = useState("");
  const [password, setPassword] = useState("");
  const first = useRef<HTMLInputElement>(null);
  const setup = secret.startsWith("pzf_"); // the first account's
  useEffect(() => {
    document.title = "Welcome · Pizarra";
    history.replaceState(null, "", location.pathname);
    first.current?.focus();
  }, []);

  const { busy, problem, submit } = useSubmit(async () => {
    await api.welcome({ token: secret, password, ...(setup ? { name, display_name: shown } : {}) });
    await loadMe();
    go("/");
  });

  return (
    <main class="join">
      <p class="brand">
        <Icon name="board" /> Pizarra
      </p>
      {secret === "" ? (
        <section role="alert">
          <h1>This link is not complete</h1>
          <p>Open it as it was sent to you, with everything that follows “#”.</p>
        </section>
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <h1>{setup ? "Make the first account" : "Choose a password"}</h1>
          {setup && (
            <>
              <p>It may look after all others. Candidates never need one.</p>
              <Field
                label="E-mail address or name"
                hint="what you sign in with"
                value={name}
                onValue={setName}
                autocomplete="username"
                required
                field={first}
              />
              <Field
                label="Your name"
                hint="how others see you"
                value={shown}
                onValue={setShown}
                autocomplete="name"
                maxLength={80}
              />
            </>
          )}
          <Field
            label="Password"
            hint={`${who.min_password_length} characters or more`}
            type="password"
            value={password}
            onValue={setPassword}
            autocomplete="new-password"
            minLength={who.min_password_length}
            required
            {...(setup ? {} : { field: first })}
          />
          <Trouble text={problem} />
          <button type="submit" class="primary" disabled={busy}>
            {setup ? "Make the account" : "Save and sign in"}
          </button>
        </form>
      )}
    </main>
  );
}
