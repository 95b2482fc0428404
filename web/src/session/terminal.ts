/** The shared terminal: what a program prints, and what people type into it. Loaded when it is first needed. */
import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { RunSummary } from "../api";
import { isMod, keyOf, onMac } from "../keys";
import { preferences } from "../preferences";
import { t } from "../words";
import { takeDictation } from "./dictation";
import { reflowed } from "./reflow";
import { answerNothing } from "./silence";
import {
  isActive,
  MOST,
  type Output,
  type Shown,
  type Step,
  stepsAfter,
  type TerminalSize,
} from "./runs";

interface Listeners {
  onInput: (text: string) => void;
  /** The size that a terminal would have that fills the pane. */
  onResize: (size: TerminalSize) => void;
}

const RESET = "\x1bc"; // shows the cursor, too
/**
 * What we write ourselves when it changes who listens; never between two pieces of a program's output, which may halve a
 * sequence. A program that has ended leaves no half one (CAN) and does not keep the mouse, with which one selects.
 */
const WRITTEN = {
  listens: "\x1b[?25h",
  goesOn: "\x1b[?25l",
  ended: "\x18\x1b[?9;1000;1002;1003l\x1b[?25l",
};
const NOTHING: Shown = { output: 0, sizes: 0 };

// xterm.js makes style elements as it goes; the page's policy lets in only those that carry its nonce.
const createElement = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const element = createElement(name, options);
  if (name === "style") element.nonce = document.body.dataset.styleNonce ?? "";
  return element;
}) as typeof document.createElement;

// Nor does the policy let in a style attribute, which is how xterm.js gives a letter a colour of a program's own choice.
const { setAttribute } = Element.prototype;
HTMLSpanElement.prototype.setAttribute = function (name: string, value: string) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

