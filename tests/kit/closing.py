# SPDX-License-Identifier: Apache-2.0
"""What has an end, as a `with`; and what keeps such things until its own end."""

import contextlib


class Closing(contextlib.AbstractContextManager):
    def __exit__(self, *_):
        self.close()


class Keeper(Closing):
    def __init__(self):
        self.stack = contextlib.ExitStack()

    def keep(self, thing):
        """It is closed with this one, before what was kept earlier."""
        self.stack.callback(thing.close)
        return thing

    def close(self):
        self.stack.close()
