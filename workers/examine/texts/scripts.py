"""Scripts by the interpreter that their first line names; it leaves whether they are wanted to the policy."""

import re

SHEBANG = re.compile(r"\ufeff?#![ \t]*(/\S*)([^\n]*)")
"""What hands a file to an interpreter: execve(2), "Interpreter scripts"."""
_TYPES = {
    "python": "text/x-python",
    "pypy": "text/x-python",
    "node": "text/javascript",
    "deno": "text/javascript",
    "bun": "text/javascript",
    "perl": "text/x-perl",
    "ruby": "text/x-ruby",
    "php": "text/x-php",
    "lua": "text/x-lua",
    "tclsh": "text/x-tcl",
    "awk": "text/x-awk",
    "gawk": "text/x-awk",
    "mawk": "text/x-awk",
    "rscript": "text/x-r",
}
_SHELL = "text/x-shellscript"


def look(text: str) -> str | None:
    """Return the language of a text that names its interpreter: a shell's where it is none of those that we know."""
    line = SHEBANG.match(text)
    if line is None:
        return "text/x-php" if text.lstrip().lower().startswith("<?php") else None
    name = line[1].rpartition("/")[2]
    if name == "env":
        name = next((word for word in line[2].split() if "=" not in word and not word.startswith("-")), "")
    return _TYPES.get(re.sub(r"[-\d.]*$", "", name.lower()), _SHELL)
