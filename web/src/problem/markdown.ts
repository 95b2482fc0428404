/** Statements in Markdown as HTML. Whoever writes one is not trusted: HTML in it is text, and nothing is fetched. */
import MarkdownIt from "markdown-it";
import { withFormulas } from "./math-rule";
import { withBoundedElements, withBoundedTables } from "./bounds";

/** Headings begin below the panel's own. */
const FIRST_HEADING = 3;
const LAST_HEADING = 6;

const markdown = new MarkdownIt("default", { html: false, linkify: true, typographer: false });
withFormulas(markdown);
withBoundedTables(markdown);
markdown.core.ruler.push("headings", ({ tokens }) => {
  const headings = tokens.filter(({ type }) => type.startsWith("heading_"));
  const top = Math.min(...headings.map(({ tag }) => Number(tag[1])));
  for (const each of headings)
    each.tag = `h${Math.min(Number(each.tag[1]) - top + FIRST_HEADING, LAST_HEADING)}`;
});
withBoundedElements(markdown);
// The page's policy lets no style stand in an element.
for (const name of ["th_open", "td_open"])
  markdown.renderer.rules[name] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    const side = /text-align:(\w+)/.exec(String(token?.attrGet("style") ?? ""))?.[1];
    if (token) token.attrs = side ? [["align", side]] : null;
    return self.renderToken(tokens, index, options);
  };
/** Pictures that came with a statement: name → base64. */
export type Images = Readonly<Record<string, string>>;

const BASE64 = /^[\w+/]+=*$/;
const KINDS: Record<string, string> = {
  jpg: "jpeg",
  png: "png",
  jpeg: "jpeg",
  gif: "gif",
  webp: "webp",
};

// Another picture would be fetched from elsewhere: its words stand in its place.
markdown.renderer.rules.image = (tokens, index, options, env, self) => {
  const images = (env as { images?: Images } | undefined)?.images ?? {};
  const token = tokens[index];
  const words = self.renderInlineAsText(token?.children ?? [], options, env);
  const name = String(token?.attrGet("src") ?? "").replace(/^\.\//, "");
  const kind = KINDS[name.split(".").at(-1) ?? ""];
  const image = Object.hasOwn(images, name) ? images[name] : undefined;
  if (!token || kind === undefined || image === undefined || !BASE64.test(image))
    return markdown.utils.escapeHtml(words);
  token.attrs = [
    ["src", `data:image/${kind};base64,${image}`],
    ["alt", words],
  ];
  return self.renderToken(tokens, index, options);
};

/** What a statement is as HTML, before it is sanitised; `tooLarge` is said in the place of what is too large. */
export function toHtml(text: string, images: Images = {}, tooLarge = ""): string {
  return markdown.render(text, { images, tooLarge });
}
