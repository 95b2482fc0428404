/** One set of outline icons, 1.5 px, drawn on a 16 px grid. They are decoration: the words beside them speak. */
const PATHS = {
  board: "M2 3.5h12v9H2zM5 7l2 1.5L5 10M8.5 10.5H11",
  run: "M5 3.2v9.6L12.5 8z",
  stop: "M4.2 4.2h7.6v7.6H4.2z",
  link: "M6.8 9.2a2.4 2.4 0 0 0 3.4 0l2.4-2.4a2.4 2.4 0 0 0-3.4-3.4l-.9.9M9.2 6.8a2.4 2.4 0 0 0-3.4 0L3.4 9.2a2.4 2.4 0 0 0 3.4 3.4l.9-.9",
  plus: "M8 3v10M3 8h10",
  trash: "M3 4.5h10M6.2 4.5V3h3.6v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
  back: "M9.5 3.5 5 8l4.5 4.5",
  check: "M3.5 8.5 6.5 11.5 12.5 4.5",
  cross: "M4.5 4.5l7 7M11.5 4.5l-7 7",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
