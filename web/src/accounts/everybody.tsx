/** Accounts and teams, as an administrator looks after them. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Account, type ApiError, api, type Me, type Team } from "../api";
import { Field, Trouble } from "../field";
import { copy, toast } from "../toast";
import { useSubmit } from "../submit";
import { Frame } from "./frame";

export function Everybody({ who }: { who: Me }) {
  const [accounts, setAccounts] = useState<Account[] | null>(null);
  const [teams, setTeams] = useState<Team[]>([]);
  const [link, setLink] = useState<{ name: string; url: string } | null>(null);
  const load = useCallback(() => {
    const failed = (error: ApiError) => toast(error.message);
    void api.accounts().then(setAccounts, failed);
    void api.teams().then(setTeams, failed);
  }, []);
  useEffect(load, [load]);

  const attempt = async (action: () => Promise<unknown>, done: string) => {
    try {
      await action();
      toast(done);
    } catch (error) {
      toast((error as ApiError).message);
    }
    load();
  };

  return (
    <Frame title="Accounts">
      <NewAccount
        teams={teams}
        onMade={(name, url) => {
          setLink({ name, url });
          load();
        }}
      />
      {link && (
        <p role="status" class="made">
          Send this to {link.name}. It sets a password, once, and is not shown again:{" "}
          <code class="secret">{link.url}</code>{" "}
          <button type="button" onClick={() => void copy(link.url, "Link")}>
            Copy
          </button>
        </p>
      )}
      <section>
        <h2>Who may sign in</h2>
        <ul class="rows">
          {accounts?.map((account) => {
            const me = account.account_id === who.account?.account_id;
            return (
              <li key={account.account_id}>
                <span class="row-main">
                  {account.display_name}
                  <span class="muted">
                    {account.name}, {account.role} in {account.team}
                    {account.disabled ? ", locked out" : account.has_password ? "" : ", no password yet"}
                  </span>
                </span>
                {!me && !account.disabled && (
                  <button
                    type="button"
                    onClick={() =>
                      void attempt(async () => {
                        const made = await api.resetAccount(account.account_id);
                        setLink({ name: account.display_name, url: made.url });
                      }, "Signed out; send the new link")
                    }
                  >
                    New link
                  </button>
                )}
                {!me && (
                  <button
                    type="button"
                    class={account.disabled ? "" : "danger"}
                    onClick={() =>
                      void attempt(
                        () => api.updateAccount(account.account_id, { disabled: !account.disabled }),
                        account.disabled ? "Let in again" : "Locked out",
                      )
                    }
                  >
                    {account.disabled ? "Let in again" : "Lock out"}
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      </section>
      <Teams teams={teams} onChange={attempt} />
    </Frame>
  );
}

function NewAccount({ teams, onMade }: { teams: Team[]; onMade: (name: string, url: string) => void }) {
  const [name, setName] = useState("");
  const [shown, setShown] = useState("");
  const [team, setTeam] = useState("");
  const [admin, setAdmin] = useState(false);
  const { problem, submit } = useSubmit(async () => {
    const made = await api.createAccount({
      name,
      display_name: shown,
      role: admin ? "admin" : "interviewer",
      ...(team ? { team_id: team } : {}),
    });
    onMade(made.account.display_name, made.link.url);
    setName("");
    setShown("");
  });
  return (
    <section>
      <h2>Let somebody in</h2>
      <form class="inline-form" onSubmit={(event) => void submit(event)}>
        <Field label="E-mail address or name" value={name} onValue={setName} maxLength={254} required />
        <Field label="How others see them" value={shown} onValue={setShown} maxLength={80} />
        {teams.length > 1 && (
          <label>
            Team
            <select value={team} onChange={(event) => setTeam(event.currentTarget.value)}>
              <option value="">yours</option>
              {teams.map((each) => (
                <option key={each.team_id} value={each.team_id}>
                  {each.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={admin}
            onChange={(event) => setAdmin(event.currentTarget.checked)}
          />
          may look after accounts
        </label>
        <button type="submit" class="primary">
          Make the account
        </button>
      </form>
      <Trouble text={problem} />
    </section>
  );
}

interface TeamsProps {
  teams: Team[];
  onChange: (action: () => Promise<unknown>, done: string) => Promise<void>;
}

function Teams({ teams, onChange }: TeamsProps) {
  const [name, setName] = useState("");
  return (
    <section>
      <h2>Teams</h2>
      <p class="muted">A team’s sessions are invisible to the others; administrators see all.</p>
      <ul class="rows">
        {teams.map((team) => (
          <li key={team.team_id}>
            <span class="row-main">{team.name}</span>
            <label class="days">
              Erase ended sessions after
              <input
                type="number"
                min={0}
                max={36500}
                placeholder="never"
                value={team.retention_days ?? ""}
                aria-label={`Days after which ended sessions of ${team.name} are erased; empty: never`}
                onChange={(event) => {
                  const days = Number(event.currentTarget.value || 0);
                  void onChange(
                    () => api.updateTeam(team.team_id, { retention_days: days }),
                    days ? `Kept for ${days} days` : "Kept",
                  );
                }}
              />
              days
            </label>
          </li>
        ))}
      </ul>
      <form
        class="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          void onChange(() => api.createTeam(name), "Team made").then(() => setName(""));
        }}
      >
        <Field label="New team" value={name} onValue={setName} maxLength={80} required />
        <button type="submit">Make the team</button>
      </form>
    </section>
  );
}
