/** A one-time link: sets a password; the first start's makes the first account. Its secret follows # in the address. */
import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, json, type LinkOf, type Me, request } from "../api";
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
  const [whose, setWhose] = useState<LinkOf | null>(null);
  // A link that sets nothing: no password is asked for, nor another than was refused.
  const [over, setOver] = useState<string | null>(null);
  useEffect(() => {
    document.title = t.titled(screenWords().welcome.title);
    history.replaceState(null, "", location.pathname);
    first.current?.focus();
    if (secret === "") return;
    json<LinkOf>(request("POST", "/api/welcome/link", { token: secret })).then(
      setWhose,
      (error: ApiError) => error.status === 404 && setOver(error.message), // else it is told when it is used
    );
  }, [secret]);
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
            <FirstAccount
              name={name}
              onName={setName}
              shown={shown}
              onShown={setShown}
              field={first}
            />
          )}
          {whose?.name && whose.display_name && (
            <>
              <p>{screenWords().welcome.chooseFor(whose.display_name, whose.name)}</p>
              {/* So that the browser keeps the password under it. */}
              <input hidden readOnly autocomplete="username" value={whose.name} />
            </>
          )}
          {who.auth === "local" && <p>{screenWords().accounts.nobodyWhy}</p>}
          {who.account && <p>{screenWords().welcome.instead(who.account.display_name)}</p>}
          <Field
            name="password"
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

interface FirstAccountProps {
  name: string;
  onName: (name: string) => void;
  shown: string;
  onShown: (shown: string) => void;
  field: Ref<HTMLInputElement>;
}

/** Who the first account is: the set-up link makes it. */
function FirstAccount({ name, onName, shown, onShown, field }: FirstAccountProps) {
  const w = screenWords().welcome;
  return (
    <>
      <p>{w.firstWhy}</p>
      <Field
        label={w.nameOrMail}
        hint={w.nameHint}
        name="name"
        value={name}
        onValue={onName}
        autocomplete="username"
        required
        field={field}
      />
      <Field
        label={w.shown}
        hint={w.shownHint}
        name="display_name"
        value={shown}
        onValue={onShown}
        autocomplete="name"
        maxLength={80}
      />
    </>
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
