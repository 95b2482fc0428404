/** What a program printed beside what it must print, the differences marked. */
import { useMemo } from "preact/hooks";
import type { TestCase } from "./api";
import { beside, type Piece, type Row } from "./beside";
import { replayWords } from "./words/replay";

interface ComparedProps {
  test: Pick<TestCase, "expected" | "compare" | "tolerance">;
  got: string;
  /** What the table is about. */
  caption: string;
}

export function Compared({ test, got, caption }: ComparedProps) {
  const { before, rows, after } = useMemo(() => beside(test, got), [test, got]);
  return (
    <>
      <table>
        <caption class="muted">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{replayWords().tests.due}</th>
            <th scope="col">{replayWords().tests.got}</th>
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr>
              <td colSpan={2} class="muted">
                {replayWords().tests.asIs(before)}
              </td>
            </tr>
          )}
          {rows.map((row, index) => (
            <Compare key={before + index} row={row} />
          ))}
        </tbody>
      </table>
      {after > 0 && <p class="muted">{replayWords().tests.moreLines(after)}</p>}
    </>
  );
}

function Compare({ row }: { row: Row }) {
  const cell = (pieces: readonly Piece[] | null) => (
    <td class={row.same ? "" : "differs"}>
      {pieces === null ? (
        <span class="muted nothing">{replayWords().tests.nothing}</span>
      ) : (
        pieces.map(({ text, differs }, index) => (differs ? <mark key={index}>{text}</mark> : text))
      )}
    </td>
  );
  return (
    <tr>
      {cell(row.expected)}
      {cell(row.got)}
    </tr>
  );
}
