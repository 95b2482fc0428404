/** Accounts and teams, as an administrator looks after them. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Account, type ApiError, api, type Me, type Team } from "../api";
import { Field, Trouble } from "../field";
import { copyLink, toast } from "../toast";
import { useSubmit } from "../submit";
import { t } from "../words";
import { Frame } from "./frame";
import { screenWords } from "../words/screens";

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
    <Frame title={screenWords().accounts.title}>
      <NewAccount
        teams={teams}
        onMade={(name, url) => {
          setLink({ name, url });
          load();
        }}
      />
      {link && (
        <p role="status" class="made">
          {screenWords().accounts.sendThis(link.name)} <code class="secret">{link.url}</code>{" "}
          <button type="button" onClick={() => void copyLink(link.url, t.links.other)}>
            {screenWords().accounts.copy}
          </button>
        </p>
      )}
      <section>
        <h2>{screenWords().accounts.whoMay}</h2>
        <ul class="rows">
          {accounts?.map((account) => (
            <AccountRow
              key={account.account_id}
              account={account}
              isMe={account.account_id === who.account?.account_id}
              attempt={attempt}
              onLink={setLink}
            />
          ))}
        </ul>
      </section>
      <Teams teams={teams} onChange={attempt} />
    </Frame>
  );
}

interface AccountRowProps {
  account: Account;
  isMe: boolean;
  attempt: (action: () => Promise<unknown>, done: string) => Promise<void>;
  onLink: (link: { name: string; url: string }) => void;
}

function AccountRow({ account, isMe, attempt, onLink }: AccountRowProps) {
  const w = screenWords().accounts;
  const { account_id: id, disabled } = account;
  const reset = async () =>
    onLink({ name: account.display_name, url: (await api.resetAccount(id)).url });
  const toggle = () => api.updateAccount(id, { disabled: !disabled });
  const barred = account.has_password ? "" : `, ${w.noPassword}`;
  return (
    <li>
      <span class="row-main">
        {account.display_name}
        <span class="muted">
          {w.roleIn(account.name, w.roles[account.role], account.team)}
          {disabled ? `, ${w.lockedOut}` : barred}
        </span>
      </span>
      {!isMe && !disabled && (
        <button type="button" onClick={() => void attempt(reset, w.signedOutSend)}>
          {w.newLink}
        </button>
      )}
      {!isMe && (
        <button
          type="button"
          class={disabled ? "" : "danger"}
          onClick={() => void attempt(toggle, disabled ? w.letInAgain : w.lockedOut)}
        >
          {disabled ? w.letInAgain : w.lockOut}
        </button>
      )}
    </li>
  );
}

function NewAccount({
  teams,
  onMade,
}: {
  teams: Team[];
  onMade: (name: string, url: string) => void;
}) {
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
      <h2>{screenWords().accounts.invite}</h2>
      <form class="inline-form" onSubmit={(event) => void submit(event)}>
        <Field
          label={screenWords().accounts.nameOrMail}
          value={name}
          onValue={setName}
          maxLength={254}
          required
        />
        <Field
          label={screenWords().accounts.shownAs}
          value={shown}
          onValue={setShown}
          maxLength={80}
        />
        {teams.length > 1 && (
          <label>
            {screenWords().accounts.team}
            <select value={team} onChange={(event) => setTeam(event.currentTarget.value)}>
              <option value="">{screenWords().accounts.yours}</option>
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
          {screenWords().accounts.looksAfter}
        </label>
        <button type="submit" class="primary">
          {screenWords().accounts.make}
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
      <h2>{screenWords().accounts.teams}</h2>
      <p class="muted">{screenWords().accounts.teamsWhy}</p>
      <ul class="rows">
        {teams.map((team) => (
          <li key={team.team_id}>
            <span class="row-main">{team.name}</span>
            <label class="days">
              {screenWords().accounts.eraseAfter}
              <input
                type="number"
                min={0}
                max={36500}
                placeholder={screenWords().accounts.never}
                value={team.retention_days ?? ""}
                aria-label={screenWords().accounts.daysLabel(team.name)}
                onChange={(event) => {
                  const days = Number(event.currentTarget.value || 0);
                  void onChange(
                    () => api.updateTeam(team.team_id, { retention_days: days }),
                    days ? screenWords().accounts.keptFor(days) : screenWords().accounts.kept,
                  );
                }}
              />
              {screenWords().accounts.days}
            </label>
          </li>
        ))}
      </ul>
      <form
        class="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          void onChange(() => api.createTeam(name), screenWords().accounts.teamMade).then(() =>
            setName(""),
          );
        }}
      >
        <Field
          label={screenWords().accounts.newTeam}
          value={name}
          onValue={setName}
          maxLength={80}
          required
        />
        <button type="submit">{screenWords().accounts.makeTeam}</button>
      </form>
    </section>
  );
}
