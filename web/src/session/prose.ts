/** What in a syntax tree is not code but text, in any language of the editor. */
export const PROSE: readonly string[] = [
  ...[
    "String",
    "FormatString",
    "TemplateString",
    "ContinuedString",
    "StringLiteral",
    "RawString",
    "TextBlock",
  ],
  ...[
    "CharLiteral",
    "CharacterLiteral",
    "RegExp",
    "SystemLibString",
    "LineComment",
    "BlockComment",
    "Comment",
  ],
];
