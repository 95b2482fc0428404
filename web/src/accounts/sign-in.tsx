/** Signing in: a name and a password, or the identity provider. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Me } from "../api";
import { Field, Trouble } from "../field";
import { Icon } from "../icons";
import { loadMe } from "../me";
import { useSubmit } from "../submit";

export function SignIn({ who }: { who: Me }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · Pizarra";
    first.current?.focus();
  }, []);

  const { busy, problem, submit } = useSubmit(async () => {
    await api.signIn(name, password);
    await loadMe();
  });

  return (
    <main class="join">
      <p class="brand">
        <Icon name="board" /> Pizarra
      </p>
      {who.needs_setup ? (
        <section>
          <h1>Nobody has an account here yet</h1>
          <p>
            Whoever started this server finds a link in its terminal that makes the first account. It works
            once, and not for long; starting the server again prints a new one.
          </p>
          <button type="button" onClick={() => void loadMe()}>
            Look again
          </button>
        </section>
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <h1>Sign in</h1>
          <Field label="Name" value={name} onValue={setName} autocomplete="username" required field={first} />
          <Field
            label="Password"
            type="password"
            value={password}
            onValue={setPassword}
            autocomplete="current-password"
            required
          />
          <Trouble text={problem} />
          <button type="submit" class="primary" disabled={busy}>
            Sign in
          </button>
          {who.single_sign_on && (
            <a class="button" href="/api/sign-in/oidc">
              Sign in with {who.single_sign_on}
            </a>
          )}
          <p class="muted">
            Were you invited to an interview? You need no account: open the link you were sent.
          </p>
        </form>
      )}
    </main>
  );
}
