# SPDX-License-Identifier: Apache-2.0
"""Text as lines of a manual page in the macros of man(7)."""
import textwrap


def escaped(text):
    """Text that troff prints as it is.  A minus must be one that can be copied into a shell."""
    return text.replace('\\', '\\e').replace('-', '\\-').replace('~', '\\(ti').replace('^', '\\(ha').replace('`', '\\(ga')


def lines(text):
    """A paragraph, in lines.  No line begins with a character that starts a request."""
    wrapped = textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)
    return [f'\\&{line}' if line[:1] in ".'" else line for line in map(escaped, wrapped)]


def bold(text):
    return f'\\fB{escaped(text)}\\fR'


def italic(text):
    return f'\\fI{escaped(text)}\\fR'


def tagged(tag, text):
    """A tag, which has its fonts already, and the paragraph beside it."""
    return ['.TP', tag, *(lines(text) or ['\\&'])]


def section(title):
    return [f'.SH "{escaped(title)}"']


def subsection(title):
    return [f'.SS "{escaped(title)}"']
