/** Statements in Markdown as HTML. Whoever writes one is not trusted: HTML in it is text, and nothing is fetched. */
import MarkdownIt from "markdown-it";
import { withFormulas } from "./math-rule";

/** Headings begin below the panel's own. */
const FIRST_HEADING = 3;
const LAST_HEADING = 6;

const markdown = new MarkdownIt("default", { html: false, linkify: true, typographer: false });
withFormulas(markdown);
markdown.core.ruler.push("headings", ({ tokens }) => {
  const headings = tokens.filter(({ type }) => type.startsWith("heading_"));
  const top = Math.min(...headings.map(({ tag }) => Number(tag[1])));
  for (const each of headings)
    each.tag = `h${Math.min(Number(each.tag[1]) - top + FIRST_HEADING, LAST_HEADING)}`;
});
// The page's policy lets no style stand in an element.
for (const name of ["th_open", "td_open"])
  markdown.renderer.rules[name] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    const side = /text-align:(\w+)/.exec(String(token?.attrGet("style") ?? ""))?.[1];
    if (token) token.attrs = side ? [["align", side]] : null;
    return self.renderToken(tokens, index, options);
  };
// A picture would be fetched from elsewhere: its words stand in its place.
markdown.renderer.rules.image = (tokens, index, options, env, self) =>
  markdown.utils.escapeHtml(self.renderInlineAsText(tokens[index]?.children ?? [], options, env));

/** What a statement is as HTML, before it is sanitised. */
export function toHtml(text: string): string {
  return markdown.render(text);
}
