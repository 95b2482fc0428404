// Formats the file `text` for a language: node format.mjs LANGUAGE NAME. Prints the text, or what is wrong with it.
import { readFileSync } from "node:fs";

const [language, name] = process.argv.slice(2);
const text = readFileSync("text", "utf8");

async function formatted() {
  if (language === "python") return (await import("@wasm-fmt/ruff_fmt")).format(text, name);
  if (language === "java" || language === "cpp") {
    const { format } = await import("@wasm-fmt/clang-format");
    return format(text, name, JSON.stringify({ BasedOnStyle: "Google", IndentWidth: 4, ColumnLimit: 100 }));
  }
  const prettier = await import("prettier");
  const parser = language === "typescript" ? "typescript" : "babel";
  return prettier.format(text, { parser, printWidth: 100 });
}

try {
  process.stdout.write(await formatted());
} catch (error) {
  process.stderr.write(String(error instanceof Error ? error.message : error));
  process.exitCode = 1;
}
