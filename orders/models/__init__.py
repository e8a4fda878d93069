"""The orders' tables, one aggregate a file."""

from orders.models.dispatches import Dispatch, DispatchMode
from orders.models.fleet import FleetImport, LineVersion, ServiceLine
from orders.models.holders import DeliveryAddress, Holder
from orders.models.orders import Milestone, Order, OrderLine

__all__ = [
    "DeliveryAddress",
    "Dispatch",
    "DispatchMode",
    "FleetImport",
    "Holder",
    "LineVersion",
    "Milestone",
    "Order",
    "OrderLine",
    "ServiceLine",
]
