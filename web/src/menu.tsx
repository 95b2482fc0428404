/** A button that opens a small panel below it; Escape and a click elsewhere close it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Popover } from "./popover";

interface MenuProps {
  label: string;
  face: ComponentChildren;
  children: (close: () => void) => ComponentChildren;
}

export function Menu({ label, face, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    place.current?.querySelector<HTMLElement>(".menu-panel :is(button, select, input)")?.focus();
    const outside = (event: PointerEvent) => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <span
      class="menu"
      ref={place}
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          event.stopPropagation();
          close();
        }
      }}
    >
      <button
        type="button"
        class="quiet"
        ref={button}
        aria-label={label}
        aria-expanded={open}
        title={label}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {open && <Popover class="menu-panel">{children(close)}</Popover>}
    </span>
  );
}
