import { Terminal } from "@xterm/xterm";
import { expect, it } from "vitest";
import { reflowed } from "./reflow";

const written = (terminal: Terminal, text: string) =>
  new Promise<void>((done) => terminal.write(text, done));

async function shown(text: string, ...sizes: [number, number][]): Promise<string[]> {
  const terminal = new Terminal({
    cols: 20,
    rows: 6,
    reflowCursorLine: true,
    allowProposedApi: true,
  });
  await written(terminal, text);
  for (const [columns, rows] of sizes) await written(terminal, reflowed(terminal, columns, rows));
  await written(terminal, "|");
  const { active } = terminal.buffer;
  const lines = [];
  for (let row = 0; row < active.length; row++) {
    const line = active.getLine(row);
    const words = line?.translateToString(true, 0, terminal.cols) ?? "";
    if (line?.isWrapped) lines[lines.length - 1] += words;
    else lines.push(words);
  }
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}

const QUESTION = "first\r\nWhat is your long name? > ";
const WHOLE = ["first", "What is your long name? > |"];

it.each<[string, [number, number][]]>([
  ["narrower", [[7, 6]]],
  ["wider", [[50, 6]]],
  ["narrow and wide again", [[7, 6], [4, 3], [9, 2], [50, 6]]], // prettier-ignore
  ["as wide as what is there", [[26, 6]]],
  ["half as wide", [[13, 6]]],
  ["as it was", [[20, 6]]],
  ["lower", [[20, 2]]],
])("the line that is asked on is whole, and goes on where it ended: %s", async (_, sizes) => {
  expect(await shown(QUESTION, ...sizes)).toEqual(WHOLE);
});

it("is so behind what was scrolled away, and with characters that take two columns", async () => {
  const many = Array.from({ length: 30 }, (_, number) => `line ${number}`);
  expect(
    await shown(`${many.join("\r\n")}\r\n¿漢字漢字漢字漢字漢字漢字? `, [7, 6], [11, 3]),
  ).toEqual([...many, "¿漢字漢字漢字漢字漢字漢字? |"]);
});

it("leaves the cursor where it was within a line", async () => {
  expect(await shown("abcdefghijklmnopqrstuvwxyz\x1b[3D", [7, 6])).toEqual([
    "abcdefghijklmnopqrstuvw|yz",
  ]);
});

it("lets a program that has the whole screen do as it likes", async () => {
  expect(await shown("\x1b[?1049habcdefghijklm", [7, 6])).toEqual(["abcdef|"]);
});
