/** A one-time link: sets a password; the first start's makes the first account. Its secret follows # in the address. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type Me } from "../api";
import { Field, Trouble } from "../field";
import { Icon } from "../icons";
import { loadMe } from "../me";
import { go } from "../navigation";
import { useSubmit } from "../submit";
import { t } from "../words";
import { screenWords } from "../words/screens";

export function Welcome({ who }: { who: Me }) {
  // Out of the address bar and the history at once.
  const [secret] = useState(() => location.hash.slice(1));
  const [name, setName] = useState("");
  const [shown, setShown] = useState("");
  const [password, setPassword] = useState("");
  const first = useRef<HTMLInputElement>(null);
  const setup = secret.startsWith("pzf_"); // the first account's
  useEffect(() => {
    document.title = t.titled(screenWords().welcome.title);
    history.replaceState(null, "", location.pathname);
    first.current?.focus();
  }, []);

  // Another password would be refused like this one.
  const [over, setOver] = useState<string | null>(null);
  const { busy, problem, submit } = useSubmit(async () => {
    const wanted = { token: secret, password, ...(setup ? { name, display_name: shown } : {}) };
    await api.welcome(wanted).catch((error: ApiError) => {
      if (error.status === 404) setOver(error.message);
      throw error;
    });
    await loadMe();
    go("/");
  });

  return (
    <main class="join">
      <p class="brand">
        <Icon name="board" /> {t.brand}
      </p>
      {secret === "" || over !== null ? (
        <Broken over={over} />
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <h1>{setup ? screenWords().welcome.first : screenWords().welcome.choose}</h1>
          {setup && (
            <>
              <p>{screenWords().welcome.firstWhy}</p>
              <Field
                label={screenWords().welcome.nameOrMail}
                hint={screenWords().welcome.nameHint}
                value={name}
                onValue={setName}
                autocomplete="username"
                required
                field={first}
              />
              <Field
                label={screenWords().welcome.shown}
                hint={screenWords().welcome.shownHint}
                value={shown}
                onValue={setShown}
                autocomplete="name"
                maxLength={80}
              />
            </>
          )}
          {who.account && <p>{screenWords().welcome.instead(who.account.display_name)}</p>}
          <Field
            label={screenWords().welcome.password}
            hint={screenWords().welcome.passwordHint(who.min_password_length)}
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
            {setup ? screenWords().welcome.make : screenWords().welcome.save}
          </button>
        </form>
      )}
    </main>
  );
}

/** A link that sets nothing: it was cut off on its way, or its time is `over`. */
function Broken({ over }: { over: string | null }) {
  const { joining, signIn, welcome } = screenWords();
  return (
    <section role="alert">
      <h1>{over === null ? welcome.incomplete : joining.broken}</h1>
      <p>{over ?? welcome.incompleteWhy}</p>
      {over !== null && <a href="/">{signIn.title}</a>}
    </section>
  );
}
