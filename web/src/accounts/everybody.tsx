/** Accounts and teams, as an administrator looks after them. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Failed } from "../failed";
import { type Account, type ApiError, api, type Me, type Team } from "../api";
import { Field, Trouble } from "../field";
import { copyLink, toast } from "../toast";
import { takeFocus } from "../focus";
import { loadMe } from "../me";
import { useSubmit } from "../submit";
import { t } from "../words";
import { AccountForm } from "./account-form";
import { Frame } from "./frame";
import { screenWords } from "../words/screens";

export function Everybody({ who }: { who: Me }) {
  const [accounts, setAccounts] = useState<Account[] | null>(null);
  const [teams, setTeams] = useState<Team[]>([]);
  const [refused, setRefused] = useState<string | null>(null);
  const [link, setLink] = useState<Link | null>(null);
  const load = useCallback(() => {
    const failed = (error: ApiError) => toast(error.message);
    void api
      .accounts()
      .then(setAccounts, (error: ApiError) =>
        error.status === 403 ? setRefused(error.message) : failed(error),
      );
    void api.teams().then(setTeams, failed);
  }, []);
  useEffect(() => {
    if (who.auth === "accounts") load();
  }, [load, who.auth]);

  const attempt = async (action: () => Promise<unknown>, done: string) => {
    try {
      await action();
      toast(done);
    } catch (error) {
      toast((error as ApiError).message);
    }
    load();
  };

  // A form that is sure to be refused is not shown.
  const title = who.auth === "local" ? screenWords().accounts.nobodySignsIn : refused;
  if (title !== null)
    return (
      <Failed title={title}>
        {who.auth === "local" && <p>{screenWords().accounts.nobodyWhy}</p>}
        <a href="/">{t.session.allSessions}</a>
      </Failed>
    );
  return (
    <Frame title={screenWords().accounts.title}>
      <NewAccount
        teams={teams}
        onMade={(name, url) => {
          setLink({ name, url });
          load();
        }}
      />
      {link && <Made link={link} />}
      <section>
        <h2>{screenWords().accounts.whoMay}</h2>
        <ul class="rows">
          {accounts?.map((account) => (
            <AccountRow
              key={account.account_id}
              account={account}
              teams={teams}
              isMe={account.account_id === who.account?.account_id}
              attempt={attempt}
              onChanged={load}
            />
          ))}
        </ul>
      </section>
      <Teams teams={teams} onChange={attempt} onMade={load} />
    </Frame>
  );
}

interface Link {
  name: string;
  url: string;
}

/** A link that is shown once, to be sent. */
function Made({ link }: { link: Link }) {
  const w = screenWords().accounts;
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), [link]);
  return (
    <p role="status" class="made" ref={place}>
      {w.sendThis(link.name)} <code class="secret">{link.url}</code>{" "}
      <button type="button" onClick={() => void copyLink(link.url, t.links.other)}>
        {w.copy}
      </button>
    </p>
  );
}

interface AccountRowProps {
  account: Account;
  teams: Team[];
  isMe: boolean;
  attempt: (action: () => Promise<unknown>, done: string) => Promise<void>;
  onChanged: () => void;
}

function AccountRow({ account, teams, isMe, attempt, onChanged }: AccountRowProps) {
  const w = screenWords().accounts;
  const { account_id: id, disabled } = account;
  // Beside whom it is for: among many accounts the top of the page is out of sight.
  const [link, setLink] = useState<Link | null>(null);
  const [changing, setChanging] = useState(false);
  const reset = async () =>
    setLink({ name: account.display_name, url: (await api.resetAccount(id)).url });
  const toggle = async () => {
    await api.updateAccount(id, { disabled: !disabled });
    setLink(null); // it sets no password any more
  };
  const opener = useRef<HTMLButtonElement>(null);
  const closed = useRef(false);
  useLayoutEffect(() => {
    if (closed.current) takeFocus(opener.current);
    closed.current = false;
  }, [changing]);
  const done = (changed: boolean) => {
    closed.current = true;
    setChanging(false);
    if (!changed) return;
    toast(w.changed);
    onChanged();
    if (isMe) void loadMe();
  };
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
      {!changing && (
        <button
          type="button"
          ref={opener}
          aria-label={w.changeOf(account.display_name)}
          onClick={() => setChanging(true)}
        >
          {w.change}
        </button>
      )}
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
      {link && <Made link={link} />}
      {changing && <AccountForm account={account} teams={teams} onDone={done} />}
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
    setAdmin(false); // the next one is not made an administrator because the last one was
  });
  return (
    <section>
      <h2>{screenWords().accounts.invite}</h2>
      <form class="inline-form" onSubmit={(event) => void submit(event)}>
        <Field
          name="name"
          label={screenWords().accounts.nameOrMail}
          value={name}
          onValue={setName}
          maxLength={254}
          required
        />
        <Field
          name="display_name"
          label={screenWords().accounts.shownAs}
          value={shown}
          onValue={setShown}
          maxLength={80}
        />
        {teams.length > 1 && (
          <label>
            {screenWords().accounts.team}
            <select
              name="team_id"
              value={team}
              onChange={(event) => setTeam(event.currentTarget.value)}
            >
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
            name="role"
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
  onMade: () => void;
}

function Teams({ teams, onChange, onMade }: TeamsProps) {
  const [name, setName] = useState("");
  const { problem, submit } = useSubmit(async () => {
    await api.createTeam(name);
    setName("");
    toast(screenWords().accounts.teamMade);
    onMade();
  });
  return (
    <section>
      <h2>{screenWords().accounts.teams}</h2>
      <p class="muted">{screenWords().accounts.teamsWhy}</p>
      <ul class="rows">
        {teams.map((team) => (
          <li key={team.team_id}>
            <span class="row-main">{team.name}</span>
            <Retention team={team} onChange={onChange} />
          </li>
        ))}
      </ul>
      <form class="inline-form" onSubmit={(event) => void submit(event)}>
        <Field
          name="name"
          label={screenWords().accounts.newTeam}
          value={name}
          onValue={setName}
          maxLength={80}
          required
        />
        <button type="submit">{screenWords().accounts.makeTeam}</button>
      </form>
      <Trouble text={problem} />
    </section>
  );
}

/** After how many days a team's sessions are erased. They do not come back: a field that was left decides, no key on the way. */
function Retention({ team, onChange }: { team: Team; onChange: TeamsProps["onChange"] }) {
  const w = screenWords().accounts;
  const kept = String(team.retention_days ?? "");
  const [text, setText] = useState(kept);
  useEffect(() => setText(kept), [kept]);
  const keep = (field: HTMLInputElement) => {
    // What is no number has no text either, and would be taken for "never".
    if (!field.checkValidity()) {
      toast(field.validationMessage);
      field.value = kept;
      return setText(kept);
    }
    if (field.value === kept) return;
    const days = Number(field.value);
    void onChange(
      () =>
        api.updateTeam(team.team_id, { retention_days: days }).catch((error: ApiError) => {
          const [refused] = error.fields;
          throw refused ? new Error(`${w.daysLabel(team.name)}: ${refused.message}`) : error;
        }),
      days ? w.keptFor(days) : w.kept,
    );
  };
  return (
    <label class="days">
      {w.eraseAfter}
      <input
        type="number"
        min={0}
        max={36500}
        placeholder={w.never}
        value={text}
        aria-label={w.daysLabel(team.name)}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={(event) => keep(event.currentTarget)}
        onKeyDown={(event) => event.key === "Enter" && keep(event.currentTarget)}
      />
      {w.days}
    </label>
  );
}