/** A run that has a size is shown at it, in whatever pane: the pane scrolls. Without one the terminal fills the pane. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #observer: ResizeObserver;
  readonly #colors = matchMedia("(prefers-color-scheme: dark)");
  readonly #stopFollowing: () => void;
  readonly #stopDictating: () => void;
  #runId: string | null = null;
  #shown = NOTHING;
  /** What is not written yet: each size waits for what came before it. */
  #waiting: Step[] = [];
  #isWriting = false;
  #state: keyof typeof WRITTEN = "listens";
  /** Whether the line of the cursor is looked at: then it stays in sight. */
  #follows = true;
  #gone = false;

  constructor(
    private readonly parent: HTMLElement,
    private readonly listeners: Listeners,
  ) {
    Terminal.strings.tooMuchOutput = t.output.tooMuch;
    this.#terminal = new Terminal({
      fontFamily: getComputedStyle(parent).fontFamily,
      fontSize: 13,
      lineHeight: 1.2,
      scrollback: 10_000,
      screenReaderMode: true,
      disableStdin: true,
      reflowCursorLine: true,
      cursorBlink: false,
      theme: theme(),
      allowProposedApi: true, // for the width of characters
    });
    // Of itself it has Unicode 6, where an emoji takes one column.
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    answerNothing(this.#terminal);
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(parent);
    this.#terminal.textarea?.setAttribute("aria-label", t.output.screen);
    const lines = parent.querySelector(
      ".xterm-accessibility-tree, .xterm-accessibility [role=list]",
    );
    lines?.setAttribute("aria-label", t.output.title);
    this.#stopDictating = takeDictation(this.#terminal, (text) => this.#terminal.input(text));
    this.#terminal.onData((text) => text !== "" && listeners.onInput(text));
    // What is copied is no longer selected: the next Ctrl+C interrupts. xterm.js has copied it by then.
    parent.addEventListener("copy", () => this.#terminal.clearSelection());
    this.#terminal.attachCustomKeyEventHandler((event) => this.#isForProgram(event));
    this.#observer = new ResizeObserver(() => this.#onPane());
    parent.addEventListener("scroll", () => {
      this.#follows = this.#showsCursor();
    });
    this.#observer.observe(parent);
    this.#colors.addEventListener("change", this.#repaint);
    this.#stopFollowing = preferences.subscribe(this.#repaint);
    this.#fitSoon();
  }

  /** Show a run as it stands: what was written already is not written again. */
  show(run: RunSummary | null, mayType: boolean): void {
    const { length: output } = run?.output ?? [];
    const { length: sizes } = run?.sizes ?? [];
    const isLater = output >= this.#shown.output && sizes >= this.#shown.sizes;
    if (run === null || run.run_id !== this.#runId || !isLater) {
      this.#waiting = [{ text: RESET, isError: false }]; // behind what is being written
      this.#runId = run?.run_id ?? null;
      this.#shown = NOTHING;
      this.#state = "listens";
      if (sizes === 0) this.#fitSoon();
    }
    if (run === null) return;
    this.#terminal.options.convertEol = !run.terminal;
    const listens = mayType && run.terminal && isActive(run);
    const state = listens ? "listens" : isActive(run) ? "goesOn" : "ended";
    const steps = stepsAfter(run, this.#shown);
    if (state !== this.#state) {
      const change = { text: WRITTEN[state], isError: false };
      if (state === "ended") steps.push(change);
      else steps.unshift(change);
    }
    this.#state = state;
    this.#waiting.push(...steps);
    this.#shown = { output, sizes };
    this.#terminal.options.disableStdin = !listens;
    this.#terminal.options.cursorBlink = listens;
    this.#takeNext();
  }

  focus(): void {
    this.#terminal.focus();
  }

  destroy(): void {
    this.#gone = true;
    this.#observer.disconnect();
    this.#stopFollowing();
    this.#stopDictating();
    this.#colors.removeEventListener("change", this.#repaint);
    this.#terminal.dispose();
  }

  /** Keys of the page stay keys of the page: Shift+Tab leads out; without a program that listens Tab does too. */
  #isForProgram(event: KeyboardEvent): boolean {
    const mod = isMod(event);
    const key = keyOf(event);
    if (key === "f6" || (mod && /^(enter|[.so])$/.test(key))) return false;
    const isLeaving = event.shiftKey || this.#terminal.options.disableStdin;
    if (key === "tab" && isLeaving) return false;
    // On a Mac Ctrl+V is the program's: there one pastes with Command.
    if (event.ctrlKey && !event.altKey && key === "v" && !onMac) return false;
    if (event.ctrlKey && event.shiftKey && !event.altKey && key === "c") {
      // Terminals copy with it; a browser would open its tools.
      event.preventDefault();
      if (event.type === "keydown" && this.#terminal.hasSelection()) document.execCommand("copy");
      return false;
    }
    return !(mod && key === "c" && this.#terminal.hasSelection());
  }

  /** Write all that comes before the next size, or take that. */
  #takeNext(): void {
    const [next] = this.#waiting;
    if (this.#gone || this.#isWriting || next === undefined) return;
    let text = "";
    if ("text" in next) {
      while (this.#waiting[0] && "text" in this.#waiting[0])
        text += colored(this.#waiting.shift() as Output);
    } else {
      this.#waiting.shift();
      text = reflowed(this.#terminal, next.columns, next.rows);
    }
    this.#isWriting = true;
    this.#terminal.write(text, () => {
      this.#isWriting = false;
      this.#settle();
      this.#takeNext();
    });
  }

  #fitSoon(): void {
    // A hidden pane has no size: fitting it would tell the program its window is two characters wide.
    requestAnimationFrame(() => {
      const { element } = this.#terminal;
      const found =
        element && element.offsetParent !== null ? this.#fit.proposeDimensions() : undefined;
      if (this.#gone || !found?.cols || !found.rows) return;
      const columns = Math.min(found.cols, MOST.columns);
      const rows = Math.min(found.rows, MOST.rows);
      this.listeners.onResize({ columns, rows });
      if (this.#shown.sizes > 0) return;
      this.#waiting.push({ columns, rows });
      this.#takeNext();
    });
  }

  /** Where the line of the cursor ends, from the top of the pane's content. */
  get #cursorBottom(): number {
    const { element, rows, buffer } = this.#terminal;
    return ((buffer.active.cursorY + 1) * (element?.clientHeight ?? 0)) / rows;
  }

  #showsCursor(): boolean {
    return this.#cursorBottom <= this.parent.scrollTop + this.parent.clientHeight + 1;
  }

  #onPane(): void {
    this.#settle();
    this.#fitSoon();
  }

  /** A pane that is lower than the terminal scrolls to the line of the cursor. */
  #settle(): void {
    if (this.#gone || !this.#follows || this.#showsCursor()) return;
    this.parent.scrollTop = this.#cursorBottom - this.parent.clientHeight;
  }

  #repaint = (): void => {
    this.#terminal.options.theme = theme();
  };
}

function colored({ text, isError }: Output): string {
  return isError ? `\x1b[31m${text}\x1b[39m` : text;
}

/** The page's colours, as the terminal needs them. */
function theme() {
  // A custom property is computed as it is written; as a background it becomes a colour.
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const color = (name: string) => {
    probe.style.background = `var(${name})`;
    return style.backgroundColor;
  };
  const colors = {
    background: color("--ground"),
    foreground: color("--text"),
    cursor: color("--accent"),
    cursorAccent: color("--ground"),
    selectionBackground: color("--selection"),
    black: color("--text"),
    red: color("--bad"),
    green: color("--good"),
    yellow: color("--warn"),
    blue: color("--code-function"),
    magenta: color("--code-keyword"),
    cyan: color("--code-string"),
    white: color("--muted"),
    brightBlack: color("--muted"),
    brightRed: color("--bad"),
    brightGreen: color("--good"),
    brightYellow: color("--accent"),
    brightBlue: color("--code-function"),
    brightMagenta: color("--code-keyword"),
    brightCyan: color("--code-string"),
    brightWhite: color("--text"),
  };
  probe.remove();
  return colors;
}
