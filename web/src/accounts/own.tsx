/** What somebody has of their own: a password, browsers that are signed in, API tokens. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { type ApiError, api, type Me, type SignInInfo, type TokenInfo } from "../api";
import { Field, Trouble } from "../field";
import { copy, toast } from "../toast";
import { useSubmit } from "../submit";
import { Frame } from "./frame";

export function Own({ who }: { who: Me }) {
  return (
    <Frame title={who.account?.display_name ?? "Your account"}>
      <p class="muted">
        {who.account?.name}, {who.account?.role} in {who.account?.team}
      </p>
      <Password shortest={who.min_password_length} />
      <Browsers />
      <Tokens />
    </Frame>
  );
}

function Password({ shortest }: { shortest: number }) {
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const { problem, submit } = useSubmit(async () => {
    await api.changePassword(old, wanted);
    setOld("");
    setWanted("");
    toast("Password changed. Your other browsers are signed out.");
  });
  return (
    <section>
      <h2>Password</h2>
      <form class="inline-form" onSubmit={(event) => void submit(event)}>
        <Field
          label="The one you have"
          type="password"
          value={old}
          onValue={setOld}
          autocomplete="current-password"
          required
        />
        <Field
          label={`The one you want, ${shortest} characters or more`}
          type="password"
          value={wanted}
          onValue={setWanted}
          autocomplete="new-password"
          minLength={shortest}
          required
        />
        <button type="submit">Change password</button>
      </form>
      <Trouble text={problem} />
    </section>
  );
}

function Browsers() {
  const [found, setFound] = useState<SignInInfo[]>([]);
  const load = useCallback(
    () => void api.signIns().then(setFound, (error: ApiError) => toast(error.message)),
    [],
  );
  useEffect(load, [load]);
  return (
    <section>
      <h2>Signed in</h2>
      <ul class="rows">
        {found.map((each) => (
          <li key={each.sign_in_id}>
            <span class="row-main">
              {browserName(each.browser)}
              <span class="muted">
                {each.is_this ? "this browser" : `last used ${new Date(each.used_at).toLocaleString()}`}
              </span>
            </span>
            {!each.is_this && (
              <button type="button" onClick={() => void api.endSignIn(each.sign_in_id).then(load)}>
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function browserName(text: string): string {
  const name = /(Firefox|Edg|Chrome|Safari)\//.exec(text)?.[1]?.replace("Edg", "Edge") ?? "A program";
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(text)?.[1]?.replace(" OS X", "");
  return system ? `${name} on ${system}` : text.slice(0, 40) || name;
}

function Tokens() {
  const [found, setFound] = useState<TokenInfo[]>([]);
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenInfo["scope"]>("read");
  const [made, setMade] = useState<string | null>(null);
  const load = useCallback(
    () => void api.tokens().then(setFound, (error: ApiError) => toast(error.message)),
    [],
  );
  useEffect(load, [load]);
  const create = async (event: Event) => {
    event.preventDefault();
    try {
      const token = await api.createToken(name, scope);
      setMade(token.token);
      setName("");
      load();
    } catch (error) {
      toast((error as ApiError).message);
    }
  };
  return (
    <section>
      <h2>API tokens</h2>
      <form class="inline-form" onSubmit={(event) => void create(event)}>
        <Field label="What it is for" value={name} onValue={setName} maxLength={80} required />
        <label>
          What it may do
          <select
            value={scope}
            onChange={(event) => setScope(event.currentTarget.value as TokenInfo["scope"])}
          >
            <option value="read">look at sessions</option>
            <option value="write">whatever you do with sessions</option>
            <option value="admin">everything you may</option>
          </select>
        </label>
        <button type="submit">Make a token</button>
      </form>
      {made && (
        <p role="status">
          Copy it now, it is not shown again: <code class="secret">{made}</code>{" "}
          <button type="button" onClick={() => void copy(made, "Token")}>
            Copy
          </button>
        </p>
      )}
      {found.length === 0 && <p class="muted">None yet. Programs use one as “Authorization: Bearer …”.</p>}
      <ul class="rows">
        {found.map((token) => (
          <li key={token.token_id}>
            <span class="row-main">
              {token.name}
              <span class="muted">
                {token.scope},{" "}
                {token.used_at ? `last used ${new Date(token.used_at).toLocaleString()}` : "never used"}
              </span>
            </span>
            <button
              type="button"
              class="danger"
              onClick={() => void api.revokeToken(token.token_id).then(load)}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
