/** A terminal takes another size, and the line that a program asks on is whole afterwards, with the cursor in its place. */
import type { IBufferCell, IBufferLine, Terminal } from "@xterm/xterm";

/**
 * Give a terminal another size; return what must be written to it next. xterm.js leaves the line of the cursor to the
 * program, which it cuts off, since shells draw theirs anew: few programs do. Told to wrap it as all others, it forgets
 * where the cursor was.
 */
export function reflowed(terminal: Terminal, columns: number, rows: number): string {
  const { active } = terminal.buffer;
  if (columns === terminal.cols || active.type === "alternate") {
    terminal.resize(columns, rows);
    return "";
  }
  let first = active.baseY + active.cursorY;
  let before = active.cursorX;
  while (active.getLine(first)?.isWrapped) before += lengthOf(active.getLine(--first));
  const start = terminal.registerMarker(first - active.baseY - active.cursorY);
  terminal.resize(columns, rows);
  if (start.line < 0) return ""; // it is further up than a terminal remembers
  let row = start.line;
  start.dispose();
  const goesOn = (y: number) => y + 1 < active.length && active.getLine(y + 1)?.isWrapped;
  while (goesOn(row) && before >= lengthOf(active.getLine(row)))
    before -= lengthOf(active.getLine(row++));
  const at = (y: number, x: number) => `\x1b[${y - active.baseY + 1};${x + 1}H`;
  if (before < columns) return at(row, before);
  // Behind the last column no sequence leads: it is where one is when what stands there was written.
  const cell = (x: number) => active.getLine(row)?.getCell(x);
  const last = cell(columns - 1)?.getWidth() === 0 ? columns - 2 : columns - 1;
  return at(row, last) + (cell(last)?.getChars() ?? "");
}

/** How many columns of a line have something in them, or something behind them. */
function lengthOf(line: IBufferLine | undefined): number {
  let length = line?.length ?? 0;
  while (length > 0 && isEmpty(line?.getCell(length - 1))) length--;
  return length;
}

/** The second column of a wide character has no character either. */
function isEmpty(cell: IBufferCell | undefined): boolean {
  return cell?.getChars() === "" && cell.getWidth() !== 0;
}
