/** What somebody has of their own: a password, browsers that are signed in, API tokens. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { type ApiError, api, type Me, type SignInInfo, type TokenInfo } from "../api";
import { Field, Trouble } from "../field";
import { copy, toast } from "../toast";
import { useSubmit } from "../submit";
import { t, when } from "../words";
import { Frame } from "./frame";
import { screenWords } from "../words/screens";

export function Own({ who }: { who: Me }) {
  // A new password ends the other browsers and the tokens: both are read again.
  const [changed, setChanged] = useState(0);
  return (
    <Frame title={who.account?.display_name ?? screenWords().own.title}>
      <p class="muted">
        {who.account &&
          screenWords().accounts.roleIn(
            who.account.name,
            screenWords().accounts.roles[who.account.role],
            who.account.team,
          )}
      </p>
      <Password
        shortest={who.min_password_length}
        onChanged={() => setChanged((times) => times + 1)}
      />
      <Browsers key={`b${changed}`} />
      <Tokens key={`t${changed}`} />
    </Frame>
  );
}

/** What is refused is said; the list shows what is so. */
const refused = (error: ApiError) => toast(error.message);

function Password({ shortest, onChanged }: { shortest: number; onChanged: () => void }) {
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const { problem, submit } = useSubmit(async () => {
    await api.changePassword(old, wanted);
    setOld("");
    setWanted("");
    toast(screenWords().own.changed);
    onChanged();
  });
  return (
    <section>
      <h2>{screenWords().own.password}</h2>
      <form class="inline-form" onSubmit={(event) => void submit(event)}>
        <Field
          name="old_password"
          label={screenWords().own.oldPassword}
          type="password"
          value={old}
          onValue={setOld}
          autocomplete="current-password"
          required
        />
        <Field
          name="password"
          label={screenWords().own.newPassword(shortest)}
          type="password"
          value={wanted}
          onValue={setWanted}
          autocomplete="new-password"
          minLength={shortest}
          required
        />
        <button type="submit">{screenWords().own.change}</button>
      </form>
      <Trouble text={problem} />
    </section>
  );
}

function Browsers() {
  const [found, setFound] = useState<SignInInfo[]>([]);
  const load = useCallback(() => void api.signIns().then(setFound, refused), []);
  useEffect(load, [load]);
  return (
    <section>
      <h2>{screenWords().own.signedIn}</h2>
      <ul class="rows">
        {found.map((each) => (
          <li key={each.sign_in_id}>
            <span class="row-main">
              {browserName(each.browser)}
              <span class="muted">
                {each.is_this
                  ? screenWords().own.thisBrowser
                  : screenWords().own.lastUsed(when(each.used_at))}
              </span>
            </span>
            {!each.is_this && (
              <button
                type="button"
                onClick={() => void api.endSignIn(each.sign_in_id).catch(refused).then(load)}
              >
                {screenWords().own.signOut}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function browserName(text: string): string {
  const name =
    /(Firefox|Edg|Chrome|Safari)\//.exec(text)?.[1]?.replace("Edg", "Edge") ??
    screenWords().own.aProgram;
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/
    .exec(text)?.[1]
    ?.replace(" OS X", "");
  return system ? screenWords().own.onSystem(name, system) : text.slice(0, 40) || name;
}

function Tokens() {
  const [found, setFound] = useState<TokenInfo[]>([]);
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenInfo["scope"]>("read");
  const [made, setMade] = useState<string | null>(null);
  const load = useCallback(() => void api.tokens().then(setFound, refused), []);
  useEffect(load, [load]);
  const { problem, submit } = useSubmit(async () => {
    const token = await api.createToken(name, scope);
    setMade(token.token);
    setName("");
    load();
  });
  return (
    <section>
      <h2>{screenWords().own.tokens}</h2>
      <form class="inline-form" onSubmit={(event) => void submit(event)}>
        <Field
          name="name"
          label={screenWords().own.tokenFor}
          value={name}
          onValue={setName}
          maxLength={80}
          required
        />
        <label>
          {screenWords().own.tokenMay}
          <select
            name="scope"
            value={scope}
            onChange={(event) => setScope(event.currentTarget.value as TokenInfo["scope"])}
          >
            <option value="read">{screenWords().own.scopes.read}</option>
            <option value="write">{screenWords().own.scopes.write}</option>
            <option value="admin">{screenWords().own.scopes.admin}</option>
          </select>
        </label>
        <button type="submit">{screenWords().own.makeToken}</button>
      </form>
      <Trouble text={problem} />
      {made && (
        <p role="status">
          {screenWords().own.copyNow} <code class="secret">{made}</code>{" "}
          <button type="button" onClick={() => void copy(made, t.links.token)}>
            {screenWords().own.copy}
          </button>
        </p>
      )}
      {found.length === 0 && <p class="muted">{screenWords().own.noTokens}</p>}
      <ul class="rows">
        {found.map((token) => (
          <li key={token.token_id}>
            <span class="row-main">
              {token.name}
              <span class="muted">
                {screenWords().own.scopes[token.scope]},{" "}
                {token.used_at
                  ? screenWords().own.lastUsed(when(token.used_at))
                  : screenWords().own.neverUsed}
              </span>
            </span>
            <button
              type="button"
              class="danger"
              onClick={() => void api.revokeToken(token.token_id).catch(refused).then(load)}
            >
              {screenWords().own.revoke}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
