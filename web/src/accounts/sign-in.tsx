/** Signing in: a name and a password, or the identity provider. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Me } from "../api";
import { Field, Trouble } from "../field";
import { Icon } from "../icons";
import { loadMe } from "../me";
import { useSubmit } from "../submit";
import { t } from "../words";
import { screenWords } from "../words/screens";

export function SignIn({ who }: { who: Me }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const first = useRef<HTMLInputElement>(null);
  // Why the identity provider's way led back here. Out of the address at once: it is over when the page is loaded again.
  const [refused, setRefused] = useState(() => refusedBy(location.hash));
  useEffect(() => {
    document.title = t.titled(screenWords().signIn.title);
    if (refusedBy(location.hash) !== null) history.replaceState(history.state, "", here());
    first.current?.focus();
  }, []);

  const { busy, problem, submit } = useSubmit(async () => {
    setRefused(null);
    await api.signIn(name, password);
    await loadMe();
  });

  return (
    <main class="join">
      <p class="brand">
        <Icon name="board" /> {t.brand}
      </p>
      {who.needs_setup ? (
        <section>
          <h1>{screenWords().signIn.nobodyYet}</h1>
          <p>{screenWords().signIn.nobodyWhy}</p>
          <button type="button" onClick={() => void loadMe()}>
            {screenWords().signIn.lookAgain}
          </button>
        </section>
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <h1>{screenWords().signIn.title}</h1>
          <Field
            name="name"
            label={screenWords().signIn.name}
            value={name}
            onValue={setName}
            autocomplete="username"
            required
            field={first}
          />
          <Field
            name="password"
            label={screenWords().signIn.password}
            type="password"
            value={password}
            onValue={setPassword}
            autocomplete="current-password"
            required
          />
          <Trouble text={problem ?? (refused === null ? null : saidOf(refused))} />
          <button type="submit" class="primary" disabled={busy}>
            {screenWords().signIn.title}
          </button>
          {who.single_sign_on && (
            <a class="button" href={`/api/sign-in/oidc?return_to=${encodeURIComponent(here())}`}>
              {screenWords().signIn.signInWith(who.single_sign_on)}
            </a>
          )}
          <p class="muted">{screenWords().signIn.invited}</p>
        </form>
      )}
    </main>
  );
}

function here(): string {
  return location.pathname + location.search;
}

function refusedBy(hash: string): string | null {
  return /^#refused=(\w+)$/.exec(hash)?.[1] ?? null;
}

function saidOf(code: string): string {
  const { refused } = screenWords().signIn;
  return (Object.hasOwn(refused, code) && refused[code as keyof typeof refused]) || refused.other;
}
