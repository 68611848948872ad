"""How Sphinx builds the manual."""

import re

import skrnn

project = "skrnn"
author = "the skrnn developers"
copyright = f"2026, {author}"
version = release = skrnn.__version__

extensions = [
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
default_role = "py:obj"  # `X` in a docstring: a link where there is a page, else code

# -- API reference -------------------------------------------------------------

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say it in words
# Methods are written out by _templates/autosummary/class.rst.
numpydoc_show_class_members = False
toc_object_entries_show_parents = "hide"
# The roles that scikit-learn's users know.
extlinks = {
    "arxiv": ("https://arxiv.org/abs/%s", "arXiv:%s"),
    "doi": ("https://doi.org/%s", "doi:%s"),
}

# -- examples ------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "doc_module": ("skrnn",),
    "reference_url": {"skrnn": None},
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
}

# -- copy buttons --------------------------------------------------------------

# What is copied has neither prompts nor output.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# -- pages ---------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = f"skrnn {version}"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_show_sourcelink = False
html_sidebars = {"index": []}
html_theme_options = {
    "logo": {"text": "skrnn"},
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
}


def unlink_foreign_labels(app, what, name, obj, options, lines):
    """Keep the words, not the link, where an inherited docstring cites scikit-learn's manual."""
    lines[:] = [re.sub(r":ref:`([^`<]+) <[^>`]+>`", r"\1", line) for line in lines]


def setup(app):
    app.connect("autodoc-process-docstring", unlink_foreign_labels)
