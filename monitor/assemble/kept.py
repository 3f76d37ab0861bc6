"""What an application hands on to the next one, when somebody changes a setting at the desk."""

from functools import cached_property
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")


class kept(cached_property[T]):  # noqa: N801 - it is written as `cached_property` is
    """A cached property that no setting of the desk concerns: the first application has it, those that follow ask the
    first. So the database, the network and the model are opened once, and closed with the first."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...
    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Self | T:
        if instance is None or instance.first is instance:
            return super().__get__(instance, owner)
        assert self.attrname is not None
        found: T = getattr(instance.first, self.attrname)
        return found
