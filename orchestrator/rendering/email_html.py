"""Makes the HTML form of an e-mail ready to compile: styles on each element, the creditor's colour. Owns no words.

Done once per form. Mail programs read styles on elements best; media queries (phone, dark) stay in the head.
Statements stand in comments (`<!--{% if … %}-->`), for an HTML parser moves bare text out of a table.
"""

import re

import css_inline

# The colours that stand in the styles for the creditor's own, and for the ink that reads on it.
_STAND_INS = {"#0b0b0c": "{{ brand_color }}", "#0c0b0b": "{{ brand_ink }}"}
_IN_COMMENT = re.compile(r"<!--(\{%.*?%\})-->")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STYLE = re.compile(r"<style>.*?</style>\s*", re.DOTALL)
_INDENT = re.compile(r"\n\s+")


def inlined(source: str) -> str:
    """The source with every style on its element, and its statements bare."""
    inliner = css_inline.CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)
    html = inliner.inline(_CSS_COMMENT.sub("", source))
    styles = "".join(_STYLE.findall(html))
    html = _STYLE.sub("", html).replace("</head>", f"{styles.strip()}</head>", 1)  # the charset comes first, as it must
    html = _INDENT.sub("\n", _IN_COMMENT.sub(r"\1", html))
    for stand_in, value in _STAND_INS.items():
        html = html.replace(stand_in, value)
    return html
