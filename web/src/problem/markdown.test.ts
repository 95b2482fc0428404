import { expect, it } from "vitest";
import { MOST_CELLS, MOST_ELEMENTS } from "./bounds";
import { toHtml } from "./markdown";
import { formulaAt } from "./math-rule";

it("shows HTML as the text that it is, and follows no address that is a program", () => {
  expect(toHtml("<img src=x onerror=alert(1)>")).toBe(
    "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n",
  );
  expect(toHtml("[go](javascript:alert(1))")).not.toContain("href");
  expect(toHtml("<script>alert(1)</script>")).not.toContain("<script");
});

it("fetches no picture: its words stand in its place", () => {
  expect(toHtml("![a *graph*](https://example.org/a.png)")).toBe("<p>a graph</p>\n");
  expect(toHtml("![a < b](/x.png)")).toBe("<p>a &lt; b</p>\n");
});

it("shows the pictures that came with it, of kinds that run nothing", () => {
  const images = { "a.png": "iVBORw0=", "b/c.jpg": "/9j/", "d.svg": "PHN2Zz4=", "e.gif": '"><b>' };
  expect(toHtml("![a *tree*](a.png) ![](./b/c.jpg)", images)).toBe(
    '<p><img src="data:image/png;base64,iVBORw0=" alt="a tree"> <img src="data:image/jpeg;base64,/9j/" alt=""></p>\n',
  );
  expect(toHtml("![d](d.svg)![e](e.gif)![f](https://a.png)![g](constructor)", images)).toBe(
    "<p>defg</p>\n",
  );
});

it("begins its headings below the panel's own", () => {
  expect(toHtml("# Input\n\n## Limits\n\n###### Deep")).toBe(
    "<h3>Input</h3>\n<h4>Limits</h4>\n<h6>Deep</h6>\n",
  );
  expect(toHtml("## Input")).toBe("<h3>Input</h3>\n");
});

it("puts no style into a table", () => {
  const html = toHtml("| a | b |\n| --: | - |\n| 1 | 2 |");
  expect(html).toContain('<td align="right">1</td>');
  expect(html).not.toContain("style");
});

it("keeps formulas apart from emphasis, and money from formulas", () => {
  expect(toHtml("At most $a_1 * b_1$ and $c_2 < d$.")).toBe(
    '<p>At most <span class="math">a_1 * b_1</span> and <span class="math">c_2 &lt; d</span>.</p>\n',
  );
  expect(toHtml("$$\n\\sum_i x_i\n$$")).toContain(
    '<span class="math-display">\n\\sum_i x_i\n</span>',
  );
  expect(toHtml("It costs $5 or $10.")).toBe("<p>It costs $5 or $10.</p>\n");
  expect(toHtml("`$x$` and \\$y$")).toBe("<p><code>$x$</code> and $y$</p>\n");
});

it.each([
  ["$x$", 0, "x", 3],
  ["$a\\$b$ c", 0, "a\\$b", 6],
  ["$$x$$", 0, "x", 5],
])("%s at %i is %s", (text, start, tex, end) => {
  expect(formulaAt(text, start)).toMatchObject({ tex, end });
});

it.each(["$", "$$", "$$$$", "$ x$", "$x $", "$x$1", "$x", "$$x$"])("%s is no formula", (text) => {
  expect(formulaAt(text, 0)).toBeNull();
});

it("reads many dollar signs in a time that grows with them alone", () => {
  const begun = performance.now();
  toHtml("$ ".repeat(20_000));
  toHtml("$a".repeat(20_000));
  expect(performance.now() - begun).toBeLessThan(5000);
});

const table = (columns: number, rows: string[]) =>
  [`${"|a".repeat(columns)}|`, `${"|-".repeat(columns)}|`, ...rows].join("\n");
const count = (html: string, tag: string) => html.split(`<${tag}`).length - 1;

it("shows a table of many cells, and a sentence in the place of one too large", () => {
  const columns = 10;
  const rows = (many: number) => Array.from({ length: many }, () => "x");
  const most = toHtml(table(columns, rows(MOST_CELLS / columns - 1)), {}, "Too large");
  expect(count(most, "td>") + count(most, "th>")).toBe(MOST_CELLS);
  const larger = toHtml(
    `Before\n\n${table(columns, rows(MOST_CELLS / columns))}\n\nAfter`,
    {},
    "Too *",
  );
  expect(larger).toBe("<p>Before</p>\n<p>Too *</p>\n<p>After</p>\n");
  const quoted = toHtml(
    `> ${table(columns, rows(MOST_CELLS / columns)).replaceAll("\n", "\n> ")}`,
    {},
    "No",
  );
  expect(quoted).toBe("<blockquote>\n<p>No</p>\n</blockquote>\n");
});

it("counts the cells of all tables together", () => {
  const half = table(20, ["x\n".repeat(MOST_CELLS / 40)]);
  const html = toHtml(`${half}\n\n${half}\n\n- one\n`, {}, "No");
  expect(count(html, "table")).toBe(1);
  expect(html).toContain("<p>No</p>\n<ul>");
});

it.each([
  table(200, ["a\n".repeat(30_000)]),
  `${table(20, ["a\n".repeat(2000)])}\n\n`.repeat(10),
  "|a\n-|\n# b\n".repeat(6000),
  "|a\n-|\n> b\n".repeat(6000),
  "- |a|b|\n  |-|-|\n".repeat(3000),
  "#\n".repeat(32_000),
  "- \n".repeat(21_000),
  "*a* ".repeat(16_000),
  "> # a\n".repeat(10_000),
])("makes few elements of whatever is written, in good time (%#)", (text) => {
  const begun = performance.now();
  const html = toHtml(text, {}, "Too large");
  expect(performance.now() - begun).toBeLessThan(5000);
  expect(html.match(/<\w/g)?.length).toBeLessThanOrEqual(MOST_ELEMENTS + 10);
  expect(html).toContain("<p>Too large</p>");
});
