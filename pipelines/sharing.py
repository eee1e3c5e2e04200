"""Values that stages of a pipeline hand on as they are.

Haystack copies, deeply, all that goes into each component, and looks at every item of a list on its own. For
a dozen hits, or a thread of some hundred messages, that took longer than the search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Self, TypeVar, overload

T = TypeVar("T")


class Shared:
    """Base of values that never change: a copy is the value.

    Example:
        >>> from copy import deepcopy
        >>> value = Shared()
        >>> deepcopy(value) is value
        True
    """

    __slots__ = ()

    def __deepcopy__(self, memo: object) -> Self:
        return self


class Fixed(Shared, Sequence[T]):
    """A sequence that never changes, of items that never change.

    Example:
        >>> list(Fixed([1, 2])[1:]), len(Fixed("ab"))
        ([2], 2)
    """

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items = tuple(items)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._items == tuple(other)

    def __hash__(self) -> int:
        return hash(self._items)
