"""The launcher: the whole stack on one machine, without containers; what each part does is the part's own matter.

`python -m deploy.local` runs it until it is stopped, `python -m deploy.local.demo` shows the main job and ends.
"""
