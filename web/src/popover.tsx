/** A panel that floats beside a button: wherever that is and however long the words are, all of it is in the window. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

const MARGIN = 8;

interface PopoverProps {
  class: string;
  children: ComponentChildren;
}

export function Popover({ class: name, children }: PopoverProps) {
  const panel = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const element = panel.current;
    if (element === null) return;
    // What it holds may come later, and the window may get smaller.
    const watcher = new ResizeObserver(() => keepInWindow(element));
    watcher.observe(element);
    watcher.observe(document.documentElement);
    return () => watcher.disconnect();
  }, []);
  return (
    <span class={name} ref={panel}>
      {children}
    </span>
  );
}

function keepInWindow(element: HTMLElement): void {
  const { style } = element;
  style.translate = style.maxHeight = style.overflowY = "";
  if (getComputedStyle(element).position !== "absolute") return; // it stands in a bar that has room for it
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const across = Math.max(MARGIN - left, Math.min(0, clientWidth - MARGIN - right));
  if (across !== 0) style.translate = `${across}px 0`;
  // What is higher than the room below scrolls; what opens upwards begins where one sees it.
  if (top < MARGIN) style.maxHeight = `${bottom - MARGIN}px`;
  else if (bottom > clientHeight - MARGIN) style.maxHeight = `${clientHeight - MARGIN - top}px`;
  if (style.maxHeight !== "") style.overflowY = "auto";
}
