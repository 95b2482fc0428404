/** Accounts and teams, as an administrator looks after them. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Account, type ApiError, api, type Me, type Team } from "../api";
import { Field, Trouble } from "../field";
import { copy, toast } from "../toast";
import { useSubmit } from "../submit";
import { t } from "../words";
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
    <Frame title={t.accounts.title}>
      <NewAccount
        teams={teams}
        onMade={(name, url) => {
          setLink({ name, url });
          load();
        }}
      />
      {link && (
        <p role="status" class="made">
          {t.accounts.sendThis(link.name)} <code class="secret">{link.url}</code>{" "}
          <button type="button" onClick={() => void copy(link.url, t.links.other)}>
            {t.accounts.copy}
          </button>
        </p>
      )}
      <section>
        <h2>{t.accounts.whoMay}</h2>
        <ul class="rows">
          {accounts?.map((account) => {
            const me = account.account_id === who.account?.account_id;
            return (
              <li key={account.account_id}>
                <span class="row-main">
                  {account.display_name}
                  <span class="muted">
                    {t.accounts.roleIn(account.name, t.accounts.roles[account.role], account.team)}
                    {account.disabled
                      ? `, ${t.accounts.lockedOut}`
                      : account.has_password
                        ? ""
                        : `, ${t.accounts.noPassword}`}
                  </span>
                </span>
                {!me && !account.disabled && (
                  <button
                    type="button"
                    onClick={() =>
                      void attempt(async () => {
                        const made = await api.resetAccount(account.account_id);
                        setLink({ name: account.display_name, url: made.url });
                      }, t.accounts.signedOutSend)
                    }
                  >
                    {t.accounts.newLink}
                  </button>
                )}
                {!me && (
                  <button
                    type="button"
                    class={account.disabled ? "" : "danger"}
                    onClick={() =>
                      void attempt(
                        () => api.updateAccount(account.account_id, { disabled: !account.disabled }),
                        account.disabled ? t.accounts.letInAgain : t.accounts.lockedOut,
                      )
                    }
                  >
                    {account.disabled ? t.accounts.letInAgain : t.accounts.lockOut}
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
      <h2>{t.accounts.invite}</h2>
      <form class="inline-form" onSubmit={(event) => void submit(event)}>
        <Field label={t.accounts.nameOrMail} value={name} onValue={setName} maxLength={254} required />
        <Field label={t.accounts.shownAs} value={shown} onValue={setShown} maxLength={80} />
        {teams.length > 1 && (
          <label>
            {t.accounts.team}
            <select value={team} onChange={(event) => setTeam(event.currentTarget.value)}>
              <option value="">{t.accounts.yours}</option>
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
          {t.accounts.looksAfter}
        </label>
        <button type="submit" class="primary">
          {t.accounts.make}
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
      <h2>{t.accounts.teams}</h2>
      <p class="muted">{t.accounts.teamsWhy}</p>
      <ul class="rows">
        {teams.map((team) => (
          <li key={team.team_id}>
            <span class="row-main">{team.name}</span>
            <label class="days">
              {t.accounts.eraseAfter}
              <input
                type="number"
                min={0}
                max={36500}
                placeholder={t.accounts.never}
                value={team.retention_days ?? ""}
                aria-label={t.accounts.daysLabel(team.name)}
                onChange={(event) => {
                  const days = Number(event.currentTarget.value || 0);
                  void onChange(
                    () => api.updateTeam(team.team_id, { retention_days: days }),
                    days ? t.accounts.keptFor(days) : t.accounts.kept,
                  );
                }}
              />
              {t.accounts.days}
            </label>
          </li>
        ))}
      </ul>
      <form
        class="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          void onChange(() => api.createTeam(name), t.accounts.teamMade).then(() => setName(""));
        }}
      >
        <Field label={t.accounts.newTeam} value={name} onValue={setName} maxLength={80} required />
        <button type="submit">{t.accounts.makeTeam}</button>
      </form>
    </section>
  );
}
