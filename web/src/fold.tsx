/** What stands in a bar where there is room for it, and behind a button where there is none; the style sheet decides. */
import "./styles/fold.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Popover } from "./popover";

interface FoldProps {
  label: string;
  children: ComponentChildren;
}

export function Fold({ label, children }: FoldProps) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  return (
    <span
      class="fold"
      ref={place}
      data-open={open}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        type="button"
        class="fold-button"
        ref={button}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      <Popover class="fold-panel">{children}</Popover>
    </span>
  );
}
