/** What is compared with what, above the code that shows it. */
import type { Recording } from "./recording";
import type { Scene } from "./tape";
import { replayWords } from "../words/replay";
import { clockOf } from "./time";

export function Comparison({
  since,
  scene,
  recording,
}: {
  since: Scene;
  scene: Scene;
  recording: Recording;
}) {
  const clock = ({ at }: Scene) => clockOf(recording, at);
  return (
    <p class="follow-line" role="status">
      {since.seq === scene.seq
        ? replayWords().replay.comparingSame(clock(since))
        : replayWords().replay.comparing(clock(since), clock(scene))}
    </p>
  );
}
