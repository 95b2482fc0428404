/** A row of tabs: one stop on the way of the Tab key, walked by the arrows; the one that is open can be seen. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface TabRowProps<Name extends string> {
  label: string;
  names: readonly Name[];
  open: Name | null;
  onOpen: (name: Name) => void;
  /** What stands on a tab, if it is not its name. */
  face?: (name: Name) => ComponentChildren;
  title?: (name: Name) => string | undefined;
  /** The panel that the tabs share; each tab's id is its name behind this one's `prefix`. */
  panel?: { id: string; prefix: string };
}

export function TabRow<Name extends string>(props: TabRowProps<Name>) {
  const { label, names, open, onOpen, face = (name) => name, title, panel } = props;
  const row = useShown(open, names.length);
  // Where the arrows are: a tab that they reach is opened by Enter or the space bar.
  const [reached, setReached] = useState<Name | null>(null);
  const stop = [reached, open].find((name) => name !== null && names.includes(name)) ?? names[0];
  const walk = (event: KeyboardEvent) => {
    const tabs = [...(row.current?.children ?? [])];
    const goal = goalOf(event.key, tabs.indexOf(event.target as Element), tabs.length);
    if (goal === undefined) return;
    event.preventDefault();
    setReached(names[goal] ?? null);
    (tabs[goal] as HTMLElement).focus();
  };
  const leave = ({ relatedTarget }: FocusEvent) => {
    if (!row.current?.contains(relatedTarget as Node | null)) setReached(null);
  };
  return (
    <div
      class={panel ? "tabs side-tabs" : "tabs"}
      role="tablist"
      aria-label={label}
      ref={row}
      onKeyDown={walk}
      onFocusOut={leave}
    >
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={panel && `${panel.prefix}${name}`}
          aria-selected={name === open}
          aria-controls={panel?.id}
          tabIndex={name === stop ? 0 : -1}
          title={title?.(name)}
          onClick={() => onOpen(name)}
        >
          {face(name)}
        </button>
      ))}
    </div>
  );
}

/** Which of `count` tabs a key leads to from the one at `at`; undefined for a key that leads nowhere. */
export function goalOf(key: string, at: number, count: number): number | undefined {
  if (at < 0) return undefined;
  const goals: Record<string, number> = {
    ArrowLeft: (at + count - 1) % count,
    ArrowRight: (at + 1) % count,
    Home: 0,
    End: count - 1,
  };
  return goals[key];
}

/** The open tab is in view however many there are, and when a narrower window hides some. */
function useShown(open: string | null, count: number) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tab = row.current?.querySelector('[aria-selected="true"]');
    if (!row.current || !tab) return;
    const show = () => tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    show();
    const watcher = new ResizeObserver(show);
    watcher.observe(row.current);
    return () => watcher.disconnect();
  }, [open, count]);
  return row;
}
