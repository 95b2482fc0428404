/** What the wrap-up, and what belongs to the end of an interview, says in English. Loaded with them. */
export const wrapUp = {
  title: (title: string) => `Wrap up: ${title}`,
  open: "The session is open: people in it can go on writing.",
  ended: "The session has ended. Scores, notes and the decision can still be changed.",
  end: "End the session",
  back: "Back to the session",
  code: "Code",
  signedOut:
    "You are signed out, or the session was erased. What you wrote here stays: sign in again in another tab, and go on.",
  refused: "Only those who interview wrap a session up.",
  notes: "Notes",

  decision: {
    label: "Decision",
    verdicts: { strong_no: "strong no", no: "no", yes: "yes", strong_yes: "strong yes" },
    why: "Why",
    submit: "Submit decision",
    change: "Submit change",
    blind: "You see what the others came to once you have submitted yours.",
    given: (ago: string) => `Yours, ${ago}`,
    others: "The others",
    none: "Nobody else has decided.",
    waitingFor: (names: string) => `Still to decide: ${names}`,
  },

  links: {
    label: "For a hiring manager",
    why: "A link that opens the replay to somebody who was not there, and nothing else. No account is needed.",
    withNotes: "With our notes, chat, scores, decisions and tests",
    days: "Works for",
    daysOf: (days: number) => (days === 1 ? "one day" : `${days} days`),
    copy: "Copy replay link",
    what: "Replay link",
    list: "Replay links",
    until: (when: string) => `works until ${when}`,
    plain: "without notes",
    noted: "with notes",
    again: "Copy",
    revoke: "Revoke",
    revoked: "The link opens nothing any more.",
  },

  rubric: {
    edit: "Edit criteria",
    nth: (number: number) => `Criterion ${number}`,
    add: "One more",
    remove: (number: number) => `Remove criterion ${number}`,
    save: "Save criteria",
    cancel: "Leave them as they were",
    hint: "Scores already given for a criterion that goes are no longer counted.",
  },
  criteria: {} as Record<string, string>,

  thanks: {
    title: "Thank you.",
    timeline:
      "This session has ended. Its code and what was recorded are kept; you may read and download both",
    code: "This session has ended. Its code and what was recorded are kept; you may read and download the code",
    nothing:
      "This session has ended. Its code and what was recorded stay with the interviewers, as was said.",
    until: (when: string) => `until ${when}.`,
    always: "as long as they are kept.",
    erased: (when: string) => `Everything is erased on ${when}.`,
    kept: "It is kept until the interviewers erase it.",
  },

  clock: {
    notYet: "It starts when the candidate joins.",
    running: "It started when the candidate joined.",
    minutes: "Minutes",
    step: (number: number) => `Name of part ${number}`,
    stepExample: "Warm-up",
    stepMinutes: (number: number) => `Minutes of part ${number}`,
    addStep: "Add a part",
    shown: "The candidate sees it too",
    restart: "Count from now",
    save: "Set the clock",
  },

  lines: {
    warning: "Everybody in the session reads this, the candidate too.",
    hint: "Everybody in the session reads this.",
    empty: "Nobody has written anything here.",
    list: "Lines to everybody",
    write: "Line to everybody",
    send: "Send to everybody",
    readers: (names: string) => `${names} will read it`,
  },

  lettingIn: {
    title: "Letting people in",
    why: "The address of this page, and of its links, means whatever computer it is opened on: here it is this server, elsewhere nothing. To let others in, start Pizarra so that they reach it:",
    then: "It prints a link that makes your account: from then on everybody who hosts signs in. Open the page by this computer's name or address, and copy the link there. For TLS and a name of your own, read “Letting people in” in the README.",
  },

  shared: {
    title: (title: string) => `${title}: replay`,
    readOnly: "Read-only",
    about: (when: string) => `Read-only. This link works until ${when}.`,
    broken: "This link opens nothing",
  },
};
