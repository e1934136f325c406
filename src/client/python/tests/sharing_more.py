"""Another module, whose object is reached over its attribute."""

import manyhands as mh

marks = mh.List()


def marked(x):
    marks.append(x)
    return x
