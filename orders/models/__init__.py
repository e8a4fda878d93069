"""The orders' tables, one aggregate a file."""

from orders.models.derogations import Draw, Reliance
from orders.models.dispatches import Dispatch, DispatchMode
from orders.models.fleet import FleetImport, LineVersion, ServiceLine
from orders.models.holders import DeliveryAddress, Holder
from orders.models.orders import Milestone, Order, OrderLine

__all__ = [
    "DeliveryAddress",
    "Dispatch",
    "DispatchMode",
    "Draw",
    "FleetImport",
    "Holder",
    "LineVersion",
    "Milestone",
    "Order",
    "OrderLine",
    "Reliance",
    "ServiceLine",
]
