/** How the session screen is divided: by mouse or keyboard, remembered in this browser. */
import { useState } from "preact/hooks";
import { recall, remember } from "../remembered";
import { Observable, useValue } from "../observable";
import { t } from "../words";

interface Layout {
  /** Pixels. */
  problem: number;
  side: number;
  output: number;
  /** The terminal of a replay, where the code is what one looks at. */
  replay: number;
}

const PLACE = "pizarra.layout";
const STEP = 24;
const LEAST: Layout = { problem: 220, side: 220, output: 110, replay: 88 };
const USUAL: Layout = { problem: 320, side: 364, output: 260, replay: 112 };

/** What was kept, as far as it makes sense. */
export function readLayout(text: string | null): Layout {
  let kept: Partial<Record<keyof Layout, unknown>> = {};
  try {
    kept = (JSON.parse(text ?? "{}") as typeof kept | null) ?? {};
  } catch {
    // as if nothing was kept
  }
  const size = (name: keyof Layout) => {
    const value = kept[name];
    return typeof value === "number" && Number.isFinite(value)
      ? Math.max(value, LEAST[name])
      : USUAL[name];
  };
  return {
    problem: size("problem"),
    side: size("side"),
    output: size("output"),
    replay: size("replay"),
  };
}

const layout = new Observable<Layout>(readLayout(recall(PLACE)));

/** Whether a part is resized across the screen. */
function isWidth(part: keyof Layout): boolean {
  return part === "side" || part === "problem";
}

/** The most a part may take: the code keeps half of what there is. */
function most(part: keyof Layout): number {
  return Math.max(LEAST[part], Math.round((isWidth(part) ? innerWidth : innerHeight) * 0.6));
}

function resize(part: keyof Layout, size: number): void {
  const within = Math.round(Math.min(Math.max(size, LEAST[part]), most(part)));
  layout.set({ ...layout.get(), [part]: within });
  remember(PLACE, JSON.stringify(layout.get()));
}

/** Give the sizes to the style sheet. */
export function useLayout(): Record<string, string> {
  const sizes = Object.entries(useValue(layout));
  return Object.fromEntries(sizes.map(([part, size]) => [`--${part}`, `${size}px`]));
}

export function Splitter({ part }: { part: keyof Layout }) {
  const size = useValue(layout)[part];
  const vertical = isWidth(part);
  const left = part === "problem"; // what it divides off grows to the right
  const [dragging, setDragging] = useState(false);
  const onKeyDown = (event: KeyboardEvent) => {
    const [back, on] = vertical ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const [more, less] = left ? [on, back] : [back, on];
    if (event.key === more) resize(part, size + STEP);
    else if (event.key === less) resize(part, size - STEP);
    else if (event.key === "Home") resize(part, LEAST[part]);
    else if (event.key === "End") resize(part, most(part));
    else return;
    event.preventDefault();
  };
  return (
    <div
      class={`splitter splitter-${left ? "problem" : vertical ? "side" : "output"}`}
      role="separator"
      tabIndex={0}
      aria-label={t.session.resize[left ? "problem" : vertical ? "side" : "output"]}
      aria-orientation={vertical ? "vertical" : "horizontal"}
      aria-valuenow={size}
      aria-valuemin={LEAST[part]}
      aria-valuemax={most(part)}
      data-dragging={dragging}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const {
          left: from,
          right,
          bottom,
        } = event.currentTarget.parentElement?.getBoundingClientRect() ?? new DOMRect();
        const across = left ? event.clientX - from : right - event.clientX;
        resize(part, vertical ? across : bottom - event.clientY);
      }}
      onLostPointerCapture={() => setDragging(false)}
      onDblClick={() => resize(part, USUAL[part])}
      onKeyDown={onKeyDown}
    />
  );
}
