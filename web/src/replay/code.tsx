/** The code of the shown instant: its files, who wrote what, and what changed since another instant. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Course } from "../problem/course";
import { colorOf } from "../session/colors";
import { firstPath, languageOf, mainIn } from "../session/paths";
import { TabRow } from "../tab-row";
import { t } from "../words";
import { fileWords } from "../words/files";
import { Comparison } from "./comparison";
import { LineOfWork } from "./line-of-work";
import type { Playhead } from "./playhead";
import type { Recording } from "./recording";
import type { Scene } from "./tape";
import type { Look } from "./transport";
import { CodeView } from "./view";

interface CodeProps {
  playhead: Playhead;
  recording: Recording;
  scene: Scene;
  look: Look;
}

export function Code({ playhead, recording, scene, look }: CodeProps) {
  const { tape } = playhead;
  const { people, entries } = recording;
  const { blame, since, followed } = look;
  const [chosen, setChosen] = useState<string | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<CodeView | null>(null);
  // By its text: a file that is renamed stays open.
  const chosenPath = chosen === null ? null : tape.pathOf(chosen);
  const carets = tape.carets();
  const course = useMemo(() => new Course(entries), [entries]);
  const folder = course.at(scene.seq)?.folder;
  const { language, paths } = scene;
  const leader = carets.find(({ participantId }) => participantId === followed) ?? null;
  const open =
    leader !== null && scene.paths.includes(leader.path)
      ? leader.path
      : (chosenPath ?? firstPath(language, paths, mainIn(folder, language, paths)));
  useEffect(() => setChosen(null), [language, folder]);
  useEffect(() => {
    if (open === null || !place.current) return;
    const opened = new CodeView(place.current, open, languageOf(open));
    view.current = opened;
    return () => {
      opened.destroy();
      view.current = null;
    };
  }, [open]);
  useEffect(() => {
    if (open !== null) view.current?.show(tape.text(open), blame ? tape.blame(open) : [], true);
  }, [open, scene, blame, tape]);
  useEffect(() => {
    const names = new Map(people.map((person) => [person.participant_id, person.name]));
    const here = carets
      .filter(({ path }) => path === open)
      .map(({ participantId, head }) => ({
        at: head,
        name: names.get(participantId) ?? "",
        color: colorOf(participantId),
      }));
    view.current?.showCarets(here, leader?.path === open ? leader.head : null);
  }, [open, scene, followed, people]);
  useEffect(() => {
    if (open !== null) view.current?.compare(since === null ? null : tape.textAt(open, since.seq));
  }, [open, since, tape]);
  return (
    <section class="files" aria-label={t.session.code}>
      <div class="tab-bar">
        <TabRow
          label={t.files.label}
          names={scene.paths}
          open={open}
          onOpen={(path) => setChosen(tape.nameOf(path))}
        />
        <LineOfWork recording={recording} seq={scene.seq} />
      </div>
      {since && <Comparison since={since} scene={scene} recording={tape.recording} />}
      {open === null && <p class="loading muted">{fileWords().noneThen}</p>}
      <div class="editor" ref={place} />
    </section>
  );
}
