/** A one-time link: sets a password; the first start's makes the first account. Its secret follows # in the address. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Me } from "../api";
import { Field, Trouble } from "../field";
import { Icon } from "../icons";
import { loadMe } from "../me";
import { go } from "../navigation";
import { useSubmit } from "../submit";
import { t } from "../words";

export function Welcome({ who }: { who: Me }) {
  // Out of the address bar and the history at once.
  const [secret] = useState(() => location.hash.slice(1));
  const [name, setName] = useState("");
  const [shown, setShown] = useState("");
  const [password, setPassword] = useState("");
  const first = useRef<HTMLInputElement>(null);
  const setup = secret.startsWith("pzf_"); // the first account's
  useEffect(() => {
    document.title = t.titled(t.welcome.title);
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
        <Icon name="board" /> {t.brand}
      </p>
      {secret === "" ? (
        <section role="alert">
          <h1>{t.welcome.incomplete}</h1>
          <p>{t.welcome.incompleteWhy}</p>
        </section>
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <h1>{setup ? t.welcome.first : t.welcome.choose}</h1>
          {setup && (
            <>
              <p>{t.welcome.firstWhy}</p>
              <Field
                label={t.welcome.nameOrMail}
                hint={t.welcome.nameHint}
                value={name}
                onValue={setName}
                autocomplete="username"
                required
                field={first}
              />
              <Field
                label={t.welcome.shown}
                hint={t.welcome.shownHint}
                value={shown}
                onValue={setShown}
                autocomplete="name"
                maxLength={80}
              />
            </>
          )}
          <Field
            label={t.welcome.password}
            hint={t.welcome.passwordHint(who.min_password_length)}
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
            {setup ? t.welcome.make : t.welcome.save}
          </button>
        </form>
      )}
    </main>
  );
}
