import { expect, it } from "vitest";
import { fileNamedIn } from "./named";

const files = { "problem.yaml": "", "data/sample/001.in": "", "1.in": "", ".pizarra.yaml": "" };

it("finds the file that a refusal names", () => {
  for (const [sentence, path] of [
    ["problem.yaml must be a mapping.", "problem.yaml"],
    ["It is refused. This is in the file data/sample/001.in.", "data/sample/001.in"],
    ["It is refused. This is in the file .pizarra.yaml.", ".pizarra.yaml"],
    ["data/sample/0001.in is not UTF-8.", null],
    ["The package has more than 3 files.", null],
  ] as const)
    expect([sentence, fileNamedIn(sentence, files)]).toEqual([sentence, path]);
});
