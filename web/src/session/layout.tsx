/** How the session screen is divided: by mouse or keyboard, remembered in this browser. */
import { useState } from "preact/hooks";
import { Observable, useValue } from "../observable";
import { t } from "../words";

interface Layout {
  /** Pixels. */
  side: number;
  output: number;
}

const PLACE = "pizarra.layout";
const STEP = 24;
const LEAST: Layout = { side: 220, output: 110 };
const USUAL: Layout = { side: 330, output: 260 };

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
    return typeof value === "number" && Number.isFinite(value) ? Math.max(value, LEAST[name]) : USUAL[name];
  };
  return { side: size("side"), output: size("output") };
}

const layout = new Observable<Layout>(
  readLayout(typeof localStorage === "undefined" ? null : localStorage.getItem(PLACE)),
);

/** The most a part may take: the code keeps half of what there is. */
function most(part: keyof Layout): number {
  return Math.max(LEAST[part], Math.round((part === "side" ? innerWidth : innerHeight) * 0.6));
}

function resize(part: keyof Layout, size: number): void {
  const within = Math.round(Math.min(Math.max(size, LEAST[part]), most(part)));
  layout.set({ ...layout.get(), [part]: within });
  localStorage.setItem(PLACE, JSON.stringify(layout.get()));
}

/** Give the sizes to the style sheet. */
export function useLayout(): Record<string, string> {
  const { side, output } = useValue(layout);
  return { "--side": `${side}px`, "--output": `${output}px` };
}

export function Splitter({ part }: { part: keyof Layout }) {
  const size = useValue(layout)[part];
  const vertical = part === "side";
  const [dragging, setDragging] = useState(false);
  const onKeyDown = (event: KeyboardEvent) => {
    const [more, less] = vertical ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (event.key === more) resize(part, size + STEP);
    else if (event.key === less) resize(part, size - STEP);
    else if (event.key === "Home") resize(part, LEAST[part]);
    else if (event.key === "End") resize(part, most(part));
    else return;
    event.preventDefault();
  };
  return (
    <div
      class={`splitter splitter-${part}`}
      role="separator"
      tabIndex={0}
      aria-label={vertical ? t.session.resizeSide : t.session.resizeOutput}
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
        if (event.currentTarget.hasPointerCapture(event.pointerId))
          resize(part, vertical ? innerWidth - event.clientX : innerHeight - event.clientY);
      }}
      onLostPointerCapture={() => setDragging(false)}
      onDblClick={() => resize(part, USUAL[part])}
      onKeyDown={onKeyDown}
    />
  );
}
