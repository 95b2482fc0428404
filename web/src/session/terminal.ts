/** The shared terminal: what a program prints, and what people type into it. Loaded when it is first needed. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { RunSummary } from "../api";
import { preferences } from "../preferences";
import { t } from "../words";
import { isActive, type TerminalSize } from "./runs";

interface Listeners {
  onInput: (text: string) => void;
  onResize: (size: TerminalSize) => void;
}

// xterm.js makes style elements as it goes; the page's policy lets in only those that carry its nonce.
const createElement = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const element = createElement(name, options);
  if (name === "style") element.nonce = document.body.dataset.styleNonce ?? "";
  return element;
}) as typeof document.createElement;

export class Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #observer: ResizeObserver;
  readonly #colors = matchMedia("(prefers-color-scheme: dark)");
  readonly #stopFollowing: () => void;
  #runId: string | null = null;
  #written = 0;

  constructor(parent: HTMLElement, listeners: Listeners) {
    this.#terminal = new Terminal({
      fontFamily: getComputedStyle(parent).fontFamily,
      fontSize: 13,
      lineHeight: 1.2,
      scrollback: 10_000,
      screenReaderMode: true,
      disableStdin: true,
      cursorBlink: false,
      theme: theme(),
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(parent);
    this.#terminal.textarea?.setAttribute("aria-label", t.output.screen);
    this.#terminal.onData(listeners.onInput);
    this.#terminal.onResize(({ cols, rows }) => listeners.onResize({ columns: cols, rows }));
    this.#terminal.attachCustomKeyEventHandler((event) => this.#isForProgram(event));
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(parent);
    this.#colors.addEventListener("change", this.#repaint);
    this.#stopFollowing = preferences.subscribe(this.#repaint);
    this.#fitSoon();
    listeners.onResize({ columns: this.#terminal.cols, rows: this.#terminal.rows });
  }

  /** Show a run as it stands: what was written already is not written again. */
  show(run: RunSummary | null, mayType: boolean): void {
    if (run === null || run.run_id !== this.#runId) {
      this.#terminal.reset();
      this.#runId = run?.run_id ?? null;
      this.#written = 0;
    }
    if (run === null) return;
    this.#terminal.options.convertEol = !run.terminal;
    for (const chunk of run.output.slice(this.#written)) {
      const isError = chunk.stream === "stderr" && !run.terminal;
      this.#terminal.write(isError ? `\x1b[31m${chunk.text}\x1b[39m` : chunk.text);
    }
    this.#written = run.output.length;
    const listens = mayType && run.terminal && isActive(run);
    this.#terminal.options.disableStdin = !listens;
    this.#terminal.options.cursorBlink = listens;
    this.#terminal.write(listens ? "\x1b[?25h" : "\x1b[?25l");
  }

  focus(): void {
    this.#terminal.focus();
  }

  destroy(): void {
    this.#observer.disconnect();
    this.#stopFollowing();
    this.#colors.removeEventListener("change", this.#repaint);
    this.#terminal.dispose();
  }

  /** Keys of the page stay keys of the page; without a program that listens Tab moves on as everywhere. */
  #isForProgram(event: KeyboardEvent): boolean {
    const mod = event.ctrlKey || event.metaKey;
    if (event.key === "F6" || (mod && (event.key === "Enter" || event.key === "."))) return false;
    if (event.key === "Tab" && this.#terminal.options.disableStdin) return false;
    return !(mod && event.key === "c" && this.#terminal.hasSelection());
  }

  #fitSoon(): void {
    // A hidden pane has no size: fitting it would tell the program its window is two characters wide.
    requestAnimationFrame(() => {
      const { element } = this.#terminal;
      if (element && element.offsetParent !== null) this.#fit.fit();
    });
  }

  #repaint = (): void => {
    this.#terminal.options.theme = theme();
  };
}

/** The page's colours, as the terminal needs them. */
function theme() {
  // A custom property is computed as it is written; as a background it becomes a colour.
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const color = (name: string) => {
    probe.className = `swatch${name}`;
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
