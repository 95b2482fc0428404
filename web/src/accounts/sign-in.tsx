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
  useEffect(() => {
    document.title = t.titled(screenWords().signIn.title);
    first.current?.focus();
  }, []);

  const { busy, problem, submit } = useSubmit(async () => {
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
          <Trouble text={problem} />
          <button type="submit" class="primary" disabled={busy}>
            {screenWords().signIn.title}
          </button>
          {who.single_sign_on && (
            <a class="button" href="/api/sign-in/oidc">
              {screenWords().signIn.signInWith(who.single_sign_on)}
            </a>
          )}
          <p class="muted">{screenWords().signIn.invited}</p>
        </form>
      )}
    </main>
  );
}
