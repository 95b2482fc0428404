/** How busy something was over its time: a picture of a word's size. Whoever cannot see it has the facts beside it. */

const WIDTH = 4; // of a bar and the gap after it
const HEIGHT = 20;

export function Sparkline({ bars }: { bars: readonly number[] }) {
  const most = Math.max(1, ...bars);
  return (
    <svg class="sparkline" viewBox={`0 0 ${bars.length * WIDTH} ${HEIGHT}`} aria-hidden="true">
      {bars.map((count, index) => {
        // The root: one large paste must not flatten an hour of typing.
        const height = count === 0 ? 1 : Math.max(2, Math.round(HEIGHT * Math.sqrt(count / most)));
        return (
          <rect
            key={index}
            x={index * WIDTH}
            y={HEIGHT - height}
            width={WIDTH - 1}
            height={height}
          />
        );
      })}
    </svg>
  );
}
