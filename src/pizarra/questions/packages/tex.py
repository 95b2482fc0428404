"""The little of LaTeX that statements are mostly made of, as Markdown; what is left stays as it is written."""

import re

_PLAIN = (
    # Quotes first: a fence is made of backquotes too.
    (r"``|''", '"'),
    (r"\\problemname\{[^{}]*\}", ""),
    (r"\\(?:section|subsection)\*?\{([^{}]*)\}", r"\n## \1\n"),
    (r"\\(?:emph|textit)\{([^{}]*)\}", r"*\1*"),
    (r"\\textbf\{([^{}]*)\}", r"**\1**"),
    (r"\\(?:texttt|verb)\{([^{}]*)\}", r"`\1`"),
    (r"\\(?:begin|end)\{(?:itemize|enumerate|center)\}", ""),
    (r"^[ \t]*\\item[ \t]*", "- "),
    (r"\\begin\{(?:verbatim|lstlisting)\}(?:\[[^\]\n]{0,200}\])?", "```"),
    (r"\\end\{(?:verbatim|lstlisting)\}", "```"),
    (r"\\includegraphics(?:\[[^\]\n]{0,200}\])?\{([\w./-]{1,120})\}", r"![](\1)"),
    # Its width, its file, and what stands below it.
    (r"\\illustration\{[^{}\n]{0,200}\}\{([\w./-]{1,120})\}\{([^{}\n]{0,400})\}", r"![\2](\1)"),
    (r"\\(?:includegraphics|illustration)(?:\[[^\]\n]{0,200}\])?(?:\{[^{}\n]{0,200}\})+", ""),
    (r"\\(?:Input|Output|Interaction)\b", ""),
    (r"(?<!\\)%.*$", ""),
    (r"\\([%&_#])", r"\1"),
    (r"(?<!-)---?(?!-)", "–"),
    (r"\n{3,}", "\n\n"),
)


def as_markdown(text: str) -> str:
    """Return a statement in LaTeX as Markdown, as far as it is of the usual kind."""
    for pattern, replacement in _PLAIN:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text.strip() + "\n"
